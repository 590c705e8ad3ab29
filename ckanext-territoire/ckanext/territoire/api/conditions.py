"""The conditions that rows must meet, in SQL. Pure."""

from __future__ import annotations

import math

from ckanext.territoire.api.asked import Filter, Near, Query
from ckanext.territoire.api.columns import Op
from ckanext.territoire.api.sql_text import Values, named

METRES_A_DEGREE = 110_500  # the least that a degree of latitude measures
_ALIKE = ("aàâä", "cç", "eéèêë", "iîï", "oôö", "uùûü", "yÿ")  # letters that are sought as one
_SIGNS = {Op.GT: ">", Op.GTE: ">=", Op.LT: "<", Op.LTE: "<="}
_CLASSES = {letter: alike + alike.upper() for alike in _ALIKE for letter in alike + alike.upper()}


def conditions(query: Query, values: Values) -> str:
    """All that a row must meet, joined; rows that another is preferred to never do."""
    told = ["t.territoire_doublon IS NULL"]
    told += [_compare(each, values) for each in query.filters]
    if query.communes:
        told.append(f"t.territoire_commune = ANY({values.add(list(query.communes))}::text[])")
    if query.words:
        told.append(f"t._full_text @@ websearch_to_tsquery({values.add(query.words)})")
    if query.box:
        edges = (query.box.west, query.box.south, query.box.east, query.box.north)
        told.append(f"ST_Intersects(t._geom, {_envelope(edges, values)})")
    if query.near:
        told += _around(query.near, values)
    return " AND ".join(told)


def point_of(near: Near, values: Values) -> str:
    """The point of a request, on the globe."""
    longitude, latitude = values.add(near.longitude), values.add(near.latitude)
    return f"ST_SetSRID(ST_MakePoint({longitude}, {latitude}), 4326)::geography"


def _around(near: Near, values: Values) -> list[str]:
    """The box that the index answers, then the distance itself."""
    high = near.radius_m / METRES_A_DEGREE
    top = min(abs(near.latitude) + high, 89.9)
    wide = min(high / math.cos(math.radians(top)), 360.0)
    west, south = near.longitude - wide, near.latitude - high
    edges = (west, south, near.longitude + wide, near.latitude + high)
    return [
        f"t._geom && {_envelope(edges, values)}",
        f"ST_DWithin(t._geom::geography, {point_of(near, values)}, {values.add(near.radius_m)})",
    ]


def _envelope(edges: tuple[float, float, float, float], values: Values) -> str:
    told = ", ".join(values.add(edge) for edge in edges)
    return f"ST_MakeEnvelope({told}, 4326)"


def _compare(told: Filter, values: Values) -> str:
    name = named(told.column)
    kind = told.column.type
    first = told.values[0]
    match told.op:
        case Op.NULL:
            return f"{name} IS {'' if first == 'true' else 'NOT '}NULL"
        case Op.EQ | Op.IN if len(told.values) > 1:
            return f"{name} = ANY({values.add(list(told.values))}::{kind}[])"
        case Op.EQ | Op.IN:
            return f"{name} = {values.add(first)}::{kind}"
        case Op.NE:
            return f"{name} IS DISTINCT FROM {values.add(first)}::{kind}"
        case Op.CONTAINS | Op.STARTS:
            return _like(name, told, values)
        case Op.HAS:
            items = f"unnest(string_to_array({name}, {values.add(told.column.separator)})) item"
            # a list may be written as JSON too
            wanted = values.add(first.strip())
            return f"EXISTS (SELECT 1 FROM {items} WHERE btrim(item, ' []\"') = {wanted})"
        case _:
            return f"{name} {_SIGNS[told.op]} {values.add(first)}::{kind}"


def _like(name: str, told: Filter, values: Values) -> str:
    start = "^" if told.op is Op.STARTS else ""
    return f"{name} ~ {values.add(start + to_pattern(told.values[0]))}"


def to_pattern(text: str) -> str:
    """Write a text as a pattern that finds it whatever its case and accents.

    Of letters and classes of letters alone: nothing that a reader could make slow.

    >>> to_pattern("n°1 Gê.")
    '[nN]°1 [gG][eéèêëEÉÈÊË]\\\\.'
    """
    return "".join(_letter(letter) for letter in text)


def _letter(letter: str) -> str:
    if letter in _CLASSES:
        return f"[{_CLASSES[letter]}]"
    ways = {letter, letter.lower(), letter.upper()}
    if letter.isalpha() and all(len(way) == 1 for way in ways):
        return f"[{letter.lower()}{letter.upper()}]" if len(ways) > 1 else letter
    return letter if letter.isalnum() or letter == " " or ord(letter) > 127 else f"\\{letter}"
