"""The lines and areas of a small GeoJSON file, read from the copy that is kept of it.

The table of such a file has one point a row (`harvesters/table/one_point.py`): a shape is found
again by that point. Nothing but the geometry is read: what is said of a row comes from its table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import shapely

from ckanext.territoire import files
from ckanext.territoire.table.record import Record

MAX_BYTES = 2_000_000
DECIMALS = 6  # those of the points (`points.to_place`)
Place = tuple[float, float]
Shapes = Mapping[Place, dict[str, Any]]


def read_kept_shapes(found: Record) -> Shapes:
    """Read the geometries by the point of their row; none when the file is large or another."""
    if found.reading.get("format") != "geojson" or not files.is_hash(found.sha256):
        return {}
    path = files.path_of(found.sha256)
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        return {}
    return to_shapes(path.read_bytes())


def to_shapes(content: bytes) -> Shapes:
    """Find the lines and areas of a FeatureCollection by a point of each.

    >>> line = b'{"type":"LineString","coordinates":[[0,0],[1,1],[2,2]]}'
    >>> to_shapes(b'{"features":[{"geometry":%b},{"geometry":null},7]}' % line).keys()
    dict_keys([(1.0, 1.0)])
    """
    try:
        told = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    features = told.get("features") if isinstance(told, dict) else None
    found: dict[Place, dict[str, Any]] = {}
    for each in features if isinstance(features, list) else ():
        geometry = each.get("geometry") if isinstance(each, dict) else None
        shape = shapely.from_geojson(orjson.dumps(geometry), on_invalid="ignore")
        if shape is None or shape.is_empty or shapely.get_dimensions(shape) < 1:
            continue
        point = shape.representative_point()
        place = (round(round(point.x, 7), DECIMALS), round(round(point.y, 7), DECIMALS))
        found[place] = geometry
    return found
