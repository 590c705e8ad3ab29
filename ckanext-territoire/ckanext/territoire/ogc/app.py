"""The process: `granian --interface asgi ckanext.territoire.ogc.app:application`.

Tiles are answered before the framework is asked: a map asks dozens at a time.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from ckanext.territoire.ogc import errors
from ckanext.territoire.ogc.features import Reader
from ckanext.territoire.ogc.refusal import Refusal, refused
from ckanext.territoire.ogc.routes import router
from ckanext.territoire.ogc.settings import Settings, load_settings
from ckanext.territoire.ogc.state import State, table_of
from ckanext.territoire.ogc.tables import Tables
from ckanext.territoire.ogc.tiles import Spot, Tiles

TILE = re.compile(r"/collections/([^/]{1,100})/tiles/WebMercatorQuad/(\d{1,2})/(\d{1,8})/(\d{1,8})")
TYPE = "application/vnd.mapbox-vector-tile"
# connections: some for tiles, some for features, so that neither waits for the other, two to look
TILE_POOL, FEATURE_POOL = 5, 4
PATIENT = {"statement_timeout": "60s"}  # to measure a large table, once a delivery
Headers = list[tuple[bytes, bytes]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class Application:
    """Tiles here, everything else in the framework below."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._below = FastAPI(
            title="Territoire\u00a0: objets géographiques et tuiles",
            description="OGC API – Features et tuiles vectorielles des tables réunies.",
            version="1",
            openapi_url="/api",
            docs_url=None,
            redoc_url=None,
            servers=[{"url": settings.root}],
            lifespan=self._live,
        )
        self._below.include_router(router)
        for kind in (Exception, HTTPException, RequestValidationError, Refusal):
            self._below.add_exception_handler(kind, errors.answer)

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        """Answer a request (ASGI)."""
        found = TILE.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if found is None or scope["method"] not in ("GET", "HEAD"):
            await self._below(scope, receive, send)
            return
        slug, zoom, row, column = found.groups()
        asked = dict(scope["headers"])
        try:
            if scope["query_string"]:
                raise refused("TER-API-160", "", scope["query_string"].decode("latin-1"))
            spot = Spot(slug, int(zoom), int(column), int(row))
            status, headers, body = await self._tile(spot, asked)
        except Exception as fault:  # as the framework does: each becomes an answer
            refusal = errors.to_refusal(fault, scope["path"])
            status, told, body = errors.to_answer(refusal, self._settings)
            headers = [(k.encode(), v.encode()) for k, v in told.items()]
        if scope["method"] == "HEAD":
            body = b""
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _tile(self, spot: Spot, asked: Mapping[bytes, bytes]) -> tuple[int, Headers, bytes]:
        state: State = self._below.state.territoire
        table = table_of(state, spot.slug)
        if not spot.is_on_earth:
            raise refused("TER-API-213", "tile", f"{spot.zoom}/{spot.row}/{spot.column}")
        tag = f'W/"{table.mark}"'.encode()
        headers: Headers = [
            (b"etag", tag),
            (b"cache-control", b"public, no-cache"),
            (b"vary", b"Accept-Encoding"),
        ]
        if tag in asked.get(b"if-none-match", b""):
            return 304, headers, b""
        tile = await state.tiles.find(table, spot)
        if not tile.body:
            return 204, headers, b""
        headers.append((b"content-type", TYPE.encode()))
        if not tile.is_gzip:
            return 200, headers, tile.body
        if b"gzip" in asked.get(b"accept-encoding", b""):
            return 200, [*headers, (b"content-encoding", b"gzip")], tile.body
        return 200, headers, await asyncio.to_thread(gzip.decompress, tile.body)

    @asynccontextmanager
    async def _live(self, app: FastAPI) -> AsyncIterator[None]:
        """Open the pools, follow the tables, close."""
        url = self._settings.database_url
        async with (
            asyncpg.create_pool(
                url, min_size=1, max_size=TILE_POOL, reset=leave_as_it_is
            ) as tile_pool,
            # texts of features differ each time: none is prepared
            asyncpg.create_pool(
                url, min_size=1, max_size=FEATURE_POOL, statement_cache_size=0
            ) as feature_pool,
            asyncpg.create_pool(
                url, min_size=1, max_size=2, statement_cache_size=0, server_settings=PATIENT
            ) as looking,
        ):
            tables = Tables(looking)
            app.state.territoire = State(
                self._settings, tables, Reader(feature_pool), Tiles(tile_pool)
            )
            follower = asyncio.create_task(tables.follow())
            try:
                yield
            finally:
                follower.cancel()
                with suppress(asyncio.CancelledError):
                    await follower


async def leave_as_it_is(_: asyncpg.Connection) -> None:
    """Give a connection back without a statement more: ours never change its settings."""


logging.basicConfig(level=logging.WARNING)
application = Application(load_settings())
