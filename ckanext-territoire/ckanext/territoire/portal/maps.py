"""The maps of the pages: the territory, large and small, and what a dataset covers on it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckan.plugins import toolkit

from ckanext.territoire.minute import kept_a_minute
from ckanext.territoire.portal.outlines import (
    Box,
    Picture,
    draw,
    draw_around,
    draw_within,
    lines,
    rings,
    to_line_path,
    to_path,
)

LARGE, SMALL = 720, 280
ROOM, LEAST = 0.08, 0.05  # share of the extent left around places; its least width in degrees


def territory_picture(is_small: bool = False) -> Picture | None:
    """Draw the member communes, at most a minute old; `None` before the territory is set up."""
    return _picture(SMALL if is_small else LARGE)


@kept_a_minute
def _picture(width: int) -> Picture | None:
    return draw(toolkit.get_action("territoire_territory_map")({}, {}), width)


def commune_picture(insee: str) -> Picture | None:
    """Draw a commune among its neighbours."""
    return draw_around(toolkit.get_action("territoire_territory_map")({}, {}), insee, LARGE)


def point_picture(place: tuple[float, float]) -> Picture:
    """Draw a place among the communes."""
    return places_picture([place])


@dataclass(frozen=True, slots=True)
class Tracing:
    """A line or an area among the communes: the `d` of a path each, `""` for none."""

    picture: Picture
    area: str
    line: str


def tracing_picture(shape: Mapping[str, Any]) -> Tracing | None:
    """Draw a geometry among the communes; `None` when it is too small for more than a dot."""
    corners = [(at[0], at[1]) for part in (*rings(shape), *lines(shape)) for at in part]
    if not corners:
        return None
    picture = places_picture(corners)
    area, line = to_path(shape, picture.frame), to_line_path(shape, picture.frame)
    return Tracing(picture, area, line) if area or line else None


def places_picture(places: Sequence[tuple[float, float]]) -> Picture:
    """Draw the communes around places, close to them but never closer than a few streets."""
    return draw_within(
        toolkit.get_action("territoire_territory_map")({}, {}), bounds_of(places), LARGE
    )


def bounds_of(places: Sequence[tuple[float, float]]) -> Box:
    """The rectangle that shows places with some room around them."""
    longitudes, latitudes = [place[0] for place in places], [place[1] for place in places]
    west, east, south, north = min(longitudes), max(longitudes), min(latitudes), max(latitudes)
    room_x = max((east - west) * ROOM, (LEAST - (east - west)) / 2, 0)
    room_y = max((north - south) * ROOM, (LEAST - (north - south)) / 2, 0)
    return west - room_x, south - room_y, east + room_x, north + room_y


def to_dots(places: Sequence[tuple[float, float]], picture: Picture) -> str:
    """Write places as the `d` of one path of dots; those out of the picture are left out."""
    spots = {picture.frame.point(*place) for place in places}
    inside = (
        (x, y) for x, y in spots if 0 <= x <= picture.frame.width and 0 <= y <= picture.frame.height
    )
    return "".join(f"M{x} {y}h0" for x, y in sorted(inside))


def coverage_path(spatial: object, picture: Picture) -> str:
    """Trace a dataset's geometry on a picture; `""` when there is none or it has no area."""
    try:
        geometry = json.loads(str(spatial or "null"))
        return to_path(geometry, picture.frame) if isinstance(geometry, dict) else ""
    except (ValueError, KeyError, TypeError, IndexError):
        return ""


def frame_of(bbox: str, picture: Picture) -> dict[str, int] | None:
    """Place a search rectangle (`west,south,east,north`) on a picture; `None` when it is none."""
    try:
        west, south, east, north = (float(part) for part in bbox.split(","))
    except ValueError:
        return None
    x, y = picture.frame.point(west, north)
    right, bottom = picture.frame.point(east, south)
    return {"x": x, "y": y, "width": max(right - x, 1), "height": max(bottom - y, 1)}
