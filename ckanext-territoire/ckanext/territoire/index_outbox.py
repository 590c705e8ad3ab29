"""Search follows the database: what changed waits in an outbox until Solr has it.

The mark is written in the transaction of the dataset, so that nothing is in search that the
database does not have, and nothing stays out of it for long: Solr away, killed worker or restored
dump, the next `drain` catches up. `drift` proves it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
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


def queue(ids: Sequence[str]) -> None:
    """Mark datasets as late in search, in the transaction that changes them."""
    if ids:
        model.Session.execute(
            text("""INSERT INTO territoire_index_outbox (dataset_id, queued_at)
                    SELECT unnest(cast(:ids AS text[])), clock_timestamp() AT TIME ZONE 'utc'
                    ON CONFLICT (dataset_id) DO UPDATE SET queued_at = excluded.queued_at"""),
            {"ids": list(ids)},
        )


def _clear(ids: Sequence[str], before: datetime | None = None) -> None:
    """Take datasets out of the outbox, unless they changed again meanwhile. Commits."""
    query = "DELETE FROM territoire_index_outbox WHERE dataset_id = ANY(:ids)"
    values: Row = {"ids": list(ids)}
    if before:
        query += " AND queued_at <= :before"
        values["before"] = before
    model.Session.execute(text(query), values)
    model.Session.commit()


def _post(body: bytes, params: Row) -> None:
    answer = requests.post(
        f"{config['solr_url']}/update",
        params=params,
        data=body,
        headers={"Content-Type": "application/json"},
        timeout=TIMEOUT_S,
    )
    answer.raise_for_status()


def _moment() -> datetime:
    """The clock of the database, which is the one that marks."""
    return model.Session.execute(
        text("SELECT clock_timestamp() AT TIME ZONE 'utc'")
    ).scalar_one()


def send(documents: Sequence[tuple[str, Row]], now: datetime) -> bool:
    """Send documents just made; when Solr is away they stay in the outbox. Never raises for it."""
    if not documents:
        return True
    moment = _moment()
    try:
        for start in range(0, len(documents), CHUNK):
            body = orjson.dumps([doc for _, doc in documents[start : start + CHUNK]])
            _post(body, {"commit": "false"})
    except requests.RequestException as fault:
        log.warning("search is away, datasets wait in the outbox: %s", fault)
        model.Session.rollback()
        return False
    _clear([dataset_id for dataset_id, _ in documents], moment)
    return True


def waiting(limit: int) -> list[str]:
    """Read the datasets that are late, oldest first."""
    query = text("""
        SELECT dataset_id FROM territoire_index_outbox ORDER BY queued_at LIMIT :limit
    """)
    return [row.dataset_id for row in model.Session.execute(query, {"limit": limit})]


def drain(limit: int = 10_000) -> Drained:
    """Bring late datasets up to date in search, then make all visible. Never raises for Solr."""
    ids = waiting(limit)
    done = 0
    try:
        for start in range(0, len(ids), CHUNK):
            moment, chunk = _moment(), ids[start : start + CHUNK]
            index(chunk)
            _clear(chunk, moment)
            done += len(chunk)
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


def index(ids: Sequence[str]) -> None:
    """Index packages as CKAN does, from the database; those that are gone leave search.

    Not visible before the next commit of Solr. Raises when Solr is away.
    """
    query = text("SELECT id FROM package WHERE id = ANY(:ids) AND state = 'active'")
    active = {row.id for row in model.Session.execute(query, {"ids": list(ids)})}
    index = search.index_for("Package")
    for dataset_id in ids:
        if dataset_id in active:
            context = Context(model=model, session=model.Session, ignore_auth=True, user="")
            stock, ours = logic.package_show_default_and_custom_schemas(context, dataset_id)
            index.index_package(dict(stock, with_custom_schema=ours), defer_commit=True)
    gone = [dataset_id for dataset_id in ids if dataset_id not in active]
    if gone:
        _delete(gone)


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
