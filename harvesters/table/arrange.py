"""Put the columns of a file under the fields of its schema, and its positions into degrees WGS 84.

`received` in, `arranged(line, "<field>" VARCHAR …)` out: every field of the schema in its order,
NULL where the file has no column for it. It is a view: nothing is copied. Only positions are
rewritten, and only where they need it; `check` does the rest.
"""

from __future__ import annotations

import duckdb

from harvesters.table.places import fields_of
from harvesters.table.placing import Placed, place
from harvesters.table.received import HeaderMatch, Rewritten
from schemas.model import Schema
from schemas.sql_text import name as quoted


def arrange(
    base: duckdb.DuckDBPyConnection, schema: Schema, match: HeaderMatch
) -> tuple[Rewritten, ...]:
    """Leave `arranged`, and tell what was rewritten on the way."""
    cells = {each.field: f"c{each.column}" for each in match.matches}
    names = fields_of(schema.position)
    # longitude first, whatever the order of the fields
    sources = [each for name in names for each in match.matches if each.field == name]
    placed = Placed()
    if schema.position and sources:
        placed = place(base, schema, sources)
    cells |= placed.cells
    columns = ", ".join(f"{cells.get(f.name, 'NULL::VARCHAR')} AS {quoted(f.name)}"
                        for f in schema.fields)  # fmt: skip
    rest = " LEFT JOIN placed USING (line)" if placed.is_joined else ""
    base.execute(f"CREATE OR REPLACE VIEW arranged AS SELECT line, {columns} FROM received{rest}")
    return placed.rewritten
