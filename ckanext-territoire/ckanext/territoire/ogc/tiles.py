"""Tiles, kept in memory while their table does not change, and computed once at a time.

A tile is kept under the number of the last delivery of its table: what a delivery changes, or what
is hidden, is never found again. Browsers and proxies must ask each time whether theirs still holds
(`ETag`), which costs no statement.
"""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from dataclasses import dataclass

import asyncpg

from ckanext.territoire.ogc.density import FAR, NONE_DRAWN
from ckanext.territoire.ogc.tables import Published
from ckanext.territoire.ogc.tile_sql import MAX_ALONE, shown, to_alone, to_close, to_far

MAX_ZOOM = 22
MAX_BYTES = 500_000
KEPT_BYTES = 64_000_000
FEWER = 2  # zooms by which lines and areas must be wider where a tile is too heavy
MIN_COMPRESSED = 1_000
HEAVY = 150_000  # from here on a tile is compressed beside the other requests
LEVEL = 1  # a tile of 86 KB: 0.8 ms; level 3: 1.2 ms for 1.5 % less
OVERHEAD = 300  # what a kept tile takes beside its bytes
WAIT_S = 5.0  # for a connection, before the caller is told to come back


@dataclass(frozen=True, slots=True)
class Spot:
    """Which tile of which table."""

    slug: str
    zoom: int
    column: int
    row: int

    @property
    def is_on_earth(self) -> bool:
        """Say whether the grid of the zoom has it."""
        side = 1 << self.zoom if self.zoom <= MAX_ZOOM else 0
        return 0 <= self.column < side and 0 <= self.row < side


@dataclass(frozen=True, slots=True)
class Tile:
    """The bytes of a tile, and whether they are compressed."""

    body: bytes
    is_gzip: bool


class Tiles:
    """Computes tiles, and keeps the last ones."""

    def __init__(self, pool: asyncpg.Pool, kept_bytes: int = KEPT_BYTES) -> None:
        self._pool, self._most = pool, kept_bytes
        self._kept: OrderedDict[tuple[Spot, str], Tile] = OrderedDict()
        self._bytes = 0
        self._asked: dict[tuple[Spot, str], asyncio.Future[Tile]] = {}

    async def find(self, table: Published, spot: Spot) -> Tile:
        """Answer a tile: the one kept, the one that is being computed, or a new one."""
        place = (spot, table.mark)
        kept = self._kept.get(place)
        if kept:
            self._kept.move_to_end(place)
            return kept
        asked = self._asked.get(place)
        if asked is None:
            asked = asyncio.ensure_future(self._make(table, spot))
            self._asked[place] = asked
            asked.add_done_callback(lambda done: self._settle(place, done))
        return await asyncio.shield(asked)

    async def _make(self, table: Published, spot: Spot) -> Tile:
        # to wait takes a task more: where a connection is free, there is nothing to wait for
        wait_s = None if self._pool.get_idle_size() else WAIT_S
        async with self._pool.acquire(timeout=wait_s) as connection:
            body = await draw(connection, table, spot)
        if len(body) < MIN_COMPRESSED:
            return Tile(body, False)
        if len(body) < HEAVY:
            return Tile(gzip.compress(body, LEVEL, mtime=0), True)
        return Tile(await asyncio.to_thread(gzip.compress, body, LEVEL, mtime=0), True)

    def _settle(self, place: tuple[Spot, str], done: asyncio.Future[Tile]) -> None:
        self._asked.pop(place, None)
        if done.cancelled() or done.exception():
            return
        self._kept[place] = done.result()
        self._bytes += len(done.result().body) + OVERHEAD
        while self._bytes > self._most:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= len(gone.body) + OVERHEAD


async def draw(connection: asyncpg.Connection, table: Published, spot: Spot) -> bytes:
    """Compute a tile: each row, or close rows as one where they are too many or too heavy."""
    place, known = (spot.zoom, spot.column, spot.row), table.measure
    is_far = known.has_shapes and spot.zoom <= FAR
    if spot.zoom >= known.alone_from:
        query = to_alone(table.view, shown(table.schema), is_far)
        (row,) = await connection.fetch(query, *place, table.slug)
        if row["found"] <= MAX_ALONE and len(row["tile"]) <= MAX_BYTES:
            return bytes(row["tile"])
    drawn = known.drawn_at(spot.zoom)
    if known.far is not None and spot.zoom <= FAR:
        points = known.far.get(place, ())
        if not points and not known.has_shapes:
            return b""
        query = to_far(table.view, known.has_shapes)
        columns = map(list, zip(*points, strict=True)) if points else ([], [], [])
        (row,) = await connection.fetch(query, *place, table.slug, drawn, *columns)
        if len(row["tile"]) <= MAX_BYTES:
            return bytes(row["tile"])
        drawn -= FEWER
    return await draw_close(connection, table, spot, drawn)


async def draw_close(
    connection: asyncpg.Connection, table: Published, spot: Spot, drawn: int
) -> bytes:
    """Compute a tile that shows close rows as one, with as many of its lines and areas, the widest
    first, as it can bear."""
    query = to_close(table.view, table.measure.has_shapes and spot.zoom <= FAR)
    place = (spot.zoom, spot.column, spot.row, table.slug)
    while True:
        (row,) = await connection.fetch(query, *place, drawn)
        if len(row["tile"]) <= MAX_BYTES or drawn <= NONE_DRAWN:
            return bytes(row["tile"])
        drawn = max(drawn - FEWER, NONE_DRAWN)
