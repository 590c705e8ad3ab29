"""Give each row of a GeoJSON one point, so that it can be shown as a table and on a map.

Input: rows as CSV without titles, `geometry` among the columns as GeoJSON in WGS 84. A line or a
surface is placed by a point of its own; the geometry itself stays in the file.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import shapely
from shapely.errors import ShapelyError

from harvesters.table.text import Text

GEOMETRY, LONGITUDE, LATITUDE = "geometry", "longitude", "latitude"
DECIMALS = 7


def to_one_point(text: Text, target: Path) -> Text:
    """Write the rows with `longitude` and `latitude`, without `geometry`."""
    headers = list(text.headers or ())
    if GEOMETRY not in headers:
        return text
    at = headers.index(GEOMETRY)
    places = [_place(headers, name) for name in (LONGITUDE, LATITUDE)]
    kept = [n for n in range(len(headers)) if n not in (at, *places)]
    names = (*(headers[n] for n in kept), LONGITUDE, LATITUDE)
    with (
        text.path.open(encoding="utf-8", newline="") as source,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        writer = csv.writer(out)
        for row in csv.reader(source):
            cells = [*row, *[""] * (len(headers) - len(row))]
            known = [cells[n] if n is not None else "" for n in places]
            point = known if all(known) else _point(cells[at])
            writer.writerow([*(cells[n] for n in kept), *point])
    return replace(text, path=target, headers=names)


def _place(headers: Sequence[str], name: str) -> int | None:
    return headers.index(name) if name in headers else None


def _point(geometry: str) -> list[str]:
    """A point of a shape, of its own or within it; empty where there is no shape."""
    try:
        shape = shapely.from_geojson(geometry) if geometry else None
        point = shape.representative_point() if shape is not None and not shape.is_empty else None
    except ShapelyError:
        return ["", ""]
    if point is None or point.is_empty:
        return ["", ""]
    return [str(round(point.x, DECIMALS)), str(round(point.y, DECIMALS))]
