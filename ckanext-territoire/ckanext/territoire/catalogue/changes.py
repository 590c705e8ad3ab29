"""What a batch changes, kept with it: told to people, and enough to undo it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa
from ckan import model

from ckanext.territoire.catalogue import tables
from ckanext.territoire.catalogue.content import (
    Former,
    active_tags,
    content_before,
    content_of,
    pack,
)
from ckanext.territoire.catalogue.records import record_of
from harvesters.diff import differences
from harvesters.ports import Write

if TYPE_CHECKING:
    from ckanext.territoire.catalogue.write import RunContext, Written


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one dataset; `before` is its rows, packed."""

    write: Write
    title: str
    details: Sequence[dict[str, Any]] = ()
    before: bytes | None = None


def changes_of(
    written: Sequence[Written], existing: dict[str, tables.Existing]
) -> dict[str, Change]:
    """Compare datasets about to be written with what stands, by dataset id."""
    return {item.package["id"]: _change(item, existing) for item in written}


def _change(item: Written, existing: dict[str, tables.Existing]) -> Change:
    before = existing.get(item.package["id"])
    if before is None:
        return Change(item.write, item.package["title"])
    after = content_of(item.package, item.resources, item.tags)
    return Change(
        item.write,
        item.package["title"],
        differences(content_before(before), after),
        _packed(before, item.write),
    )


def _packed(before: tables.Existing, write: Write) -> bytes:
    record = record_of(write.known) if write.known else {}
    return pack(Former(before.package, before.resources, active_tags(before), record))


def retirements(writes: Sequence[Write]) -> list[Change]:
    """Tell the retirement of datasets by their titles."""
    titles = tables.titles([w.dataset_id for w in writes])
    return [Change(w, titles.get(w.dataset_id) or w.remote_id) for w in writes]


def write_changes(
    changes: Sequence[Change], run: RunContext, now: datetime, state: str = "done"
) -> None:
    """Keep the changes of a batch, in one statement."""
    if not changes or not run.job_id:
        return
    query = sa.text("""
        INSERT INTO territoire_change (job_id, source_id, state, written_at, dataset_id, remote_id,
                                       action, title, details, hash, before)
        SELECT :job, :source, :state, :now, d.*
          FROM unnest(cast(:datasets AS text[]), cast(:ids AS text[]), cast(:actions AS text[]),
                      cast(:titles AS text[]), cast(:details AS jsonb[]), cast(:hashes AS bytea[]),
                      cast(:befores AS bytea[])) AS d
    """)
    values = {
        "job": run.job_id,
        "source": run.source_id,
        "state": state,
        "now": now,
        "datasets": [c.write.dataset_id for c in changes],
        "ids": [_remote_id(c.write) for c in changes],
        "actions": [c.write.action.value for c in changes],
        "titles": [c.title[:500] for c in changes],
        "details": [orjson.dumps(c.details).decode() for c in changes],
        "hashes": [c.write.draft.content_hash if c.write.draft else b"" for c in changes],
        "befores": [c.before for c in changes],
    }
    model.Session.execute(query, values)


def _remote_id(write: Write) -> str:
    """The record that an officer's decision is about: the one known here, else the new one."""
    return write.known.remote_id if write.known else write.remote_id


def mark_missing(remote_ids: Sequence[str], run: RunContext, now: datetime) -> None:
    """Keep that records vanished from their source, in one statement."""
    query = sa.text("""
        INSERT INTO territoire_change (job_id, source_id, state, written_at, dataset_id, remote_id,
                                       action, title)
        SELECT :job, :source, 'done', :now, r.dataset_id, r.remote_id, 'mark_missing',
               coalesce(p.title, r.remote_id)
          FROM territoire_source_record r LEFT JOIN package p ON p.id = r.dataset_id
         WHERE r.source_id = :source AND r.remote_id = ANY(:ids)
    """)
    values = {"job": run.job_id, "source": run.source_id, "now": now, "ids": list(remote_ids)}
    model.Session.execute(query, values)
