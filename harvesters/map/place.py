"""Where a dataset is: boxes and INSEE codes out of what a source says."""

from __future__ import annotations

import re

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


def to_communes(value: object) -> tuple[str, ...]:
    """Keep the INSEE codes of a list, a JSON list as text, or words between commas.

    >>> to_communes('["35001", "Acigné"]')
    ('35001',)
    """
    return tuple(code for code in to_list(value) if INSEE.fullmatch(code))
