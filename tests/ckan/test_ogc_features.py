"""What QGIS, OGR and OWSLib ask of the published tables: pages, boxes, filters, hostile ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from owslib.ogcapi.features import Features

from tests.ckan.conftest import act
from tests.ckan.ogc_server import Ogc, serving_ogc
from tests.ckan.ogr_reader import read_with_ogr
from tests.ckan.parking_rows import SLUG, park
from tests.ckan.test_delivery import Deposit, deposit  # noqa: F401 (a fixture)
from tests.ckan.test_rows_api import communes  # noqa: F401 (a fixture)
from tests.cog_folder import RENNES

ITEMS = f"/collections/{SLUG}/items"
QUOTA = "ckanext.territoire.api.anonymous_per_minute"
LEAKS = ("SELECT", "published", "psycopg", "asyncpg", "Traceback", "syntax", "relation")
READY: list[str] = []


@pytest.fixture(scope="module")
def ogc(portal_app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ogc]:
    """The process, once for all."""
    READY.clear()
    with serving_ogc(tmp_path_factory.mktemp("ogc"), portal_app) as served:
        yield served


@pytest.fixture
def parks(
    ogc: Ogc,
    with_plugins: None,
    communes: None,  # noqa: F811
    ckan_config: Any,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Ogc:
    """Car parks of two communes, 250 and 3, made once: these tests only read. No quota."""
    monkeypatch.setitem(ckan_config, QUOTA, 0)
    if not READY:
        request.getfixturevalue("clean")
        bring: Deposit = request.getfixturevalue("deposit")
        act("territoire_territory_init", epci=RENNES)
        bring(*(park(n, nom=f"Parking n° {n}", Ylat=48.1 + n / 10_000) for n in range(1, 251)))
        bring(*(park(n, "35051") for n in (1, 2, 3)), org="cesson-sevigne")
        ogc.await_rows(SLUG, 253)
        READY.append(SLUG)
    return ogc


def ids(found: Any) -> list[str]:
    return sorted(feature["id"] for feature in found["features"])


def asked(text: str) -> str:
    return f"{ITEMS}?limit=1000&filter={quote(text)}"


def test_ogr_reads_every_feature_page_after_page(parks: Ogc) -> None:
    found = read_with_ogr(f"OAPIF:{parks.site}/ogc", layer=SLUG, PAGE_SIZE="50")

    assert found["layers"] == [[SLUG, "Point"]]
    assert len(found["keys"]) == len(set(found["keys"])) == 253


def test_ogr_sends_a_box_and_a_filter_to_the_server(parks: Ogc) -> None:
    source = f"OAPIF:{parks.site}/ogc"
    inside = read_with_ogr(source, layer=SLUG, bbox=[-1.61, 48.1, -1.59, 48.13])["keys"]
    named = read_with_ogr(source, layer=SLUG, where="nom = 'Parking n° 7'")["keys"]

    assert (len(inside), named) == (3, ["35001-P-007"])


def test_owslib_reads_every_feature(parks: Ogc) -> None:
    client = Features(f"{parks.site}/ogc/")
    assert client.feature_collections() == [SLUG]
    assert client.collection_queryables(SLUG)["properties"]["nb_places"]["type"] == "integer"

    found: list[str] = []
    while True:
        page = client.collection_items(SLUG, limit=100, offset=len(found))
        found += [feature["id"] for feature in page["features"]]
        if not any(link["rel"] == "next" for link in page["links"]):
            break

    assert len(found) == len(set(found)) == page["numberMatched"] == 253
    one = client.collection_item(SLUG, "35051-P-001")
    assert one["properties"]["territoire_commune_nom"] == "Cesson-Sévigné"
    assert one["geometry"] == {"type": "Point", "coordinates": [-1.6002, 48.1205]}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("insee = '35051'", 3),
        ("nb_places > 250 AND gratuit = true", 10),
        ("nom LIKE 'Parking n° 25%'", 2),
        ("casei(nom) = casei('PARKING N° 7')", 1),
        ("insee IN ('35051', '35001') AND NOT (nb_places BETWEEN 20 AND 500)", 12),
        ("tarif_1h IS NULL", 253),
        ("S_INTERSECTS(geom, POLYGON((-1.61 48.1, -1.59 48.1, -1.6 48.13, -1.61 48.1)))", 3),
        ("territoire_maj > TIMESTAMP('2020-01-01T00:00:00Z')", 253),
        ("nom = 'l''été'", 0),
    ],
)  # fmt: skip
def test_a_filter_in_cql2_chooses_rows(parks: Ogc, text: str, count: int) -> None:
    assert parks.get(asked(text)).json["numberMatched"] == count


def test_a_filter_in_json_a_box_a_column_and_a_time_choose_rows_too(parks: Ogc) -> None:
    told = quote(json.dumps({"op": "=", "args": [{"property": "insee"}, "35051"]}))
    assert len(ids(parks.get(f"{ITEMS}?filter={told}&filter-lang=cql2-json").json)) == 3
    assert len(ids(parks.get(f"{ITEMS}?bbox=-1.61,48.1,-1.59,48.13").json)) == 3
    assert ids(parks.get(f"{ITEMS}?nb_places=12&insee=35051").json) == ["35051-P-002"]
    assert ids(parks.get(f"{ITEMS}?datetime=../2020-01-01T00:00:00Z").json) == []
    page = parks.get(f"{ITEMS}?sortby=-nb_places&properties=nom&limit=2").json
    assert [each["properties"] for each in page["features"]] == [
        {"nom": "Parking n° 250"}, {"nom": "Parking n° 249"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("filter=pg_sleep(30)=1", "TER-API-211"),
        ("filter=set_config('statement_timeout','0',false)='0'", "TER-API-211"),
        ("filter=query_to_xml('SELECT 1',true,true,'')='a'", "TER-API-211"),
        ("filter=_feed='a'", "TER-API-210"),
        ("filter=\"_feed\"='a'", "TER-API-212"),
        ("filter=inconnue=1", "TER-API-212"),
        ("filter=nom='a' OR", "TER-API-210"),
        ("filter=nom='a'; DROP TABLE territoire.merged", "TER-API-210"),
        ("filter=" + "(" * 5_000 + "a=1" + ")" * 5_000, "TER-API-210"),
        ("filter=" + "NOT " * 1_500 + "nom='a'", "TER-API-210"),
        ("filter=nom=" + "-" * 6_000 + "1", "TER-API-210"),
        ("filter={}&filter-lang=cql2-json", "TER-API-210"),
        ("filter=[1]&filter-lang=cql2-json", "TER-API-210"),
        ("filter=nom='a'&filter-lang=sql", "TER-API-162"),
        ("filter=nb_places='beaucoup'", "TER-API-216"),
        ("filter=nb_places=1&crs=http://www.opengis.net/def/crs/EPSG/0/2154", "TER-API-162"),
        ("nb_places=beaucoup", "TER-API-216"),
        ("bbox=1,2,3", "TER-API-164"),
        ("bbox=nan,nan,nan,nan", "TER-API-164"),
        ("bbox=inf,0,1,1", "TER-API-164"),
        ("bbox=2,2,1,1", "TER-API-164"),
        ("bbox=-181,0,1,1", "TER-API-164"),
        ("limit=0", "TER-API-162"),
        ("limit=-1", "TER-API-162"),
        ("limit=1e3", "TER-API-162"),
        ("limit=١٢", "TER-API-162"),
        ("offset=99999999999999999999", "TER-API-162"),
        ("datetime=hier", "TER-API-162"),
        ("datetime=../..", "TER-API-162"),
        ("datetime=2026-02-01T00:00:00Z/2026-01-01T00:00:00Z", "TER-API-162"),
        ("sortby=_feed", "TER-API-172"),
        ("properties=_mark", "TER-API-160"),
        ("f=html", "TER-API-151"),
        ("inconnu=1", "TER-API-160"),
        ("limit=1&limit=2", "TER-API-162"),
        ("nom=%00", "TER-API-162"),
    ],
    ids=lambda text: str(text)[:40],
)
def test_a_hostile_request_is_refused_in_our_words_and_the_process_lives_on(
    parks: Ogc, query: str, code: str
) -> None:
    answer = parks.get(f"{ITEMS}?{quote(query, safe='=&%')}")

    assert (answer.status, answer.code) == (400, code)
    message = answer.json["error"]["message"]
    assert not [word for word in LEAKS if word in message.replace(query, "")]
    assert parks.get(f"{ITEMS}?limit=1").json["numberMatched"] == 253


def test_what_does_not_exist_is_told_without_saying_why(parks: Ogc) -> None:
    for path in (f"{ITEMS}/inconnu", f"{ITEMS}/%00", "/collections/x", "/collections/x/items",
                 "/rien", f"/collections/{SLUG}/tiles/LINZAntarticaMapTileGrid"):  # fmt: skip
        answer = parks.get(path)
        assert answer.status == 404, path
        assert answer.code.startswith("TER-API-")
    near = parks.get("/collections/stationement").json["error"]["accepted"]
    assert near == [SLUG]
