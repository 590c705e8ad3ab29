"""Find the columns that hold a position which the schema wants in another form.

| the file has | the schema has |
|---|---|
| longitude and latitude, or x and y | a point, a GeoJSON |
| a text « latitude, longitude » | longitude and latitude, a GeoJSON |
| x and y in a projection | longitude and latitude |

A pair of columns for one field gives two matches of that field, x first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from harvesters.table.received import How, Match
from schemas.model import Position, Schema

_X = frozenset("x longitude lon lng long easting".split())
_Y = frozenset("y latitude lat northing".split())
# « xl93 », « coordx », « xlong »: an axis glued to what it is the axis of
_GLUED = re.compile(
    r"(?:coord(?:onnees?)?|geo|pos|lamb(?:ert)?|wgs)(x|y|long?|lat)"
    r"|(x|y)(?:l(?:am)?b?(?:ert)?(?:93|2e)|lamb(?:ert)?|cc\d\d|wgs\d*|utm\w*|rgf\d*|coord\w*)"
    r"|[xy](long?|lat)"
)
_POINT = re.compile(
    r"geopoint(2d)?|point(geo|gps)?|(coordonnees|coords?)(xy|geo|gps|geographiques)?|gps|positiongps"
    r"|lat(itude)?(et)?lon(g|gitude)?|lon(g|gitude)?(et)?lat(itude)?|geolocalisation|coordinates"
)
_SHAPE = re.compile(r"geom(etry|etrie)?|thegeom|wkb?geometry|geojson|geoshape|wkt|shape")


def find_places(
    schema: Schema, found: Mapping[str, Match], left: Mapping[int, str]
) -> tuple[Match, ...]:
    """Fill the position fields from the columns `left`, when no header names one of them."""
    position = schema.position
    if position is None or any(name in found for name in fields_of(position)):
        return ()
    columns = _columns(left)
    if position.longitude and position.latitude:
        columns *= 2 if len(columns) == 1 else 1
        filled = zip((position.longitude, position.latitude), columns, strict=False)
    else:
        name = position.point or position.geojson
        filled = zip((name, name), columns, strict=False)
    return tuple(Match(name, column, left[column], How.POSITION) for name, column in filled)


def fields_of(position: Position | None) -> tuple[str, ...]:
    """The names of the fields that say where a row stands."""
    if position is None:
        return ()
    names = (position.longitude, position.latitude, position.point, position.geojson)
    return tuple(name for name in names if name)


@dataclass(frozen=True, slots=True)
class _Axis:
    """A column of one coordinate: `of` are the other words of its header."""

    column: int
    is_x: bool
    is_degrees: bool
    of: tuple[str, ...]


def _columns(left: Mapping[int, str]) -> tuple[int, ...]:
    """The pair of columns that holds positions, degrees before metres, else the single one."""
    axes = [axis for column, header in left.items() if (axis := _axis(column, header))]
    for is_degrees in (True, False):
        for x in axes:
            for y in axes:
                is_pair = x.is_x and not y.is_x and x.of == y.of
                if is_pair and x.is_degrees == y.is_degrees == is_degrees:
                    return (x.column, y.column)
    for pattern in (_POINT, _SHAPE):
        for column, header in left.items():
            if pattern.fullmatch("".join(_words(header))):
                return (column,)
    return ()


def _axis(column: int, header: str) -> _Axis | None:
    axis, rest = "", []
    for word in _words(header):
        glued = _GLUED.fullmatch(word)
        named = next(filter(None, glued.groups())) if glued else word
        if not axis and named in _X | _Y:
            axis = named
        else:
            rest.append(word)
    return _Axis(column, axis in _X, axis.startswith("l"), tuple(rest)) if axis else None


def _words(header: str) -> Iterator[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    text = unicodedata.normalize("NFKD", spaced).encode("ascii", "ignore").decode().lower()
    yield from re.findall(r"[a-z0-9]+", text)
