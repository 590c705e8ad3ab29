"""What the check leaves: `good` rows with typed values, `bad` rows as they were received.

A cell of a good row that cannot be cast raises: the check let it through, it is our bug.
"""

from __future__ import annotations

import duckdb

from harvesters.table.check_sql import Plan, row_key
from harvesters.table.received import column
from schemas.model import Schema
from schemas.sql_french import KNOWN_INSEE
from schemas.sql_text import TEXT, fill, name, quote
from schemas.sql_types import to_degree
from schemas.to_check import FieldChecks

MEMBERS = "known_member"


def row_text_view(base: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Leave `row_text(line, v0 … vN)`: all rows, their cells rewritten where they had to be."""
    names = [each.field.name for each in plan.checks]
    clean = ", ".join(f"{name(n)} AS v{i}" for i, n in enumerate(names))
    marked = ", ".join(f"v{i}" for i in range(len(names)))
    base.execute(
        f"CREATE OR REPLACE VIEW row_text AS SELECT line, {clean} FROM arranged "
        f"ANTI JOIN marked_row USING (line) UNION ALL SELECT line, {marked} FROM marked_row"
    )


def leave_views(base: duckdb.DuckDBPyConnection, plan: Plan, depositor: str) -> None:
    """Leave `bad_line`, `good` and `bad`."""
    base.execute(
        "CREATE OR REPLACE TABLE bad_line AS "
        "SELECT DISTINCT line FROM row_issue WHERE severity = 'error'"
    )
    key, insee = row_key(plan.schema, plan.checks), insee_of(plan, depositor)
    own = f"line, {numbered(key)} AS row_key, {insee} AS insee"
    longitude, latitude = degrees_of(plan)
    typed = ", ".join(
        f"{_typed(i, each)} AS {name(column(each.field.name))}"
        for i, each in enumerate(plan.checks)
    )
    base.execute(
        f"CREATE OR REPLACE VIEW good AS SELECT {own}, {longitude} AS longitude, "
        f"{latitude} AS latitude, {_in_territory(plan, insee, longitude)} AS in_territory, {typed} "
        f"FROM row_text ANTI JOIN bad_line USING (line) LEFT JOIN twin USING (line)"
    )
    raw = ", ".join(
        f"a.{name(each.field.name)} AS {name(column(each.field.name))}" for each in plan.checks
    )
    base.execute(
        f"CREATE OR REPLACE VIEW bad AS SELECT {own}, {raw} FROM row_text "
        f"SEMI JOIN bad_line USING (line) JOIN arranged a USING (line) LEFT JOIN twin USING (line)"
    )


def numbered(key: str) -> str:
    """The key of a row over `row_text` and `twin`: rows that are alike have a number behind."""
    return f"({key}) || coalesce('#' || twin.number, '')"


def insee_of(plan: Plan, depositor: str) -> str:
    """The SQL of the commune of a row: its own when it exists, else that of the depositor."""
    number = number_of(plan.schema, plan.schema.commune)
    if number is None:
        return quote(depositor)
    if KNOWN_INSEE not in plan.known:
        return f"coalesce(v{number}, {quote(depositor)})"
    is_known = f"v{number} IN (SELECT value FROM {KNOWN_INSEE})"
    return f"CASE WHEN {is_known} THEN v{number} ELSE {quote(depositor)} END"


def degrees_of(plan: Plan) -> tuple[str, str]:
    """The SQL of the longitude and latitude of a row over `row_text`; NULL where it has none."""
    position = plan.schema.position
    if position is None or position.geojson:
        return _degrees_of_shape(plan)
    if position.point:
        number = number_of(plan.schema, position.point)
        field = plan.schema.field(position.point)
        one, two = (fill(to_degree(field, which), f"v{number}") for which in (1, 2))
    else:
        numbers = [number_of(plan.schema, n) for n in (position.longitude, position.latitude)]
        one, two = (f"({fill(plan.checks[n or 0].cast, f'v{n}')})" for n in numbers)
    is_on_earth = f"abs({one}) <= 180 AND abs({two}) <= 90"
    return tuple(f"CASE WHEN {is_on_earth} THEN {each} END" for each in (one, two))  # type: ignore[return-value]


def _degrees_of_shape(plan: Plan) -> tuple[str, str]:
    position = plan.schema.position
    if position is None:
        return "CAST(NULL AS DOUBLE)", "CAST(NULL AS DOUBLE)"
    number = number_of(plan.schema, position.geojson)
    found = f"FROM shape_point WHERE value = v{number}"
    return f"(SELECT any_value(longitude) {found})", f"(SELECT any_value(latitude) {found})"


def number_of(schema: Schema, field: str) -> int | None:
    """The number of a field, `None` without a field of that name."""
    return next((i for i, each in enumerate(schema.fields) if each.name == field), None)


def _in_territory(plan: Plan, insee: str, longitude: str) -> str:
    if MEMBERS not in plan.known:
        return "true"
    is_member = f"{insee} IN (SELECT value FROM {MEMBERS})"
    is_nowhere = f"{insee} = '' AND {longitude} IS NULL"  # nothing says where it is
    return f"({is_member} OR line IN (SELECT line FROM inside_line) OR {is_nowhere})"


def _typed(i: int, checks: FieldChecks) -> str:
    """The value of a cell; one that was let through and cannot be cast raises."""
    if checks.cast == TEXT:
        return f"v{i}"
    quick, slow = (fill(cast, f"v{i}") for cast in (checks.quick_cast, checks.cast))
    told = f"'cell let through by the check: ' || {quote(checks.field.name)} || ' ' || v{i}"
    return f"coalesce({quick}, {slow}, CASE WHEN v{i} IS NOT NULL THEN error({told}) END)"
