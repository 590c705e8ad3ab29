"""Which resources wait to be read as tables, and the job that reads them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from redis.exceptions import RedisError
from sqlalchemy import event, text

from ckanext.territoire.delivery.database import read

log = logging.getLogger(__name__)
FORMATS = ("csv", "tsv", "ods", "xlsx", "xls")  # in the order in which they are read
# of a dataset that gives no table, what stands on a map is read as one
MAPS = ("geojson",)
# … and of one that gives neither, its layers
LAYERS = ("gpkg", "geopackage", "shp", "shapefile")
JOB_TIMEOUT_S = 3600

BESIDE = """SELECT 1 FROM resource o WHERE o.package_id = r.package_id AND o.state = 'active'
                   AND lower(o.format)"""
WAIT = """
    INSERT INTO territoire_table (resource_id, dataset_id, source_url, state)
    SELECT r.id, r.package_id, r.url, 'waiting' FROM resource r
      JOIN package p ON p.id = r.package_id
      LEFT JOIN territoire_table t ON t.resource_id = r.id
     WHERE {scope} AND r.state = 'active' AND p.state = 'active'
       AND p.type = 'dataset' AND (lower(r.format) = ANY(:formats)
            OR (lower(r.format) = ANY(:maps) AND NOT EXISTS ({beside} = ANY(:formats)))
            OR (lower(r.format) = ANY(:layers) AND NOT EXISTS ({beside} = ANY(:better))))
       AND coalesce(r.url_type, '') NOT IN ('datastore', 'territoire') AND {which}
    ON CONFLICT (resource_id) DO UPDATE
       SET state = 'waiting', held_until = NULL, source_url = excluded.source_url,
           dataset_id = excluded.dataset_id
"""
AWAY = """
    SELECT 1 FROM territoire.feed WHERE dataset_id = %(id)s AND hidden_at IS NOT NULL
     UNION ALL
    SELECT 1 FROM territoire.merged WHERE dataset_id = %(id)s AND NOT is_shown LIMIT 1
"""
ALL = "true"
CHANGED = """(t.resource_id IS NULL OR t.source_url <> r.url OR r.last_modified > t.checked_at
              OR (r.hash <> '' AND r.hash <> t.sha256 AND r.url LIKE '%/fichier/%'))"""


def queue_with(dataset_ids: Sequence[str]) -> None:
    """Queue every table resource of these datasets, in the transaction that writes them: a table
    whose new file nobody would read again is a loss."""
    if _wait(dataset_ids, ALL):
        _ask_after_commit()


def queue_tables(dataset_ids: Sequence[str]) -> int:
    """Queue every table resource of these datasets, in one statement. Commits."""
    queued = _wait(dataset_ids, ALL)
    model.Session.commit()
    if queued:
        ask_for_work()
    return queued


def queue_tables_of(resource_id: str) -> None:
    """Queue one resource that is about to be loaded here and now. Commits."""
    _wait_for("r.id = ANY(:ids)", [resource_id], ALL)
    model.Session.commit()


def queue_changed(dataset_id: str, is_seen: bool = True) -> None:
    """Queue the tables of a dataset that somebody has just changed, in their transaction; when it
    is hidden or shown again, its rows in the merged tables follow (`delivery.visibility`)."""
    if _wait([dataset_id], CHANGED) or not is_seen or _has_away(dataset_id):
        _ask_after_commit()


def _has_away(dataset_id: str) -> bool:
    """Whether rows of a dataset left the merged tables, or a merged table the maps, because it was
    hidden."""
    return bool(read(AWAY, {"id": dataset_id}))


def _ask_after_commit() -> None:
    event.listen(model.Session(), "after_commit", lambda _: ask_for_work(), once=True)


def _wait(dataset_ids: Sequence[str], which: str) -> int:
    return _wait_for("r.package_id = ANY(:ids)", dataset_ids, which) if dataset_ids else 0


def _wait_for(scope: str, ids: Sequence[str], which: str) -> int:
    values = {
        "ids": list(ids), "formats": list(FORMATS), "maps": list(MAPS), "layers": list(LAYERS),
        "better": [*FORMATS, *MAPS],
    }  # fmt: skip
    query = text(WAIT.format(scope=scope, which=which, beside=BESIDE))
    done: Any = model.Session.execute(query, values)
    return int(done.rowcount)


def ask_for_work() -> None:
    """Ask the job worker to read what waits; without Redis the rows wait for the next job."""
    from ckanext.territoire.table.load import load_waiting

    try:
        toolkit.enqueue_job(
            load_waiting, title="territoire: tables", rq_kwargs={"timeout": JOB_TIMEOUT_S}
        )
    except (RedisError, OSError) as fault:
        log.warning("the job queue is away, tables wait: %s", fault)


def waiting(limit: int = 10_000) -> list[str]:
    """Read the resources that wait, but those whose server is not to be asked yet."""
    query = text("""
        SELECT t.resource_id FROM territoire_table t LEFT JOIN resource r ON r.id = t.resource_id
         WHERE t.state = 'waiting'
           AND (t.held_until IS NULL OR t.held_until <= timezone('utc', now()))
         ORDER BY t.dataset_id, array_position(cast(:formats AS text[]), lower(r.format)),
                  r.position LIMIT :limit
    """)
    values = {"limit": limit, "formats": list(FORMATS)}
    found = [row.resource_id for row in model.Session.execute(query, values)]
    model.Session.rollback()
    return found
