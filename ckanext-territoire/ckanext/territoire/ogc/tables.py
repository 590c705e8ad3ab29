"""The tables that are published now: read anew every other second, so that a new one shows and a
hidden one goes without a restart.

What is measured of a table (extent, density) is measured again when a delivery has changed it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

import asyncpg

from ckanext.territoire.ogc.density import (
    DEEPEST,
    MAX_SQUARES,
    NEVER,
    FarTiles,
    Ranked,
    Square,
    alone_from,
    drawn_at,
    far_tiles,
)
from ckanext.territoire.ogc.tile_sql import MAX_ALONE, MAX_SHAPES
from schemas.announcements import find_announcement
from schemas.load import find
from schemas.model import Schema

log = logging.getLogger(__name__)
SHAPE = 2  # of the answers: a new one makes every tag new
EVERY_S = 2.0
AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
STALE_S = 15.0  # after that without news of the database, nothing is said of any table
TABLES = """
    SELECT slug, schema_id, cursor, coalesce(changed_at, 'epoch') AS changed_at, licence, page,
           publisher, gone FROM published._tables ORDER BY slug
"""
FACTS = ("slug", "cursor", "changed_at", "licence", "page", "publisher")
MEASURE = """
    SELECT rows, ST_XMin(e) AS west, ST_YMin(e) AS south, ST_XMax(e) AS east, ST_YMax(e) AS north,
           has_shapes
      FROM (SELECT count(*) AS rows, ST_Extent(geom) AS e,
                   coalesce(bool_or(ST_Dimension(geom) > 0), false) AS has_shapes
              FROM published.{view}) t
"""
# rows in each square of the deepest zoom of the grid of web maps
DENSITY = """
    SELECT floor((x + 180) / 360 * {side})::int AS column,
           floor((1 - asinh(tan(radians(y))) / pi()) / 2 * {side})::int AS row,
           rank, count(*) AS n, sum(x) AS x, sum(y) AS y
      FROM (SELECT coalesce(_wide, {never}) AS rank,
                   least((ST_XMin(geom) + ST_XMax(geom)) / 2, 179.9999) AS x,
                   greatest(least((ST_YMin(geom) + ST_YMax(geom)) / 2, 85.05), -85.05) AS y
              FROM published.{view} WHERE geom IS NOT NULL) p GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Measure:
    """How many rows, their extent in degrees (`()` when none has a place), whether some are lines
    or areas, from which zoom on every tile shows each of them; of a table of many rows, the points
    of far tiles and, by zoom, how wide lines and areas must be to be drawn (`drawn_at`). `is_now`
    says that it was measured since the last delivery."""

    rows: int = 0
    extent: tuple[float, ...] = ()
    has_shapes: bool = False
    alone_from: int = 0
    far: FarTiles | None = None
    drawn: tuple[int, ...] = ()
    is_now: bool = False

    def drawn_at(self, zoom: int) -> int:
        """How wide a line or an area is that a zoom draws: the zoom from which it is so."""
        return self.drawn[zoom] if zoom < len(self.drawn) else zoom


@dataclass(frozen=True, slots=True)
class Published:
    """A table that maps may read. `cursor` numbers the deliveries that changed it, `changed_at` is
    the moment of the last (a back-up that is restored takes numbers again); `page` is the name of
    its dataset."""

    slug: str
    schema: Schema
    cursor: int
    changed_at: datetime
    licence: str
    page: str
    publisher: str
    measure: Measure = field(default_factory=Measure)

    @property
    def view(self) -> str:
        """The name of its view, quoted."""
        return quoted(self.slug)

    @property
    def columns(self) -> str:
        """A text that changes with its columns: with the schema, with those that have ended."""
        return f"{self.schema.version}.{crc32(repr(self.schema.field_names).encode()):x}"

    @property
    def state(self) -> tuple[str, int, datetime]:
        """What changes with its rows and with its columns."""
        return self.columns, self.cursor, self.changed_at

    @property
    def mark(self) -> str:
        """A text that changes with its rows, its columns, and how they are drawn."""
        when = f"{self.changed_at.timestamp():.3f}"
        seen = f"{self.measure.alone_from}{'m' if self.measure.is_now else ''}"
        return f"{SHAPE}-{self.columns}-{self.cursor}-{when}-{seen}"


class Tables:
    """The published tables, and since when they are known to be so."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._known: Mapping[str, Published] = {}
        self._seen_s = 0.0
        self._measuring: asyncio.Task[None] | None = None

    def all(self) -> Sequence[Published]:
        """List them; raises `TimeoutError` when the database has not answered for a while."""
        if time.monotonic() - self._seen_s > STALE_S:
            raise TimeoutError
        return tuple(self._known.values())

    def find(self, slug: str) -> Published | None:
        """Find one by its slug."""
        return next((each for each in self.all() if each.slug == slug), None)

    async def refresh(self) -> None:
        """Read the list; what has changed is measured beside, and served meanwhile."""
        rows = await self._pool.fetch(TABLES)
        self._known = {row["slug"]: table for row in rows if (table := self._to_table(row))}
        self._seen_s = time.monotonic()
        late = [each for each in self._known.values() if not each.measure.is_now]
        if late and (self._measuring is None or self._measuring.done()):
            self._measuring = asyncio.create_task(self._measure(late))

    async def follow(self) -> None:
        """Refresh until cancelled; a failure is logged once, and tried again."""
        is_away = False
        try:
            while True:
                try:
                    await self.refresh()
                    is_away = False
                except AWAY as fault:
                    if not is_away:
                        log.warning("published tables are not read: %s", type(fault).__name__)
                    is_away = True
                await asyncio.sleep(EVERY_S)
        finally:
            if self._measuring:
                self._measuring.cancel()

    async def _measure(self, late: Sequence[Published]) -> None:
        """Measure tables one after the other; what fails is tried at the next look."""
        for table in late:
            try:
                measured = await measure(self._pool, table)
            except asyncpg.QueryCanceledError:
                log.warning("%s is too large to be measured in time", table.slug)
                measured = replace(table.measure, is_now=True)  # not tried again until it changes
            except AWAY:
                continue
            now = self._known.get(table.slug)
            if now and now.state == table.state:
                self._known = {**self._known, table.slug: replace(now, measure=measured)}

    def _to_table(self, row: asyncpg.Record) -> Published | None:
        found = find(row["schema_id"])
        schema = found.without(row["gone"]) if found else None
        told = find_announcement(row["slug"])
        is_over = told is not None and told.is_over(datetime.now(UTC).date())
        if schema is None or schema.position is None or is_over:
            return None
        table = Published(schema=schema, **{name: row[name] for name in FACTS})
        before = self._known.get(table.slug)
        if before is None:
            return table
        if before.state == table.state:
            return replace(table, measure=before.measure)
        # of the rows as they were, only hints: neither count nor place of one that has gone
        hints = replace(before.measure, extent=(), far=None, is_now=False)
        return replace(table, measure=hints)


async def measure(pool: asyncpg.Pool, table: Published) -> Measure:
    """Measure a table: one statement, two for a table of many rows."""
    row = await pool.fetchrow(MEASURE.format(view=table.view))
    extent = tuple(row[name] for name in ("west", "south", "east", "north"))
    if row["west"] is None:
        return Measure(row["rows"], is_now=True)
    if row["rows"] <= MAX_ALONE:
        return Measure(row["rows"], extent, row["has_shapes"], is_now=True)
    query = DENSITY.format(view=table.view, side=1 << DEEPEST, never=NEVER)
    ranked = to_ranked(await pool.fetch(query))
    measured = await asyncio.to_thread(judge, ranked)
    return replace(measured, rows=row["rows"], extent=extent, has_shapes=row["has_shapes"])


def to_ranked(rows: Sequence[Mapping[str, Any]]) -> Ranked:
    """Sort counted squares by the zoom from which their rows are drawn."""
    ranked: dict[int, dict[tuple[int, int], Square]] = {}
    for each in rows:
        place = (each["column"], each["row"])
        ranked.setdefault(each["rank"], {})[place] = (each["n"], each["x"], each["y"])
    return ranked


def judge(ranked: Ranked) -> Measure:
    """Say what follows from the counted squares of a table."""
    drawn = tuple(drawn_at(zoom, ranked, MAX_SHAPES) for zoom in range(DEEPEST + 1))
    is_counted = sum(map(len, ranked.values())) <= MAX_SQUARES
    far = far_tiles(ranked, drawn) if is_counted else None
    return Measure(alone_from=alone_from(ranked, MAX_ALONE), far=far, drawn=drawn, is_now=True)


def quoted(name: str) -> str:
    """Write a name as PostgreSQL takes it."""
    return '"' + name.replace('"', '""') + '"'
