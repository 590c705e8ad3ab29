"""data.gouv.fr and its like: addresses as people type them, pages, API 2, SIREN, identities."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from harvesters.map.table_schema import table_schema_of
from harvesters.model import Config, Dataset, Issue, Page, Record, Request, Resource, Response
from harvesters.sources.data_gouv import MAX_WHOLE, SOURCE
from schemas.load import latest, slugs
from tests.contract.answers.data_gouv import EPCI, PORTAL, SITE, TOWN, file
from tests.contract.answers.data_gouv import dataset as told

PORTAIL = Config(SITE)


def read(body: Any, config: Config = PORTAIL, request: Request | None = None) -> Page:
    asked = request or SOURCE.start(config)
    return SOURCE.read(Response(asked, asked.url, 200, {}, orjson.dumps(body)), config)


def answered(request: Request, config: Config = PORTAIL) -> Page:
    return read(PORTAL.answer(request.url), config, request)


def mapped(**fields: Any) -> Dataset | Issue:
    item = told(1, **fields)
    return SOURCE.to_dataset(Record(item["id"], item, "fiche 1"), PORTAIL)


def dataset(**fields: Any) -> Dataset:
    found = mapped(**fields)
    assert isinstance(found, Dataset)
    return found


def first_file(**fields: Any) -> Resource:
    return dataset(resources=[file(1, **fields)]).resources[0]


@pytest.mark.parametrize(
    "typed",
    ["https://p.example/organizations/ville/", "https://p.example/fr/organizations/ville/",
     "https://p.example/organizations/ville#datasets", " https://p.example/organizations/ville?a=b",
     "https://p.example/api/1/organizations/ville/datasets/?page=3"],
)  # fmt: skip
def test_the_page_of_an_organisation_leads_to_its_datasets(typed: str) -> None:
    url = urlsplit(SOURCE.start(Config(typed)).url)
    assert (url.netloc, url.path) == ("p.example", "/api/1/organizations/ville/datasets/")


@pytest.mark.parametrize(
    "typed",
    [f"https://p.example/datasets/search?organization={TOWN}&geozone=fr:epci:243500139&page=2",
     f"https://p.example/fr/datasets/?organization={TOWN}&geozone=fr%3Aepci%3A243500139",
     f"https://p.example/api/1/datasets/?page_size=3&organization={TOWN}&geozone=fr:epci:243500139"],
)  # fmt: skip
def test_a_search_of_the_site_is_kept_but_for_its_place_in_the_list(typed: str) -> None:
    url = urlsplit(SOURCE.start(Config(typed)).url)
    query = parse_qs(url.query)
    assert url.path == "/api/1/datasets/"
    assert query.pop("page_size") != ["3"]
    assert query == {
        "organization": [TOWN], "geozone": ["fr:epci:243500139"], "sort": ["created"],
    }  # fmt: skip


def test_a_portal_in_a_folder_of_a_site_keeps_its_folder() -> None:
    config = Config("https://ville.example/donnees/fr/organizations/ville/")
    assert SOURCE.start(config).url.startswith("https://ville.example/donnees/api/1/organizations/")


def test_settings_choose_a_zone_an_organisation_and_more() -> None:
    config = Config(SITE, {"zone": "fr:commune:35001", "filter": "tag=velo&format=csv"})
    query = parse_qs(urlsplit(SOURCE.start(config).url).query)
    assert query["geozone"] == ["fr:commune:35001"]
    assert (query["tag"], query["format"]) == (["velo"], ["csv"])
    by_id = SOURCE.start(Config(SITE, {"organization": TOWN}))
    assert f"organization={TOWN}" in by_id.url


def test_a_short_name_with_other_choices_is_looked_up_first() -> None:
    config = Config(f"{SITE}/organizations/val-de-lune/", {"filter": "format=csv"})
    asked = SOURCE.start(config)
    assert urlsplit(asked.url).path == "/api/1/organizations/val-de-lune/"
    [following] = answered(asked, config).next_requests
    query = parse_qs(urlsplit(following.url).query)
    assert (query["organization"], query["format"]) == ([EPCI], ["csv"])


def test_a_siret_is_asked_and_a_siren_is_looked_for_in_all_organisations() -> None:
    by_siret = Config(SITE, {"siren": "21990001500025"})
    asked = SOURCE.start(by_siret)
    assert "business_number_id=21990001500025" in asked.url
    assert [f"organization={EPCI}" in r.url for r in answered(asked, by_siret).next_requests] == [
        True
    ]
    by_siren = Config(SITE, {"siren": "219900015"})
    first = answered(SOURCE.start(by_siren), by_siren)
    listed, more = first.next_requests
    assert f"organization={TOWN}" in listed.url
    assert dict(more.headers)["X-Fields"].startswith("data{id,business_number_id")
    assert f"organization={EPCI}" in answered(more, by_siren).next_requests[0].url


def test_a_number_that_no_organisation_carries_stops_and_says_so() -> None:
    config = Config(SITE, {"siren": "999999999"})
    first = answered(SOURCE.start(config), config)
    [more] = first.next_requests
    [issue] = answered(more, config).issues
    assert (issue.code, issue.found) == ("TER-VAL-071", "999999999")


def test_pages_follow_the_next_page_of_the_portal_on_the_same_site_only() -> None:
    page = read({"data": [told(1)], "total": 2, "next_page": f"{SITE}/api/1/datasets/?page=2"})
    assert [request.url for request in page.next_requests] == [f"{SITE}/api/1/datasets/?page=2"]
    assert page.declared_total == 2
    gone = read({"data": [told(1)], "total": 2, "next_page": "https://autre.example/?page=2"})
    assert [issue.code for issue in gone.issues] == ["TER-VAL-009"]


def test_a_list_that_ends_before_its_total_is_not_believed() -> None:
    page = read({"data": [told(1)], "total": 7, "next_page": None})
    assert [issue.code for issue in page.issues] == ["TER-VAL-045"]


def test_a_whole_national_portal_is_not_taken_by_mistake() -> None:
    body = {"data": [told(1)], "total": MAX_WHOLE + 1, "next_page": None}
    page = read(body)
    assert page.records == ()
    assert [issue.code for issue in page.issues] == ["TER-VAL-070"]
    chosen = Config(SITE, {"zone": "fr:epci:243500139"})
    assert "TER-VAL-070" not in [issue.code for issue in read(body, chosen).issues]


def test_api_2_gives_the_files_of_each_dataset_page_after_page() -> None:
    config = Config(f"{SITE}/api/2/datasets/search/?organization={EPCI}")
    first = answered(SOURCE.start(config), config)
    assert first.records == ()
    detail = first.next_requests[-1]
    while detail:
        page = answered(detail, config)
        detail = page.next_requests[0] if page.next_requests else None
    [record] = page.records
    assert len(record.payload["resources"]) == 7


def test_a_dataset_whose_files_do_not_all_come_is_not_believed() -> None:
    config = Config(f"{SITE}/api/2/datasets/")
    detail = answered(SOURCE.start(config), config).next_requests[0]
    page = read({"data": [file(1)], "total": 9, "next_page": None}, config, detail)
    assert page.records == ()
    assert [issue.code for issue in page.issues] == ["TER-VAL-072"]


def test_counters_do_not_make_a_record_change() -> None:
    def payload(views: int) -> Any:
        one = file(1, metrics={"views": views}, extras={"check:date": f"2026-01-{views}"})
        item = told(1, resources=[one], metrics={"views": views}, quality={"score": views / 40})
        return read({"data": [item], "total": 1, "next_page": None}).records[0].payload

    assert payload(12) == payload(13)


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"private": True}, "TER-VAL-010"), ({"deleted": "2024-01-01"}, "TER-VAL-073"),
     ({"archived": "2024-01-01"}, "TER-VAL-073"), ({"title": ""}, "TER-VAL-003")],
)  # fmt: skip
def test_what_is_not_published_there_is_not_published_here(fields: Any, code: str) -> None:
    found = mapped(**fields)
    assert isinstance(found, Issue)
    assert found.code == code


@pytest.mark.parametrize(
    ("harvest", "upstream"),
    [({"backend": "CKAN", "remote_id": "f89661e0-bc0a-44f7-928e-03b43a2e7791",
       "remote_url": "https://ckan.example/dataset/arbres"},
      "f89661e0-bc0a-44f7-928e-03b43a2e7791"),
     ({"backend": "ODS", "remote_id": "arbres",
       "remote_url": "https://ods.example/explore/dataset/arbres/"},
      "https://ods.example/explore/dataset/arbres/"),
     ({"backend": "DCAT", "dct_identifier": "urn:isbn:1", "remote_id": "x"}, "urn:isbn:1"),
     ({"backend": "DCAT", "uri": "https://a.example/1", "dct_identifier": "https://a.example/2"},
      "https://a.example/1"),
     (None, f"{SITE}/datasets/5f0c0000000000000000d001")],
)  # fmt: skip
def test_a_harvested_dataset_is_known_by_its_first_publisher(harvest: Any, upstream: str) -> None:
    found = dataset(harvest=harvest)
    assert found.upstream_uri == upstream
    page = (harvest or {}).get("remote_url")
    assert found.landing_page == (page or f"{SITE}/datasets/jeu-1")


def test_a_dataset_pushed_by_data_fair_is_known_by_its_api() -> None:
    extras = {"datafairOrigin": "https://koumoul.com/data-fair", "datafairDatasetId": "dpe-france"}
    found = dataset(extras=extras).upstream_uri
    assert found == "https://koumoul.com/data-fair/api/v1/datasets/dpe-france"


def test_a_file_kept_by_the_portal_has_its_lasting_address() -> None:
    assert first_file(filetype="file").url == f"{SITE}/datasets/r/1"
    assert first_file(filetype="remote").url == "https://fichiers.example/1.csv"


def test_files_come_first_and_documentation_last_and_says_what_it_is() -> None:
    kinds = ("documentation", "code", "api", "main", "update")
    found = dataset(resources=[file(n, type=kind) for n, kind in enumerate(kinds)]).resources
    assert [each.description for each in found] == [
        "", "Mise à jour", "API", "Code source", "Documentation",
    ]  # fmt: skip


def test_the_schema_of_a_table_is_ours_and_gives_the_theme() -> None:
    schema = {"name": "scdl/budget", "version": "0.8.3", "url": None}
    found = dataset(resources=[file(1, schema=schema)], tags=["velo"])
    assert found.resources[0].table_schema == "budget/0.8.3"
    assert found.themes == ("finances",)
    assert first_file(schema=schema, format="pdf").table_schema == ""


def test_a_schema_we_do_not_hold_is_kept_in_words() -> None:
    schema = {"name": "etalab/schema-zfe", "version": "0.8.2", "url": None}
    found = dataset(resources=[file(1, schema=schema)])
    assert found.resources[0].table_schema == ""
    assert ("table_schemas", "etalab/schema-zfe 0.8.2") in found.properties


def test_every_national_name_of_our_schemas_is_recognised_whatever_its_version() -> None:
    national = [latest(slug) for slug in slugs() if "/" in latest(slug).origin.name]
    assert len(national) > 15
    for schema in national:
        assert table_schema_of(schema.origin.name, "0.0.1") == schema.id
        assert table_schema_of(schema.origin.name.upper()) == schema.id
    assert table_schema_of("etalab/schema-irve", "2.3.0") == "irve-statique/2.3.0"
    assert table_schema_of("budget/0.8.3") == "budget/0.8.3"


def test_communes_are_the_zones_of_that_level_and_wider_ones_are_kept_in_words() -> None:
    zones = ["fr:commune:35238", "fr:commune:2A004@1976-01-01", "fr:epci:243500139", "country:fr"]
    found = dataset(spatial={"zones": zones, "granularity": "fr:commune", "geom": None})
    assert found.communes == ("35238", "2A004")
    assert dict(found.properties)["zones"] == "fr:epci:243500139, country:fr"


def test_api_2_may_give_whole_objects_for_words() -> None:
    found = dataset(
        license={"id": "fr-lo", "title": "Licence Ouverte", "url": ""},
        frequency={"id": "weekly", "label": "Hebdomadaire"},
        spatial={"zones": [{"id": "fr:commune:35001"}], "granularity": {"id": "other"}},
    )
    assert (found.licence, found.frequency, found.communes) == ("lov1", "weekly", ("35001",))


def test_files_of_re_users_are_left_out_and_told() -> None:
    found = dataset(community_resources={"href": "x", "total": 3})
    assert [(issue.code, issue.found) for issue in found.issues] == [("TER-MAP-040", "3")]
    assert len(found.resources) == 1
