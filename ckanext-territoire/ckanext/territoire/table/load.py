"""Load the tables that wait: bring → keep → read → type → `COPY`, one resource at a time.

Row checks against a schema stand between reading and `COPY` (good rows go on, bad rows wait in
quarantine): the rows leave `read_table` as a file, each in its order, for that purpose. A load
that fails leaves the rows of before and says why on the resource. A file whose server is not to be
asked now waits; a table that its dataset gives in two formats is loaded once (`twins`).
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from ckan import model
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ckanext.territoire import files, index_outbox
from ckanext.territoire.delivery import harvest
from ckanext.territoire.delivery.visibility import follow_visibility
from ckanext.territoire.harvest_adapter import hosts
from ckanext.territoire.harvest_adapter.jobs import utc_now
from ckanext.territoire.table import bring, datastore, queue, record, twins, versions
from ckanext.territoire.table.difference import Named, compare
from ckanext.territoire.table.held import held_until
from ckanext.territoire.table.record import Read, Record, State
from harvesters.fetch import Fetcher
from harvesters.model import Issue
from harvesters.table.read import read_table
from harvesters.table.reading import Table
from harvesters.table.same import digest_of

log = logging.getLogger(__name__)
Tell = Callable[[Record], None]


def load_waiting() -> dict[str, int]:
    """Load all that waits; count the tables by state (`loaded`, `failed`; `same` and `waiting` when
    there are any). The job worker's task."""
    forget_vanished()
    follow_visibility()
    fetcher = hosts.way_out()
    done = {State.LOADED.value: 0, State.FAILED.value: 0}
    while found := queue.waiting(limit=100):
        moved = 0
        for resource_id in found:
            loaded = load(resource_id, fetcher)
            if loaded and (loaded.state is not State.WAITING or loaded.held_until):
                done[loaded.state.value] = done.get(loaded.state.value, 0) + 1
                moved += 1
        if not moved:  # another worker has them
            break
    index_outbox.drain()
    return done


def load(resource_id: str, fetcher: Fetcher, is_forced: bool = False) -> Record | None:
    """Load one queued resource, unless another worker is at it; answer what is known of it."""
    with _only_worker(resource_id) as is_mine:
        if is_mine:
            try:
                _load(resource_id, fetcher, is_forced)
            except (psycopg2.Error, SQLAlchemyError, OSError) as fault:
                log.exception("table %s could not be loaded", resource_id)
                model.Session.rollback()
                told = str(fault).splitlines()[0][:200]
                record.save_failed(resource_id, Issue("TER-TAB-018", found=told))
    return record.load_record(resource_id)


def _load(resource_id: str, fetcher: Fetcher, is_forced: bool) -> None:
    known = record.load_record(resource_id)
    resource: Any = model.Resource.get(resource_id)
    if not known or not resource or resource.state != "active":
        return
    brought = bring.bring(resource, known, fetcher)
    if isinstance(brought, Issue):
        until = held_until(str(resource.url), brought, utc_now())
        if until:
            record.save_held(resource_id, brought, until)
        else:
            record.save_failed(resource_id, brought)
        return
    is_loaded = known.loaded_at is not None and datastore.has_table(resource_id)
    if brought.sha256 == known.sha256 and is_loaded and not is_forced:
        record.save_same(resource_id)
    else:
        issue = _read_and_copy(resource, known, brought.sha256)
        if issue:
            record.save_failed(resource_id, issue)
            return
        twins.settle(resource_id)
        now_known = record.load_record(resource_id)
        if now_known and now_known.state is State.LOADED:
            harvest.follow(resource, brought.sha256)
    is_new = brought.sha256 != known.sha256 or brought.validators != known.reading.get("http")
    if brought.validators and is_new:
        record.save_validators(resource_id, brought.validators)


def _read_and_copy(resource: Any, known: Record, sha256: str) -> Issue | None:
    """Read a kept file and put its rows in place of the former ones."""
    with tempfile.TemporaryDirectory(dir=files.draft_folder()) as folder:
        table = read_table(files.path_of(sha256), Path(folder))
        if isinstance(table, Issue):
            return table
        read = Read(sha256, table, digest_of(table), _changes(known, table))
        better = twins.find_better(known.resource_id, read)
        if better:
            twins.give_way(known.resource_id, read, better)
            return None
        told: dict[str, Any] = {"way": _way(resource)}
        datastore.replace_rows(known.resource_id, table, _looking(known, table, told))
        versions.add(resource, sha256, table.row_count, told)
        record.save_loaded(known.resource_id, read)
    return None


def _way(resource: Any) -> str:
    """How a file came: `ours` (kept here), `upload` or `address`."""
    if bring.is_ours(resource):
        return "ours"
    return "upload" if resource.url_type == "upload" else "address"


def _looking(known: Record, table: Table, told: dict[str, Any]) -> datastore.Look:
    """Compare the rows that leave with those that come, once both are in the database."""
    before = [Named(c["name"], c["label"], c["type"]) for c in known.reading.get("columns", ())]
    after = [Named(c.name, c.label, c.type.value) for c in table.columns]

    def look(cursor: Any, was: str, now: str) -> None:
        if before:
            told.update(compare(cursor, (was, now), before, after))

    return look


def _changes(known: Record, table: Table) -> list[Issue]:
    """Name the columns that came, went or changed their type since the last load."""
    before = {c["name"]: c["type"] for c in known.reading.get("columns", ())}
    after = {c.name: c.type.value for c in table.columns}
    if not before or before == after:
        return []
    gone = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    retyped = [name for name in after if before.get(name, after[name]) != after[name]]
    parts = (("disparues", gone), ("nouvelles", new), ("d’un autre type", retyped))
    told = " ; ".join(f"{word} : {', '.join(names[:8])}" for word, names in parts if names)
    return [Issue("TER-TAB-021", found=told)] if told else []


@contextmanager
def _only_worker(resource_id: str) -> Iterator[bool]:
    """Hold the only right to load a resource; freed when the process dies."""
    values = {"key": f"territoire:table:{resource_id}"}
    with model.meta.engine.connect() as connection:
        taken = connection.execute(
            text("SELECT pg_try_advisory_lock(hashtextextended(:key, 0))"), values
        ).scalar()
        connection.commit()
        try:
            yield bool(taken)
        finally:
            if taken:
                connection.execute(
                    text("SELECT pg_advisory_unlock(hashtextextended(:key, 0))"), values
                )
                connection.commit()


def forget_vanished() -> int:
    """Drop the rows of resources that are deleted, with their tables. Commits."""
    query = text("""
        SELECT t.resource_id FROM territoire_table t LEFT JOIN resource r ON r.id = t.resource_id
         WHERE r.id IS NULL OR r.state <> 'active'
    """)
    gone = [row.resource_id for row in model.Session.execute(query)]
    left = twins.followers(gone)
    harvest.forget(gone)
    for resource_id in gone:
        datastore.drop_table(resource_id)
    versions.forget(gone)
    model.Session.execute(
        text("DELETE FROM territoire_table WHERE resource_id = ANY(:ids)"), {"ids": gone}
    )
    model.Session.commit()
    twins.wait_again(left)
    return len(gone)
