"""What a request for features asks, once read: `bbox`, `datetime`, `filter`, `properties`, columns.

A parameter that is not known is refused: a slip must not give all rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ciso8601 import parse_rfc3339
from cql2 import Expr

from ckanext.territoire.ogc.cql_filter import read_filter
from ckanext.territoire.ogc.refusal import refused

DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET = 100, 10_000, 5_000_000
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
KNOWN = (
    "f", "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-crs", "filter-lang", "limit",
    "offset", "properties", "sortby",
)  # fmt: skip
FORMATS = ("json", "geojson")
BOX = "ouest,sud,est,nord en degrés : -1.75,48.05,-1.6,48.15"
MOMENT = ("2026-01-31T00:00:00Z", "2026-01-01T00:00:00Z/..")
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A page of features. `bbox` in degrees, `datetime` one moment or two ends (`..` is open),
    `equal` columns that must have a value, `properties` the columns shown (`None`: all)."""

    limit: int = DEFAULT_LIMIT
    offset: int = 0
    bbox: tuple[float, ...] | None = None
    datetime: tuple[str, ...] | None = None
    filter: Expr | None = None
    equal: tuple[tuple[str, str], ...] = ()
    properties: tuple[str, ...] | None = None
    sortby: str = ""


def read_asked(pairs: Pairs, names: frozenset[str], shape: str) -> Asked:
    """Read the parameters of a request on a table of these columns, whose geometry is `shape`."""
    told = _once(pairs, names)
    for name in ("crs", "bbox-crs", "filter-crs"):
        if told.get(name, CRS84) != CRS84:
            raise refused("TER-API-162", name, told[name], (CRS84,))
    read_format(told.get("f", "json"))
    equal = tuple((name, value) for name, value in told.items() if name in names)
    for name, value in told.items():
        if "\x00" in value:
            raise refused("TER-API-162", name, value, ("un texte",))
    return Asked(
        _number(told, "limit", 1, MAX_LIMIT) or DEFAULT_LIMIT,
        _number(told, "offset", 0, MAX_OFFSET) or 0,
        _box(told.get("bbox", "")),
        _moments(told.get("datetime", "")),
        read_filter(told.get("filter", ""), told.get("filter-lang", "cql2-text"), names | {shape}),
        equal,
        _columns(told.get("properties"), names),
        _sort(told.get("sortby", ""), names),
    )


def read_format(text: str) -> None:
    """Refuse another format than GeoJSON."""
    if text not in FORMATS:
        raise refused("TER-API-151", "f", text, FORMATS)


def _once(pairs: Pairs, names: frozenset[str]) -> dict[str, str]:
    told: dict[str, str] = {}
    for name, value in pairs:
        if name not in KNOWN and name not in names:
            raise refused("TER-API-160", name, name, (*KNOWN, *sorted(names)))
        if name in told:
            raise refused("TER-API-162", name, value, ("une seule valeur",))
        told[name] = value
    return told


def _number(told: dict[str, str], name: str, least: int, most: int) -> int | None:
    text = told.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
        raise refused("TER-API-162", name, text, (f"un nombre de {least} à {most}",))
    if name == "limit":  # the standard: a limit too high is the highest
        return min(int(text), most)
    if int(text) > most:
        raise refused("TER-API-162", name, text, (f"un nombre de {least} à {most}",))
    return int(text)


def _box(text: str) -> tuple[float, ...] | None:
    if not text:
        return None
    try:
        edges = tuple(float(part) for part in text.split(","))
    except ValueError as cause:
        raise refused("TER-API-164", "bbox", text, (BOX,)) from cause
    if len(edges) == 6:  # with heights, which our places do not have
        edges = (edges[0], edges[1], edges[3], edges[4])
    is_whole = len(edges) == 4 and all(math.isfinite(edge) for edge in edges)
    if not is_whole or not (
        -180 <= edges[0] <= edges[2] <= 180 and -90 <= edges[1] <= edges[3] <= 90
    ):
        raise refused("TER-API-164", "bbox", text, (BOX,))
    return edges


def _moments(text: str) -> tuple[str, ...] | None:
    if not text:
        return None
    ends = tuple(text.split("/"))
    try:
        read = [parse_rfc3339(end) for end in ends if end not in ("", "..")]
    except ValueError as cause:
        raise refused("TER-API-162", "datetime", text, MOMENT) from cause
    if not read or len(ends) > 2 or read != sorted(read) or (len(ends) == 1 and not read):
        raise refused("TER-API-162", "datetime", text, MOMENT)
    return ends


def _columns(text: str | None, names: frozenset[str]) -> tuple[str, ...] | None:
    if text is None:
        return None
    asked = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in asked:
        if name not in names:
            raise refused("TER-API-160", "properties", name, tuple(sorted(names)))
    return asked


def _sort(text: str, names: frozenset[str]) -> str:
    for name in text.split(",") if text else ():
        if name.strip().lstrip("+-") not in names:
            raise refused("TER-API-172", "sortby", name, tuple(sorted(names)))
    return text
