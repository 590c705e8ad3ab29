"""Recognise the columns that say where a row stands, by their names and then by their values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import duckdb

from harvesters.table.reading import Column, Geometry, Shape, Type

# metropolitan France: enough to tell a longitude from a latitude
LONGITUDES = (-6.0, 10.0)
LATITUDES = (41.0, 52.0)
LAMBERT_X = (0.0, 1_300_000.0)
LAMBERT_Y = (6_000_000.0, 7_200_000.0)
PAIRS = (
    (r"(longitude|lon|long|lng|xlong|xlon|geolon)$", r"(latitude|lat|ylat|geolat)$"),
    (r"^(x|coordx|coordonneex|xl93|xlambert93|xwgs84|lambx|geox)$",
     r"^(y|coordy|coordonneey|yl93|ylambert93|ywgs84|lamby|geoy)$"),
)  # fmt: skip
TEXT = r"^[\[(]?\s*(-?\d{1,3}\.\d+)\s*[,; ]\s*(-?\d{1,3}\.\d+)\s*[\])]?$"
NUMBERS = (Type.DECIMAL, Type.INTEGER)


def find_geometry(base: duckdb.DuckDBPyConnection, columns: Sequence[Column]) -> Geometry | None:
    """Find positions in the typed table `t`; degrees before Lambert 93, a pair before a text."""
    plain = [_plain(column.label) for column in columns]
    for x_name, y_name in PAIRS:
        x = _first(columns, plain, x_name)
        y = _first(columns, plain, y_name)
        found = _judge(base, columns, x, y) if x is not None and y is not None else None
        if found:
            return found
    return _text_column(base, columns)


def _plain(label: str) -> str:
    text = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]", "", text)


def _first(columns: Sequence[Column], plain: Sequence[str], pattern: str) -> int | None:
    for i, (column, name) in enumerate(zip(columns, plain, strict=True)):
        if column.type in NUMBERS and re.search(pattern, name):
            return i
    return None


def _judge(
    base: duckdb.DuckDBPyConnection, columns: Sequence[Column], x: int, y: int
) -> Geometry | None:
    """Decide the system by the middle values of both columns."""
    values = [f"median(try_cast(replace(c{i}, ',', '.') AS DOUBLE))" for i in (x, y)]
    found = base.execute(f"SELECT {', '.join(values)} FROM t").fetchone()
    if not found or found[0] is None or found[1] is None:
        return None
    middle_x, middle_y = found
    names = (columns[x].name, columns[y].name)
    if _within(middle_x, LATITUDES) and _within(middle_y, LONGITUDES):
        return Geometry(Shape.LONGITUDE_LATITUDE, names, is_swapped=True)
    if abs(middle_x) <= 180 and abs(middle_y) <= 90:
        return Geometry(Shape.LONGITUDE_LATITUDE, names)
    if _within(middle_x, LAMBERT_X) and _within(middle_y, LAMBERT_Y):
        return Geometry(Shape.LAMBERT_93, names)
    return None


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _text_column(base: duckdb.DuckDBPyConnection, columns: Sequence[Column]) -> Geometry | None:
    """A column of « latitude, longitude » texts; the other order is told by the values."""
    for i, column in enumerate(columns):
        if column.type is not Type.TEXT:
            continue
        rows = base.execute(f"SELECT c{i} FROM t WHERE c{i} IS NOT NULL LIMIT 50").fetchall()
        pairs = [re.match(TEXT, row[0].strip()) for row in rows]
        if not pairs or not all(pairs):
            continue
        first, second = zip(*((float(p[1]), float(p[2])) for p in pairs if p), strict=True)
        if not all(abs(a) <= 180 and abs(b) <= 180 for a, b in zip(first, second, strict=True)):
            continue
        is_swapped = all(_within(a, LONGITUDES) for a in first) and all(
            _within(b, LATITUDES) for b in second
        )
        return Geometry(Shape.TEXT, (column.name,), is_swapped)
    return None
