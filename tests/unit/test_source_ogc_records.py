"""An OGC API – Records catalogue: which collection is read, its pages, and its records."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest

from harvesters.errors import sentence
from harvesters.model import Config, Dataset, Issue, Page, Record, Request, Response
from harvesters.sources import ogc_records
from tests.contract.answers.ogc_records import PATHS, RECORDS, SITE, TREES, page, record, server

ITEMS = f"{SITE}/collections/fiches/items?f=json&limit=100"
CATALOGUE = Config(f"{SITE}/collections/fiches")


def read(body: Any, config: Config = CATALOGUE) -> Page:
    request = ogc_records.start(config)
    told = body if isinstance(body, bytes) else orjson.dumps(body)
    return ogc_records.read(Response(request, request.url, 200, {}, told), config)


def mapped(item: Any, config: Config = CATALOGUE) -> Dataset | Issue:
    return ogc_records.to_dataset(Record(str(item["id"]), item, "fiche 1"), config)


def dataset(item: Any, config: Config = CATALOGUE) -> Dataset:
    found = mapped(item, config)
    assert isinstance(found, Dataset), found
    return found


@pytest.mark.parametrize(
    ("typed", "settings", "asked"),
    [
        (SITE, {}, f"{SITE}/collections?f=json"),
        (f"{SITE}/?f=html", {}, f"{SITE}/collections?f=json"),
        (f"{SITE}/collections", {}, f"{SITE}/collections?f=json"),
        (f"{SITE}/collections/fiches", {}, ITEMS),
        (f"{SITE}/collections/fiches/items?f=html&limit=10", {}, ITEMS),
        (f"{SITE}/collections/fiches/items?type=dataset", {}, f"{ITEMS}&type=dataset"),
        (SITE, {"collection": "fiches"}, ITEMS),
    ],
)
def test_any_page_of_a_server_leads_to_its_records(
    typed: str, settings: dict[str, str], asked: str
) -> None:
    assert ogc_records.start(Config(typed, settings)).url == asked


def test_the_only_catalogue_of_a_server_is_read_without_a_setting() -> None:
    request = ogc_records.start(Config(SITE))
    answer = server(RECORDS)(request)
    assert isinstance(answer, Response)
    found = ogc_records.read(answer, Config(SITE))
    assert [following.url for following in found.next_requests] == [ITEMS]


def test_several_catalogues_are_told_so_that_one_is_chosen() -> None:
    several = [{"id": name, "itemType": "record"} for name in ("ville", "region")]
    found = read({"collections": several}, Config(SITE))
    assert sentence(found.issues[0]) == (
        f"TER-VAL-065 : le serveur {SITE}/collections?f=json a plusieurs catalogues :"
        " ville, region. Choisissez-en un par le réglage « Catalogue » de la source."
    )


def test_a_server_of_data_without_catalogue_is_told_and_not_read() -> None:
    found = read({"collections": [{"id": "routes", "itemType": "feature"}]}, Config(SITE))
    assert (found.issues[0].code, found.issues[0].found) == ("TER-VAL-066", "routes")
    assert found.next_requests == ()


def test_the_next_page_is_the_one_in_json_on_the_same_site() -> None:
    body = page(RECORDS[:2], 3, f"{SITE}/collections/fiches/items?offset=2")
    found = read(body)
    assert [request.url for request in found.next_requests] == [
        f"{SITE}/collections/fiches/items?offset=2&f=json"
    ]
    assert found.declared_total == 3
    away = read(page(RECORDS[:2], 3, "https://ailleurs.example/items?offset=2"))
    assert [issue.code for issue in away.issues] == ["TER-VAL-009"]


def test_an_empty_page_never_leads_further() -> None:
    assert read(page([], 3, f"{SITE}/collections/fiches/items?offset=2")).next_requests == ()


def test_a_record_without_identifier_is_told_and_not_awaited() -> None:
    found = read(page([{**TREES, "id": None}, PATHS], 2))
    assert [issue.code for issue in found.issues] == ["TER-VAL-004"]
    assert found.declared_total == 1


def test_a_field_that_nobody_reads_is_heard() -> None:
    found = read(page([record("a", "A", surprise="!")], 1))
    assert [(issue.code, issue.found) for issue in found.issues] == [("TER-MAP-001", "surprise")]


@pytest.mark.parametrize("body", [{"features": 3}, {"title": "Accueil", "links": []}, []])
def test_what_is_no_answer_of_a_catalogue_stops_the_source(body: Any) -> None:
    assert [issue.code for issue in read(body).issues] == ["TER-VAL-001"]


def test_a_whole_record_becomes_a_dataset() -> None:
    found = dataset(TREES)
    assert found.title == "Arbres d’alignement d’Acigné"
    assert (found.licence, found.themes) == ("lov2", ("urbanisme",))
    assert found.tags == ("arbres", "espaces verts")
    assert (found.issued, found.modified) == ("2024-02-01T09:00:00+00:00", "2026-03-04")
    assert (found.temporal_start, found.temporal_end) == ("2024-01-01", "")
    assert json.loads(found.spatial)["type"] == "Polygon"
    assert (found.publisher, found.contact_name) == ("Ville d’Acigné", "Ville d’Acigné")
    assert found.language == "fr"
    assert found.landing_page == f"{SITE}/collections/fiches/items/urn%3Ax-exemple%3Aarbres"
    assert [(r.format, r.title) for r in found.resources] == [
        ("CSV", "Arbres"), ("WMS", "Service WMS, couche acigne:arbres")]  # fmt: skip
    assert found.issues == ()


def test_an_archive_keeps_the_only_format_that_the_record_names() -> None:
    found = dataset(PATHS)
    assert [resource.format for resource in found.resources] == ["GeoPackage"]
    assert found.licence == "odbl-1.0"


@pytest.mark.parametrize("kind", ["application", "service", "document", "map"])
def test_what_is_no_data_is_left_out_and_named(kind: str) -> None:
    found = mapped(record("a", "Carte", type=kind))
    assert isinstance(found, Issue)
    assert found.code == "TER-VAL-062"


@pytest.mark.parametrize(
    "rel", ["self", "alternate", "collection", "thumbnail", "license", "describedby", "next"]
)
def test_a_link_about_the_record_is_no_file(rel: str) -> None:
    found = dataset(record("a", "A", [{"rel": rel, "href": "https://a.fr/x.csv"}]))
    assert found.resources == ()
    assert [issue.code for issue in found.issues] == ["TER-MAP-004"]


def test_the_page_that_a_record_names_is_its_page() -> None:
    links = [{"rel": "canonical", "href": "https://a.fr/arbres", "type": "text/html"}]
    assert dataset(record("a", "A", links)).landing_page == "https://a.fr/arbres"


def test_drafts_say_the_same_things_under_other_names() -> None:
    found = dataset(
        record(
            "a", "A",
            associations=[{"href": "https://a.fr/x.geojson", "type": "application/geo+json"}],
            providers=[{"name": "Ville d’Acigné", "roles": [{"name": "publisher"}]}],
            externalId=[{"scheme": "url", "value": "https://a.fr/id/1"}],
            language="fr-FR",
        )
    )  # fmt: skip
    assert [resource.format for resource in found.resources] == ["GeoJSON"]
    assert (found.publisher, found.upstream_uri) == ("Ville d’Acigné", "https://a.fr/id/1")
    assert found.language == "fr"


@pytest.mark.parametrize(
    ("time", "ends"),
    [
        (None, ("", "")),
        ({"date": "2024-05-01"}, ("2024-05-01", "2024-05-01")),
        ({"interval": ["..", "2024-05-01"]}, ("", "2024-05-01")),
        ({"interval": ["2023-01-01"]}, ("", "")),
    ],
)
def test_the_period_is_read_in_each_of_its_forms(time: Any, ends: tuple[str, str]) -> None:
    found = dataset({**record("a", "A"), "time": time})
    assert (found.temporal_start, found.temporal_end) == ends


def test_the_address_of_a_named_person_stays_at_home_unless_this_person_is_the_contact() -> None:
    person = {"name": "La botaniste", "organization": "Ville", "roles": ["author"],
              "emails": [{"value": "botaniste@a.example"}]}  # fmt: skip
    assert dataset(record("a", "A", contacts=[person])).contact_email == ""
    contact = {**person, "roles": ["pointOfContact"]}
    assert dataset(record("a", "A", contacts=[contact])).contact_email == "botaniste@a.example"


def test_a_page_of_records_is_recognised_and_a_page_of_features_is_not() -> None:
    def seen(body: Any) -> bool:
        answer = Response(Request(SITE), SITE, 200, {}, orjson.dumps(body))
        return ogc_records.looks_like(answer)

    assert seen(orjson.loads(page(RECORDS, 3)))
    assert seen({"collections": [{"id": "fiches", "itemType": "record"}]})
    assert not seen({"collections": [{"id": "routes", "itemType": "feature"}]})
    assert not seen({"features": [{"id": 1, "properties": {"nom": "Rue"}, "links": []}]})
    assert not seen([])
