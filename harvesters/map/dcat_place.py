"""Where and when a dataset of a DCAT catalogue is: geometry, communes, period.

A geometry is WKT or GeoJSON, in `locn:geometry`, `dcat:bbox`, `dcat:centroid` or GeoSPARQL, or
written in `dct:spatial` itself; a commune is an address of the official code of INSEE. A period is
a node of DCAT, schema.org or W3C Time, or two dates with a slash between.
"""

from __future__ import annotations

import re
from functools import lru_cache

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import mapping

from harvesters.map.place import to_box
from harvesters.map.text import one_line
from harvesters.model import Issue
from harvesters.rdf.values import Tree, address_of, french, nodes, text_of, values
from schemas.geometry import to_geometry

GEOMETRIES = (
    "locn:geometry", "gsp:asGeoJSON", "gsp:asWKT", "dcat:bbox", "dcat:centroid",
)  # fmt: skip
COMMUNE = re.compile(r"(?:id\.insee\.fr/geo/commune/|\bfr:commune:)((?:\d{2}|2[AB])\d{3})\b")
WKT = re.compile(
    r"\s*(?:<[^<>]*>\s*)?((?:MULTI)?(?:POINT|LINESTRING|POLYGON)\s*Z?\s*\(.*)", re.I | re.S
)
SIDES = re.compile(r"\s*(-?[\d.]+)\s*,\s*(-?[\d.]+)\s*,\s*(-?[\d.]+)\s*,\s*(-?[\d.]+)\s*")
PERIODS = (
    ("dcat:startDate", "dcat:endDate"),
    ("time:hasBeginning", "time:hasEnd"),
    ("schema:startDate", "schema:endDate"),
)
INSTANTS = ("time:inXSDDateTimeStamp", "time:inXSDDateTime", "time:inXSDDate")
NO_NUMBER = re.compile(r"\b(?:nan|inf|infinity)\b", re.I)
MAX_GEOMETRY = 200_000


def place_of(tree: Tree, title: str) -> tuple[str, tuple[Issue, ...]]:
    """Answer the first geometry that can be drawn; say one that none could be."""
    told = [v for name in GEOMETRIES for node in nodes(tree, "dct:spatial")
            for v in values(node, name)]  # fmt: skip
    told += [v for v in values(tree, "dct:spatial") if "(" in text_of(v) or SIDES.match(text_of(v))]
    written = [text for value in told if (text := text_of(value))]
    found = next((shape for text in written if (shape := to_shape(text))), "")
    if written and not found:
        return "", (Issue("TER-MAP-020", title, one_line(written[0], 80)),)
    return found, ()


@lru_cache(maxsize=2_000)
def to_shape(text: str) -> str:
    """Write WKT, GeoJSON or « west,south,east,north » as a GeoJSON geometry, `""` when it is none.

    >>> to_shape("Point(-1.7 48.1)")
    '{"type":"Point","coordinates":[-1.7,48.1]}'
    >>> to_shape("-1.7,48,-1.6,48.1")[:17]
    '{"type":"Polygon"'
    >>> to_shape("wrong wkt")
    ''
    """
    if len(text) > MAX_GEOMETRY or NO_NUMBER.search(text):
        return ""
    sides, wkt = SIDES.fullmatch(text), WKT.fullmatch(text)
    if sides:
        return to_box(*sides.groups())
    if not wkt:
        return to_geometry(text) or ""
    try:
        return to_geometry(mapping(shapely.from_wkt(wkt[1]))) or ""
    except (ShapelyError, ValueError):
        return ""


def communes_of(tree: Tree) -> tuple[str, ...]:
    """The communes that `dct:spatial` names by their official address."""
    told = (address_of(v) or text_of(v) for v in values(tree, "dct:spatial"))
    return tuple(dict.fromkeys(found[1] for text in told if (found := COMMUNE.search(text))))


def period_of(tree: Tree) -> tuple[str, str]:
    """The first day and the last day that are described, as written."""
    for start, end in PERIODS:
        for node in nodes(tree, "dct:temporal"):
            first, last = _instant(node, start), _instant(node, end)
            if first or last:
                return first, last
    for value in values(tree, "dct:temporal"):
        first, slash, last = text_of(value).partition("/")
        if slash:
            return first, last
    return "", ""


def _instant(node: Tree, name: str) -> str:
    inside = nodes(node, name)
    found = (french(inside[0], instant) for instant in INSTANTS) if inside else ()
    return next((text for text in found if text), "") or ("" if inside else french(node, name))
