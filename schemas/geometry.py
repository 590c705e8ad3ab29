"""Geometries of datasets: GeoJSON (RFC 7946), longitude and latitude in WGS 84."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape

WORLD = shapely.box(-180, -90, 180, 90)


def to_geometry(value: object) -> str | None:
    """Write a GeoJSON geometry as compact text, mended when its rings cross; None when it is none.

    >>> to_geometry('{"type": "Point", "coordinates": [-1.6, 48.1]}')
    '{"type":"Point","coordinates":[-1.6,48.1]}'
    >>> to_geometry('{"type": "Point", "coordinates": [352000, 6789000]}') is None
    True
    """
    try:
        found = json.loads(value) if isinstance(value, str) else value
        given: Mapping[str, Any] = found if isinstance(found, Mapping) else {"type": "Point"}
        geometry = shape(given)
        told = given if geometry.is_valid else mapping(shapely.make_valid(geometry))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ShapelyError):
        return None
    if geometry.is_empty or not WORLD.covers(shapely.box(*geometry.bounds)):
        return None
    kept = {key: told[key] for key in ("type", "coordinates", "geometries") if key in told}
    return json.dumps(kept, separators=(",", ":"))
