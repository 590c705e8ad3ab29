"""A filter in CQL2 (text or JSON): read within bounds, and made of a closed list of operators.

The library that reads it writes any function that a filter names into SQL (`pg_sleep`,
`set_config`…), and ends the process on a deep one: what is not in the list never reaches it as SQL,
what is nested too deep is not read at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cql2 import Expr

from ckanext.territoire.ogc.refusal import Refusal, refused

MAX_CHARACTERS = 8_000
MAX_DEPTH = 24
MAX_PARTS = 2_000
LANGUAGES = ("cql2-text", "cql2-json")
OPERATORS = frozenset(
    "and or not = <> < > <= >= like between in isNull casei "
    "s_intersects s_within s_contains s_disjoint s_touches s_crosses s_overlaps s_equals "
    "t_after t_before t_equals".split()
)
SHAPES = frozenset("Point LineString Polygon MultiPoint MultiLineString MultiPolygon".split())


def read_filter(text: str, language: str, names: frozenset[str]) -> Expr | None:
    """Read a filter over columns of these names; raises `Refusal` (TER-API-210, 211, 212)."""
    if not text:
        return None
    if language not in LANGUAGES:
        raise refused("TER-API-162", "filter-lang", language, LANGUAGES)
    if len(text) > MAX_CHARACTERS or depth_of(text) > MAX_DEPTH or "\x00" in text:
        raise refused("TER-API-210", "filter", text)
    try:
        told = Expr(json.loads(text) if language == "cql2-json" else text).to_json()
        check(told, names)
        # from JSON, its geometries are in the coordinates of our views
        return Expr(told)
    except Refusal:
        raise
    except Exception as cause:  # the library raises bare `Exception`s of its own
        raise refused("TER-API-210", "filter", text) from cause


def depth_of(text: str) -> int:
    """How deep brackets are nested at most, and signs or words that are nested without them.

    >>> depth_of("a = 1 AND (b = 2 OR (c = 3))"), depth_of("NOT NOT a = 1")
    (2, 2)
    """
    deepest = depth = 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        deepest = max(deepest, depth)
    return deepest + max(text.upper().count("NOT ") - 1, 0) + text.count("--")


def check(told: Any, names: frozenset[str]) -> None:
    """Refuse an operator that is not in the list and a column that the table does not have."""
    if not isinstance(told, Mapping) or "op" not in told:
        raise refused("TER-API-210", "filter", json.dumps(told, ensure_ascii=False))
    for number, part in enumerate(_parts(told)):
        if number > MAX_PARTS:
            raise refused("TER-API-210", "filter", json.dumps(told, ensure_ascii=False))
        if "op" in part and part["op"] not in OPERATORS:
            raise refused("TER-API-211", "filter", str(part["op"]), tuple(sorted(OPERATORS)))
        if "property" in part and part["property"] not in names:
            raise refused("TER-API-212", "filter", str(part["property"]), tuple(sorted(names)))
        if "coordinates" in part and part.get("type") not in SHAPES:
            raise refused("TER-API-210", "filter", str(part.get("type")))


def _parts(told: Any) -> Iterator[Mapping[str, Any]]:
    """Every object of the tree; numbers of geometries count as parts too."""
    waiting = [told]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            yield part
            waiting.extend(part.values())
        elif isinstance(part, list):
            yield {}
            waiting.extend(part)
