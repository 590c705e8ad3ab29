"""Where a dataset is: boxes and INSEE codes out of what a source says."""

from __future__ import annotations

import re
from collections.abc import Iterable

import orjson

from schemas.values import to_list

INSEE = re.compile(r"(?:\d{2}|2[AB])\d{3}")


def to_box(west: object, south: object, east: object, north: object) -> str:
    """Make the polygon of a box in degrees, `""` when it is none.

    >>> to_box(-1.7, 48, "-1.6", 48.1)[:38]
    '{"type":"Polygon","coordinates":[[[-1.'
    >>> to_box("", None, 3, 4)
    ''
    """
    try:
        w, s, e, n = (float(str(side)) for side in (west, south, east, north))
    except ValueError:
        return ""
    if not (-180 <= w < e <= 180 and -90 <= s < n <= 90):
        return ""
    ring = [[w, s], [e, s], [e, n], [w, n], [w, s]]
    return orjson.dumps({"type": "Polygon", "coordinates": [ring]}).decode()


def to_extent(points: Iterable[tuple[float, float]]) -> str:
    """The box around points (longitude, latitude), the point itself when there is one, else `""`.

    Points at 0, 0 are those nobody placed; they do not count.

    >>> to_extent([(0.0, 0.0), (-1.7, 48.1)])
    '{"type":"Point","coordinates":[-1.7,48.1]}'
    """
    placed = {point for point in points if point != (0.0, 0.0)}
    if len(placed) == 1:
        return orjson.dumps({"type": "Point", "coordinates": [*placed.pop()]}).decode()
    east, north = [p[0] for p in placed], [p[1] for p in placed]
    return to_box(min(east), min(north), max(east), max(north)) if placed else ""


def to_communes(value: object) -> tuple[str, ...]:
    """Keep the INSEE codes of a list, a JSON list as text, or words between commas.

    >>> to_communes('["35001", "Acigné"]')
    ('35001',)
    """
    return tuple(code for code in to_list(value) if INSEE.fullmatch(code))
