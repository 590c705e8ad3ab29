"""What is remembered of each table: `territoire_table`, one row a resource. Times are UTC."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from ckan import model
from sqlalchemy import text

from ckanext.territoire import index_outbox
from harvesters.errors import sentence
from harvesters.model import Issue
from harvesters.table.reading import Table
from harvesters.table.sentence import to_sentence


class State(Enum):
    """Where a table stands."""

    WAITING = "waiting"
    LOADED = "loaded"
    FAILED = "failed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Record:
    """What was understood of a table when it was last read.

    `same_as` is the resource that holds the same table in another format, whose rows are read.
    `held_until`: it waits because its server is not to be asked before.
    """

    resource_id: str
    dataset_id: str
    sha256: str
    state: State
    row_count: int | None
    reading: dict[str, Any]
    issues: list[dict[str, str]]
    checked_at: datetime | None
    loaded_at: datetime | None
    same_as: str | None = None
    held_until: datetime | None = None


def load_record(resource_id: str) -> Record | None:
    """Read the record of a resource, if it was ever queued."""
    return _read_one("resource_id = :id", {"id": resource_id})


def first_loaded(resource_ids: Sequence[str]) -> Record | None:
    """Read the record of the first of these resources that has rows of its own to ask."""
    condition = "resource_id = ANY(:ids) AND loaded_at IS NOT NULL AND same_as IS NULL"
    return _read_one(condition, {"ids": list(resource_ids)}, "array_position(:ids, resource_id)")


def _read_one(condition: str, values: dict[str, Any], order: str = "resource_id") -> Record | None:
    query = text(f"""
        SELECT resource_id, dataset_id, sha256, state, row_count, reading, issues, checked_at,
               loaded_at, same_as, held_until FROM territoire_table
         WHERE {condition} ORDER BY {order} LIMIT 1
    """)
    row = model.Session.execute(query, values).mappings().one_or_none()
    return Record(**{**row, "state": State(row["state"])}) if row else None


def issue_to_dict(issue: Issue) -> dict[str, str]:
    """An issue as it is stored and shown."""
    return {
        "code": issue.code,
        "where": issue.where,
        "found": issue.found,
        "expected": issue.expected,
        "sentence": sentence(issue),
    }


def reading_to_dict(table: Table) -> dict[str, Any]:
    """What was understood of a file, as it is stored and shown."""
    origin, geometry = table.origin, table.geometry
    return {
        "sentence": to_sentence(table),
        "format": origin.format,
        "encoding": origin.encoding,
        "separator": origin.separator,
        "sheet": origin.sheet,
        "header_line": origin.header_line,
        "columns": [
            {"name": c.name, "label": c.label, "type": c.type.value} for c in table.columns
        ],
        "geometry": geometry
        and {
            "shape": geometry.shape.value,
            "columns": list(geometry.columns),
            "is_swapped": geometry.is_swapped,
        },
    }


@dataclass(frozen=True, slots=True)
class Read:
    """A table that was read: `more` are remarks beside its own, `digest` is that of its rows."""

    sha256: str
    table: Table
    digest: str
    more: Sequence[Issue] = ()


def _values(resource_id: str, read: Read) -> dict[str, Any]:
    issues = [issue_to_dict(issue) for issue in (*read.table.issues, *read.more)]
    return {
        "id": resource_id,
        "sha256": read.sha256,
        "rows": read.table.row_count,
        "reading": json.dumps(reading_to_dict(read.table) | {"digest": read.digest}),
        "issues": json.dumps(issues),
    }


def save_loaded(resource_id: str, read: Read) -> None:
    """Remember a table that is loaded, and say so on its resource. Commits."""
    values = _values(resource_id, read)
    model.Session.execute(
        text("""UPDATE territoire_table SET state = 'loaded', sha256 = :sha256, row_count = :rows,
                       reading = cast(:reading AS jsonb), issues = cast(:issues AS jsonb),
                       checked_at = timezone('utc', now()), loaded_at = timezone('utc', now()),
                       same_as = NULL, held_until = NULL
                 WHERE resource_id = :id"""),
        values,
    )
    dataset_id = model.Session.execute(
        text(
            """UPDATE resource SET extras = (coalesce(nullif(extras, ''), '{}')::jsonb
                                             || '{"datastore_active": true}')::text
                 WHERE id = :id AND coalesce(nullif(extras, ''), '{}')::jsonb
                                    -> 'datastore_active' IS DISTINCT FROM 'true'
                RETURNING package_id""".replace("::", r"\:\:")
        ),
        {"id": resource_id},
    ).scalar()
    if dataset_id:
        index_outbox.queue([dataset_id])
    model.Session.commit()


def save_twin(resource_id: str, other_id: str, read: Read | None = None) -> None:
    """Remember that the rows of a resource are read in another one; it has none here. Commits.

    `read` tells what was understood of its file, when it was read just now.
    """
    values = {"id": resource_id, "other": other_id}
    query = """UPDATE territoire_table
                  SET state = 'same', same_as = :other, loaded_at = NULL, held_until = NULL,
                      checked_at = timezone('utc', now()) {read} WHERE resource_id = :id"""
    told = """, sha256 = :sha256, row_count = :rows, reading = cast(:reading AS jsonb),
                issues = cast(:issues AS jsonb)"""
    known = _values(resource_id, read) if read else {}
    model.Session.execute(text(query.format(read=told if read else "")), known | values)
    dataset_id = model.Session.execute(
        text(
            """UPDATE resource SET extras = (extras::jsonb - 'datastore_active')::text
                WHERE id = :id AND extras LIKE '%datastore_active%'
                RETURNING package_id""".replace("::", r"\:\:")
        ),
        {"id": resource_id},
    ).scalar()
    if dataset_id:
        index_outbox.queue([dataset_id])
    model.Session.commit()


def save_held(resource_id: str, issue: Issue, until: datetime) -> None:
    """Remember that the file is not to be asked for before a moment (UTC), and why. Commits."""
    model.Session.execute(
        text("""UPDATE territoire_table SET state = 'waiting', held_until = :until,
                       issues = cast(:issues AS jsonb) WHERE resource_id = :id"""),
        {"id": resource_id, "until": until, "issues": json.dumps([issue_to_dict(issue)])},
    )
    model.Session.commit()


def save_same(resource_id: str) -> None:
    """Remember that a file was looked at again and has not changed. Commits."""
    model.Session.execute(
        text("""UPDATE territoire_table SET state = 'loaded', checked_at = timezone('utc', now()),
                       held_until = NULL WHERE resource_id = :id"""),
        {"id": resource_id},
    )
    model.Session.commit()


def save_failed(resource_id: str, issue: Issue) -> None:
    """Remember why a table could not be loaded; its former rows and reading stay. Commits."""
    model.Session.execute(
        text("""UPDATE territoire_table SET state = 'failed', issues = cast(:issues AS jsonb),
                       held_until = NULL, checked_at = timezone('utc', now())
                 WHERE resource_id = :id"""),
        {"id": resource_id, "issues": json.dumps([issue_to_dict(issue)])},
    )
    model.Session.commit()


def save_validators(resource_id: str, validators: dict[str, str]) -> None:
    """Remember the ETag and the date of a remote file, for the next look at it. Commits."""
    model.Session.execute(
        text("""UPDATE territoire_table
                   SET reading = reading || jsonb_build_object('http', cast(:value AS jsonb))
                 WHERE resource_id = :id"""),
        {"id": resource_id, "value": json.dumps(validators)},
    )
    model.Session.commit()
