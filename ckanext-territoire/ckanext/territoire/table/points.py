"""The rows of a table that stand somewhere, as WGS 84 points: at most `MAX_POINTS`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ckan.plugins import toolkit
from pyproj import Transformer

from harvesters.table.geometry import TEXT
from harvesters.table.reading import Shape

MAX_POINTS = 5_000
SHOWN_COLUMNS = 8
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Points:
    """Rows with their position; `total` counts all rows of the table, placed or not."""

    places: tuple[tuple[float, float], ...]
    rows: tuple[dict[str, Any], ...]
    total: int
    is_cut: bool


@cache
def _from_lambert() -> Transformer:
    return Transformer.from_crs("EPSG:2154", "EPSG:4326", always_xy=True)


def read_points(resource_id: str, geometry: Mapping[str, Any], columns: Sequence[str]) -> Points:
    """Read positions through `datastore_search`, with the rights of the caller."""
    wanted = list(dict.fromkeys(["_id", *geometry["columns"], *columns[:SHOWN_COLUMNS]]))
    found = toolkit.get_action("datastore_search")(
        {}, {"resource_id": resource_id, "limit": MAX_POINTS, "fields": wanted}
    )
    placed = [
        (place, row) for row in found["records"] if (place := to_place(row, geometry)) is not None
    ]
    total = int(found.get("total", len(found["records"])))
    return Points(
        tuple(place for place, _ in placed),
        tuple(dict(row) for _, row in placed),
        total,
        total > len(found["records"]),
    )


def to_place(row: Row, geometry: Mapping[str, Any]) -> tuple[float, float] | None:
    """Longitude and latitude of a row; `None` when it has none that exists on earth."""
    values = [row.get(name) for name in geometry["columns"]]
    shape = Shape(geometry["shape"])
    if shape is Shape.TEXT:
        match = re.match(TEXT, str(values[0] or "").strip())
        if not match:
            return None
        second, first = float(match[1]), float(match[2])
    else:
        if values[0] is None or values[1] is None:
            return None
        first, second = float(values[0]), float(values[1])
    if shape is Shape.LAMBERT_93:
        first, second = _from_lambert().transform(first, second)
    elif geometry.get("is_swapped"):
        first, second = second, first
    is_on_earth = (
        all(map(math.isfinite, (first, second))) and abs(first) <= 180 and abs(second) <= 90
    )
    return (round(first, 6), round(second, 6)) if is_on_earth and (first or second) else None


def to_geojson(points: Points, shapes: Mapping[tuple[float, float], Any]) -> dict[str, Any]:
    """The rows as a FeatureCollection, with their first columns: points, and the `shapes` of those
    that are known by their point."""
    return {
        "type": "FeatureCollection",
        "numberMatched": points.total,
        "numberReturned": len(points.places),
        "features": [
            {
                "type": "Feature",
                "id": row["_id"],
                "geometry": shapes.get(place) or {"type": "Point", "coordinates": list(place)},
                "properties": {key: value for key, value in row.items() if key != "_id"},
            }
            for place, row in zip(points.places, points.rows, strict=True)
        ],
    }
