"""Rows set aside, with their reasons: `territoire.quarantine`.

`cells` is the row as received (field to text, absent when empty), `issues` a list of objects
`field, code, severity, found, expected, repair`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from ckanext.territoire.delivery.database import read
from harvesters.table.corrections import key_mark, row_mark
from schemas.model import Schema
from schemas.sql_text import name as quoted

MAX_KEPT = 200_000  # so many rows wait with their cells; all of them are counted

ROWS = """
    SELECT a.line, b.row_key, {key_mark} AS key_mark, {row_mark} AS row_mark,
           to_json(struct_pack({cells})) AS cells, i.issues
      FROM bad b JOIN arranged a USING (line)
      JOIN (SELECT line, to_json(list(struct_pack(field := field, code := code,
                   severity := severity, found := found, expected := expected, repair := repair)
                   ORDER BY field, code)) AS issues FROM row_issue GROUP BY line) i USING (line)
     ORDER BY a.line LIMIT {limit}
"""


def write_bad_rows(base: duckdb.DuckDBPyConnection, schema: Schema, target: Path) -> None:
    """Write the bad rows of a checked file for `COPY`."""
    cells = ", ".join(f"{quoted(each.name)} := a.{quoted(each.name)}" for each in schema.fields)
    query = ROWS.format(
        key_mark=key_mark(schema, "a"), row_mark=row_mark(schema, "a"), cells=cells, limit=MAX_KEPT
    )
    base.execute(f"COPY ({query}) TO '{target}' (FORMAT csv, HEADER false)")


def keep(cursor: Any, delivery_id: str, rows: Path) -> None:
    """Keep the bad rows of a delivery in place of those it had."""
    cursor.execute("DELETE FROM territoire.quarantine WHERE delivery_id::text = %s", (delivery_id,))
    cursor.execute(
        "CREATE TEMP TABLE refused_rows (line bigint, row_key text, key_mark text, row_mark text, "
        "cells jsonb, issues jsonb) ON COMMIT DROP"
    )
    with rows.open("rb") as file:
        cursor.copy_expert("COPY refused_rows FROM STDIN (FORMAT csv)", file)
    cursor.execute(
        "INSERT INTO territoire.quarantine SELECT %s::uuid, line, row_key, key_mark, row_mark, "
        "jsonb_strip_nulls(cells), issues FROM refused_rows",
        (delivery_id,),
    )


def forget_others(cursor: Any, feed_id: str, delivery_id: str) -> None:
    """Forget the bad rows of the other deliveries of a feed: a newer one is live."""
    cursor.execute(
        "DELETE FROM territoire.quarantine q USING territoire.delivery d "
        "WHERE d.id = q.delivery_id AND d.feed_id::text = %s AND d.id::text <> %s",
        (feed_id, delivery_id),
    )


def rows_of(delivery_id: str, limit: int = 100, after: int = 0) -> list[dict[str, Any]]:
    """Read the bad rows of a delivery in the order of the file, those below the line `after`."""
    return read(
        "SELECT line, row_key, key_mark, row_mark, cells, issues FROM territoire.quarantine "
        "WHERE delivery_id::text = %s AND line > %s ORDER BY line LIMIT %s",
        (delivery_id, after, limit),
    )
