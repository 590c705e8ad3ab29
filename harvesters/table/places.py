"""Find the columns that hold a position which the schema wants in another form.

| the file has | the schema has |
|---|---|
| longitude and latitude, or x and y | a point, a GeoJSON |
| a text « latitude, longitude » | longitude and latitude, a GeoJSON |
| x and y in Lambert | longitude and latitude |

A pair of columns for one field gives two matches of that field, x first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from harvesters.table.received import How, Match
from schemas.model import Position, Schema

_X = re.compile(
    r"(longitude|lon|lng|long|xlong|xlon|geolon|longx|coordlon|x|coordx|xcoord|coordonneex|xcoordonnee|"
    r"(x|e|est|easting)?(wgs84?|l93|lambert93|lambert|lamb93|lamb|cc\d\d|utm3[01]n?|\d{4,5})?(x)?)"
)
_Y = re.compile(
    r"(latitude|lat|ylat|geolat|laty|coordlat|y|coordy|ycoord|coordonneey|ycoordonnee|"
    r"(y|n|nord|northing)?(wgs84?|l93|lambert93|lambert|lamb93|lamb|cc\d\d|utm3[01]n?|\d{4,5})?(y)?)"
)
_POINT = re.compile(
    r"(geopoint2?d?|point(geo)?|coordonnees(xy|geo|gps|geographiques)?|coords?|gps|latlon[g]?|"
    r"lonlat|position(gps|geo)?|geolocalisation|localisation|latitudelongitude|coordinates|geo)"
)
_SHAPE = re.compile(r"(geom(etry|etrie)?|thegeom|geojson|geoshape|wkt|shape)")


def find_places(
    schema: Schema, found: Mapping[str, Match], left: Mapping[int, str]
) -> tuple[Match, ...]:
    """Fill the position fields that no header named, from the columns `left`."""
    position = schema.position
    wanted = [name for name in fields_of(position) if name not in found]
    if position is None or not wanted or len(wanted) < len(fields_of(position)):
        return ()
    columns = _columns(left)
    return tuple(
        Match(field, column, left[column], How.POSITION)
        for field, column in _assigned(position, columns)
    )


def fields_of(position: Position | None) -> tuple[str, ...]:
    """The names of the fields that say where a row stands."""
    if position is None:
        return ()
    names = (position.longitude, position.latitude, position.point, position.geojson)
    return tuple(name for name in names if name)


def _assigned(position: Position, columns: tuple[int, ...]) -> list[tuple[str, int]]:
    if position.longitude and position.latitude:
        both = columns if len(columns) == 2 else columns * 2
        return list(zip((position.longitude, position.latitude), both, strict=False))
    name = position.point or position.geojson
    return [(name, column) for column in columns]


def _columns(left: Mapping[int, str]) -> tuple[int, ...]:
    """The pair of columns, or the single one, that holds positions; degrees before metres."""
    plain = {column: _plain(header) for column, header in left.items()}
    for is_degrees in (True, False):
        x = [c for c, name in plain.items() if name and _X.fullmatch(name) and _is_x(name)]
        y = [c for c, name in plain.items() if name and _Y.fullmatch(name) and _is_y(name)]
        x = [c for c in x if ("lo" in plain[c]) is is_degrees]
        y = [c for c in y if ("lat" in plain[c]) is is_degrees]
        if x and y:
            return (x[0], y[0])
    for pattern in (_POINT, _SHAPE):
        for column, name in plain.items():
            if pattern.fullmatch(name):
                return (column,)
    return ()


def _is_x(name: str) -> bool:
    return "lo" in name or "x" in name or name.startswith("e")


def _is_y(name: str) -> bool:
    return "lat" in name or "y" in name or name.startswith("n")


def _plain(header: str) -> str:
    text = unicodedata.normalize("NFKD", header).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]", "", text)
