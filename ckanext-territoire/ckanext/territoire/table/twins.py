"""The files of a dataset that hold one table in two formats: one of them is loaded.

The rule stands in `harvesters.table.same`; here is what is known of the other files of the dataset.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ckan import model
from sqlalchemy import text

from ckanext.territoire.delivery import harvest
from ckanext.territoire.table import datastore, record
from ckanext.territoire.table.record import Read, State
from harvesters.table.same import Face, best_of, is_same, name_of

CHANGED = "TER-TAB-021"  # what changed since the last file says nothing of how well it reads
FILES = text("""
    SELECT r.id, r.name, r.url, r.position, t.state, t.row_count, t.reading, t.issues, t.same_as
      FROM territoire_table t JOIN resource r ON r.id = t.resource_id
     WHERE r.state = 'active' AND (t.state IN ('loaded', 'same') OR r.id = :id)
       AND t.dataset_id = (SELECT dataset_id FROM territoire_table WHERE resource_id = :id)
""")
WAIT_AGAIN = text("""
    UPDATE territoire_table SET state = 'waiting', same_as = NULL WHERE resource_id = ANY(:ids)
""")


def find_better(resource_id: str, read: Read) -> str | None:
    """Answer the loaded resource that holds this very table and reads better, if there is one."""
    found = _files(resource_id)
    mine = _face_of_read(next(row for row in found if row.id == resource_id), read)
    alike = [face for face in _loaded(found, resource_id) if is_same(face, mine)]
    best = best_of([mine, *alike])
    return best.resource_id if best is not mine else None


def give_way(resource_id: str, read: Read, other_id: str) -> None:
    """Let another resource hold the rows of this one."""
    datastore.drop_table(resource_id)
    harvest.forget([resource_id])
    record.save_twin(resource_id, other_id, read)
    wait_again([row.id for row in _files(resource_id) if row.same_as == resource_id])


def settle(resource_id: str) -> None:
    """Once a table is loaded, keep the best of those that hold the same; others follow anew."""
    found = _files(resource_id)
    mine = _face(next(row for row in found if row.id == resource_id))
    alike = [face for face in _loaded(found, resource_id) if is_same(face, mine)]
    best = best_of([mine, *alike])
    left = {face.resource_id for face in (mine, *alike) if face is not best}
    for each in left:
        datastore.drop_table(each)
        harvest.forget([each])
        record.save_twin(each, best.resource_id)
    wait_again([
        row.id for row in found if row.same_as in left
        or (row.same_as == resource_id and not is_same(_face(row), mine))
    ])  # fmt: skip


def wait_again(resource_ids: Sequence[str]) -> None:
    """Have files read anew: what held their rows is gone or has changed. Commits."""
    if resource_ids:
        model.Session.execute(WAIT_AGAIN, {"ids": list(resource_ids)})
        model.Session.commit()


def followers(resource_ids: Sequence[str]) -> list[str]:
    """List the resources whose rows are read in these ones."""
    query = text("SELECT resource_id FROM territoire_table WHERE same_as = ANY(:ids)")
    return [row.resource_id for row in model.Session.execute(query, {"ids": list(resource_ids)})]


def _files(resource_id: str) -> Sequence[Any]:
    rows = model.Session.execute(FILES, {"id": resource_id}).all()
    model.Session.rollback()
    return rows


def _loaded(found: Sequence[Any], but_id: str) -> list[Face]:
    return [_face(r) for r in found if r.id != but_id and r.state == State.LOADED.value]


def _face(row: Any) -> Face:
    """What a stored table looks like; one that was loaded before digests were kept has none."""
    remarks = sum(issue["code"] != CHANGED for issue in row.issues)
    return Face(
        row.id,
        str(row.reading.get("format") or ""),
        tuple(column["label"] for column in row.reading.get("columns", ())),
        row.row_count or 0,
        str(row.reading.get("digest") or ""),
        name_of(row.name or "", row.url or ""),
        remarks,
        row.position or 0,
    )


def _face_of_read(row: Any, read: Read) -> Face:
    table = read.table
    labels = tuple(column.label for column in table.columns)
    name = name_of(row.name or "", row.url or "")
    return Face(
        row.id, table.origin.format, labels, table.row_count, read.digest, name,
        len(table.issues), row.position or 0,
    )  # fmt: skip
