"""Find in which outline points stand, many at once; near an outline is inside of it.

Outlines are WKB in degrees (WGS 84), as are the points. `Numbers` are numpy arrays of one length.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import shapely

TOLERANCE_M = 200
METRES_OF_DEGREE = 111_320  # of latitude
NOWHERE = -1
Numbers = Any


def find_outlines(outlines: Sequence[bytes], own: Numbers, x: Numbers, y: Numbers) -> Numbers:
    """Find the number of the outline around each point, `NOWHERE` without one.

    `own` is the number of the outline where the point should be, and is looked at first.
    """
    here = np.full(len(x), NOWHERE)
    for number in set(own.tolist()) & set(range(len(outlines))):
        wanted = np.flatnonzero(own == number)
        here[wanted[_is_near(outlines[number], x[wanted], y[wanted])]] = number
    for number, outline in enumerate(outlines):
        left = np.flatnonzero(here == NOWHERE)
        here[left[_is_near(outline, x[left], y[left])]] = number
    return here


def _is_near(outline: bytes, x: Numbers, y: Numbers) -> Numbers:
    """Say which points are inside of an outline or near to it; only few need the dear test."""
    west, south, east, north = _box(outline)
    is_near = (x >= west) & (x <= east) & (y >= south) & (y <= north)
    x, y = x[is_near], y[is_near]
    is_inside = shapely.contains_xy(_shape(outline), x, y)
    if not is_inside.all():
        rest = ~is_inside
        is_inside[rest] = shapely.contains_xy(_widened(outline), x[rest], y[rest])
    is_near[is_near] = is_inside
    return is_near


@lru_cache(maxsize=4096)
def _shape(outline: bytes) -> Any:
    shape = shapely.make_valid(shapely.from_wkb(outline))
    shapely.prepare(shape)
    return shape


@lru_cache(maxsize=4096)
def _box(outline: bytes) -> tuple[float, float, float, float]:
    """The box around an outline and what is near to it."""
    west, south, east, north = _shape(outline).bounds
    high = TOLERANCE_M / METRES_OF_DEGREE
    wide = high / float(np.cos(np.radians((south + north) / 2)))
    return west - wide, south - high, east + wide, north + high


@lru_cache(maxsize=4096)
def _widened(outline: bytes) -> Any:
    """An outline with what is near to it, widened where degrees are as long in both directions."""
    shape = _shape(outline)
    squeeze = np.array([np.cos(np.radians(shape.centroid.y)), 1.0])
    square = shapely.transform(shape, lambda points: points * squeeze)
    wide = shapely.buffer(square, TOLERANCE_M / METRES_OF_DEGREE, quad_segs=4)
    wide = shapely.transform(wide, lambda points: points / squeeze)
    shapely.prepare(wide)
    return wide
