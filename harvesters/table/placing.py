"""Rewrite positions in the form that a schema wants: the SQL of each position field of `arranged`.

A pair in a projection is converted by pyproj into `placed(line, x, y)`. Longitude and latitude that
are in France only the other way round are exchanged, row by row. A text « latitude, longitude » is
cut in two, and two columns are joined for a point. What cannot be understood stays as it is: the
check will say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from harvesters.table.received import Match, Rewriting, Rewritten
from harvesters.table.systems import System, find_system, to_degrees
from schemas.model import Position, Schema

SAMPLE = 2_000
# metropolitan France, then Guadeloupe, Martinique, Guyane, La Réunion, Mayotte, Saint-Pierre
BOXES = (
    (-5.6, 41.2, 9.8, 51.3),
    (-61.9, 15.7, -60.9, 18.2),
    (-61.3, 14.3, -60.7, 15.0),
    (-54.7, 2.0, -51.5, 5.9),
    (55.1, -21.5, 55.9, -20.8),
    (44.9, -13.1, 45.4, -12.5),
    (-56.6, 46.6, -56.0, 47.2),
)
_IN = " OR ".join(f"x BETWEEN {w} AND {e} AND y BETWEEN {s} AND {n}" for w, s, e, n in BOXES)
_PART = r"([-+]?\d{1,3}[.,]\d+)"
_PAIR = rf"^\s*[\[(]?\s*{_PART}(\s*[,;/|]\s*|\s+|\.\s+){_PART}\s*[\])]?\s*$"
MACROS = f"""
CREATE OR REPLACE MACRO in_france(x, y) AS coalesce({_IN}, false);
CREATE OR REPLACE MACRO is_swapped(x, y) AS NOT in_france(x, y) AND in_france(y, x);
CREATE OR REPLACE MACRO number_of(cell) AS try_cast(replace(
  regexp_replace(cell, '[\\s\\x{{00A0}}\\x{{202F}}]', '', 'g'), ',', '.') AS DOUBLE);
CREATE OR REPLACE MACRO first_of(cell) AS
  nullif(replace(regexp_extract(cell, '{_PAIR}', 1), ',', '.'), '');
CREATE OR REPLACE MACRO second_of(cell) AS
  nullif(replace(regexp_extract(cell, '{_PAIR}', 3), ',', '.'), '');
"""


@dataclass(frozen=True, slots=True)
class Placed:
    """The SQL of each position field, whether it needs `placed`, and what it changes."""

    cells: Mapping[str, str] = field(default_factory=dict)
    is_joined: bool = False
    rewritten: tuple[Rewritten, ...] = ()


def place(base: duckdb.DuckDBPyConnection, schema: Schema, sources: Sequence[Match]) -> Placed:
    """Look at the columns that fill position fields, and say how these are to be written."""
    assert schema.position is not None
    columns = list(dict.fromkeys(f"c{each.column}" for each in sources))
    base.execute(MACROS)
    if len(columns) == 2:
        return _place_pair(base, schema, sources)
    return _place_text(base, schema, columns[0])


def _place_pair(
    base: duckdb.DuckDBPyConnection, schema: Schema, sources: Sequence[Match]
) -> Placed:
    position = schema.position
    assert position is not None
    x, y = (f"c{each.column}" for each in sources)
    is_pair = bool(position.longitude and position.latitude)
    if is_pair and _are_plain(base, x, y):
        return Placed()
    headers = [each.header for each in sources]
    system = _project(base, (x, y), headers)
    swapped = f"is_swapped(number_of({x}), number_of({y}))"
    east, north = (f"CASE WHEN {swapped} THEN {a} ELSE {b} END" for a, b in ((y, x), (x, y)))
    said = list(_say_swapped(base, position, swapped, (x, y)))
    if system:
        east = f"coalesce(format('{{:.7f}}', placed.x), {east})"
        north = f"coalesce(format('{{:.7f}}', placed.y), {north})"
        said += _say_projected(base, position, system, (x, y))
    cells = _in_form(schema, east, north)
    if not is_pair:
        said += _say_joined(base, schema, cells, (x, y))
    return Placed(cells, system is not None, tuple(said))


def _are_plain(base: duckdb.DuckDBPyConnection, x: str, y: str) -> bool:
    """Say quickly whether every position is a number inside France."""
    found = base.execute(
        f"SELECT count(*) FILTER ({x} IS NOT NULL OR {y} IS NOT NULL), count(*) FILTER ("
        f"in_france(try_cast({x} AS DOUBLE), try_cast({y} AS DOUBLE))) FROM received"
    ).fetchone()
    return found is not None and found[0] == found[1]


def _project(
    base: duckdb.DuckDBPyConnection, columns: tuple[str, str], headers: Sequence[str]
) -> System | None:
    """Find the projection of the pairs that are no degrees, and convert them into `placed`."""
    x, y = columns
    pairs = f"SELECT line, number_of({x}) AS x, number_of({y}) AS y FROM received"
    sample = base.execute(
        f"SELECT x, y FROM ({pairs}) WHERE abs(x) > 180 AND abs(y) > 180 LIMIT {SAMPLE}"
    ).fetchall()
    system = find_system(headers, sample)
    is_turned = system is None
    if is_turned:
        system = find_system(headers, [(b, a) for a, b in sample])
    if system is None:
        return None
    a, b = ("y", "x") if is_turned else ("x", "y")
    rows = base.execute(
        f"SELECT line, {a} AS x, {b} AS y FROM ({pairs}) "
        f"WHERE {a} BETWEEN {system.x[0]} AND {system.x[1]} "
        f"AND {b} BETWEEN {system.y[0]} AND {system.y[1]}"
    ).to_arrow_table()
    assert rows is not None
    longitude, latitude = to_degrees(system, rows.column("x"), rows.column("y"))
    degrees = pa.table({"line": rows.column("line"), "x": longitude, "y": latitude})
    base.register("degrees", degrees)
    base.execute("CREATE OR REPLACE TABLE placed AS SELECT * FROM degrees WHERE NOT isnan(x)")
    base.unregister("degrees")
    return system


def _place_text(base: duckdb.DuckDBPyConnection, schema: Schema, column: str) -> Placed:
    """Cut « latitude, longitude » texts: the order is told by the values, row by row."""
    position = schema.position
    assert position is not None
    first, second = f"first_of({column})", f"second_of({column})"
    turned = (f"(is_swapped({first}::DOUBLE, {second}::DOUBLE) OR (NOT starts_with({column}, '[') "
              f"AND NOT in_france({first}::DOUBLE, {second}::DOUBLE)))")  # fmt: skip
    east = f"CASE WHEN {turned} THEN {second} ELSE {first} END"
    north = f"CASE WHEN {turned} THEN {first} ELSE {second} END"
    cells = _in_form(schema, east, north)
    if not position.longitude:
        name = position.point or position.geojson
        cells = {name: f"coalesce({cells[name]}, {column})"}
        return Placed(cells, rewritten=_say_joined(base, schema, cells, (column,)))
    said = base.execute(
        f"SELECT count(*), arg_min({column}, line), arg_min({east} || ' ; ' || {north}, line) "
        f"FROM received WHERE {first} IS NOT NULL"
    ).fetchone()
    if not said or not said[0]:
        return Placed()
    split = Rewritten(position.longitude, Rewriting.SPLIT_POSITION, *said)
    return Placed(cells, rewritten=(split,))


def _in_form(schema: Schema, east: str, north: str) -> dict[str, str]:
    """Write longitude and latitude as the position fields of the schema want them."""
    position = schema.position
    assert position is not None
    if position.longitude and position.latitude:
        return {position.longitude: east, position.latitude: north}
    if position.geojson:
        text = f"'{{\"type\":\"Point\",\"coordinates\":[' || {east} || ',' || {north} || ']}}'"
        return {position.geojson: text}
    before, after = ("[", "]") if schema.field(position.point).format == "array" else ("", "")
    return {position.point: f"'{before}' || {east} || ', ' || {north} || '{after}'"}


def _say_swapped(
    base: duckdb.DuckDBPyConnection, position: Position, swapped: str, columns: tuple[str, str]
) -> list[Rewritten]:
    x, y = columns
    found = base.execute(
        f"SELECT count(*), arg_min({x} || ' ; ' || {y}, line), arg_min({y} || ' ; ' || {x}, line) "
        f"FROM received WHERE {swapped}"
    ).fetchone()
    name = position.longitude or position.point or position.geojson
    return [Rewritten(name, Rewriting.SWAPPED, *found)] if found and found[0] else []


def _say_projected(
    base: duckdb.DuckDBPyConnection, position: Position, system: System, columns: tuple[str, str]
) -> list[Rewritten]:
    x, y = columns
    found = base.execute(
        f"SELECT count(*), arg_min({x} || ' ; ' || {y}, line), "
        f"arg_min(format('{{:.7f}} ; {{:.7f}}', placed.x, placed.y), line) "
        f"FROM received JOIN placed USING (line)"
    ).fetchone()
    if not found or not found[0]:
        return []
    count, before, after = found
    name = position.longitude or position.point or position.geojson
    return [Rewritten(name, Rewriting.PROJECTION, count, f"{before} ({system.label})", after)]


def _say_joined(
    base: duckdb.DuckDBPyConnection,
    schema: Schema,
    cells: Mapping[str, str],
    columns: Sequence[str],
) -> tuple[Rewritten, ...]:
    """Say how many points are written in another way than they were received."""
    [(name, cell)] = cells.items()
    before = " || ' ; ' || ".join(columns)
    rest = " LEFT JOIN placed USING (line)" if "placed." in cell else ""
    found = base.execute(
        f"SELECT count(*), arg_min({before}, line), arg_min({cell}, line) FROM received{rest} "
        f"WHERE {cell} IS DISTINCT FROM {before}"
    ).fetchone()
    if not found or not found[0]:
        return ()
    return (Rewritten(name, Rewriting.SPLIT_POSITION, *found),)
