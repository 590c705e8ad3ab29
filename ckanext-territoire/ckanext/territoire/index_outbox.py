"""Search follows the database: what changed waits in an outbox until Solr has it.

The mark is written in the transaction of the dataset, so that nothing is in search that the
database does not have, and nothing stays out of it for long: Solr away, killed worker or restored
dump, the next `drain` catches up. `drift` proves it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import requests
from ckan import logic, model
from ckan.common import config
from ckan.lib import search
from ckan.types import Context
from sqlalchemy import text

log = logging.getLogger(__name__)
Row = dict[str, Any]
CHUNK = 500
TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Drained:
    """What a drain did; `left` datasets are still late in search."""

    done: int
    left: int

    @property
    def is_late(self) -> bool:
        return self.left > 0


@dataclass(frozen=True, slots=True)
class Drift:
    """How search differs from the database, as dataset ids."""

    missing: tuple[str, ...]
    ghosts: tuple[str, ...]
    stale: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.missing) + len(self.ghosts) + len(self.stale)


def queue(ids: Sequence[str]) -> datetime | None:
    """Mark datasets as late in search, in the transaction that changes them; answer the mark."""
    if not ids:
        return None
    query = text("""
        WITH mark AS (SELECT clock_timestamp() AT TIME ZONE 'utc' AS moment)
        INSERT INTO territoire_index_outbox (dataset_id, queued_at)
        SELECT unnest(cast(:ids AS text[])), moment FROM mark
        ON CONFLICT (dataset_id) DO UPDATE SET queued_at = excluded.queued_at
        RETURNING queued_at
    """)
    row = model.Session.execute(query, {"ids": list(ids)}).first()
    return row.queued_at if row else None


def _clear(marks: Mapping[str, datetime]) -> None:
    """Take datasets out of the outbox, unless they were marked again meanwhile. Commits."""
    query = text("""
        DELETE FROM territoire_index_outbox o
         USING unnest(cast(:ids AS text[]), cast(:moments AS timestamp[])) AS m (id, moment)
         WHERE o.dataset_id = m.id AND o.queued_at = m.moment
    """)
    values = {"ids": list(marks), "moments": list(marks.values())}
    model.Session.execute(query, values)
    model.Session.commit()


def _still(ids: Sequence[str], modified: datetime) -> list[str]:
    """Keep the datasets that nobody has written again since this moment of change."""
    query = text("""
        SELECT id FROM package
         WHERE id = ANY(:ids) AND metadata_modified = :modified AND state = 'active'
    """)
    values = {"ids": list(ids), "modified": modified}
    return [row.id for row in model.Session.execute(query, values)]


def _post(body: bytes, params: Row) -> None:
    answer = requests.post(
        f"{config['solr_url']}/update",
        params=params,
        data=body,
        headers={"Content-Type": "application/json"},
        timeout=TIMEOUT_S,
    )
    answer.raise_for_status()


def send(documents: Sequence[tuple[str, Row]], now: datetime, mark: datetime | None) -> bool:
    """Send documents just made of datasets changed at `now`. Never raises for Solr.

    They stay in the outbox when Solr is away, and when somebody else wrote them meanwhile: then
    what was sent may be older than what is stored.
    """
    if not documents or mark is None:
        return True
    try:
        for start in range(0, len(documents), CHUNK):
            body = orjson.dumps([doc for _, doc in documents[start : start + CHUNK]])
            _post(body, {"commit": "false"})
    except requests.RequestException as fault:
        log.warning("search is away, datasets wait in the outbox: %s", fault)
        model.Session.rollback()
        return False
    sent = _still([dataset_id for dataset_id, _ in documents], now)
    _clear(dict.fromkeys(sent, mark))
    return True


def _marks(limit: int) -> dict[str, datetime]:
    """Read the datasets that are late and when they were marked, oldest first."""
    query = text("""
        SELECT dataset_id, queued_at FROM territoire_index_outbox ORDER BY queued_at LIMIT :limit
    """)
    rows = model.Session.execute(query, {"limit": limit})
    return {row.dataset_id: row.queued_at for row in rows}


def waiting(limit: int) -> list[str]:
    """Read the datasets that are late, oldest first."""
    return list(_marks(limit))


def drain(limit: int = 10_000) -> Drained:
    """Bring late datasets up to date in search, then make all visible. Never raises for Solr."""
    marks = list(_marks(limit).items())
    done = 0
    try:
        for start in range(0, len(marks), CHUNK):
            chunk = dict(marks[start : start + CHUNK])
            refused = index(list(chunk))
            _clear({key: moment for key, moment in chunk.items() if key not in refused})
            done += len(chunk) - len(refused)
        _post(b"{}", {"commit": "true"})
    except (requests.RequestException, search.SearchIndexError, OSError) as fault:
        log.warning("search is away, the outbox keeps what is late: %s", fault)
        model.Session.rollback()
    return Drained(done, _count())


def _count() -> int:
    query = text("SELECT count(*) FROM territoire_index_outbox")
    found = int(model.Session.execute(query).scalar_one())
    model.Session.rollback()
    return found


def index(ids: Sequence[str]) -> set[str]:
    """Index packages as CKAN does, from the database; those that are gone leave search.

    Answers those that Solr refuses: they wait, and leave the others. Not visible before the next
    commit of Solr. Raises when Solr is away.
    """
    query = text("SELECT id FROM package WHERE id = ANY(:ids) AND state = 'active'")
    active = {row.id for row in model.Session.execute(query, {"ids": list(ids)})}
    refused = {dataset_id for dataset_id in ids if dataset_id in active and not _add(dataset_id)}
    gone = [dataset_id for dataset_id in ids if dataset_id not in active]
    if gone:
        _delete(gone)
    return refused


def _add(dataset_id: str) -> bool:
    """Index one package; answer whether Solr took it. Raises when Solr is away."""
    context = Context(model=model, session=model.Session, ignore_auth=True, user="")
    stock, ours = logic.package_show_default_and_custom_schemas(context, dataset_id)
    told = dict(stock, with_custom_schema=ours)
    try:
        search.index_for("Package").index_package(told, defer_commit=True)
    except search.SearchIndexError as fault:
        _post(b"{}", {"commit": "false"})  # raises when Solr itself is the trouble
        log.error("search refuses dataset %s: %s", dataset_id, fault)
        return False
    return True


def _delete(ids: Sequence[str]) -> None:
    wanted = " ".join(f'"{dataset_id}"' for dataset_id in ids)
    query = f'+id:({wanted}) +site_id:"{config["ckan.site_id"]}" +entity_type:package'
    _post(orjson.dumps({"delete": {"query": query}}), {"commit": "false"})


def drift() -> Drift:
    """Compare every dataset of the database with search, by id and date of change."""
    query = text("""
        SELECT id, date_trunc('milliseconds', metadata_modified) AS modified FROM package
         WHERE state = 'active' AND type = 'dataset'
    """)
    real = {row.id: row.modified for row in model.Session.execute(query)}
    model.Session.rollback()
    seen = _in_search()
    return Drift(
        missing=tuple(sorted(real.keys() - seen.keys())),
        ghosts=tuple(sorted(seen.keys() - real.keys())),
        stale=tuple(sorted(i for i in real.keys() & seen.keys() if real[i] != seen[i])),
    )


def _in_search() -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    mark, following = "", "*"
    while mark != following:
        mark = following
        answer = requests.get(
            f"{config['solr_url']}/select",
            params={
                "q": f'site_id:"{config["ckan.site_id"]}"',
                "fq": ["entity_type:package", "dataset_type:dataset"],
                "fl": "id,metadata_modified",
                "rows": 2_000,
                "sort": "index_id asc",
                "cursorMark": mark,
            },
            timeout=TIMEOUT_S,
        )
        answer.raise_for_status()
        page = answer.json()
        following = page["nextCursorMark"]
        for doc in page["response"]["docs"]:
            modified = datetime.fromisoformat(doc["metadata_modified"]).replace(tzinfo=None)
            found[doc["id"]] = modified
    return found


def repair() -> Drained:
    """Queue what differs, and drain."""
    found = drift()
    queue([*found.missing, *found.ghosts, *found.stale])
    model.Session.commit()
    return drain()
