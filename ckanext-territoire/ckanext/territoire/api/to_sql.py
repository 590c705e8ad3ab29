"""From a `Query` to one SQL statement and its values. Pure.

Names come from `Column`s alone and are quoted here; what a request says is a value, never text of
the statement. Each row of the answer has `row` (its JSON), `shape` (its GeoJSON geometry, when
asked), `key`, `place` (the values of the sort, as text) and `total` when asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from ckanext.territoire.api.asked import Near, Query, Reckoned, Sort
from ckanext.territoire.api.columns import DISTANCE, KEY, Kind, Reckoning
from ckanext.territoire.api.conditions import conditions, point_of
from ckanext.territoire.api.sql_text import Statement, Values, named, quoted, turned

FRENCH = 'COLLATE "fr-x-icu"'  # É beside E, as people read a list
MAX_SORTED = 300  # letters of a text that a sort compares
_RECKONED = {
    Reckoning.SUM: "trim_scale(sum({0}::numeric))",
    Reckoning.AVG: "trim_scale(round(avg({0}::numeric), 6))",
    Reckoning.MIN: "min({0})",
    Reckoning.MAX: "max({0})",
}


def to_sql(query: Query, table: str, with_shape: bool = False) -> Statement:
    """Compile a request on a table; one row more than `limit` is read, to know if there is more."""
    values = Values()
    source = _groups(query, table, values) if query.is_grouped else _rows(query, table, values)
    order = ", ".join(_ordered(sort) for sort in query.sorts)
    after = _after(query.sorts, query.after, values) if query.after else ""
    shape = f"ST_AsGeoJSON({turned('t._geom')}, 6)" if with_shape else "NULL::text"
    key = "NULL::text" if query.is_grouped else "t._key"
    place = ", ".join(f"{_told(sort)}::text" for sort in query.sorts)
    shown = ", ".join(f"{named(each)} AS {quoted(each.name)}" for each in query.shown)
    # the rows of the page are chosen first: the JSON of the others is never written
    ordered = f" ORDER BY {order}" if order else ""
    chosen = (
        f"SELECT t.* FROM ({source}) t{f' WHERE {after}' if after else ''}{ordered}"
        f" LIMIT {values.add(query.limit + 1)}"
    )
    page = (
        f"SELECT (SELECT row_to_json(p)::text FROM (SELECT {shown}) p) AS row, {shape} AS shape, "
        f"{key} AS key, ARRAY[{place}]::text[] AS place FROM ({chosen}) t{ordered}"
    )
    if query.has_total:
        page = (
            f"SELECT total, row, shape, key, place FROM (SELECT count(*) AS total FROM ({source}) "
            f"t) counted LEFT JOIN (SELECT *, row_number() OVER () AS rank FROM ({page}) p) page "
            "ON true ORDER BY rank"
        )
    return Statement(page, values.held)


def to_neighbours(table: str, key: str) -> Statement:
    """Compile the question which keys stand beside one that no row has."""
    parts = [
        f"(SELECT _key AS key FROM {quoted(table)} WHERE territoire_doublon IS NULL AND _key "
        f"{sign} %(key)s ORDER BY _key {way} LIMIT 2)"
        for sign, way in ((">", "ASC"), ("<", "DESC"))
    ]
    return Statement(" UNION ALL ".join(parts), {"key": key})


def to_one(query: Query, table: str, key: str, with_shape: bool = False) -> Statement:
    """Compile the request for the row of a key."""
    values = Values()
    shown = ", ".join(f"{named(each)} AS {quoted(each.name)}" for each in query.shown)
    shape = f"ST_AsGeoJSON({turned('t._geom')}, 6)" if with_shape else "NULL::text"
    return Statement(
        f"SELECT (SELECT row_to_json(p)::text FROM (SELECT {shown}) p) AS row, {shape} AS shape, "
        f"t._key AS key FROM {quoted(table)} t WHERE t.territoire_doublon IS NULL "
        f"AND t._key = {values.add(key)}",
        values.held,
    )


def _rows(query: Query, table: str, values: Values) -> str:
    distance = ""
    if query.near:
        distance = f", {_distance(query.near, values)} AS {quoted(DISTANCE.name)}"
    # fenced: else the planner, hoping to fill a page soon, reads the whole table in its order
    is_sought = query.words or query.box or query.near
    fence = " OFFSET 0" if is_sought else ""
    where = conditions(query, values)
    return f"SELECT t.*{distance} FROM {quoted(table)} t WHERE {where}{fence}"


def _groups(query: Query, table: str, values: Values) -> str:
    names = [named(column) for column in query.groups]
    shown = [f"{named(column)} AS {quoted(column.name)}" for column in query.groups]
    shown += ["count(*) AS count", *(_reckoned(each) for each in query.reckoned)]
    grouped = f" GROUP BY {', '.join(names)}" if names else ""
    where = conditions(query, values)
    return f"SELECT {', '.join(shown)} FROM {quoted(table)} t WHERE {where}{grouped}"


def _reckoned(told: Reckoned) -> str:
    return f"{_RECKONED[told.what].format(named(told.column))} AS {quoted(told.shown.name)}"


def _distance(near: Near, values: Values) -> str:
    return f"ST_Distance(t._geom::geography, {point_of(near, values)})"


def _compared(sort: Sort) -> str:
    """The expression that a sort compares: plain texts in French order, keys in the index's."""
    return f"{_told(sort)} {FRENCH}" if _is_text(sort) else named(sort.column)


def _told(sort: Sort) -> str:
    """What a cursor tells of a sort: of a long text only its beginning."""
    return f"left({named(sort.column)}, {MAX_SORTED})" if _is_text(sort) else named(sort.column)


def _is_text(sort: Sort) -> bool:
    return sort.column.kind in (Kind.TEXT, Kind.LIST) and sort.column != KEY


def _ordered(sort: Sort) -> str:
    if sort.column == KEY:
        return f"{_compared(sort)}{' DESC' if sort.is_descending else ''}"
    return f"{_compared(sort)} {'DESC' if sort.is_descending else 'ASC'} NULLS LAST"


def _after(sorts: Sequence[Sort], place: Sequence[str | None], values: Values) -> str:
    """What comes after a place: past it in the first column, or level there and past it further.

    Empty values are last both ways, so nothing is past them and all the others are before.
    """
    sort, told = sorts[0], place[0]
    name = _compared(sort)
    further = _after(sorts[1:], place[1:], values) if len(sorts) > 1 else "false"
    if told is None:
        return f"({name} IS NULL AND {further})"
    value = f"{values.add(told)}::{sort.column.type}"
    past = f"{name} {'<' if sort.is_descending else '>'} {value}"
    if sort.column == KEY:
        return f"({past})"
    return f"({past} OR {name} IS NULL OR ({name} = {value} AND {further}))"
