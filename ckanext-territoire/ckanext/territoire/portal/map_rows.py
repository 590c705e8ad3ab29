"""The rows of a table that a map shows: their points, and the lines and areas that some have.

A merged table keeps its tracings in the DataStore, those of a GeoJSON file are read from its copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckan.plugins import toolkit

from ckanext.territoire.api.gone_columns import gone_of_resource
from ckanext.territoire.delivery.database import read
from ckanext.territoire.services.public_tables import PublicTable, public_tables
from ckanext.territoire.table.kept_shapes import read_kept_shapes
from ckanext.territoire.table.points import Points, read_points
from ckanext.territoire.table.record import Record

MOST_SHAPES = 2_000
# from the widest to the narrowest, so that those which are left out are the least seen
TRACINGS = """
    SELECT _id, ST_X(p) AS x, ST_Y(p) AS y,
           CASE WHEN ST_Dimension(shape) > 0 THEN ST_AsGeoJSON(shape, 6)::json END AS shape, placed
      FROM (SELECT _id, coalesce(_far, _geom) AS shape, count(*) OVER () AS placed,
                   ST_PointOnSurface(coalesce(_far, _geom)) AS p
              FROM {table} WHERE territoire_doublon IS NULL AND _geom IS NOT NULL
             ORDER BY _wide NULLS LAST, _id LIMIT {most}) t
"""
PLACES = """
    SELECT _id, _key, ST_X(p) AS x, ST_Y(p) AS y
      FROM (SELECT _id, _key, ST_PointOnSurface(_geom) AS p FROM {table} WHERE _id = ANY(%s)) t
"""
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Placed:
    """Places of rows and the geometries of those that are no point; `total` rows, placed or not,
    `is_cut` when some are left out."""

    places: tuple[Place, ...]
    shapes: tuple[Mapping[str, Any], ...]
    total: int
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a row of the list is, and the key under which a map knows it."""

    key: str
    place: Place | None


def merged_of(resource: Mapping[str, Any]) -> PublicTable | None:
    """The merged table that a resource is, when everybody may read it."""
    if resource.get("url_type") != "territoire":
        return None
    tables = public_tables().values()
    return next((each for each in tables if each.resource_id == resource["id"]), None)


def has_tracings(merged: PublicTable | None) -> bool:
    """Say whether the rows of a table may be lines or areas."""
    position = merged.schema.position if merged else None
    return bool(position and position.geojson)


def to_placed(found: Record, points: Points) -> Placed:
    """What a drawing shows of points; those of a GeoJSON file may be lines and areas."""
    shapes = read_kept_shapes(found)
    alone = tuple(place for place in points.places if place not in shapes)
    wide = tuple(shapes[place] for place in dict.fromkeys(points.places) if place in shapes)
    return Placed(alone, wide, points.total, points.is_cut)


def points_of(found: Record) -> Points | None:
    """Read the points of a table; `None` when it has no positions, or is not to be read."""
    geometry = found.reading.get("geometry")
    if not geometry or found.loaded_at is None:
        return None
    gone = gone_of_resource(found.resource_id)
    columns = [each["name"] for each in found.reading["columns"] if each["name"] not in gone]
    try:
        return read_points(found.resource_id, geometry, columns)
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized, toolkit.ValidationError):
        return None


def read_spots(merged: PublicTable, numbers: Sequence[int]) -> dict[int, Spot]:
    """Find where the rows of these numbers are in a merged table."""
    rows = read(PLACES.format(table=merged.table), (list(numbers),))
    return {
        row["_id"]: Spot(row["_key"], None if row["x"] is None else (row["x"], row["y"]))
        for row in rows
    }


def to_spots(points: Points, numbers: Sequence[int]) -> dict[int, Spot]:
    """Find where the rows of these numbers are among points."""
    pairs = zip(points.rows, points.places, strict=True)
    known = {row["_id"]: place for row, place in pairs}
    return {number: Spot(str(number), known.get(number)) for number in numbers}


def read_tracings(merged: PublicTable) -> Placed:
    """Read what a drawing shows of a merged table of lines or areas."""
    rows = read(TRACINGS.format(table=merged.table, most=MOST_SHAPES))
    total = int(rows[0]["placed"]) if rows else 0
    return Placed(
        tuple((row["x"], row["y"]) for row in rows if row["shape"] is None),
        tuple(row["shape"] for row in rows if row["shape"] is not None),
        total,
        total > len(rows),
    )
