"""Data Fair: addresses as typed, files and rows, what is not public, the schema a file keeps to."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from harvesters.model import Config, Dataset, Issue, Page, Record, Response
from harvesters.sources.data_fair import LAST, SOURCE
from tests.contract.answers.data_fair import API, DATASETS, SITE
from tests.contract.answers.data_fair import dataset as told

PORTAL = Config(SITE)


def read(body: Any, config: Config = PORTAL) -> Page:
    asked = SOURCE.start(config)
    return SOURCE.read(Response(asked, asked.url, 200, {}, orjson.dumps(body)), config)


def mapped(**fields: Any) -> Dataset | Issue:
    item = told("parkings", **fields)
    return SOURCE.to_dataset(Record("parkings", item, "fiche 1"), PORTAL)


def dataset(**fields: Any) -> Dataset:
    found = mapped(**fields)
    assert isinstance(found, Dataset)
    return found


@pytest.mark.parametrize(
    ("typed", "asked"),
    [("https://d.example", "https://d.example/data-fair/api/v1/datasets"),
     ("https://d.example/datasets/arbres?x=1", "https://d.example/data-fair/api/v1/datasets"),
     ("https://d.example/opendata/datasets", "https://d.example/opendata/data-fair/api/v1/datasets"),
     ("https://d.example/data-fair/", "https://d.example/data-fair/api/v1/datasets"),
     ("https://d.example/s/data-fair/api/v1/datasets/arbres/lines",
      "https://d.example/s/data-fair/api/v1/datasets"),
     ("https://d.example/data-fair/api/v1/catalog/datasets?size=3",
      "https://d.example/data-fair/api/v1/catalog/datasets")],
)  # fmt: skip
def test_any_page_of_a_portal_leads_to_its_list(typed: str, asked: str) -> None:
    assert SOURCE.start(Config(typed)).url.split("?")[0] == asked


def test_an_owner_and_a_portal_are_chosen_by_settings_or_in_the_typed_address() -> None:
    typed = f"{API}?owner=organization:a&size=3&page=9&select=id"
    query = parse_qs(urlsplit(SOURCE.start(Config(typed)).url).query)
    assert (query["owner"], query["page"]) == (["organization:a"], ["1"])
    assert "select" not in query
    config = Config(SITE, {"owner": "organization:b", "site": "data-fair-portals:c"})
    query = parse_qs(urlsplit(SOURCE.start(config).url).query)
    assert query["owner"] == ["organization:b"]
    assert query["publicationSites"] == ["data-fair-portals:c"]
    assert query["visibility"] == ["public"]


def test_pages_follow_until_the_count_is_reached() -> None:
    page = read({"count": 101, "results": [told("a")]})
    assert "page=2" in page.next_requests[0].url
    assert page.declared_total == 101
    assert read({"count": 1, "results": [told("a")]}).next_requests == ()


def test_more_than_the_api_lets_read_is_told_at_once() -> None:
    page = read({"count": LAST + 1, "results": [told("a")]})
    assert page.records == ()
    assert [issue.code for issue in page.issues] == ["TER-VAL-074"]


@pytest.mark.parametrize("hidden", [{"visibility": "private"}, {"public": False}])
def test_what_is_not_public_there_is_not_published_here(hidden: Any) -> None:
    found = mapped(**hidden)
    assert isinstance(found, Issue)
    assert found.code == "TER-VAL-010"


def test_a_spreadsheet_is_given_as_deposited_and_as_converted_then_its_rows() -> None:
    files = SOURCE.to_dataset(Record("parkings", DATASETS[0], ""), PORTAL)
    assert isinstance(files, Dataset)
    assert [(file.format, file.url) for file in files.resources[:3]] == [
        ("XLSX", f"{API}/parkings/raw"), ("CSV", f"{API}/parkings/convert"),
        ("API", f"{API}/parkings/lines"),
    ]  # fmt: skip
    assert [(file.title, file.format) for file in files.resources[3:]] == [
        ("Notice", "PDF"), ("Le site du stationnement", "Page web"),
    ]  # fmt: skip


def test_a_file_that_needed_no_conversion_is_given_once() -> None:
    assert [file.format for file in dataset().resources] == ["CSV", "API"]


@pytest.mark.parametrize(("count", "formats"), [(900, ["CSV", "API"]), (10_001, ["API"])])
def test_rows_without_a_file_are_a_table_while_they_come_at_once(
    count: int, formats: list[str]
) -> None:
    found = dataset(originalFile=None, file=None, count=count, isRest=True)
    assert [file.format for file in found.resources] == formats


def test_a_record_without_data_says_so() -> None:
    found = dataset(isMetaOnly=True)
    assert found.resources == ()
    assert [issue.code for issue in found.issues] == ["TER-MAP-004"]


def test_the_schema_that_the_data_keep_to_is_ours_or_kept_in_words() -> None:
    national = "https://schema.data.gouv.fr/schemas/etalab/schema-stationnement/0.1.5/schema.json"
    known = dataset(conformsTo={"title": "Stationnement", "version": "0.1.5", "url": national})
    assert known.resources[0].table_schema == "stationnement-hors-voirie/0.1.5"
    other = dataset(conformsTo={"title": "Zones", "version": "2", "url": "https://s.example/z"})
    assert other.resources[0].table_schema == ""
    assert ("table_schemas", "Zones 2") in other.properties


def test_the_period_that_was_written_wins_over_the_one_of_the_rows() -> None:
    rows = {"startDate": "2020-01-01T00:00:00Z", "endDate": "2020-12-31T00:00:00Z"}
    both = dataset(timePeriod=rows, temporal={"start": "2019-01-01", "end": None})
    assert (both.temporal_start, both.temporal_end) == ("2019-01-01", "")
    assert dataset(timePeriod=rows).temporal_start.startswith("2020-01-01")


def test_a_person_who_owns_a_dataset_is_not_named() -> None:
    assert dataset(owner={"type": "user", "name": "Un compte"}).publisher == ""
    assert dataset().publisher == "Ville de Boisfleury"
    assert dataset(creator="Service voirie").publisher == "Service voirie"


def test_a_dataset_is_known_by_its_page_or_by_the_api_when_it_has_only_the_back_office() -> None:
    assert dataset().upstream_uri == f"{SITE}/datasets/parkings"
    office = dataset(page=f"{SITE}/data-fair/dataset/parkings")
    assert office.upstream_uri == f"{API}/parkings"


def test_what_changes_alone_does_not_make_a_record_change() -> None:
    one = told("a", finalizedAt="2026-01-01", storage={"size": 1}, status="finalized")
    other = told("a", finalizedAt="2026-02-01", storage={"size": 2}, status="indexed")
    first, second = (read({"count": 1, "results": [x]}).records[0].payload for x in (one, other))
    assert first == second


def test_a_list_of_something_else_is_not_recognised() -> None:
    asked = SOURCE.start(PORTAL)
    for body in ({"count": 1, "results": [{"id": 1, "title": "x"}]}, {"count": 0, "results": []}):
        assert not SOURCE.looks_like(Response(asked, asked.url, 200, {}, orjson.dumps(body)))
