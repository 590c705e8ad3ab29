"""Put the columns of a file under the fields of its schema, and its positions into degrees WGS 84.

`received` in, `arranged(line, "<field>" VARCHAR …)` out: every field of the schema in its order,
NULL where the file has no column for it. It is a view: nothing is copied. Only positions and the
names of communes are rewritten, and only where they need it; `check` does the rest.
"""

from __future__ import annotations

import duckdb

from harvesters.table.places import fields_of
from harvesters.table.placing import Placed, place
from harvesters.table.received import HeaderMatch, How, Match, Rewriting, Rewritten
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
    said = [_with_codes(base, each, cells) for each in match.matches if each.how is How.COMMUNE]
    columns = ", ".join(f"{cells.get(f.name, 'NULL::VARCHAR')} AS {quoted(f.name)}"
                        for f in schema.fields)  # fmt: skip
    rest = " LEFT JOIN placed USING (line)" if placed.is_joined else ""
    base.execute(f"CREATE OR REPLACE VIEW arranged AS SELECT line, {columns} FROM received{rest}")
    return (*placed.rewritten, *(told for each in said for told in each))


def _with_codes(
    base: duckdb.DuckDBPyConnection, each: Match, cells: dict[str, str]
) -> tuple[Rewritten, ...]:
    """Write the code of the communes that a column names, as `commune_column` understood them."""
    cell = cells[each.field]
    code = f"(SELECT any_value(insee) FROM commune_code WHERE found = trim({cell}))"
    cells[each.field] = f"coalesce({code}, {cell})"
    found = base.execute(
        f"SELECT count(*), arg_min({cell}, line), arg_min(insee, line) "
        f"FROM received JOIN commune_code ON found = trim({cell})"
    ).fetchone()
    assert found is not None
    count, before, after = found
    return (Rewritten(each.field, Rewriting.COMMUNE, count, before, after),) if count else ()
