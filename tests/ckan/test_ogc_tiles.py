"""Vector tiles: what a map draws at each zoom, what is kept, what has a limit."""

from __future__ import annotations

import csv
import gzip
import io
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from ckan.lib.redis import connect_to_redis

from ckanext.territoire.delivery.database import transaction
from ckanext.territoire.ogc.tile_sql import MAX_ALONE
from ckanext.territoire.ogc.tiles import MAX_BYTES
from deployment.ogc.relay import Relay
from schemas.load import TABLES
from tests.acceptance.portal_site import serving
from tests.ckan.conftest import act
from tests.ckan.ogc_server import Ogc, serving_ogc
from tests.ckan.parking_rows import SLUG, park, upload
from tests.ckan.test_delivery import Deposit, deposit, territory  # noqa: F401 (fixtures)

GRID = f"/collections/{SLUG}/tiles/WebMercatorQuad"
ACIGNE = f"{GRID}/14/5686/8122"  # level, row, column
CALLS, OF_TILES = (
    f"ckanext.territoire.{name}_per_minute" for name in ("api.anonymous", "ogc.tiles")
)


@pytest.fixture(scope="module")
def ogc(portal_app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ogc]:
    """The process, once for all: it finds the tables of each test by itself."""
    with serving_ogc(tmp_path_factory.mktemp("ogc"), portal_app) as served:
        yield served


@pytest.fixture(autouse=True)
def uncounted(ckan_config: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No quota, but in the tests of quotas."""
    for name in (CALLS, OF_TILES):
        monkeypatch.setitem(ckan_config, name, 0)


def features(body: bytes, folder: Path, layer: str = SLUG) -> list[dict[str, Any]]:
    """The features of a tile, as GDAL decodes them."""
    file = folder / "tile.mvt"
    file.write_bytes(body)
    told, _, shapes, columns = pyogrio.raw.read(file, layer=layer)
    names = [str(name) for name in told["fields"]]
    return [
        {name: cells[i] for name, cells in zip(names, columns, strict=True)}
        for i in range(len(shapes))
    ]


MULTIPLY = """
    INSERT INTO {table} ({names}, _key, _mark, _feed, _cursor, _added, _geom)
    SELECT {names}, 'cle-' || i, i::text, _feed, _cursor, _added,
           ST_SetSRID(ST_MakePoint(-1.56 + i %% 100 / 4000.0, 48.12 + i / 100 / 8000.0), 4326)
      FROM {table}, generate_series(1, %s) i WHERE _key = '35001-P-001'
"""


def multiply(count: int, slug: str = SLUG, statement: str = MULTIPLY) -> None:
    """Put so many rows more into the table, as one delivery would."""
    with transaction() as cursor:
        cursor.execute("SELECT resource_id FROM territoire.merged WHERE slug = %s", (slug,))
        table = cursor.fetchone()[0]
        cursor.execute(
            "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attnum > 0 "
            "AND attrelid = to_regclass(%s) AND left(attname, 1) <> '_' AND NOT attisdropped",
            (f'public."{table}"',),
        )
        names = cursor.fetchone()[0]
        cursor.execute(statement.format(table=f'"{table}"', names=names), (count,))
        cursor.execute("UPDATE territoire.merged SET cursor = cursor + 1, changed_at = now()")


def take_away(count: int) -> None:
    """Take so many of these rows out again, as one delivery would."""
    with transaction() as cursor:
        cursor.execute("SELECT resource_id FROM territoire.merged WHERE slug = %s", (SLUG,))
        keys = [f"cle-{n}" for n in range(1, count + 1)]
        cursor.execute(f'DELETE FROM "{cursor.fetchone()[0]}" WHERE _key = ANY(%s)', (keys,))
        cursor.execute("UPDATE territoire.merged SET cursor = cursor + 1, changed_at = now()")


def test_a_tile_says_of_each_row_its_key_its_name_and_what_a_map_colours_by(
    ogc: Ogc,
    deposit: Deposit,  # noqa: F811
    tmp_path: Path,
) -> None:
    deposit(park(1, nom="Gare", gratuit="false"))
    ogc.await_rows(SLUG, 1)

    answer = ogc.get(ACIGNE)

    (one,) = features(answer.body, tmp_path)
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert one["territoire_cle"] == "35001-P-001"
    assert (one["nom"], one["territoire_commune"], one["nombre"]) == ("Gare", "35001", 1)
    assert not one["gratuit"]
    assert "nb_places" not in one
    described = ogc.get(f"{GRID}/tilejson.json").json
    assert set(described["vector_layers"][0]["fields"]) >= one.keys() - {"mvt_id"}
    assert described["tiles"] == [f"{ogc.site}/ogc{GRID}/{{z}}/{{y}}/{{x}}"]


def test_a_tile_is_asked_again_and_not_sent_again_until_a_delivery_changes_the_table(
    ogc: Ogc,
    deposit: Deposit,  # noqa: F811
) -> None:
    deposit(park(1))
    ogc.await_rows(SLUG, 1)
    first = ogc.get(ACIGNE)
    assert first.headers["cache-control"] == "public, no-cache"

    same = ogc.get(ACIGNE, if_none_match=first.headers["etag"])
    assert (same.status, same.body) == (304, b"")

    deposit(park(1), park(2))
    ogc.await_rows(SLUG, 2)
    assert ogc.get(ACIGNE, if_none_match=first.headers["etag"]).status == 200


def test_a_tile_without_rows_is_empty_and_one_outside_the_grid_is_refused(
    ogc: Ogc,
    deposit: Deposit,  # noqa: F811
) -> None:
    deposit(park(1))
    ogc.await_rows(SLUG, 1)

    assert ogc.get(f"{GRID}/14/0/0").status == 204
    for path in ("14/16384/0", "23/0/0", "99/0/0", "-1/0/0", "a/b/c", "1.5/0/0"):
        answer = ogc.get(f"{GRID}/{path}")
        assert (answer.status, answer.code) == (400, "TER-API-213"), path
    assert ogc.get(f"{ACIGNE}?filter=true").code == "TER-API-160"


def test_close_rows_are_one_point_that_says_how_many_they_are_and_none_is_lost(
    ogc: Ogc,
    deposit: Deposit,  # noqa: F811
    tmp_path: Path,
) -> None:
    deposit(park(1))
    multiply(MAX_ALONE + 999)
    count = MAX_ALONE + 1_000
    ogc.await_rows(SLUG, count)

    far = ogc.get(f"{GRID}/9/177/253")
    grouped = features(far.body, tmp_path)
    assert sum(each["nombre"] for each in grouped) == count
    assert len(grouped) < count / 5
    near = [features(ogc.get(f"{GRID}/16/{row}/{column}").body, tmp_path)
            for row in range(22744, 22752) for column in range(32484, 32494)
            if ogc.get(f"{GRID}/16/{row}/{column}").status == 200]  # fmt: skip
    keys = {each["territoire_cle"] for tile in near for each in tile}
    assert len(keys) > 0
    assert all(each["nombre"] == 1 for tile in near for each in tile)
    heavy = [len(ogc.get(f"{GRID}/{z}/{22747 >> 16 - z}/{32488 >> 16 - z}").body)
             for z in range(6, 17)]  # fmt: skip
    assert max(heavy) <= MAX_BYTES

    take_away(500)
    ogc.await_rows(SLUG, count - 500)
    less = features(ogc.get(f"{GRID}/9/177/253").body, tmp_path)
    assert sum(each["nombre"] for each in less) == count - 500


def test_a_tile_is_compressed_for_who_takes_it_so(
    ogc: Ogc,
    deposit: Deposit,  # noqa: F811
) -> None:
    deposit(*(park(n, Ylat=48.1332 + n / 100_000) for n in range(1, 200)))
    ogc.await_rows(SLUG, 199)

    plain = ogc.get(ACIGNE)
    packed = ogc.get(ACIGNE, accept_encoding="gzip")

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 2


def test_lines_are_drawn_as_lines_and_their_tracing_is_told_once(ogc: Ogc) -> None:
    way = {"type": "LineString", "coordinates": [[-1.54, 48.13], [-1.53, 48.14]]}
    slug = bring_a_cycle_way(way)
    ogc.until(f"/collections/{slug}", lambda answer: answer.status == 200)

    (one,) = ogc.get(f"/collections/{slug}/items").json["features"]
    assert one["geometry"] == way
    assert "geometry" not in one["properties"]
    rows = f"{ogc.site}/api/territoire/v1/tables/{slug}/rows.geojson"
    with urllib.request.urlopen(rows) as answer:
        assert json.load(answer)["features"][0]["geometry"] == way  # not turned round
    tile = ogc.get(f"/collections/{slug}/tiles/WebMercatorQuad/14/5686/8122")
    assert tile.status == 200


SPREAD = """
    INSERT INTO {table} ({names}, _key, _mark, _feed, _cursor, _added, _geom)
    SELECT {names}, kind || i, kind || i, _feed, _cursor, _added, ST_SetSRID(ST_MakeLine(
           ST_MakePoint(west, south), ST_MakePoint(west + wide, south + wide / 2)), 4326)
      FROM (SELECT kind, i, wide, -1.56 + i %% 100 / 4000.0 AS west,
                   48.12 + i / 100 / 8000.0 AS south
              FROM (VALUES ('court-', %s, 0.0002), ('long-', 7, 0.02)) k(kind, many, wide),
                   generate_series(1, many) i) ways,
           (SELECT * FROM {table} LIMIT 1) one
"""


def test_a_far_map_draws_the_long_lines_and_counts_the_short_ones(ogc: Ogc, tmp_path: Path) -> None:
    slug = bring_a_cycle_way({"type": "LineString", "coordinates": [[-1.54, 48.13], [-1.5, 48.15]]})
    multiply(MAX_ALONE + 1, slug, SPREAD)
    count = MAX_ALONE + 9  # seven long ones, and the one that was delivered
    ogc.await_rows(slug, count)

    for place in ("0/0/0", "6/22/31", "9/177/253", "12/1421/2030"):
        tile = ogc.get(f"/collections/{slug}/tiles/WebMercatorQuad/{place}")
        drawn = features(tile.body, tmp_path, slug)
        keys = {str(each["territoire_cle"]) for each in drawn if "territoire_cle" in each}
        is_far = int(place.split("/")[0]) < 7
        assert len([key for key in keys if key.startswith("long-")]) == (0 if is_far else 7), place
        assert not any(key.startswith("court-") for key in keys), place
        if not place.startswith("1"):
            assert sum(each["nombre"] for each in drawn) == count, place


def bring_a_cycle_way(way: dict[str, Any]) -> str:
    """Deliver the good rows of the schema of cycle ways, with one tracing; answer its slug."""
    slug = "amenagements-cyclables"
    text = (TABLES / slug / "0.3.5" / "valid.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))[:1]
    rows[0] |= {"geometry": json.dumps(way), "code_com_d": "35001", "code_com_g": "35001"}
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    told = act("territoire_delivery_create", organization="acigne", schema=slug,
               upload=upload(out.getvalue().encode()))  # fmt: skip
    assert told["state"] in ("draft", "held"), told
    act("territoire_delivery_publish", id=told["id"], accept=told["reasons"])
    return slug


def test_who_asks_too_often_is_told_so_and_tiles_have_a_quota_of_their_own(
    ogc: Ogc,
    ckan_config: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    redis: Any = connect_to_redis()
    for key in redis.scan_iter("territoire:*:quota:*"):
        redis.delete(key)
    monkeypatch.setitem(ckan_config, CALLS, 2)
    monkeypatch.setitem(ckan_config, OF_TILES, 5)

    assert [ogc.get("/collections").status for _ in range(3)] == [200, 200, 429]
    late = ogc.get("/collections")
    assert late.code == "TER-API-179"
    assert int(late.headers["retry-after"]) > 0
    assert late.headers["ratelimit-policy"] == '"adresse";q=2;w=60'
    tiles = [ogc.get(ACIGNE) for _ in range(6)]
    assert [each.status for each in tiles] == [404] * 5 + [429]
    assert tiles[0].headers["ratelimit"].startswith('"tuiles";r=4;')


def test_a_key_has_its_own_quota_and_one_that_is_not_ours_is_refused(ogc: Ogc) -> None:
    act("user_create", name="agente", email="agente@mairie.example", password="un-mot-de-passe")
    key = act("api_token_create", user="agente", name="carte")["token"]

    known = ogc.get("/collections", authorization=f"Bearer {key}")
    assert known.status == 200
    assert known.headers["ratelimit-policy"].startswith('"cle";')
    refused = ogc.get("/collections", authorization="Bearer inconnue")
    assert (refused.status, refused.code) == (401, "TER-API-178")


def test_the_relay_passes_pages_on_and_answers_for_a_process_that_is_away(
    ogc: Ogc, portal_app: Any
) -> None:
    with serving(Relay(portal_app, "http://127.0.0.1:9", "http://portail.example")) as site:
        away = Ogc(site, "").get("/collections")
        assert (away.status, away.code) == (503, "TER-API-214")
        assert away.headers["retry-after"] == "5"
    assert ogc.get("", method="POST").code == "TER-API-180"
    before = ogc.get("/collections", method="OPTIONS")
    assert (before.status, before.headers["access-control-allow-methods"]) == (
        204, "GET, HEAD, OPTIONS",
    )  # fmt: skip
    head = ogc.get("/collections", method="HEAD")
    assert (head.status, head.body) == (200, b"")
