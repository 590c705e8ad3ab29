"""Where rows are asked: a box, around a point, in communes."""

from __future__ import annotations

import math
import re

from ckanext.territoire.api.asked import DEFAULT_RADIUS_M, MAX_RADIUS_M, Box, Near
from ckanext.territoire.api.given import Given, near
from ckanext.territoire.territory.names import spelling

_DEGREES = re.compile(r"[+-]?\d{1,3}(\.\d{1,20})?", re.ASCII)
_METRES = re.compile(r"\d{1,6}(\.\d{1,6})?", re.ASCII)
_INSEE = re.compile(r"\d[\dAB]\d{3}", re.ASCII)
BOX = "ouest,sud,est,nord en degrés, la longitude d’abord : -1.75,48.05,-1.6,48.15"
POINT = "longitude,latitude en degrés, la longitude d’abord : -1.6778,48.1173"


def read_box(given: Given) -> Box | None:
    """Read `bbox`."""
    text = given.one("bbox")
    if not text or not _is_placed(given, "bbox"):
        return None
    found = _degrees(text, 4)
    if found is None or not all(map(_is_point, found[::2], found[1::2])):
        given.blame("TER-API-164", "bbox", text, (BOX,))
        return None
    box = Box(*found)
    if box.west > box.east or box.south > box.north:
        given.blame("TER-API-164", "bbox", text, (BOX,))
        return None
    return box


def read_near(given: Given) -> Near | None:
    """Read `near` and `radius`."""
    text, radius = given.one("near"), given.one("radius")
    if not text:
        if radius:
            given.blame("TER-API-165", "radius", radius, (f"near={POINT}",))
        return None
    if not _is_placed(given, "near"):
        return None
    found = _degrees(text, 2)
    if found is None or not _is_point(*found):
        given.blame("TER-API-165", "near", text, (POINT,))
        return None
    metres = _radius(given, radius)
    return None if metres is None else Near(found[0], found[1], metres)


def read_communes(given: Given) -> tuple[str, ...]:
    """Read `commune`: INSEE codes, SIREN or names of members, cut at commas."""
    found: list[str] = []
    for text in given.many("commune"):
        insee = given.known.communes.get(spelling(text))
        if insee is None and _INSEE.fullmatch(text):
            insee = text
        if insee is None:
            given.blame("TER-API-168", "commune", text, near(text, given.known.names))
        else:
            found.append(insee)
    return tuple(dict.fromkeys(found))


def _is_placed(given: Given, name: str) -> bool:
    if not given.known.is_placed:
        given.blame("TER-API-169", name, given.known.slug)
    return given.known.is_placed


def _degrees(text: str, count: int) -> tuple[float, ...] | None:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != count or not all(_DEGREES.fullmatch(part) for part in parts):
        return None
    return tuple(float(part) for part in parts)


def _is_point(longitude: float, latitude: float) -> bool:
    """Whether it is on Earth, and not a place of metropolitan France the wrong way round: that is
    in the sea off Somalia, and would answer nothing without a word."""
    is_turned = 41 < longitude < 51.5 and -5.5 < latitude < 10
    return abs(longitude) <= 180 and abs(latitude) <= 90 and not is_turned


def _radius(given: Given, text: str) -> float | None:
    if not text:
        return DEFAULT_RADIUS_M
    metres = float(text) if _METRES.fullmatch(text) else math.nan
    if not 0 < metres <= MAX_RADIUS_M:
        told = f"un nombre de mètres de 1 à {MAX_RADIUS_M:.0f}"
        given.blame("TER-API-162", "radius", text, (told,))
        return None
    return metres
