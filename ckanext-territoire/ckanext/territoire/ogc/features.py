"""Read features of a published table: PostgreSQL writes their JSON, as it does for the API.

Pages follow the key: of a page that was read, the last key is remembered, so that the next one
begins there and not by counting from the first row. What is not remembered is counted: any page can
be asked, in any order.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
from tipg.collections import PgCollection

from ckanext.territoire.api.sql_text import turned
from ckanext.territoire.ogc.asked import Asked
from ckanext.territoire.ogc.collection import SHAPE, to_collection
from ckanext.territoire.ogc.tables import Published, quoted

MAX_KEPT = 2_000
MAX_SHAPES = 2_000  # lines and areas in a page: one of them may be large
WAIT_S = 5.0  # for a connection, before the caller is told to come back
PAGE = """
    SELECT territoire_cle AS key, ST_AsGeoJSON({shape}, 7) AS shape,
           (SELECT row_to_json(p)::text FROM (SELECT {columns}) p) AS row
      FROM (SELECT * FROM {source} {order} LIMIT {limit} OFFSET {offset}) t {order}
"""
# fenced: else the planner, hoping to fill a page soon, reads the whole table in the order of keys
SOUGHT = "(SELECT * FROM {view} WHERE {where} OFFSET 0) s"


@dataclass(frozen=True, slots=True)
class Page:
    """A page: the JSON of each feature; how many there are in all; where the next one begins, 0 at
    the last."""

    features: tuple[str, ...]
    matched: int
    next: int = 0


class Reader:
    """Reads pages, and remembers where they end and how many rows a filter finds."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._ends: OrderedDict[tuple[Any, ...], str] = OrderedDict()
        self._counts: OrderedDict[tuple[Any, ...], int] = OrderedDict()

    async def read_page(self, table: Published, asked: Asked) -> Page:
        """Read a page of features."""
        if table.measure.has_shapes:
            asked = replace(asked, limit=min(asked.limit, MAX_SHAPES))
        collection = to_collection(table)
        where = condition(collection, asked)
        seen = (table.slug, table.mark, where)
        last = self._ends.get((*seen, asked.offset)) if not asked.sortby else None
        query = to_page(collection, asked, where, last)
        async with self._pool.acquire(timeout=WAIT_S) as connection:
            rows = await connection.fetch(query, *([last] if last is not None else []))
            matched = await self._count(connection, collection, seen)
        after = asked.offset + len(rows)
        if rows and not asked.sortby:
            _keep(self._ends, (*seen, after), rows[-1]["key"])
        features = tuple(to_feature(row) for row in rows)
        return Page(features, matched, after if rows and after < matched else 0)

    async def read_one(self, table: Published, key: str) -> str | None:
        """Read the feature of a key, or nothing."""
        collection = to_collection(table)
        where = collection._where_clause(collection.cql_where(ids=[key]))
        query = to_page(collection, Asked(limit=1), where.removeprefix("WHERE "), None)
        async with self._pool.acquire(timeout=WAIT_S) as connection:
            rows = await connection.fetch(query)
        return to_feature(rows[0]) if rows else None

    async def _count(
        self, connection: asyncpg.Connection, collection: PgCollection, seen: tuple[Any, ...]
    ) -> int:
        known = self._counts.get(seen)
        if known is None:
            known = int(
                await connection.fetchval(
                    f"SELECT count(*) FROM {collection._qualified_name} WHERE {seen[-1]}"
                )
            )
            _keep(self._counts, seen, known)
        return known


def condition(collection: PgCollection, asked: Asked) -> str:
    """What the rows of a request must meet, as tipg writes it."""
    where = collection.cql_where(
        bbox=list(asked.bbox) if asked.bbox else None,
        datetime=list(asked.datetime) if asked.datetime else None,
        properties=list(asked.equal) or None,
        cql=asked.filter,
    )
    return str(collection._where_clause(where)).removeprefix("WHERE ")


def to_page(collection: PgCollection, asked: Asked, where: str, last: str | None) -> str:
    """Compile a page; after the key `last` when it is known where the page before ended."""
    shown = asked.properties if asked.properties is not None else tuple(collection.columns())
    view = collection._qualified_name
    if last is not None:
        where = f"({where}) AND territoire_cle > $1"
    source = f"{view} WHERE {where}"
    if asked.bbox or asked.filter:
        source = SOUGHT.format(view=view, where=where)
    order = collection._sortby(asked.sortby or None)
    if asked.sortby:  # rows that are level stand in the order of their keys
        order += ", territoire_cle"
    return PAGE.format(
        shape=turned(SHAPE),
        columns=", ".join(quoted(name) for name in shown),
        source=source,
        order=order,
        limit=asked.limit,
        offset=0 if last is not None else asked.offset,
    )


def to_feature(row: asyncpg.Record) -> str:
    """Write a feature from its parts."""
    key = json.dumps(row["key"], ensure_ascii=False)
    return (
        f'{{"type":"Feature","id":{key},"geometry":{row["shape"] or "null"},'
        f'"properties":{row["row"]}}}'
    )


def _keep(kept: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    kept[key] = value
    if len(kept) > MAX_KEPT:
        kept.popitem(last=False)
