"""The lines and areas of a small GeoJSON, shapefile or GeoPackage, read from the kept copy of it.

The table of such a file has one point a row (`harvesters/table/one_point.py`): a shape is found
again by that point. Nothing but the geometry is read: what is said of a row comes from its table.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import shapely

from ckanext.territoire import files
from ckanext.territoire.table.record import Record
from harvesters.model import Issue

GEOJSON, LAYERS = "geojson", ("shp", "gpkg")
MAX_BYTES = 2_000_000
MAX_UNPACKED = 10_000_000
DECIMALS = 6  # those of the points (`points.to_place`)
Place = tuple[float, float]
Shapes = Mapping[Place, dict[str, Any]]


def read_kept_shapes(found: Record) -> Shapes:
    """Read the geometries by the point of their row; none when the file is large or another."""
    format_ = found.reading.get("format")
    if format_ not in (GEOJSON, *LAYERS) or not files.is_hash(found.sha256):
        return {}
    path = files.path_of(found.sha256)
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        return {}
    return to_shapes(path.read_bytes()) if format_ == GEOJSON else _layer_shapes(path)


@lru_cache(maxsize=8)  # the name of a kept file is its hash: what it holds does not change
def _layer_shapes(path: Path) -> Shapes:
    """Read the geometries of a layer as its rows were read, while all of it is small."""
    # most processes show no layer: they need not load what reads one
    from harvesters.table.kind import kind_of
    from harvesters.table.one_point import GEOMETRY
    from harvesters.table.received import Choice
    from harvesters.table.text import to_text

    if zipfile.is_zipfile(path) and _unpacked_bytes(path) > MAX_UNPACKED:
        return {}
    with TemporaryDirectory(dir=files.draft_folder()) as name:
        kind = kind_of(path)
        text = kind if isinstance(kind, Issue) else to_text(path, kind, Path(name), Choice())
        if isinstance(text, Issue) or GEOMETRY not in (text.headers or ()):
            return {}
        if text.path.stat().st_size > MAX_UNPACKED:
            return {}
        at = (text.headers or ()).index(GEOMETRY)
        with text.path.open(encoding="utf-8", newline="") as rows:
            return _by_place(orjson.loads(row[at]) for row in csv.reader(rows) if row[at])


def _unpacked_bytes(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        return sum(each.file_size for each in archive.infolist())


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
    listed = features if isinstance(features, list) else ()
    return _by_place(each.get("geometry") for each in listed if isinstance(each, dict))


def _by_place(geometries: Iterable[Any]) -> Shapes:
    found: dict[Place, dict[str, Any]] = {}
    for geometry in geometries:
        shape = shapely.from_geojson(orjson.dumps(geometry), on_invalid="ignore")
        if shape is None or shape.is_empty or shapely.get_dimensions(shape) < 1:
            continue
        point = shape.representative_point()
        place = (round(round(point.x, 7), DECIMALS), round(round(point.y, 7), DECIMALS))
        found[place] = geometry
    return found
