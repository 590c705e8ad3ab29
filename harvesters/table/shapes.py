"""Write geometries as GeoJSON in degrees: texts of WKT, or GeoJSON whose numbers are metres.

`received` in, `placed(line, shape)` out, a batch of rows at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import shapely

from harvesters.table.received import Rewriting
from harvesters.table.systems import System, find_system, to_degrees

SAMPLE = 200
BATCH_ROWS = 20_000
DECIMALS = 7
_WKT = r"(?i)^\s*(SRID=\d+;)?\s*(MULTI)?(POINT|LINESTRING|POLYGON|GEOMETRYCOLLECTION)\s*Z?\s*\("
_NO_SRID = r"(?i)^\s*SRID=\d+;"


@dataclass(frozen=True, slots=True)
class Shapes:
    """How many geometries were written in another way, and the first of them."""

    how: Rewriting
    count: int
    before: str
    after: str


def place_shapes(
    base: duckdb.DuckDBPyConnection, column: str, headers: Sequence[str]
) -> Shapes | None:
    """Convert the geometries of a column; `None` when they are no WKT and are in degrees."""
    texts = (
        f"SELECT line, regexp_replace({column}, '{_NO_SRID}', '') AS shape FROM received "
        f"WHERE regexp_matches({column}, '{_WKT}') OR starts_with(ltrim({column}), '{{')"
    )
    sample = base.execute(f"{texts} LIMIT {SAMPLE}").fetchall()
    is_wkt = any(not text.lstrip().startswith("{") for _, text in sample)
    corners = [shapely.get_coordinates(each)[:1] for each in _read([text for _, text in sample])]
    pairs = [(float(x), float(y)) for corner in corners for x, y in corner]
    far = [(x, y) for x, y in pairs if abs(x) > 180 and abs(y) > 90]
    system = find_system(headers, far) if far else None
    if not is_wkt and system is None:
        return None
    base.execute("CREATE OR REPLACE TABLE placed (line BIGINT, shape VARCHAR)")
    reader = base.cursor().sql(texts).to_arrow_reader(BATCH_ROWS)
    assert reader is not None
    for batch in reader:
        written = _write(_read(batch.column(1).to_pylist()), system)
        base.register("shapes", pa.table({"line": batch.column(0), "shape": written}))
        base.execute("INSERT INTO placed SELECT * FROM shapes WHERE shape IS NOT NULL")
        base.unregister("shapes")
    return _told(base, column, system)


def _read(texts: Sequence[str]) -> Any:
    """Read texts of either kind; what is none becomes `None`."""
    is_json = [text.lstrip().startswith("{") for text in texts]
    wkt = [None if json else text for text, json in zip(texts, is_json, strict=True)]
    geojson = [text if json else None for text, json in zip(texts, is_json, strict=True)]
    return np.where(
        is_json,
        shapely.from_geojson(geojson, on_invalid="ignore"),
        shapely.from_wkt(wkt, on_invalid="ignore"),
    )


def _write(geometries: Any, system: System | None) -> pa.Array:
    """Write geometries as GeoJSON, put into degrees."""
    flat = shapely.force_2d(geometries)
    if system:
        flat = shapely.transform(
            flat,
            lambda x, y: tuple(axis.round(DECIMALS) for axis in to_degrees(system, x, y)),
            interleaved=False,
        )
    return pa.array(shapely.to_geojson(flat), pa.string())


def _told(base: duckdb.DuckDBPyConnection, column: str, system: System | None) -> Shapes:
    found = base.execute(
        f"SELECT count(*), coalesce(arg_min({column}, line), ''), "
        f"coalesce(arg_min(placed.shape, line), '') FROM received JOIN placed USING (line)"
    ).fetchone()
    assert found is not None
    count, before, after = found
    label = f" ({system.label})" if system else ""
    how = Rewriting.PROJECTION if system else Rewriting.SPLIT_POSITION
    return Shapes(how, count, before[:80] + label, after[:80])
