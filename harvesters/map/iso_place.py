"""Where and when the data of a geographic record are: boxes, INSEE codes, a period."""

from __future__ import annotations

import re

import orjson

from harvesters.map.iso import each_at, text_at, texts_at
from harvesters.map.place import INSEE, to_box, to_extent
from harvesters.map.text import clean_date
from harvesters.map.xml import Element
from harvesters.model import Issue

MAX_BOXES = 50
SIDES = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")
# GeoNetwork's list of communes writes a name, a star and the INSEE code
STARRED = re.compile(r"\*([0-9][0-9AB][0-9]{3})\b")
BEGIN = ("beginPosition", "begin/TimeInstant/timePosition")
END = ("endPosition", "end/TimeInstant/timePosition")
PERIODS = "extent/EX_Extent/temporalElement//TimePeriod"
INSTANTS = "extent/EX_Extent/temporalElement/EX_TemporalExtent/extent/TimeInstant/timePosition"


def extent_of(about: Element | None, title: str) -> tuple[str, tuple[Issue, ...]]:
    """The box of the data, several as one shape; sides written the wrong way round are mended.

    A box that would span more than half of the world from west to east is one whose sides were
    exchanged: no commune lies across the antimeridian.
    """
    boxes, issues = [], []
    for found in list(each_at(about, "extent/EX_Extent//EX_GeographicBoundingBox"))[:MAX_BOXES]:
        told = [text_at(found, side) for side in SIDES]
        mended = _in_order(told)
        box = _box(mended)
        if box:
            boxes.append(box)
        if box and mended != told:
            issues.append(Issue("TER-MAP-030", title, " ".join(told)[:200]))
        elif not box and any(told):
            issues.append(Issue("TER-MAP-032", title, " ".join(told)[:200]))
    shapes = list(dict.fromkeys(boxes))
    if len(shapes) < 2:
        return "".join(shapes), tuple(dict.fromkeys(issues))
    rings = [s["coordinates"] for s in map(orjson.loads, shapes) if s["type"] == "Polygon"]
    shape = orjson.dumps({"type": "MultiPolygon", "coordinates": rings}).decode()
    return shape if rings else shapes[0], tuple(dict.fromkeys(issues))


def _in_order(sides: list[str]) -> list[str]:
    west, south, east, north = sides
    try:
        is_turned = 0 < float(west) - float(east) < 180
        is_upside_down = float(south) > float(north)
    except ValueError:
        return sides
    if is_turned:
        west, east = east, west
    return [west, north, east, south] if is_upside_down else [west, south, east, north]


def _box(sides: list[str]) -> str:
    """A box, or the point that it is."""
    west, south, east, north = sides
    if west and west == east and south == north:
        try:
            return to_extent([(float(west), float(south))])
        except ValueError:
            return ""
    return to_box(west, south, east, north)


def communes_of(about: Element | None) -> tuple[str, ...]:
    """The INSEE codes that the record gives: as identifiers of places, or after a star."""
    codes = texts_at(about, "extent/EX_Extent//EX_GeographicDescription//code")
    words = [*codes, *texts_at(about, "extent/EX_Extent/description")]
    words += texts_at(about, "descriptiveKeywords/MD_Keywords/keyword")
    starred = [found[1] for word in words if (found := STARRED.search(word))]
    return tuple(dict.fromkeys([c for c in codes if INSEE.fullmatch(c)] + starred))


def period_of(about: Element | None, title: str) -> tuple[str, str, tuple[Issue, ...]]:
    """The first and the last day of the data; an end that is now or unknown is left empty."""
    starts, ends = [], []
    issues: tuple[Issue, ...] = ()
    told = [(text_at(p, *BEGIN), text_at(p, *END)) for p in each_at(about, PERIODS)]
    told += [(instant, instant) for instant in texts_at(about, INSTANTS)]
    for begin, end in told:
        first, bad = clean_date(begin, title)
        last, bad_end = clean_date(end, title)
        issues += bad + bad_end
        starts.append(first)
        ends.append(last)
    start = min((day for day in starts if day), default="")
    return start, max(ends, default="") if all(ends) else "", issues
