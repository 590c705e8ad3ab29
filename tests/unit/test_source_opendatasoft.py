"""Opendatasoft (Huwise): addresses as typed, the 10,000 limit, exports, federated datasets."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import orjson
import pytest

from harvesters.model import Config, Dataset, Issue, Page, Record, Request, Response, Role
from harvesters.sources.opendatasoft import LAST, LIMIT, SOURCE
from tests.contract.answers.opendatasoft import SITE, federated, trees
from tests.contract.answers.opendatasoft import dataset as told

PORTAL = Config(SITE)


def read(body: Any, config: Config = PORTAL, request: Request | None = None) -> Page:
    asked = request or SOURCE.start(config)
    return SOURCE.read(Response(asked, asked.url, 200, {}, orjson.dumps(body)), config)


def mapped(item: dict[str, Any]) -> Dataset | Issue:
    return SOURCE.to_dataset(Record(item["dataset_id"], item, "fiche 1"), PORTAL)


def dataset(item: dict[str, Any]) -> Dataset:
    found = mapped(item)
    assert isinstance(found, Dataset)
    return found


@pytest.mark.parametrize(
    "typed",
    ["https://d.example", "https://d.example/explore/?sort=modified", "https://d.example/pages/home/",
     "https://d.example/explore/dataset/arbres/information/", " https://d.example/explore/assets/a/",
     "https://d.example/api/explore/v2.1/catalog/datasets?limit=5&offset=40", "https://d.example/map/"],
)  # fmt: skip
def test_any_page_of_a_portal_leads_to_its_catalogue(typed: str) -> None:
    url = urlsplit(SOURCE.start(Config(typed)).url)
    assert (url.netloc, url.path) == ("d.example", "/api/explore/v2.1/catalog/datasets")
    query = parse_qs(url.query)
    assert query == {"order_by": ["dataset_id"], "limit": [str(LIMIT)], "offset": ["0"]}


def test_the_typed_search_and_the_settings_choose_and_the_key_goes_in_a_header() -> None:
    typed = f"{SITE}/explore/?refine.theme=Eau&q=x&disjunctive.theme=true"
    settings = {"where": 'publisher = "Acigné"', "refine": "theme:Air; keyword:bruit",
                "api_key": "s3cret"}  # fmt: skip
    request = SOURCE.start(Config(typed, settings))
    told_there = parse_qsl(urlsplit(request.url).query)
    assert told_there[:4] == [
        ("where", 'publisher = "Acigné"'), ("refine", "theme:Eau"), ("refine", "theme:Air"),
        ("refine", "keyword:bruit"),
    ]  # fmt: skip
    assert request.headers == (("Authorization", "Apikey s3cret"),)
    assert "s3cret" not in request.url


def test_pages_follow_what_the_portal_really_gave() -> None:
    page = read({"total_count": 3, "results": [told("a"), told("b")]})
    assert [record.remote_id for record in page.records] == ["a", "b"]
    [following] = page.next_requests
    assert "offset=2" in following.url
    assert page.declared_total == 3


def test_a_catalogue_beyond_the_limit_of_pages_is_asked_at_once() -> None:
    config = Config(SITE, {"refine": "theme:Eau"})
    first = read({"total_count": LAST + 1, "results": [told("a")]}, config)
    assert first.records == ()
    [whole] = first.next_requests
    assert urlsplit(whole.url).path == "/api/explore/v2.1/catalog/exports/json"
    assert parse_qs(urlsplit(whole.url).query) == {"refine": ["theme:Eau"]}
    assert whole.role is Role.FILE
    page = read([told("a"), told("b")], config, whole)
    assert [record.remote_id for record in page.records] == ["a", "b"]
    assert (page.declared_total, page.next_requests) == (LAST + 1, ())


def test_exactly_ten_thousand_are_paged() -> None:
    page = read({"total_count": LAST, "results": [told("a")]})
    assert len(page.records) == 1


def test_counters_do_not_make_a_record_change() -> None:
    def payload(count: int) -> Any:
        item = told("a", records_count=count, metadata_processed=f"2026-01-0{count}")
        item["metas"]["explore"] = {"download_count": count}
        return read({"total_count": 1, "results": [item]}).records[0].payload

    assert payload(1) == payload(2)


def test_new_fields_and_templates_are_heard_with_their_place() -> None:
    item = told("a", nouveau="x")
    item["metas"]["maison"] = {"code": "1"}
    [issue] = read({"total_count": 1, "results": [{**item, "autre": 1}]}).issues
    assert (issue.code, issue.found) == (
        "TER-MAP-001",
        "autre, metas.default.nouveau, metas.maison",
    )


def test_what_is_restricted_is_not_published() -> None:
    found = mapped({**told("a"), "visibility": "restricted"})
    assert isinstance(found, Issue)
    assert found.code == "TER-VAL-010"


def test_the_exports_have_the_addresses_of_the_dcat_of_the_portal() -> None:
    found = dataset(told("a b")).resources
    root = f"{SITE}/api/explore/v2.1/catalog/datasets/a%20b/exports"
    assert [(file.format, file.url) for file in found] == [
        ("CSV", f"{root}/csv?use_labels=true"), ("JSON", f"{root}/json"),
        ("Parquet", f"{root}/parquet"), ("XLSX", f"{root}/xlsx?use_labels=true"),
    ]  # fmt: skip


def test_a_table_with_a_position_is_also_given_as_a_map() -> None:
    found = dataset(trees())
    formats = [file.format for file in found.resources]
    assert formats == [
        "CSV",
        "GeoJSON",
        "Shapefile",
        "JSON",
        "Parquet",
        "XLSX",
        "GeoPackage",
        "PDF",
    ]
    assert dict(found.properties)["geo_fields"] == "geo_point_2d"
    by_field = told("a")
    by_field["fields"] = [{"name": "p", "type": "geo_point_2d"}]
    assert "GeoJSON" in [file.format for file in dataset(by_field).resources]


def test_files_beside_the_table_have_an_address_even_when_the_store_names_none() -> None:
    files = {file.title: file.url for file in dataset(trees()).resources}
    root = f"{SITE}/api/explore/v2.1/catalog/datasets/arbres"
    assert files["Notice.pdf"] == f"{root}/attachments/notice_pdf"
    assert files["arbres.gpkg"] == f"{root}/alternative_exports/arbres_gpkg"


@pytest.mark.parametrize("hidden", [{"has_records": False}, {"data_visible": False}])
def test_a_table_that_is_not_shown_has_no_export(hidden: dict[str, Any]) -> None:
    found = dataset({**told("a"), **hidden})
    assert found.resources == ()
    assert [issue.code for issue in found.issues] == ["TER-MAP-004"]


def test_a_file_is_dated_by_its_rows_and_the_dataset_by_what_its_publisher_says() -> None:
    found = dataset(told("a"))
    assert found.modified.startswith("2026-03-01")
    assert found.resources[0].modified.startswith("2026-03-02")


def test_a_federated_dataset_is_known_by_the_portal_it_comes_from() -> None:
    found = dataset(federated())
    page = "https://data.region.example/explore/dataset/bruit/"
    assert (found.upstream_uri, found.landing_page) == (page, page)
    assert dict(found.properties)["federated_from"] == "data.region.example"
    own = dataset(told("a"))
    assert own.upstream_uri == own.landing_page == f"{SITE}/explore/dataset/a/"


def test_the_templates_give_dates_contact_frequency_place_and_inspire_theme() -> None:
    found = dataset(trees())
    assert (found.contact_name, found.contact_email) == ("Jardins", "jardins@boisfleury.example")
    assert (found.issued[:10], found.frequency) == ("2019-02-01", "annual")
    assert (found.temporal_start, found.temporal_end) == ("2019-01-01", "2025-12-31")
    assert found.communes == ("35238",)
    assert '"Polygon"' in found.spatial
    assert dict(found.properties)["inspire_theme"] == "Habitats et biotopes"


@pytest.mark.parametrize(
    "place",
    [{"bbox": [-1.7, 48.0, -1.5, 48.2]},
     {"bbox_x_min": -1.7, "bbox_y_min": 48.0, "bbox_x_max": -1.5, "bbox_y_max": 48.2},
     {"bbox": {"bbox_x_min": -1.7, "bbox_y_min": 48, "bbox_x_max": -1.5, "bbox_y_max": 48.2}},
     {"geographic_area": {"type": "Feature", "properties": {}, "geometry": {
         "type": "Point", "coordinates": [-1.6, 48.1]}}}],
)  # fmt: skip
def test_a_place_is_read_in_each_form_that_portals_give(place: dict[str, Any]) -> None:
    assert dataset(told("a", **place)).spatial.startswith('{"type":"Po')


def test_version_2_0_is_asked_when_it_was_typed_and_read_the_same() -> None:
    config = Config(f"{SITE}/api/explore/v2.0/catalog/datasets")
    assert "/v2.0/" in SOURCE.start(config).url
    page = read({"total_count": 1, "datasets": [{"dataset": told("a")}]}, config)
    assert [record.remote_id for record in page.records] == ["a"]


@pytest.mark.parametrize(
    ("body", "is_ours"),
    [({"total_count": 0, "results": []}, True),
     ({"total_count": 4, "results": [{"nom": "Acigné"}]}, False),
     ({"error_code": "ODSQLError", "message": "x"}, False), ([{"dataset_id": "a"}], False)],
)  # fmt: skip
def test_rows_and_errors_are_not_a_catalogue(body: Any, is_ours: bool) -> None:
    asked = SOURCE.start(PORTAL)
    assert SOURCE.looks_like(Response(asked, asked.url, 200, {}, orjson.dumps(body))) is is_ours
