"""Which columns of a table a call uses: those that it names. Pure.

A call that names no column gets all of them, and may read one: it counts under `ALL`, never as a
use of every column.
"""

from __future__ import annotations

from collections.abc import Iterable

from ckanext.territoire.api.asked import Query
from schemas.model import Schema

ALL = "*"


def columns_used(query: Query, schema: Schema, has_fields: bool, has_shape: bool) -> frozenset[str]:
    """Name the columns of the schema that a request asks for, filters by, sorts by or reckons.

    `has_fields`: it says which columns it wants; `has_shape`: it wants the position as geometry.
    """
    named = {each.column.name for each in (*query.filters, *query.sorts, *query.reckoned)}
    named |= {each.name for each in query.groups}
    if has_fields and not query.is_grouped:
        named |= {each.name for each in query.shown}
    if has_shape or query.box or query.near:
        named |= set(_position(schema))
    own = {each.name for each in schema.fields} & named
    is_whole = not has_fields and not query.is_grouped
    return frozenset(own | ({ALL} if is_whole else set()))


def _position(schema: Schema) -> Iterable[str]:
    place = schema.position
    names = (place.longitude, place.latitude, place.point, place.geojson) if place else ()
    return (name for name in names if name)
