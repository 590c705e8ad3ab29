"""The maps of the pages: the territory, large and small, and what a dataset covers on it."""

from __future__ import annotations

import json

from ckan.plugins import toolkit

from ckanext.territoire.minute import kept_a_minute
from ckanext.territoire.portal.outlines import Picture, draw, draw_around, to_path

LARGE, SMALL = 720, 280


def territory_picture(is_small: bool = False) -> Picture | None:
    """Draw the member communes, at most a minute old; `None` before the territory is set up."""
    return _picture(SMALL if is_small else LARGE)


@kept_a_minute
def _picture(width: int) -> Picture | None:
    return draw(toolkit.get_action("territoire_territory_map")({}, {}), width)


def commune_picture(insee: str) -> Picture | None:
    """Draw a commune among its neighbours."""
    return draw_around(toolkit.get_action("territoire_territory_map")({}, {}), insee, LARGE)


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
