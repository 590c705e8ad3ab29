"""Socrata: its own catalogue, pages by the last id seen, tables at their lasting addresses."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from harvesters.model import Config, Dataset, Page, Record, Response
from harvesters.sources.socrata import SOURCE
from tests.contract.answers.socrata import FROM_ELSEWHERE, SITE, item

PORTAL = Config(SITE)


def read(body: Any, config: Config = PORTAL) -> Page:
    asked = SOURCE.start(config)
    return SOURCE.read(Response(asked, asked.url, 200, {}, orjson.dumps(body)), config)


def dataset(told: dict[str, Any]) -> Dataset:
    found = SOURCE.to_dataset(Record(told["resource"]["id"], told, "fiche 1"), PORTAL)
    assert isinstance(found, Dataset)
    return found


@pytest.mark.parametrize(
    "typed",
    ["https://d.example", "https://d.example/browse?limitTo=datasets", "https://d.example/d/a-1",
     "https://d.example/Transports/Velo/aaaa-1111/about_data"],
)  # fmt: skip
def test_any_page_of_a_portal_leads_to_its_own_catalogue(typed: str) -> None:
    url = urlsplit(SOURCE.start(Config(typed)).url)
    query = parse_qs(url.query)
    assert (url.netloc, url.path) == ("d.example", "/api/catalog/v1")
    assert (query["domains"], query["only"]) == (["d.example"], ["datasets"])


def test_settings_choose_and_the_token_goes_in_a_header() -> None:
    request = SOURCE.start(Config(SITE, {"filter": "q=velo", "app_token": "s3cret"}))
    assert parse_qs(urlsplit(request.url).query)["q"] == ["velo"]
    assert request.headers == (("X-App-Token", "s3cret"),)
    assert "s3cret" not in request.url


def test_pages_follow_the_last_dataset_seen_until_the_count_is_reached() -> None:
    page = read({"results": [item("aaaa-1111"), item("bbbb-2222")], "resultSetSize": 3})
    [following] = page.next_requests
    assert parse_qs(urlsplit(following.url).query)["scroll_id"] == ["bbbb-2222"]
    assert page.declared_total == 3
    assert read({"results": [item("a")], "resultSetSize": 1}).next_requests == ()


def test_counters_do_not_make_a_record_change() -> None:
    one, other = (item("a", download_count=n, page_views={"page_views_total": n}) for n in (1, 2))
    found = [read({"results": [x], "resultSetSize": 1}).records[0].payload for x in (one, other)]
    assert found[0] == found[1]


def test_a_table_is_given_whole_and_by_its_api() -> None:
    found = dataset(item("aaaa-1111"))
    assert [(file.format, file.url) for file in found.resources] == [
        ("CSV", f"{SITE}/api/views/aaaa-1111/rows.csv?accessType=DOWNLOAD"),
        ("API", f"{SITE}/resource/aaaa-1111.json"),
    ]  # fmt: skip
    assert found.modified.startswith("2026-01-31")
    assert (found.licence, found.themes, found.tags) == (
        "lov2", ("transports",), ("vélo", "voirie"),
    )  # fmt: skip


def test_a_dataset_of_another_portal_keeps_its_identity_and_its_files_there() -> None:
    found = dataset(FROM_ELSEWHERE)
    assert found.upstream_uri == "https://data.region.example/d/dddd-4444"
    assert found.resources[0].url.startswith("https://data.region.example/api/views/dddd-4444/")
