"""Search follows the database: what changed waits in an outbox until Solr has it.

The mark is written in the transaction of the dataset, so that nothing is in search that the
database does not have, and nothing stays out of it for long: Solr away, killed worker or restored
dump, the next `drain` catches up. `drift` proves it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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

from ckanext.territoire.index_courier import Courier
from harvesters.border import Border, reach

log = logging.getLogger(__name__)
Row = dict[str, Any]
CHUNK = 500
TIMEOUT_S = 60
OWN_S = 60  # a run has so long to send what it wrote, before others do


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


def send(
    documents: Sequence[tuple[str, Row]], now: datetime, mark: datetime | None,
    courier: Courier | None = None,
) -> None:  # fmt: skip
    """Send documents just made of datasets changed at `now`, by the courier if there is one. Never
    raises for Solr.

    They stay in the outbox when Solr is away. What somebody else wrote meanwhile is marked again:
    what was sent is older than what is stored, and may have come after what a drain sent.
    """
    if not documents or mark is None:
        return
    ids = [dataset_id for dataset_id, _ in documents]
    bodies = [
        orjson.dumps([doc for _, doc in documents[start : start + CHUNK]])
        for start in range(0, len(documents), CHUNK)
    ]

    def settle() -> None:
        reach(Border.BATCH_SENT)
        still = set(_still(ids, now))
        queue([each for each in ids if each not in still])
        _clear(dict.fromkeys(still, mark))

    if courier:
        courier.carry(lambda: _post_all(bodies), settle)
    elif _post_all(bodies):
        settle()


def _commit() -> None:
    """Make visible, and safe, what Solr was sent."""
    _post(b"{}", {"commit": "true"})


def _post_all(bodies: Sequence[bytes]) -> bool:
    try:
        for body in bodies:
            _post(body, {"commit": "false"})
    except requests.RequestException as fault:
        log.warning("search is away, datasets wait in the outbox: %s", fault)
        return False
    return True


def _marks(limit: int, beside_runs: bool = False) -> dict[str, datetime]:
    """Read the datasets that are late and when they were marked, oldest first; `beside_runs`,
    without those that a run under way has just written and is sending itself, nor its source."""
    query = text("""
        SELECT o.dataset_id, o.queued_at FROM territoire_index_outbox o
         WHERE NOT :beside OR o.queued_at < (now() AT TIME ZONE 'utc') - make_interval(secs => :own)
            OR NOT EXISTS (SELECT FROM territoire_source_record r JOIN territoire_run t
                               ON t.source_id = r.source_id AND t.state = 'running'
                            WHERE r.dataset_id = o.dataset_id)
           AND NOT EXISTS (SELECT FROM territoire_run t
                            WHERE t.source_id = o.dataset_id AND t.state = 'running')
         ORDER BY o.queued_at LIMIT :limit
    """)
    rows = model.Session.execute(query, {"limit": limit, "beside": beside_runs, "own": OWN_S})
    return {row.dataset_id: row.queued_at for row in rows}


def waiting(limit: int) -> list[str]:
    """Read the datasets that are late, oldest first."""
    return list(_marks(limit))


def drain(limit: int = 10_000, beside_runs: bool = False) -> Drained:
    """Bring late datasets up to date in search and make all visible: a mark leaves after the
    commit. Never raises for Solr. `beside_runs` leaves to the runs under way what they have just
    written."""
    done = 0
    try:
        with _alone():
            marks = list(_marks(limit, beside_runs).items())
            for start in range(0, len(marks), CHUNK):
                chunk = dict(marks[start : start + CHUNK])
                refused = index(list(chunk))
                reach(Border.OUTBOX_SENT)
                _commit()
                _clear({key: moment for key, moment in chunk.items() if key not in refused})
                done += len(chunk) - len(refused)
                reach(Border.OUTBOX_CLEARED)
        if not marks:
            _commit()
    except (requests.RequestException, search.SearchIndexError, OSError) as fault:
        log.warning("search is away, the outbox keeps what is late: %s", fault)
        model.Session.rollback()
    return Drained(done, _count())


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time: of two that read a dataset, the older answer must not come last."""
    with model.meta.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(hashtext('territoire_outbox'))"))
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(hashtext('territoire_outbox'))"))
            connection.commit()


def _count() -> int:
    query = text("SELECT count(*) FROM territoire_index_outbox")
    found = int(model.Session.execute(query).scalar_one())
    model.Session.rollback()
    return found


def index(ids: Sequence[str]) -> set[str]:
    """Index packages as CKAN does, from the database; those that are gone leave search.

    Answers those that Solr refuses: they wait, and leave the others. Not visible before the next
    commit of Solr. Raises when Solr is away.

    Called after a commit: what this session has read before is read again, for CKAN's sessions
    keep it, and our statements change rows beside them.
    """
    model.Session.expire_all()
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
