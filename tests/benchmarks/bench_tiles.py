"""Benchmark P6: vector tiles of 500,000 points and of 100,000 areas, from zoom 6 to 16.

Sides, on the same tiles in the same run, each tile asked of all of them one after the other, the best
of three turns: PostgreSQL alone (every row of the tile, the same columns, read with the same role: the
floor), our process cold and warm, the same through the address of the portal, tipg as it is. Where no
row of a tile is folded, it must first hold the same keys as the floor's. `--points`, `--areas`,
`--tiles` a zoom. Writes `results-tiles.md`.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import random
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from math import asinh, pi, radians, tan
from pathlib import Path

import psycopg2

from ckanext.territoire.ogc.tables import EVERY_S
from ckanext.territoire.ogc.tile_sql import DRAWN, NEAR, shown
from ckanext.territoire.ogc.tiles import MAX_BYTES
from deployment.layout import CHECKOUT, Layout, layout
from deployment.ogc.settings import to_settings
from deployment.postgres import cluster
from schemas.load import latest
from tests.benchmarks.tile_measure import ZOOMS, Ask, Measure, Meter, Tile, family
from tests.benchmarks.tile_tables import AREAS, DATABASE, POINTS, make_tables

RESULTS = Path(__file__).parent / "results-tiles.md"
TURNS = 3
START_S = 300  # a portal loads ten seconds of processor, and may be alone on none
FLOOR = """
    SELECT ST_AsMVT(t, $4, 4096, 'geom') FROM (
        SELECT {columns}, ST_AsMVTGeom(ST_Transform(geom, 3857), {drawn}) AS geom
          FROM published."{slug}" WHERE {near}) t
"""
SIDES = ("floor", "ours, cold", "ours, warm", "portal, cold", "portal, warm", "tipg")


def choose(count: int) -> list[Tile]:
    """So many tiles a zoom, where the rows are: fewer at the low zooms, which have no more."""
    chance, tiles = random.Random(7), []
    for zoom in ZOOMS:
        found: dict[Tile, None] = {}
        for _ in range(count * 20):
            if len(found) == count:
                break
            draw = [sum(chance.random() for _ in range(3)) - 1.5 for _ in range(2)]
            found[to_tile(-1.68 + draw[0] * 0.25, 48.11 + draw[1] * 0.17, zoom)] = None
        tiles += found
    return tiles


def to_tile(longitude: float, latitude: float, zoom: int) -> Tile:
    """The tile of a place: zoom, column, row."""
    side = 1 << zoom
    row = (1 - asinh(tan(radians(latitude))) / pi) / 2 * side
    return zoom, int((longitude + 180) / 360 * side), int(row)


@contextmanager
def floor(here: Layout, slug: str) -> Iterator[Ask]:
    """PostgreSQL alone, a prepared statement on one connection."""
    names = ["territoire_cle", *shown(latest(slug)), "territoire_commune"]
    columns = ", ".join(f'"{name}"' for name in names)
    query = FLOOR.format(columns=columns, drawn=DRAWN, near=NEAR, slug=slug)
    with psycopg2.connect(to_settings(here, DATABASE)["database_url"]) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(f"PREPARE tile(int, int, int, text) AS {query}")

        def ask(tile: Tile) -> bytes:
            zoom, column, row = tile
            cursor.execute(f"EXECUTE tile({zoom}, {column}, {row}, '{slug}')")
            return bytes(cursor.fetchone()[0])

        ask((18, 129_000, 90_000))  # what the first statement of a connection costs
        yield ask


@contextmanager
def serving(command: list[str], env: dict[str, str], path: str) -> Iterator[tuple[int, int]]:
    """Start a server on a free port and wait until a path answers 200; its port, its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = Path(tempfile.gettempdir()) / f"bench-tiles-{port}.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [*command, "--port", str(port)], env={**os.environ, **env}, stdout=out, stderr=out,
            cwd=CHECKOUT,
        )  # fmt: skip
    try:
        limit = time.monotonic() + START_S
        while fetch(port, path)[0] != 200:
            if server.poll() is not None or time.monotonic() > limit:
                raise SystemExit(log.read_text(errors="replace")[-3000:])
            time.sleep(0.2)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.unlink()


def fetch(port: int, path: str) -> tuple[int, int]:
    """Ask once: status, bytes; 0 when nothing listens."""
    try:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        link.request("GET", path)
        answer = link.getresponse()
        return answer.status, len(answer.read())
    except OSError:
        return 0, 0


def over_http(port: int, form: str) -> Ask:
    """Ask tiles on one connection that is kept, as a browser does."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(tile: Tile) -> bytes:
        zoom, column, row = tile
        path = form.format(z=zoom, x=column, y=row)
        link.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = link.getresponse()
        body = answer.read()
        if answer.status not in (200, 204):
            raise SystemExit(f"{answer.status} for {tile}: {body[:300]!r}")
        return body

    return ask


@contextmanager
def our_process(here: Layout, folder: Path) -> Iterator[tuple[int, int]]:
    """Our process, as the Procfile starts it."""
    settings = folder / "ogc.json"
    settings.write_text(json.dumps(to_settings(here, DATABASE)))
    command = [str(here.venv / "bin" / "granian"), "--interface", "asgi", "--host", "127.0.0.1",
               "--http", "1", "--no-ws", "--log-level", "warning",
               "ckanext.territoire.ogc.app:application"]  # fmt: skip
    listed = f"/collections/{AREAS}"
    with serving(command, {"TERRITOIRE_OGC": str(settings)}, listed) as (port, pid):
        for slug in (POINTS, AREAS):
            while not is_measured(port, slug):
                time.sleep(0.2)
        yield port, pid


def is_measured(port: int, slug: str) -> bool:
    """Say whether the process knows how dense a table is: it then tells where the table lies."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    link.request("GET", f"/collections/{slug}")
    return "extent" in json.loads(link.getresponse().read())


@contextmanager
def the_portal(here: Layout, folder: Path, ogc_port: int) -> Iterator[int]:
    """The portal, as the Procfile starts it, with the quotas of tiles off."""
    ini = folder / "portal.ini"
    text = here.ini("test").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("ckanext.territoire.ogc.url")]
    at = kept.index("[loggers]")
    kept[at:at] = [f"ckanext.territoire.ogc.url = http://127.0.0.1:{ogc_port}",
                   "ckanext.territoire.ogc.tiles_per_minute = 0"]  # fmt: skip
    ini.write_text("\n".join(kept))
    command = [str(here.venv / "bin" / "granian"), "--interface", "wsgi", "--host", "127.0.0.1",
               "--http", "1", "--no-ws", "--workers", "2", "--blocking-threads", "8",
               "--log-level", "warning", "deployment.ckan.wsgi:application"]  # fmt: skip
    with serving(command, {"CKAN_INI": str(ini)}, "/ogc/collections") as (port, _):
        yield port


@contextmanager
def stock_tipg(here: Layout) -> Iterator[int]:
    """tipg as it is, on the same views; its functions need a role that may make them."""
    url = f"postgresql://ckan:{here.secret()['ckan']}@127.0.0.1:{here.postgres_port}/{DATABASE}"
    env = {"DATABASE_URL": url, "TIPG_DB_SCHEMAS": '["published"]', "TIPG_CATALOG_TTL": "100000"}
    command = [str(here.venv / "bin" / "granian"), "--interface", "asgi", "--host", "127.0.0.1",
               "--http", "1", "--no-ws", "--log-level", "warning", "tipg.main:app"]  # fmt: skip
    with serving(command, env, "/healthz") as (port, _):
        yield port


def sessions(here: Layout) -> list[int]:
    """The processes of PostgreSQL that serve the floor and our process: those of its role."""
    with cluster.cursor_of(here, DATABASE) as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE usename = 'territoire_ogc'")
        return [row[0] for row in cursor.fetchall()]


def make_cold(here: Layout, port: int) -> None:
    """Make every tag new, as a delivery does: our process forgets its tiles and measures again."""
    with cluster.cursor_of(here, DATABASE) as cursor:
        cursor.execute("UPDATE territoire.merged SET changed_at = clock_timestamp()")
    time.sleep(EVERY_S + 1)
    for slug in (POINTS, AREAS):
        while not is_measured(port, slug):
            time.sleep(0.2)


def measure(here: Layout, folder: Path, sizes: dict[str, int], tiles: list[Tile]) -> list[Measure]:
    """Measure all sides on both tables."""
    own = "/collections/{}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}"
    their = "/collections/published.{}/tiles/WebMercatorQuad/{{z}}/{{x}}/{{y}}?geom-column=geom"
    found = [Measure(slug, rows) for slug, rows in sizes.items()]
    with our_process(here, folder) as (ours, pid), the_portal(here, folder, ours) as portal, \
            stock_tipg(here) as tipg:  # fmt: skip
        for turn in range(TURNS):
            for is_portal in (False, True):
                make_cold(here, ours)
                for each in found:
                    late = [tile for tile in tiles if turn == 0 or not each.is_slow(tile)]
                    if is_portal:
                        ask = over_http(portal, "/ogc" + own.format(each.slug))
                        each.turn_of("portal", late, ask)
                        continue
                    ask = over_http(ours, own.format(each.slug))
                    stock = over_http(tipg, their.format(each.slug))
                    with floor(here, each.slug) as bare:
                        each.meter = Meter((*family(pid), *sessions(here)))
                        each.turn_of("ours", late, ask, bare, stock)
    return found


def write_results(found: list[Measure], load: float) -> None:
    """Write `results-tiles.md`."""
    told = "\n".join(_table(each) for each in found)
    parts = ", ".join(f"{name} {version(name)}" for name in ("tipg", "granian", "asyncpg"))
    RESULTS.write_text(
        f"""# P6: vector tiles

{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {platform.platform()}, {parts}.
Load average {load:.1f} before, {os.getloadavg()[0]:.1f} after: only ratios count.

Median milliseconds of a tile where rows are dense: each is asked of all sides one after the other on
one connection each, the best of {TURNS} turns is kept. The *floor* is PostgreSQL alone: every row of the
tile with the same columns, no HTTP, no thinning. Ours is *cold* when a delivery has just changed the
table (computed, compressed, kept), *warm* when asked again. *Portal* is the same through the public
address. tipg is as it is: all columns, at most 10,000 rows of a tile, the others are left out. *Share* is
the floor's time over ours, above 1 when we are faster. *Of processors* is the same for the processor
time that PostgreSQL and our process spend on a cold tile, compressing included: other work on the machine
does not change it, and it counts no waiting.

{told}""",
        encoding="utf-8",
    )


def _table(each: Measure) -> str:
    lines = [f"## {each.rows:,} rows of `{each.slug}`", "",
             "| zoom | tiles | " + " | ".join(SIDES) + " | ours, largest KB | floor, largest KB | share, cold | of processors |",
             "|---:" * (len(SIDES) + 6) + "|"]  # fmt: skip
    for zoom in ZOOMS:
        tiles = [tile for tile in each.ms["floor"] if tile[0] == zoom]
        ms = " | ".join(f"{each.median(side, zoom):.2f}" for side in SIDES)
        ours, bare = (
            max(each.size[side][t] for t in tiles) / 1_000 for side in (SIDES[1], "floor")
        )
        lines.append(
            f"| {zoom} | {len(tiles)} | {ms} | {ours:.0f} | {bare:,.0f} "
            f"| {each.share(SIDES[1], [zoom]):.2f} | {each.spent_share([zoom]):.2f} |"
        )
    shares = ", ".join(f"{side} {each.share(side):.2f}" for side in SIDES[1:])
    whole = each.whole()
    same = ", ".join(f"{side} {each.share(side, whole):.2f}" for side in SIDES[1:])
    largest = max(each.size["ours, cold"].values())
    verdict = "none over" if largest <= MAX_BYTES else "**over**"
    lines += ["", f"Share of the floor, mean over the zooms: {shares}.", "",
              f"Where nothing is thinned (zooms {', '.join(map(str, whole))}; the same keys as the "
              f"floor): {same}; of processors, cold {each.spent_share(whole):.2f}.", "",
              f"Largest tile: {largest / 1_000:.0f} KB, {verdict} {MAX_BYTES // 1_000} KB.", ""]  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    """Obey the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=500_000)
    parser.add_argument("--areas", type=int, default=100_000)
    parser.add_argument("--tiles", type=int, default=12)
    parser.add_argument("--kept", action="store_true", help="take the tables of the last run")
    asked = parser.parse_args()
    here, load = layout(), os.getloadavg()[0]
    sizes = {POINTS: asked.points, AREAS: asked.areas}
    if not asked.kept:
        make_tables(here, sizes)
    with tempfile.TemporaryDirectory() as name:
        found = measure(here, Path(name), sizes, choose(asked.tiles))
    write_results(found, load)
    print(RESULTS.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
