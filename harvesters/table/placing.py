"""Rewrite positions in the form that a schema wants: the SQL of each position field of `arranged`.

A pair in a projection is converted by pyproj into `placed(line, x, y)`. Longitude and latitude that
are in France only the other way round are exchanged, row by row. A text « latitude, longitude » is
cut in two, two columns are joined for a point, a WKT becomes a GeoJSON (`shapes`). What cannot be
understood stays as it is: the check will say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from harvesters.table.places import fields_of
from harvesters.table.received import Match, Rewriting, Rewritten
from harvesters.table.shapes import place_shapes
from harvesters.table.systems import FRANCE, System, find_system, to_degrees
from schemas.model import Schema

SAMPLE = 2_000
DECIMALS = 7
_IN = " OR ".join(f"x BETWEEN {w} AND {e} AND y BETWEEN {s} AND {n}" for w, s, e, n in FRANCE)
_PART = r"([-+]?\d{1,3}[.,]\d+)"
_PAIR = rf"^\s*[\[(]?\s*{_PART}(?:\s*[,;/|]\s*|\s+|\.\s+){_PART}\s*[\])}}]*\s*$"
_BEFORE_POINT = r'^\s*(?:POINT\s*Z?\s*\(|\{[^\[]*"Point"[^\[]*\[)'
MACROS = f"""
CREATE OR REPLACE MACRO in_france(x, y) AS coalesce({_IN}, false);
CREATE OR REPLACE MACRO is_swapped(x, y) AS NOT in_france(x, y) AND in_france(y, x);
CREATE OR REPLACE MACRO decimal_of(cell) AS
  replace(regexp_replace(cell, '[\\s\\x{{00A0}}\\x{{202F}}]', '', 'g'), ',', '.');
CREATE OR REPLACE MACRO number_of(cell) AS try_cast(decimal_of(cell) AS DOUBLE);
CREATE OR REPLACE MACRO written_number(cell) AS
  CASE WHEN number_of(cell) IS NOT NULL THEN decimal_of(cell) END;
CREATE OR REPLACE MACRO bare(cell) AS regexp_replace(cell, '{_BEFORE_POINT}', '[', 'i');
CREATE OR REPLACE MACRO first_of(cell) AS
  nullif(replace(regexp_extract(bare(cell), '{_PAIR}', 1), ',', '.'), '');
CREATE OR REPLACE MACRO second_of(cell) AS
  nullif(replace(regexp_extract(bare(cell), '{_PAIR}', 2), ',', '.'), '');
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
    base.execute(MACROS)
    columns = list(dict.fromkeys(f"c{each.column}" for each in sources))
    if len(columns) == 2:
        return _place_pair(base, schema, sources)
    if schema.position.geojson:
        shape = place_shapes(base, columns[0], [each.header for each in sources])
        if shape:
            name = schema.position.geojson
            said = Rewritten(name, shape.how, shape.count, shape.before, shape.after)
            cell = f"coalesce(placed.shape, {columns[0]})"
            return Placed({name: cell}, True, (said,) if shape.count else ())
    return _place_text(base, schema, columns[0])


def _place_pair(
    base: duckdb.DuckDBPyConnection, schema: Schema, sources: Sequence[Match]
) -> Placed:
    """Two columns: exchange them where they are swapped, convert them, join them for a point."""
    x, y = (f"c{each.column}" for each in sources)
    is_apart = len(fields_of(schema.position)) == 2
    if is_apart and _are_plain(base, x, y):
        return Placed()
    system = _project(base, (x, y), [each.header for each in sources])
    swapped = f"is_swapped(number_of({x}), number_of({y}))"
    texts = (x, y) if is_apart else (f"written_number({x})", f"written_number({y})")
    places = tuple(f"CASE WHEN {swapped} THEN {b} ELSE {a} END" for a, b in (texts, texts[::-1]))
    if system:
        places = tuple(
            f"coalesce(format('{{:.{DECIMALS}f}}', placed.{axis}), {text})"
            for axis, text in zip("xy", places, strict=True)
        )
    cells = _in_form(schema, *places)
    before, after = f"{x} || ' ; ' || {y}", f"{places[0]} || ' ; ' || {places[1]}"
    say = _Say(base, next(iter(cells)), before, system is not None)
    said = say.where(Rewriting.SWAPPED, swapped, after)
    if system:
        said += say.where(Rewriting.PROJECTION, "placed.x IS NOT NULL", after, system.label)
    if not is_apart:
        [cell] = cells.values()
        said += say.where(Rewriting.SPLIT_POSITION, f"{cell} IS NOT NULL", cell)
        cells = dict.fromkeys(cells, f"coalesce({cell}, {before})")
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
    a, b, system = "x", "y", find_system(headers, sample)
    if system is None:  # the file may call x what is a y
        a, b, system = "y", "x", find_system(headers, [(second, first) for first, second in sample])
    if system is None:
        return None
    rows = base.sql(
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
    """One text of two numbers: their order is told by the values, else by the brackets.

    Two fields read « latitude, longitude » by default, a point « longitude, latitude » as its
    schema says.
    """
    first, second = f"first_of({column})", f"second_of({column})"
    swapped = f"is_swapped({first}::DOUBLE, {second}::DOUBLE)"
    is_apart = len(fields_of(schema.position)) == 2
    turned = swapped
    if is_apart:
        known = f"in_france({first}::DOUBLE, {second}::DOUBLE)"
        turned = f"({swapped} OR NOT starts_with(bare({column}), '[') AND NOT {known})"
    east = f"CASE WHEN {turned} THEN {second} ELSE {first} END"
    north = f"CASE WHEN {turned} THEN {first} ELSE {second} END"
    cells = _in_form(schema, east, north)
    say = _Say(base, next(iter(cells)), column)
    if is_apart:
        after = f"{east} || ' ; ' || {north}"
        said = say.where(Rewriting.SPLIT_POSITION, f"{first} IS NOT NULL", after)
        return Placed(cells if said else {}, rewritten=tuple(said))
    [(name, cell)] = cells.items()
    said = say.where(Rewriting.SWAPPED, f"coalesce({swapped}, false)", cell)
    same = f"replace({column}, ' ', '') = replace({cell}, ' ', '')"
    said += say.where(
        Rewriting.SPLIT_POSITION, f"{cell} IS NOT NULL AND NOT {swapped} AND NOT {same}", cell
    )
    new = f"CASE WHEN {same} THEN {column} ELSE coalesce({cell}, {column}) END"
    return Placed({name: new} if said else {}, rewritten=tuple(said))


def _in_form(schema: Schema, east: str, north: str) -> dict[str, str]:
    """Write longitude and latitude as the position fields of the schema want them."""
    position = schema.position
    assert position is not None
    if position.longitude and position.latitude:
        return {position.longitude: east, position.latitude: north}
    if position.geojson:
        text = f"'{{\"type\":\"Point\",\"coordinates\":[' || {east} || ',' || {north} || ']}}'"
        return {position.geojson: text}
    if schema.field(position.point).format == "array":
        return {position.point: f"'[' || {east} || ',' || {north} || ']'"}
    return {position.point: f"{east} || ', ' || {north}"}


@dataclass(frozen=True, slots=True)
class _Say:
    """Counts what is rewritten in a field, with the first example: `before` is SQL."""

    base: duckdb.DuckDBPyConnection
    field: str
    before: str
    is_joined: bool = False

    def where(self, how: Rewriting, test: str, after: str, label: str = "") -> list[Rewritten]:
        rest = " LEFT JOIN placed USING (line)" if self.is_joined else ""
        found = self.base.execute(
            f"SELECT count(*), arg_min({self.before}, line), arg_min({after}, line) "
            f"FROM received{rest} WHERE {test}"
        ).fetchone()
        if not found or not found[0]:
            return []
        count, before, changed = found
        told = f"{before} ({label})" if label else str(before)
        return [Rewritten(self.field, how, count, told, str(changed))]
