"""From the parameters of a request to a `Query`, or to all that is wrong in it.

Pure: what may be named comes in `Known`. Our words are listed in `WORDS`; every other parameter is
a comparison of a column.
"""

from __future__ import annotations

from collections.abc import Sequence

from ckanext.territoire.api.asked import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    Fault,
    Known,
    Near,
    Place,
    Query,
    Sort,
)
from ckanext.territoire.api.columns import DISTANCE, KEY, PROVENANCE, Column, Kind, Reckoning
from ckanext.territoire.api.cursor import mark_of, read_cursor
from ckanext.territoire.api.given import Given, gather, near
from ckanext.territoire.api.read_filters import read_filters
from ckanext.territoire.api.read_groups import Groups, read_groups
from ckanext.territoire.api.read_place import read_box, read_communes, read_near

WORDS = frozenset(
    "fields sort limit after total provenance q commune bbox near radius group_by".split()
) | {what.value for what in Reckoning}  # fmt: skip
MAX_SORTS = 4
MAX_WORDS = 200
DISTANCE_WORD = "distance"  # how a sort names it


def read_query(pairs: Sequence[tuple[str, str]], known: Known) -> Query | tuple[Fault, ...]:
    """Read a request for rows or groups."""
    given = gather(pairs, known)
    filters = read_filters(given, WORDS)
    place = read_near(given)
    groups = read_groups(given)
    sorts = _sorts(given, groups, place)
    query = Query(
        shown=groups.shown if groups else _shown(given, place),
        sorts=sorts,
        filters=filters,
        communes=read_communes(given),
        words=_words(given),
        box=read_box(given),
        near=place,
        is_grouped=groups is not None,
        groups=groups.columns if groups else (),
        reckoned=groups.reckoned if groups else (),
        limit=_limit(given),
        after=_after(given, sorts, place),
        has_total=given.truth("total"),
    )
    return tuple(given.faults) or query


def read_one(pairs: Sequence[tuple[str, str]], known: Known) -> Query | tuple[Fault, ...]:
    """Read what a request for one row may say: `fields` and `provenance`."""
    given = gather(pairs, known)
    words = ("fields", "provenance")
    for name in given.values:
        if name not in words:
            given.blame("TER-API-160", name, name, near(name, words))
    query = Query(_shown(given, None), (Sort(KEY),), limit=1)
    return tuple(given.faults) or query


def _shown(given: Given, place: Near | None) -> tuple[Column, ...]:
    """The columns to show: those asked, else all of the schema and the key of the row."""
    most = len(given.known.columns)
    asked = [given.column(name, "fields") for name in given.many("fields", most)]
    shown = [column for column in asked if column] if asked else [*given.known.shown, KEY]
    if given.truth("provenance"):
        shown += PROVENANCE
    return tuple(dict.fromkeys([*shown, DISTANCE] if place else shown))


def _sorts(given: Given, groups: Groups | None, place: Near | None) -> tuple[Sort, ...]:
    """Read `sort`, and end it with what tells any two rows apart."""
    choices = _sortable(given, groups, place)
    sorts = [_sort(given, text, choices) for text in given.many("sort", MAX_SORTS)]
    found = [each for each in sorts if each]
    if place and groups is None and not found:
        found = [Sort(DISTANCE)]
    found += [Sort(column) for column in (groups.columns if groups else (KEY,))]
    first: dict[Column, Sort] = {}
    for each in found:
        first.setdefault(each.column, each)
    return tuple(first.values())


def _sortable(given: Given, groups: Groups | None, place: Near | None) -> dict[str, Column]:
    if groups is not None:
        return {column.name: column for column in groups.shown}
    able = {n: column for n, column in given.known.columns.items() if column.kind is not Kind.SHAPE}
    return able | {DISTANCE_WORD: DISTANCE} if place else able


def _sort(given: Given, text: str, choices: dict[str, Column]) -> Sort | None:
    name = text.removeprefix("-")
    column = choices.get(name)
    if column is None:
        given.blame("TER-API-172", "sort", name, near(name, choices))
        return None
    return Sort(column, text.startswith("-"))


def _words(given: Given) -> str:
    text = given.one("q")
    if len(text) > MAX_WORDS:
        given.blame("TER-API-162", "q", text, (f"{MAX_WORDS} lettres au plus",))
    return text


def _limit(given: Given) -> int:
    text = given.one("limit")
    if not text:
        return DEFAULT_LIMIT
    is_number = text.isascii() and text.isdigit() and len(text) < 9
    if not is_number or not 0 < int(text) <= MAX_LIMIT:
        given.blame("TER-API-153", "limit", text, (str(MAX_LIMIT),))
        return DEFAULT_LIMIT
    return int(text)


def _after(given: Given, sorts: tuple[Sort, ...], place: Near | None) -> Place:
    text = given.one("after")
    if not text:
        return ()
    found = read_cursor(text, mark_of(given.known.slug, sorts, place), sorts)
    if found is None:
        given.blame("TER-API-163", "after", text)
    return found or ()
