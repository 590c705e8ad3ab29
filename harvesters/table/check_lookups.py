"""The tables that the checks look codes up in, and the texts that Python judges where SQL cannot.

`known_*` come from the references: one column `value` each. `refused_*` hold the distinct texts of
a field, as received and as rewritten, that are refused: by a pattern with look-around, as OSM
opening hours, as GeoJSON.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from typing import Any

import duckdb
import opening_hours
from shapely.errors import ShapelyError
from shapely.geometry import shape

from harvesters.table.check_sql import Plan
from harvesters.table.check_views import MEMBERS
from harvesters.table.received import References
from schemas.model import Check, RuleKind, Schema
from schemas.sql_french import KNOWN_DEPARTMENT, KNOWN_INSEE, KNOWN_PAIR, KNOWN_POSTCODE
from schemas.sql_text import fill, name
from schemas.to_check import FieldChecks, Judge, Lookup

DISTRICTS = (("75056", 75101, 75120), ("69123", 69381, 69389), ("13055", 13201, 13216))
MAX_JUDGED = 10_000  # letters: a longer text is no match, whatever time a pattern would take


def load_known(
    base: duckdb.DuckDBPyConnection, schema: Schema, references: References
) -> frozenset[str]:
    """Load the tables of codes that the schema needs; answer the names of those that are there."""
    tables: dict[str, Iterable[str]] = {}
    checks = {each.check for each in schema.fields}
    if references.communes and (Check.INSEE in checks or schema.commune):
        tables[KNOWN_INSEE] = [*_districts(references), *(c.insee for c in references.communes)]
    if references.communes or references.outlines:
        members = {each.insee for each in references.communes if each.is_member}
        tables[MEMBERS] = sorted(members | references.outlines.keys())
    if references.postcodes and Check.POSTCODE in checks:
        tables[KNOWN_POSTCODE] = {postcode for postcode, _ in references.postcodes}
        tables[KNOWN_DEPARTMENT] = {postcode[:2] for postcode, _ in references.postcodes}
    if references.postcodes and any(r.kind is RuleKind.POSTCODE for r in schema.rules):
        tables[KNOWN_PAIR] = {f"{postcode} {insee}" for postcode, insee in references.postcodes}
    for table, values in tables.items():
        load_values(base, table, values)
    return frozenset(tables)


def _districts(references: References) -> list[str]:
    """The districts of Paris, Lyon and Marseille, which have codes of their own in many files."""
    known = {each.insee for each in references.communes}
    return [str(n) for city, first, last in DISTRICTS if city in known
            for n in range(first, last + 1)]  # fmt: skip


def load_values(base: duckdb.DuckDBPyConnection, table: str, values: Iterable[str]) -> None:
    """Make a table of one column `value`."""
    base.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT unnest(?::VARCHAR[]) AS value", [list(values)]
    )


def load_refused(base: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Judge the distinct texts of the fields that need it."""
    for each in plan.checks:
        for lookup in each.lookups:
            texts = _distinct(base, each)
            if lookup.judge is Judge.GEOJSON:
                _load_shapes(base, lookup, texts, is_position=_is_position(plan, each))
            else:
                holds = _judge(lookup)
                load_values(base, lookup.table, [text for text in texts if not holds(text)])


def _is_position(plan: Plan, checks: FieldChecks) -> bool:
    position = plan.schema.position
    return position is not None and position.geojson == checks.field.name


def _distinct(base: duckdb.DuckDBPyConnection, checks: FieldChecks) -> list[str]:
    """The texts of a field, as received and once rewritten."""
    query = f"SELECT DISTINCT {name(checks.field.name)} AS text FROM arranged"
    rewritten = query
    for step in checks.steps:
        rewritten = f"SELECT DISTINCT {fill(step.becomes, 'text')} AS text FROM ({rewritten})"
    found = base.execute(f"{query} UNION {rewritten}").fetchall()
    return [text for (text,) in found if text is not None]


def _judge(lookup: Lookup) -> Callable[[str], bool]:
    if lookup.judge is Judge.OPENING_HOURS:
        return lambda text: len(text) <= MAX_JUDGED and bool(opening_hours.validate(text))
    pattern = re.compile(f"^{lookup.pattern}$")
    return lambda text: len(text) <= MAX_JUDGED and bool(pattern.match(text))


def _load_shapes(
    base: duckdb.DuckDBPyConnection, lookup: Lookup, texts: list[str], is_position: bool
) -> None:
    """Leave the texts that are no shape, and a point inside of each shape that gives a position."""
    shapes = {text: _to_shape(text) for text in texts}
    load_values(base, lookup.table, [text for text, found in shapes.items() if found is None])
    if not is_position:
        return
    points = {text: _point_of(found) for text, found in shapes.items() if found is not None}
    kept = [(text, *point) for text, point in points.items() if point]
    base.execute(
        "CREATE OR REPLACE TABLE shape_point AS SELECT unnest(?::VARCHAR[]) AS value, "
        "unnest(?::DOUBLE[]) AS longitude, unnest(?::DOUBLE[]) AS latitude",
        [[row[n] for row in kept] for n in range(3)],
    )


def _to_shape(text: str) -> Any:
    """Read a GeoJSON geometry, alone or in features; `None` when it is none."""
    try:
        told = json.loads(text)
        if told["type"] == "FeatureCollection":
            parts = [each["geometry"] for each in told["features"]]
            told = {"type": "GeometryCollection", "geometries": parts}
        found = shape(told["geometry"] if told["type"] == "Feature" else told)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, ShapelyError):
        return None
    is_drawn = not found.is_empty and all(map(math.isfinite, found.bounds))
    return found if is_drawn else None


def _point_of(found: Any) -> tuple[float, float] | None:
    """A point inside of a shape, `None` when it is not on earth."""
    try:
        point = found.representative_point()
    except ShapelyError:
        point = found.envelope.centroid
    is_on_earth = abs(point.x) <= 180 and abs(point.y) <= 90
    return (point.x, point.y) if is_on_earth else None
