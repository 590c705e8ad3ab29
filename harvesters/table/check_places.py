"""Whether rows stand where they say: in the outline of their commune, in the territory.

A row elsewhere is warned of, never refused: a wood of the commune may lie beyond its boundary. A
row of a commune that is no member is good, out of the territory unless its point is inside.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np

from harvesters.table.check_outlines import NOWHERE, find_outlines
from harvesters.table.check_sql import Plan
from harvesters.table.check_views import MEMBERS, degrees_of, insee_of, number_of
from harvesters.table.received import References
from schemas.sql_french import KNOWN_INSEE
from schemas.sql_text import quote

ELSEWHERE, UNKNOWN, UNDRAWN = -1, -2, -3  # no member; no commune at all; a member without outline


def check_places(
    base: duckdb.DuckDBPyConnection, plan: Plan, references: References, depositor: str
) -> None:
    """Add TER-VAL-124 and TER-VAL-125 to `row_issue`; fill `inside_line`, the rows of no member
    that stand in the territory all the same."""
    if MEMBERS not in plan.known:
        return
    if plan.schema.position and references.outlines:
        _find_astray(base, plan, references, depositor)
        _tell_astray(base, plan, depositor)
    number = number_of(plan.schema, plan.schema.commune)
    if number is not None and KNOWN_INSEE in plan.known:
        base.execute(
            f"INSERT INTO row_issue SELECT line, {quote(plan.schema.commune)}, 'TER-VAL-125', "
            f"'warning', v{number}, 'une commune du territoire', NULL FROM row_text "
            f"WHERE v{number} IN (SELECT value FROM {KNOWN_INSEE}) "
            f"AND v{number} NOT IN (SELECT value FROM {MEMBERS}) "
            f"AND line NOT IN (SELECT line FROM inside_line)"
        )


def _find_astray(
    base: duckdb.DuckDBPyConnection, plan: Plan, references: References, depositor: str
) -> None:
    """Fill `inside_line`, and leave `astray(line, here, is_swapped)`: the rows that are not where
    they say. `here` names the member where they are; `is_swapped`: latitude and longitude,
    exchanged, would put them in the territory."""
    codes = sorted(references.outlines)
    outlines = [references.outlines[code] for code in codes]
    rows = base.execute(_points_query(plan, codes, depositor)).fetchnumpy()
    line, own, x, y = (np.asarray(rows[name]) for name in ("line", "own", "x", "y"))
    here = find_outlines(outlines, own, x, y)
    is_astray = np.select(
        [own >= 0, own == UNKNOWN, own == ELSEWHERE],
        [here != own, here == NOWHERE, here >= 0],
        False,
    )
    is_inside = (here != NOWHERE) & ((own == ELSEWHERE) | (own == UNKNOWN))
    base.execute("INSERT INTO inside_line SELECT unnest(?::BIGINT[])", [line[is_inside].tolist()])
    line, own, x, y, here = (each[is_astray] for each in (line, own, x, y, here))
    is_swapped = find_outlines(outlines, own, y, x) != NOWHERE
    names = {each.insee: each.name for each in references.communes if each.is_member}
    told = [names.get(code, code) for code in codes] + [""]
    base.execute(
        "CREATE OR REPLACE TABLE astray AS SELECT unnest(?::BIGINT[]) AS line, "
        "unnest(?::VARCHAR[]) AS own, unnest(?::VARCHAR[]) AS here, "
        "unnest(?::BOOLEAN[]) AS is_swapped",
        [line.tolist(), [told[max(n, NOWHERE)] for n in own.tolist()],
         [told[n] for n in here.tolist()], is_swapped.tolist()],
    )  # fmt: skip


def _points_query(plan: Plan, codes: Sequence[str], depositor: str) -> str:
    """Select the rows that have a point: `line, own, x, y`, `own` the number of their outline."""
    longitude, latitude = degrees_of(plan)
    listed = f"[{', '.join(map(quote, codes))}]"
    own = (
        f"CASE WHEN insee = '' THEN {UNKNOWN} WHEN list_contains({listed}, insee) "
        f"THEN list_position({listed}, insee) - 1 "
        f"WHEN insee IN (SELECT value FROM {MEMBERS}) THEN {UNDRAWN} ELSE {ELSEWHERE} END"
    )
    points = (
        f"SELECT line, {insee_of(plan, depositor)} AS insee, {longitude} AS x, {latitude} AS y "
        f"FROM row_text"
    )
    return f"SELECT line, {own} AS own, x, y FROM ({points}) WHERE x IS NOT NULL AND y IS NOT NULL"


def _tell_astray(base: duckdb.DuckDBPyConnection, plan: Plan, depositor: str) -> None:
    """Warn of each row of `astray`; exchanged degrees are proposed for one another."""
    code = "CASE WHEN here = '' THEN 'TER-VAL-125' ELSE 'TER-VAL-124' END"
    place = "CASE WHEN own = '' THEN 'dans le territoire' ELSE 'dans la commune ' || own END"
    expected = (
        f"'une position ' || {place} || CASE WHEN is_swapped THEN "
        f"' : longitude et latitude semblent inversées' WHEN here <> '' THEN "
        f"' ; celle-ci est dans la commune ' || here ELSE '' END"
    )
    for field, found, repair, is_second in _cells_of_position(plan):
        base.execute(
            f"INSERT INTO row_issue SELECT line, {quote(field)}, {code}, 'warning', {found}, "
            f"{expected}, CASE WHEN is_swapped THEN {repair} END "
            f"FROM astray JOIN row_text USING (line) WHERE is_swapped OR NOT {is_second}"
        )


def _cells_of_position(plan: Plan) -> list[tuple[str, str, str, str]]:
    """The fields to tell of, with the SQL of what is found there and of what to put there."""
    position = plan.schema.position
    assert position is not None
    if position.longitude:
        x, y = (f"v{number_of(plan.schema, n)}" for n in (position.longitude, position.latitude))
        both = f"CASE WHEN is_swapped THEN {x} ELSE {x} || ', ' || {y} END"
        return [(position.longitude, both, y, "false"), (position.latitude, y, x, "true")]
    name = position.point or position.geojson
    cell = f"v{number_of(plan.schema, name)}"
    if position.geojson:
        return [(name, f"left({cell}, 80)", "NULL", "false")]
    longitude, latitude = degrees_of(plan)
    pair = f"{latitude} || ', ' || {longitude}"
    is_array = plan.schema.field(name).format == "array"
    return [(name, cell, f"'[' || {pair} || ']'" if is_array else pair, "false")]
