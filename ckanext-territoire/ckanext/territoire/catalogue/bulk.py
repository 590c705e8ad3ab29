"""Rows to PostgreSQL in one statement a table: they travel as one JSON text, which it reads.

SQLAlchemy makes a parameter of each value, and replaces known rows one by one, each with an answer
to wait for. Here rows are given whole: no default of a model is applied, every row has the same
columns.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

import orjson
import sqlalchemy as sa
from ckan import model
from ckan.model.types import JsonType
from sqlalchemy.dialects import postgresql

Row = dict[str, Any]
DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def insert_rows(table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows that are new; a double is the `IntegrityError` of the database."""
    if rows:
        model.Session.execute(_statement(table, tuple(rows[0]), None), {"rows": _text(table, rows)})


def replace_rows(table: sa.Table, rows: Sequence[Row], kept: Collection[str]) -> None:
    """Replace rows by their `id`, but for the `kept` columns; one that is gone is made again."""
    if rows:
        statement = _statement(table, tuple(rows[0]), frozenset(kept) | {"id"})
        model.Session.execute(statement, {"rows": _text(table, rows)})


@cache
def _statement(table: sa.Table, names: tuple[str, ...], kept: frozenset[str] | None) -> Any:
    listed = ", ".join(f'"{name}"' for name in names)
    tail = ""
    if kept is not None:
        changed = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in kept)
        tail = f"ON CONFLICT (id) DO UPDATE SET {changed}"
    return sa.text(f"""
        INSERT INTO {table.name} ({listed})
        SELECT {listed} FROM json_populate_recordset(cast(NULL AS {table.name}),
                                                     cast(:rows AS json)) {tail}""")


def _text(table: sa.Table, rows: Sequence[Row]) -> str:
    """Write rows as JSON, the columns that hold JSON as text written as their model does."""
    texts = {c.name: c.type for c in table.c if isinstance(c.type, JsonType)}
    if texts:
        rows = [
            row | {n: kind.process_bind_param(row[n], DIALECT) for n, kind in texts.items()}
            for row in rows
        ]
    # rows read back from a table have the names of its columns, which only look like texts
    return orjson.dumps(rows, option=orjson.OPT_NON_STR_KEYS).decode()
