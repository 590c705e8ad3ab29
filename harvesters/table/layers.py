"""Read a layer of a GeoPackage, of a shapefile or of a GeoJSON in another projection, by GDAL.

The rows are written as CSV without titles: the attributes, then for points `longitude` and
`latitude`, then `geometry` as GeoJSON, in WGS 84. Rows come and go by batches of Arrow.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
import pyogrio.raw
import shapely
from pyarrow.csv import CSVWriter, WriteOptions
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from harvesters.model import Issue
from harvesters.table.systems import SYSTEMS

BATCH_ROWS = 20_000
DEGREE_DECIMALS = 7
WGS84 = 4326
PLACES = ("longitude", "latitude", "geometry")


@dataclass(frozen=True, slots=True)
class Layer:
    """The layer that was written, the others, its columns, and the projection it was in."""

    name: str
    others: tuple[str, ...]
    headers: tuple[str, ...]
    projection: str = ""
    issues: tuple[Issue, ...] = ()


def write_layer(source: Path, target: Path, wanted: str = "") -> Layer | Issue:
    """Write the `wanted` layer, else the first that has rows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # GDAL tells of oddities that do not matter
        try:
            return _write(source, target, wanted)
        except (DataSourceError, DataLayerError, pa.ArrowException, shapely.GEOSException):
            return Issue("TER-TAB-026", found="couche illisible")


def _write(source: Path, target: Path, wanted: str) -> Layer | Issue:
    names = [str(name) for name, _ in pyogrio.list_layers(source)]
    filled = [
        n for n in names if pyogrio.read_info(source, n, force_feature_count=True)["features"]
    ]
    if not filled:
        return Issue("TER-TAB-022")
    if wanted and wanted not in filled:
        return Issue("TER-TAB-036", found=wanted, expected=", ".join(filled))
    name = wanted or filled[0]
    opened = pyogrio.raw.open_arrow(source, layer=name, use_pyarrow=True, batch_size=BATCH_ROWS)
    with opened as (meta, reader):
        fields = [str(field) for field in meta["fields"]]
        headers = fields + [place for place in PLACES if place not in fields]
        convert, projection = _converter(meta["crs"])
        text = pa.schema([(f"c{i}", pa.string()) for i in range(len(headers))])
        with CSVWriter(target, text, write_options=WriteOptions(include_header=False)) as out:
            for batch in reader:
                rows = _rows(batch, fields, convert)
                out.write_batch(pa.record_batch([rows[h] for h in headers], schema=text))
    others = tuple(other for other in filled if other != name)
    said = () if meta["crs"] else (Issue("TER-TAB-039"),)
    return Layer(name, others, tuple(headers), projection, said)


def _rows(
    batch: pa.RecordBatch, fields: list[str], convert: Callable[[Any], Any]
) -> dict[str, pa.Array]:
    """Write a batch as text: what Arrow cannot write so (lists, bytes) is left out."""
    shapes = np.asarray(batch.column(batch.num_columns - 1).to_pylist(), dtype=object)
    geometries = convert(shapely.force_2d(shapely.from_wkb(shapes)))
    is_point = shapely.get_type_id(geometries) == shapely.GeometryType.POINT
    points = np.where(is_point, geometries, None)
    return {
        "longitude": _text(pa.array(shapely.get_x(points), from_pandas=True)),
        "latitude": _text(pa.array(shapely.get_y(points), from_pandas=True)),
        "geometry": pa.array(shapely.to_geojson(geometries), pa.string()),
    } | {field: _text(batch.column(field)) for field in fields}


def _text(column: pa.Array) -> pa.Array:
    if pa.types.is_list(column.type):
        return pa.array(
            [str(items) if items else None for items in column.to_pylist()], pa.string()
        )
    return column.cast(pa.string())


def _converter(crs: str | None) -> tuple[Callable[[Any], Any], str]:
    """Answer how geometries become degrees, and the name of the projection they were in."""
    try:
        given = CRS.from_user_input(crs) if crs else None
    except CRSError:
        given = None
    if given is None or given.equals(CRS(WGS84), ignore_axis_order=True):
        return lambda geometries: geometries, ""
    change = Transformer.from_crs(given, WGS84, always_xy=True).transform

    def convert(geometries: Any) -> Any:
        return shapely.transform(
            geometries,
            lambda x, y: tuple(np.round(axis, DEGREE_DECIMALS) for axis in change(x, y)),
            interleaved=False,
        )

    label = next((s.label for s in SYSTEMS if s.epsg == given.to_epsg()), given.name)
    return convert, "" if given.is_geographic else label
