"""An ArcGIS Hub site: its DCAT-US feed and its search API."""

from __future__ import annotations

import orjson
import pytest

from harvesters.model import Config, Dataset, Issue, Page, Request, Response
from harvesters.sources.arcgis_hub import FEED, SOURCE
from tests.contract.answers import arcgis_hub as hub

CONFIG = Config(hub.SITE)


def read(body: object, config: Config = CONFIG) -> Page:
    request = SOURCE.start(config)
    return SOURCE.read(Response(request, request.url, 200, {}, orjson.dumps(body)), config)


def first(body: object) -> Dataset | Issue:
    return SOURCE.to_dataset(read(body).records[0], CONFIG)


def search_of(**told: object) -> dict[str, object]:
    feature = hub.feature(7, **told)
    return {"type": "FeatureCollection", "features": [feature], "numberMatched": 1}


@pytest.mark.parametrize(
    ("typed", "asked"),
    [(hub.SITE, f"{hub.SITE}/{FEED}"),
     (f"{hub.SITE}/search?collection=Dataset", f"{hub.SITE}/{FEED}"),
     ("https://a.fr/data.json", "https://a.fr/data.json"),
     (f"{hub.SITE}/api/search/v1/collections/dataset/items?q=x",
      f"{hub.SITE}/api/search/v1/collections/dataset/items?limit=100&startindex=1")],
)  # fmt: skip
def test_the_addresses_people_paste_lead_to_the_feed_or_to_the_search(
    typed: str, asked: str
) -> None:
    assert SOURCE.start(Config(typed)).url == asked


def test_a_dataset_of_the_feed_is_mapped_with_its_downloads() -> None:
    found = first(hub.FEED)
    assert isinstance(found, Dataset)
    assert (found.title, found.description) == ("Bancs publics", "Les bancs de la ville.")
    assert (found.licence, found.publisher) == ("lov2", "Ville d’exemple")
    assert found.contact_email == "sig@ville-exemple.fr"
    assert found.modified == "2026-02-03T08:00:00+00:00"
    assert found.spatial.startswith('{"type":"Polygon","coordinates":[[[-1.75,48.05]')
    assert [r.format for r in found.resources] == [
        "Page web", "API", "GeoJSON", "CSV", "Shapefile",
    ]  # fmt: skip
    assert found.tags == ("mobilier urbain", "bancs")


def test_what_is_not_public_is_not_published() -> None:
    private = SOURCE.to_dataset(read(hub.FEED).records[1], CONFIG)
    assert isinstance(private, Issue)
    assert private.code == "TER-VAL-010"
    kept = first(search_of(access="org"))
    assert isinstance(kept, Issue)
    assert kept.code == "TER-VAL-010"


def test_an_item_of_the_search_is_mapped() -> None:
    found = first(search_of())
    assert isinstance(found, Dataset)
    assert (found.title, found.licence, found.language) == ("Couche 7", "lov2", "fr")
    assert (found.issued, found.modified) == ("2023-11-14", "2026-02-02")
    assert [(r.url, r.format) for r in found.resources] == [(f"{hub.SERVICE[:-1]}7", "API")]
    assert found.landing_page == f"{hub.SITE}/datasets/{7:032x}"


def test_a_file_kept_by_arcgis_is_a_resource() -> None:
    found = first(search_of(type="CSV", url=None))
    assert isinstance(found, Dataset)
    assert found.resources[0].format == "CSV"
    assert found.resources[0].url.endswith(f"/items/{7:032x}/data")


def test_an_item_has_the_same_identity_by_the_feed_and_by_the_search() -> None:
    item = f"{7:032x}"
    entry = {**hub.BENCHES, "identifier": f"https://www.arcgis.com/home/item.html?id={item}"}
    by_feed, by_search = first({**hub.FEED, "dataset": [entry]}), first(search_of())
    assert isinstance(by_feed, Dataset)
    assert isinstance(by_search, Dataset)
    assert by_feed.remote_id == by_search.remote_id == item
    assert by_feed.upstream_uri == by_search.upstream_uri


def test_the_search_is_read_page_by_page_on_its_own_site() -> None:
    config = Config(hub.SITE, {"mode": "search"})
    request, pages = SOURCE.start(config), []
    while request:
        answer = hub.search(request)
        assert isinstance(answer, Response)
        pages.append(SOURCE.read(answer, config))
        request = next(iter(pages[-1].next_requests), None)
    assert [len(page.records) for page in pages] == [100, 40]
    assert {page.declared_total for page in pages} == {140}
    assert len({r.remote_id for page in pages for r in page.records}) == 140


def test_a_search_that_tells_no_total_follows_its_next_link() -> None:
    body = {"features": [hub.feature(1)], "links": [{"rel": "next", "href": "http://evil.test/"}]}
    following = read(body, Config(hub.SITE, {"mode": "search"})).next_requests
    assert [r.url.split("/api/")[0] for r in following] == [hub.SITE]
    assert read({"features": [hub.feature(1)], "links": []}).next_requests == ()


def test_a_new_field_is_heard_in_both() -> None:
    feed = {**hub.FEED, "dataset": [{**hub.BENCHES, "champ_nouveau": 1}]}
    for page in (read(feed), read(search_of(champ_nouveau=1))):
        assert [i.found for i in page.issues if i.code == "TER-MAP-001"] == ["champ_nouveau"]


def test_another_answer_is_told() -> None:
    assert [i.code for i in read({"error": {"code": 404}}).issues] == ["TER-VAL-001"]


def test_other_geojson_is_not_taken_for_a_hub() -> None:
    request = Request("https://geo.exemple.fr/collections/x/items")
    record = {"id": "1", "properties": {"title": "T", "type": "dataset"}, "links": []}
    body = orjson.dumps({"type": "FeatureCollection", "features": [record]})
    assert not SOURCE.looks_like(Response(request, request.url, 200, {}, body))
