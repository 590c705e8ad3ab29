"""Undo a finished run: one transaction a batch, nothing that was changed since without asking.

Created datasets leave softly, updated ones return to their former content, retired ones come back.
Each record is then frozen at what its source says: the next run does not do it again, until the
source says something else or an officer releases it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ckan import model
from sqlalchemy import text

from ckanext.territoire import index_outbox
from ckanext.territoire.catalogue import records, restore, reviews, tables
from ckanext.territoire.catalogue.content import unpack
from ckanext.territoire.harvest_adapter import decisions, versions
from ckanext.territoire.harvest_adapter.jobs import source_lock
from ckanext.territoire.harvest_adapter.sources import StoredSource
from ckanext.territoire.table.queue import queue_with
from harvesters.border import Border, reach
from harvesters.errors import Refused
from harvesters.identity import ABSENT
from harvesters.model import Issue

Row = dict[str, Any]
BATCH = 500
LEAVES = frozenset({"create", "reactivate"})
RETURNS = frozenset({"update", "rename"})
UNDOABLE = ("finished", "rolled_back")


@dataclass(slots=True)
class Undone:
    """What a roll-back did: datasets by what became of them, and those it left as they are."""

    left: list[Row] = field(default_factory=list)
    removed: int = 0
    restored: int = 0
    returned: int = 0
    unmarked: int = 0

    def to_json(self) -> Row:
        """Give the figures, and the datasets that were left with the reason."""
        return {
            "removed": self.removed,
            "restored": self.restored,
            "returned": self.returned,
            "unmarked": self.unmarked,
            "left": [{k: row[k] for k in ("dataset_id", "title", "since")} for row in self.left],
        }


def roll_back(source: StoredSource, job_id: str, overwrite: Collection[str], user: str) -> Undone:
    """Undo a run; `overwrite` names the datasets changed since that are undone all the same.

    Raises `Refused` when the source runs, or when the run has nothing left to undo. Commits.
    """
    with source_lock(source.id):
        run = decisions.load_run(source.id, job_id)
        found = versions.undoable(source.id, job_id)
        was_cut = not found and versions.count_undone(source.id, job_id)
        if run is None or run["state"] not in UNDOABLE or not (found or was_cut):
            raise Refused(Issue("TER-PUB-130"))
        undone = Undone()
        wanted = []
        for row in found:
            is_asked = row["since"] in ("run", "person") and row["dataset_id"] not in overwrite
            if is_asked or row["since"] == "elsewhere":
                undone.left.append(row)
            elif row["since"] != "gone":
                wanted.append(row)
        for start in range(0, len(wanted), BATCH):
            _undo_batch(wanted[start : start + BATCH], source, job_id, user, undone)
        _close(source, job_id, user, undone)
    return undone


def _undo_batch(
    batch: Sequence[Row], source: StoredSource, job_id: str, user: str, undone: Undone
) -> None:
    now, person = restore.moment(), restore.actor(user)
    batch = _still_ours(batch, source.id, undone)
    said = records.said_now([row["dataset_id"] for row in batch])
    by = {row["dataset_id"]: row["action"] for row in batch}
    leaving = [i for i, action in by.items() if action in LEAVES]
    retired = [i for i, action in by.items() if action == "retire"]
    missing = [i for i, action in by.items() if action == "mark_missing"]
    changed = [row for row in batch if row["action"] in RETURNS]
    tables.retire(leaving, job_id, source.id, person, now)
    _touch(leaving, now)
    reviews.forget([row["dataset_id"] for row in batch])
    restore.bring_back(retired, person, now)
    _return_to_former(changed, source, person, said, now)
    records.freeze_datasets(source.id, {i: said[i] for i in leaving}, "retired", now)
    absent = dict.fromkeys([*retired, *missing], ABSENT)
    records.freeze_datasets(source.id, absent, "live", now)
    model.Session.execute(
        text("""UPDATE territoire_change SET state = 'undone', undone_at = :now
                 WHERE job_id = :job AND state = 'done' AND dataset_id = ANY(:ids)"""),
        {"now": now, "job": job_id, "ids": list(by)},
    )
    index_outbox.queue(leaving)
    queue_with([*retired, *(row["dataset_id"] for row in changed)])
    reach(Border.ROLLBACK_WRITTEN)
    model.Session.commit()
    reach(Border.ROLLBACK_KEPT)
    undone.removed += len(leaving)
    undone.returned += len(retired)
    undone.restored += len(changed)
    undone.unmarked += len(missing)


def _still_ours(batch: Sequence[Row], source_id: str, undone: Undone) -> list[Row]:
    """Hold the records of a batch until its end; leave the datasets that another source publishes
    since the batch was chosen: it may take one between two batches."""
    query = text("""SELECT dataset_id FROM territoire_source_record
                     WHERE source_id = :source AND dataset_id = ANY(:ids)
                     ORDER BY dataset_id FOR UPDATE""")
    values = {"source": source_id, "ids": [row["dataset_id"] for row in batch]}
    held = set(model.Session.execute(query, values).scalars())
    undone.left += [{**row, "since": "elsewhere"} for row in batch if row["dataset_id"] not in held]
    return [row for row in batch if row["dataset_id"] in held]


def _touch(dataset_ids: Sequence[str], now: datetime) -> None:
    """A dataset that leaves has changed too: what was done before it may be undone in turn."""
    query = text("UPDATE package SET metadata_modified = :now WHERE id = ANY(:ids)")
    model.Session.execute(query, {"now": now, "ids": list(dataset_ids)})


def _return_to_former(
    changed: Sequence[Row], source: StoredSource, person: model.User, said: dict[str, bytes],
    now: datetime,
) -> None:  # fmt: skip
    packed = versions.rows_before([row["id"] for row in changed])
    formers = {row["dataset_id"]: unpack(packed[row["id"]]) for row in changed}
    restore.write_back(formers, person, now)
    known = {i: f.record for i, f in formers.items() if f.record}
    if known:
        records.put_back(known, source.id, said, now)


def _close(source: StoredSource, job_id: str, user: str, undone: Undone) -> None:
    query = text("UPDATE territoire_run SET state = 'rolled_back' WHERE job_id = :job")
    model.Session.execute(query, {"job": job_id})
    count = versions.count_undone(source.id, job_id)
    decisions.remember(source.id, "rollback", user, job_id, count=count, left=len(undone.left))
    model.Session.commit()
    reach(Border.ROLLED_BACK)
