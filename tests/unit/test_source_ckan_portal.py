"""The CKAN source: addresses as people type them, DKAN, what is not public, several languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from harvesters.model import Config, Dataset, Issue, Page, Record, Request, Response
from harvesters.sources.ckan_portal import SOURCE

SITE = Config("https://data.example")


def read(body: Any, config: Config = SITE, request: Request | None = None) -> Page:
    asked = request or SOURCE.start(config)
    return SOURCE.read(Response(asked, asked.url, 200, {}, orjson.dumps(body)), config)


def mapped(**package: Any) -> Dataset | Issue:
    told = {"id": "a", "title": "Arbres", **package}
    return SOURCE.to_dataset(Record("a", told, "fiche 1"), SITE)


def dataset(**package: Any) -> Dataset:
    found = mapped(**package)
    assert isinstance(found, Dataset)
    return found


@pytest.mark.parametrize(
    "typed",
    ["https://data.example/", "https://data.example/dataset", "https://data.example/dataset?q=x",
     "https://data.example/api/3/action/package_list", " https://data.example/organization/ville "],
)  # fmt: skip
def test_any_page_of_a_portal_leads_to_its_search(typed: str) -> None:
    url = urlsplit(SOURCE.start(Config(typed)).url)
    assert (url.netloc, url.path) == ("data.example", "/api/3/action/package_search")


def test_a_portal_in_a_folder_of_a_site_keeps_its_folder() -> None:
    url = SOURCE.start(Config("https://ville.example/opendata/dataset/arbres")).url
    assert url.startswith("https://ville.example/opendata/api/3/action/package_search?")


def test_settings_narrow_the_search_and_the_key_goes_in_a_header() -> None:
    settings = {"organization": "acigne", "filter": "tags:velo", "api_key": "s3cret"}
    request = SOURCE.start(Config("https://data.example", settings))
    fq = parse_qs(urlsplit(request.url).query)["fq"][0]
    assert "organization:acigne" in fq
    assert "tags:velo" in fq
    assert request.headers == (("Authorization", "s3cret"),)
    assert "s3cret" not in request.url


def test_pages_follow_what_the_portal_really_gave() -> None:
    page = read({"success": True, "result": {"count": 3, "results": [{"id": "a"}, {"id": "b"}]}})
    assert page.declared_total == 3
    [following] = page.next_requests
    assert parse_qs(urlsplit(following.url).query)["start"] == ["2"]


def test_a_dkan_portal_is_read_by_its_list_until_a_page_is_empty() -> None:
    config = Config("https://data.example", {"mode": "dkan"})
    assert "current_package_list_with_resources" in SOURCE.start(config).url
    page = read({"success": True, "result": [[{"id": "a"}, {"id": "b"}]]}, config)
    assert [record.remote_id for record in page.records] == ["a", "b"]
    [following] = page.next_requests
    assert "offset=2" in following.url
    assert read({"success": True, "result": [[]]}, config, following).next_requests == ()


def test_the_real_dkan_record_gives_its_dates_licence_box_and_files(shared_data: Path) -> None:
    file = shared_data / "catalogues/ckan/dkan-hauts-de-france-package_show.json"
    [record] = read(orjson.loads(file.read_bytes())).records
    found = SOURCE.to_dataset(record, SITE)
    assert isinstance(found, Dataset)
    assert found.title == "Antennes régionales de la Région Hauts-de-France (au 01/10/2019)"
    assert (found.issued, found.modified) == ("2019-12-10", "2019-09-30T22:00:00")
    assert found.description.startswith("Liste et coordonnées")
    assert found.licence == "lov1"
    assert '"Polygon"' in found.spatial
    assert [resource.format for resource in found.resources] == ["XLSX", ""]


def test_what_is_not_public_upstream_is_not_published() -> None:
    for package in ({"private": True, "state": "active"}, {"state": "draft"}):
        found = mapped(**package)
        assert isinstance(found, Issue)
        assert found.code == "TER-VAL-010"


def test_a_record_without_title_or_name_is_refused_by_its_place() -> None:
    found = mapped(title="", name=None)
    assert found == Issue("TER-VAL-003", "fiche 1")


def test_html_is_read_as_text_and_a_script_is_told() -> None:
    found = dataset(notes="<p>Liste</p><ul><li>un</li></ul><script>alert(1)</script>")
    assert "<" not in found.description
    assert "alert" not in found.description
    assert [issue.code for issue in found.issues] == ["TER-VAL-021"]


def test_an_absurd_date_is_left_out_and_told() -> None:
    found = dataset(issued="31/02/2024", modified="0001-01-01")
    assert (found.issued, found.modified) == ("", "")
    assert [issue.code for issue in found.issues] == ["TER-VAL-023", "TER-VAL-023"]


def test_a_huge_title_is_cut_and_told() -> None:
    found = dataset(title="é" * 1_000_000)
    assert len(found.title) == 300
    assert [issue.code for issue in found.issues] == ["TER-VAL-022"]


def test_a_file_that_is_no_web_address_is_left_and_told() -> None:
    resources = [{"url": "javascript:alert(1)"}, {"url": "https://a.example/x.csv"}]
    found = dataset(resources=resources)
    assert [resource.url for resource in found.resources] == ["https://a.example/x.csv"]
    assert [issue.code for issue in found.issues] == ["TER-MAP-002"]


def test_texts_in_several_languages_are_read_in_french() -> None:
    assert dataset(title={"en": "Trees", "fr": "Arbres"}).title == "Arbres"
    assert dataset(title={"de": "Bäume"}).title == "Bäume"


def test_extras_count_as_fields_whatever_their_hyphens() -> None:
    extras = [{"key": "frequency-of-update", "value": "annual"},
              {"key": "contact-email", "value": "sig@ville.example"},
              {"key": "communes", "value": '["35001"]'}]  # fmt: skip
    found = dataset(extras=extras)
    assert found.frequency == "annual"
    assert found.contact_email == "sig@ville.example"
    assert found.communes == ("35001",)


@pytest.mark.parametrize(
    ("told", "ours"),
    [
        ({"table_schema": "stationnement-hors-voirie/0.1.5"}, "stationnement-hors-voirie/0.1.5"),
        ({"table_schema": "etalab/schema-stationnement"}, "stationnement-hors-voirie/0.1.5"),
        ({"table_schema": "https://schema.data.gouv.fr/schemas/etalab/schema-stationnement/latest/schema.json"},
         "stationnement-hors-voirie/0.1.5"),
        ({"schema": {"name": "etalab/schema-stationnement", "version": "0.1.5"}},
         "stationnement-hors-voirie/0.1.5"),
        ({"schema": '{"fields": []}'}, ""),
        ({"table_schema": "modele-de-la-region/2"}, ""),
        ({"table_schema": ["x"]}, ""),
    ],
)  # fmt: skip
def test_the_schema_of_a_file_is_ours_or_none(told: dict[str, Any], ours: str) -> None:
    found = mapped(resources=[{"url": "https://data.example/a.csv", "format": "CSV", **told}])
    assert isinstance(found, Dataset)
    assert [each.table_schema for each in found.resources] == [ours]


def test_a_schema_that_is_not_ours_is_kept_as_a_fact_of_the_dataset() -> None:
    found = mapped(resources=[{"url": "https://data.example/a.csv", "table_schema": "region/2"}])
    assert isinstance(found, Dataset)
    assert ("table_schemas", "region/2") in found.properties


def test_the_list_of_a_dkan_portal_is_an_address_of_its_own() -> None:
    config = Config("https://data.example/api/3/action/current_package_list_with_resources")
    request = SOURCE.start(config)
    assert request.url.startswith(f"{config.url}?")
    page = read({"success": True, "result": [[{"id": "a"}, {"id": "b"}]]}, config, request)
    [following] = page.next_requests
    assert "offset=2" in following.url
