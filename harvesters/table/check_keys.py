"""Values that may stand once only: the key of the schema, the fields that are unique.

The first row that holds a value keeps it; each later one is bad, and told the line of the first. A
schema without key gives no duplicates: rows that are wholly alike are numbered in `twin`.
"""

from __future__ import annotations

import duckdb

from harvesters.table.check_sql import Plan, row_key
from schemas.sql_text import fill, quote


def check_unique(base: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Add TER-VAL-109 and TER-VAL-110 to `row_issue`; leave `twin(line, number)`."""
    base.execute("CREATE OR REPLACE TABLE twin (line BIGINT, number BIGINT)")
    key = row_key(plan.schema, plan.checks)
    if plan.schema.key:
        filled = " AND ".join(_filled_parts(plan))
        _refuse_repeats(base, f"CASE WHEN {filled} THEN {key} END", plan.schema.key[0], "110")
    else:
        cells = ", ".join(f"v{i}" for i in range(len(plan.checks)))
        base.execute(f"INSERT INTO twin SELECT line, number FROM ({_repeats(f'hash({cells})')})")
    for i, each in enumerate(plan.checks):
        if each.field.is_unique and plan.schema.key != (each.field.name,):
            _refuse_repeats(base, f"({fill(each.cast, f'v{i}')})", each.field.name, "109")


def _filled_parts(plan: Plan) -> list[str]:
    """A key is one as soon as a part of it is filled."""
    names = [each.name for each in plan.schema.fields]
    cells = ", ".join(f"v{names.index(part)}" for part in plan.schema.key)
    return [f"coalesce({cells}) IS NOT NULL"]


def _repeats(value: str) -> str:
    """Select the rows that repeat a value: `line, value, number` from 2 on, `first` its line."""
    values = f"SELECT line, {value} AS value FROM row_text"
    twice = (
        f"SELECT value FROM ({values}) WHERE value IS NOT NULL GROUP BY value HAVING count(*) > 1"
    )
    return (
        f"SELECT * FROM (SELECT line, value, row_number() OVER same AS number, "
        f"first_value(line) OVER same AS first FROM ({values}) SEMI JOIN ({twice}) USING (value) "
        f"WINDOW same AS (PARTITION BY value ORDER BY line)) WHERE number > 1"
    )


def _refuse_repeats(base: duckdb.DuckDBPyConnection, value: str, field: str, number: str) -> None:
    told = "'une valeur qui n’est pas déjà celle de la ligne ' || first"
    base.execute(
        f"INSERT INTO row_issue SELECT line, {quote(field)}, 'TER-VAL-{number}', 'error', "
        f"CAST(value AS VARCHAR), {told}, NULL FROM ({_repeats(value)})"
    )
