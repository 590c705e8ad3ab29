"""A CSW catalogue: what is asked, page after page, and what becomes of each of its records."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from harvesters.errors import sentence
from harvesters.model import Config, Dataset, Issue, Page, Record, Request, Response
from harvesters.sources import csw
from tests.contract.answers.csw import (
    RECORDS,
    TREES,
    box,
    code,
    iso19139,
    online,
    party,
    real_pages,
    real_records,
    results,
    rights,
    server,
    text,
)

SITE = Config("https://geo.exemple.fr/csw")
GEONETWORK = Config("https://geo.exemple.fr/geonetwork/srv/fre/csw")


def query(config: Config) -> dict[str, str]:
    return {k: v[0] for k, v in parse_qs(urlsplit(csw.start(config).url).query).items()}


def read(body: bytes, config: Config = SITE) -> Page:
    request = csw.start(config)
    return csw.read(Response(request, request.url, 200, {}, body), config)


def read_all(serve: object, config: Config = SITE) -> list[Page]:
    assert callable(serve)
    pages, waiting = [], [csw.start(config)]
    while waiting:
        answer = serve(waiting.pop())
        page = csw.read(answer, config)
        pages.append(page)
        waiting += page.next_requests
        assert len(pages) < 20
    return pages


def mapped(record: str, config: Config = SITE) -> Dataset | Issue:
    return csw.to_dataset(Record("x", {"xml": record}, "fiche 1"), config)


def dataset(record: str, config: Config = SITE) -> Dataset:
    found = mapped(record, config)
    assert isinstance(found, Dataset), found
    return found


def codes(found: Dataset) -> list[str]:
    return [issue.code for issue in found.issues]


# --- what is asked


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("https://a.fr/geonetwork", "https://a.fr/geonetwork/srv/fre/csw"),
        ("https://a.fr/geonetwork/", "https://a.fr/geonetwork/srv/fre/csw"),
        (
            "https://a.fr/geonetwork/srv/fre/catalog.search#/home",
            "https://a.fr/geonetwork/srv/fre/csw",
        ),
        ("https://a.fr/geonetwork/srv/eng/csw-ville", "https://a.fr/geonetwork/srv/eng/csw-ville"),
        ("https://a.fr/catalogue/srv/", "https://a.fr/catalogue/srv/fre/csw"),
        ("https://a.fr/csw?service=CSW&request=GetCapabilities", "https://a.fr/csw"),
        ("https://a.fr/pycsw/csw.py?config=ville", "https://a.fr/pycsw/csw.py?config=ville"),
    ],
)
def test_any_page_of_a_catalogue_leads_to_its_service(typed: str, asked: str) -> None:
    assert csw.start(Config(typed)).url.startswith(asked + ("&" if "?" in asked else "?"))


def test_full_iso_19139_records_are_asked_from_the_first() -> None:
    told = query(SITE)
    assert told["service"] == "CSW"
    assert told["version"] == "2.0.2"
    assert told["request"] == "GetRecords"
    assert told["resultType"] == "results"
    assert told["elementSetName"] == "full"
    assert told["outputSchema"] == "http://www.isotc211.org/2005/gmd"
    assert (told["startPosition"], told["maxRecords"]) == ("1", "50")
    assert "constraint" not in told
    assert "sortBy" not in told


def test_geonetwork_is_read_in_the_order_of_identifiers_so_that_pages_do_not_overlap() -> None:
    assert query(GEONETWORK)["sortBy"] == "identifier:A"


def test_settings_give_a_filter_an_order_and_the_newer_norm() -> None:
    settings = {"filter": "AnyText like '%velo%'", "sort": "dc:identifier:A",
                "schema": "iso19115-3"}  # fmt: skip
    told = query(Config(SITE.url, settings))
    assert told["constraint"] == "AnyText like '%velo%'"
    assert told["constraintLanguage"] == "CQL_TEXT"
    assert told["constraint_language_version"] == "1.1.0"
    assert told["sortBy"] == "dc:identifier:A"
    assert told["outputSchema"] == "http://standards.iso.org/iso/19115/-3/mdb/2.0"


# --- paging


def test_a_catalogue_is_read_to_its_end_whatever_cap_the_server_puts() -> None:
    pages = read_all(server(RECORDS, 2))
    assert [len(page.records) for page in pages] == [2, 2]
    assert [page.declared_total for page in pages] == [4, 4]


@pytest.mark.parametrize("told", ["0", "5", "1", "", "x"])
def test_a_last_page_ends_the_reading_however_the_server_says_it(told: str) -> None:
    last = results(RECORDS[:2], 3, 4, told or "0")
    request = csw.start(SITE)
    asked = Request(request.url, context={"start": 3})
    assert csw.read(Response(asked, request.url, 200, {}, last), SITE).next_requests == ()


def test_a_server_that_gives_no_position_is_read_by_counting() -> None:
    page = read(results([TREES], 1, 3).replace(b'nextRecord="2"', b""))
    assert "startPosition=2" in page.next_requests[0].url


def test_an_empty_page_before_the_end_asks_nothing_more_and_keeps_the_count() -> None:
    page = read(results([], 1, 40, "1"))
    assert (page.next_requests, page.declared_total) == ((), 40)


def test_only_the_records_of_one_owner_are_kept_and_the_others_are_counted() -> None:
    config = Config(SITE.url, {"organization": "ville d'acigne"})
    pages = read_all(server(RECORDS, 2), config)
    assert [record.remote_id for page in pages for record in page.records] == [
        "3c892ef0-2ff6-11de-b8c0-001517506978"
    ]
    assert pages[-1].declared_total == 1
    told = [sentence(issue) for page in pages for issue in page.issues]
    assert told[0].startswith("TER-VAL-064 : fiches d’autres organismes laissées : 1 (réglage")


def test_a_record_of_another_norm_is_told_and_does_not_make_the_reading_incomplete() -> None:
    other = '<csw:Record xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"/>'
    pages = read_all(server([TREES, other, *RECORDS[1:]], 2))
    assert sum(len(page.records) for page in pages) == pages[-1].declared_total == 4
    assert [(i.code, i.where, i.found) for page in pages for i in page.issues] == [
        ("TER-VAL-063", "fiche 2", "Record")
    ]


def test_a_record_without_identifier_is_told() -> None:
    page = read(results([iso19139("", "Sans identifiant")]))
    assert [issue.code for issue in page.issues] == ["TER-VAL-004"]
    assert page.declared_total == 0


# --- faults


@pytest.mark.parametrize(
    "body",
    [
        '<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows" version="1.2.0">'
        '<ows:Exception exceptionCode="InvalidParameterValue" locator="outputSchema">'
        "<ows:ExceptionText>Unknown schema</ows:ExceptionText></ows:Exception>"
        "</ows:ExceptionReport>",
        '<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/2.0" version="3.0.0">'
        '<ows:Exception exceptionCode="InvalidParameterValue" locator="outputSchema">'
        "<ows:ExceptionText>Unknown schema</ows:ExceptionText></ows:Exception>"
        "</ows:ExceptionReport>",
    ],
)
def test_what_the_server_says_of_its_fault_is_told_in_a_french_sentence(body: str) -> None:
    page = read(body.encode())
    assert page.records == ()
    told = sentence(page.issues[0])
    assert told.startswith("TER-VAL-061 : le catalogue https://geo.exemple.fr/csw")
    assert "« InvalidParameterValue – outputSchema – Unknown schema »" in told


@pytest.mark.parametrize("body", [b"<a/>", b"<csw:Capabilities xmlns:csw='x'/>", b"[]", b"<a"])
def test_what_is_no_answer_of_a_catalogue_stops_the_source(body: bytes) -> None:
    assert [issue.code for issue in read(body).issues] == ["TER-VAL-001"]


def test_a_record_that_cannot_be_read_again_is_skipped_alone() -> None:
    found = mapped("<gmd:MD_Metadata")
    assert isinstance(found, Issue)
    assert found.code == "TER-VAL-067"


# --- what is a dataset here


@pytest.mark.parametrize("level", ["dataset", "series", "nonGeographicDataset", "tile", ""])
def test_data_a_series_and_a_record_that_does_not_say_are_published(level: str) -> None:
    assert dataset(iso19139("a", "Arbres", level=level)).title == "Arbres"


@pytest.mark.parametrize(
    ("level", "said"),
    [("interactiveMap", "une carte interactive"), ("map", "une carte"),
     ("application", "une application"), ("software", "un logiciel"), ("model", "un modèle"),
     ("fieldSession", "« fieldSession »")],
)  # fmt: skip
def test_what_shows_data_is_left_out_and_named(level: str, said: str) -> None:
    found = mapped(iso19139("a", "Arbres", level=level))
    assert isinstance(found, Issue)
    assert sentence(found).startswith(f"TER-VAL-062 : fiche 1 : « Arbres » décrit {said}, et non")


SERVICE = {"kind": "srv:SV_ServiceIdentification", "level": "service"}
LAYER = online("https://geo.exemple.fr/ows", "OGC:WMS", "ville:arbres")


def test_a_service_that_names_no_data_and_gives_a_layer_is_published() -> None:
    found = dataset(iso19139("a", "Arbres", "", LAYER, **SERVICE))
    assert [resource.title for resource in found.resources] == ["Service WMS, couche ville:arbres"]


def test_a_service_whose_data_have_their_own_record_is_left_out() -> None:
    found = mapped(iso19139("a", "Arbres", '<srv:operatesOn uuidref="b"/>', LAYER, **SERVICE))
    assert isinstance(found, Issue)
    assert found.expected == "un service"


def test_a_service_without_a_layer_is_left_out() -> None:
    link = online("https://geo.exemple.fr/csw", "OGC:CSW", "catalogue")
    assert isinstance(mapped(iso19139("a", "Catalogue", "", link, **SERVICE)), Issue)


# --- texts in several languages


def several(main: str, **others: str) -> str:
    told = "".join(
        f'<gmd:textGroup><gmd:LocalisedCharacterString locale="#{key}">{value}'
        "</gmd:LocalisedCharacterString></gmd:textGroup>"
        for key, value in others.items()
    )
    return f"{text(main)}<gmd:PT_FreeText>{told}</gmd:PT_FreeText>"


LOCALES = "".join(
    f'<gmd:locale><gmd:PT_Locale id="{key}"><gmd:languageCode>'
    f"{code('gmd:LanguageCode', language)}</gmd:languageCode></gmd:PT_Locale></gmd:locale>"
    for key, language in {"L1": "ger", "L2": "fre", "L3": "bre"}.items()
)


def test_the_french_text_is_taken_by_the_locale_that_says_french() -> None:
    title = several("Trees", L1="Bäume", L2="Arbres", L3="Gwez")
    found = dataset(iso19139("a", "", title_xml=title, head=LOCALES, language="eng"))
    assert found.title == "Arbres"


def test_the_first_text_stays_when_it_is_french_or_when_no_other_is() -> None:
    title = several("Arbres", L1="Bäume", L2="Arbres (bis)")
    assert dataset(iso19139("a", "", title_xml=title, head=LOCALES)).title == "Arbres"
    title = several("Trees", L1="Bäume")
    found = dataset(iso19139("a", "", title_xml=title, head=LOCALES, language="eng"))
    assert found.title == "Trees"


def test_a_title_that_stands_only_among_translations_is_found() -> None:
    title = '<gmd:PT_FreeText><gmd:textGroup><gmd:LocalisedCharacterString locale="#L2">Arbres'
    title += "</gmd:LocalisedCharacterString></gmd:textGroup></gmd:PT_FreeText>"
    assert dataset(iso19139("a", "", title_xml=title, head=LOCALES)).title == "Arbres"


def test_indented_text_does_not_become_code_in_the_page() -> None:
    about = "<gmd:abstract>" + text("Un.\n\n            Deux.") + "</gmd:abstract>"
    assert dataset(iso19139("a", "Arbres", about)).description == "Un.\n\nDeux."


# --- licence


@pytest.mark.parametrize(
    ("sentences", "licence"),
    [
        (["Licence Ouverte 1.0 http://www.data.gouv.fr/Licence-Ouverte-Open-Licence."], "lov1"),
        (["Aucune condition ne s'applique", "Licence Ouverte 2.0"], "lov2"),
        (["Licence Ouverte / Open Licence Version 2.0  https://www.etalab.gouv.fr/wp-content/"
          "uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf"], "lov2"),
        (["Données sous licence ODbL, mention de la Métropole"], "odbl-1.0"),
        (["Publié selon https://creativecommons.org/licenses/by/4.0/deed.fr."], "cc-by-4.0"),
        (["Utilisation libre sous réserve de mentionner la source"], "other-open"),
        (["No conditions apply to access and use"], "other-open"),
        (["Usage réservé aux services"], "notspecified"),
        (["Pas de restriction d'accès public selon INSPIRE"], "notspecified"),
        ([], "notspecified"),
    ],
)  # fmt: skip
def test_a_licence_is_found_in_what_a_record_says(sentences: list[str], licence: str) -> None:
    assert dataset(iso19139("a", "Arbres", rights(*sentences))).licence == licence


def test_the_address_of_an_anchor_names_the_licence() -> None:
    about = (
        "<gmd:resourceConstraints><gmd:MD_LegalConstraints><gmd:otherConstraints><gmx:Anchor "
        'xlink:href="https://www.etalab.gouv.fr/licence-ouverte-open-licence">Conditions'
        "</gmx:Anchor></gmd:otherConstraints></gmd:MD_LegalConstraints></gmd:resourceConstraints>"
    )
    assert dataset(iso19139("a", "Arbres", about)).licence == "lov2"


def test_conditions_that_are_no_licence_stay_readable_and_an_unknown_one_is_told() -> None:
    found = dataset(iso19139("a", "Arbres", rights("Usage réservé aux services de la ville")))
    assert found.licence_label == "Usage réservé aux services de la ville"
    assert "### Conditions d’utilisation\n\nUsage réservé aux services" in found.description
    assert "TER-MAP-005" in codes(found)


# --- people


def people(*parties: str) -> Dataset:
    about = "".join(f"<gmd:pointOfContact>{each}</gmd:pointOfContact>" for each in parties)
    return dataset(iso19139("a", "Arbres", about))


def test_the_owner_publishes_and_the_contact_is_written_to() -> None:
    found = people(
        party("pointOfContact", "Service SIG", "", "sig@a.example"), party("owner", "Ville d’A")
    )
    assert found.publisher == "Ville d’A"
    assert (found.contact_name, found.contact_email) == ("Service SIG", "sig@a.example")


def test_the_address_of_a_named_person_is_published_only_when_this_person_is_the_contact() -> None:
    author = people(party("author", "Conservatoire", "La botaniste", "b@a.example"))
    assert (author.contact_name, author.contact_email) == ("Conservatoire", "")
    contact = people(party("pointOfContact", "Conservatoire", "La botaniste", "b@a.example"))
    assert contact.contact_email == "b@a.example"


def test_the_address_of_a_service_serves_when_there_is_no_contact() -> None:
    found = people(
        party("author", "Ville", "La botaniste", "a@a.example"),
        party("distributor", "Accueil", "", "accueil@a.example"),
    )
    assert found.contact_email == "accueil@a.example"


# --- place and time


def test_sides_written_the_wrong_way_round_are_mended_and_told() -> None:
    found = dataset(iso19139("a", "Arbres", box("3.28", "49.3", "1.31", "50.4")))
    assert json.loads(found.spatial)["coordinates"][0][0] == [1.31, 49.3]
    assert "TER-MAP-030" in codes(found)


def test_several_boxes_are_one_shape_and_a_point_is_a_point() -> None:
    two = box("-1.6", "48.0", "-1.4", "48.1") + box("55.2", "-21.4", "55.9", "-20.8")
    assert json.loads(dataset(iso19139("a", "Arbres", two)).spatial)["type"] == "MultiPolygon"
    point = box("-1.6", "48.0", "-1.6", "48.0")
    assert json.loads(dataset(iso19139("a", "Arbres", point)).spatial) == {
        "type": "Point", "coordinates": [-1.6, 48.0]}  # fmt: skip


@pytest.mark.parametrize("side", ["352000", "nan", "abc"])
def test_a_box_that_is_none_is_left_empty_and_told(side: str) -> None:
    found = dataset(iso19139("a", "Arbres", box(side, "48.0", "-1.4", "48.1")))
    assert found.spatial == ""
    assert "TER-MAP-032" in codes(found)


PERIOD = (
    "<gmd:extent><gmd:EX_Extent><gmd:temporalElement><gmd:EX_TemporalExtent><gmd:extent>"
    '<gml:TimePeriod xmlns:gml="{gml}">{begin}{end}</gml:TimePeriod></gmd:extent>'
    "</gmd:EX_TemporalExtent></gmd:temporalElement></gmd:EX_Extent></gmd:extent>"
)


@pytest.mark.parametrize("gml", ["http://www.opengis.net/gml", "http://www.opengis.net/gml/3.2"])
def test_a_period_is_read_in_both_versions_of_gml(gml: str) -> None:
    begin = "<gml:beginPosition>2010-01-01</gml:beginPosition>"
    end = "<gml:endPosition>2020-12-31</gml:endPosition>"
    found = dataset(iso19139("a", "Arbres", PERIOD.format(gml=gml, begin=begin, end=end)))
    assert (found.temporal_start, found.temporal_end) == ("2010-01-01", "2020-12-31")


def test_a_period_that_goes_on_has_no_end() -> None:
    begin = "<gml:begin><gml:TimeInstant><gml:timePosition>2010</gml:timePosition>"
    begin += "</gml:TimeInstant></gml:begin>"
    end = '<gml:endPosition indeterminatePosition="now"/>'
    told = PERIOD.format(gml="http://www.opengis.net/gml", begin=begin, end=end)
    found = dataset(iso19139("a", "Arbres", told))
    assert (found.temporal_start, found.temporal_end) == ("2010", "")


def dated(**days: str) -> str:
    return "".join(
        f"<gmd:date><gmd:CI_Date><gmd:date><gco:Date>{day}</gco:Date></gmd:date><gmd:dateType>"
        f"{code('gmd:CI_DateTypeCode', kind)}</gmd:dateType></gmd:CI_Date></gmd:date>"
        for kind, day in days.items()
    )


def test_publication_is_preferred_to_creation_and_only_a_revision_is_a_change() -> None:
    both = dataset(iso19139("a", "A", citation=dated(creation="2013", publication="2017-10-07")))
    assert (both.issued, both.modified) == ("2017-10-07", "")
    one = dataset(iso19139("a", "A", citation=dated(creation="2013", revision="2020-01-02")))
    assert (one.issued, one.modified) == ("2013", "2020-01-02")


def test_an_unreadable_date_is_left_out_and_told() -> None:
    found = dataset(iso19139("a", "A", citation=dated(creation="bientôt")))
    assert found.issued == ""
    assert "TER-VAL-023" in codes(found)


# --- identity


@pytest.mark.parametrize(
    ("told", "space", "uri"),
    [
        ("https://a.fr/id/12", "", "https://a.fr/id/12"),
        ("12", "https://a.fr/id/", "https://a.fr/id/12"),
        ("12", "EPSG", ""),
        ("12", "", ""),
    ],
)
def test_the_identity_of_the_data_is_kept_when_it_is_one_for_everybody(
    told: str, space: str, uri: str
) -> None:
    citation = (
        f"<gmd:identifier><gmd:RS_Identifier><gmd:code>{text(told)}</gmd:code><gmd:codeSpace>"
        f"{text(space)}</gmd:codeSpace></gmd:RS_Identifier></gmd:identifier>"
    )
    assert dataset(iso19139("a", "A", citation=citation)).upstream_uri == uri


def test_geonetwork_has_a_page_for_each_record_and_other_software_has_none() -> None:
    page = "https://geo.exemple.fr/geonetwork/srv/fre/catalog.search#/metadata/x"
    assert dataset(TREES, GEONETWORK).landing_page == page
    assert dataset(TREES).landing_page == ""


# --- the real catalogues


def test_the_six_real_records_of_geo_ide_are_read_page_after_page(shared_data: Path) -> None:
    pages = read_all(real_pages(shared_data / "catalogues"))
    found = [csw.to_dataset(record, SITE) for page in pages for record in page.records]
    assert [len(page.records) for page in pages] == [2, 2, 2]
    assert {page.declared_total for page in pages} == {6}
    plans = [each for each in found if isinstance(each, Dataset)]
    assert [plan.title for plan in plans] == [
        "Plan local d'urbanisme de la commune de Cartigny",
        "Plan local d'urbanisme de la commune de Flesselles",
        "Table contenant les générateurs surfaciques liés aux servitudes de la catégorie JS1"
        " en Pas-de-Calais",
        "Plan local d'urbanisme de la commune de Longueau",
        "Plan local d'urbanisme de la commune de Combles",
        "Plan local d'urbanisme de la commune de Naours",
    ]
    assert [plan.licence for plan in plans] == ["lov1", "lov1", "lov2", "lov1", "lov1", "lov1"]
    assert {plan.themes for plan in plans} == {("urbanisme",)}
    assert {plan.language for plan in plans} == {"fr"}
    assert {plan.publisher[:7] for plan in plans} == {"DDTM 80", "DDTM 62"}
    assert plans[2].contact_email == "ddtm-mcsig@pas-de-calais.gouv.fr"
    assert (plans[0].issued, plans[2].modified) == ("2017-10-07", "2021-11-19")


def test_geo_ide_gives_open_links_only_with_the_format_of_each(shared_data: Path) -> None:
    page = read_all(real_pages(shared_data / "catalogues"))[0]
    plan = csw.to_dataset(page.records[0], SITE)
    assert isinstance(plan, Dataset)
    assert [resource.format for resource in plan.resources] == [
        "ZIP", "ZIP", "ZIP", "WMS", "Atom", "Atom", "Page web"]  # fmt: skip
    assert not [r.url for r in plan.resources if "rie.gouv.fr" in r.url or "csw" in r.url]
    assert codes(plan) == ["TER-MAP-030", "TER-MAP-031"]
    assert plan.landing_page.endswith(
        "#/metadata/fr-120066022-ldd-56fce164-04b2-41ae-be87-9f256f39dd44"
    )
    assert json.loads(plan.spatial)["coordinates"][0][0] == [1.31279111, 49.38547516]


def test_the_same_record_asked_twice_has_its_links_in_the_same_order(shared_data: Path) -> None:
    """Geo-IDE shuffles the links of a record from one answer to the next."""
    folder = shared_data / "catalogues" / "csw"
    single = read((folder / "geoide-iso19139-single-dataset.xml").read_bytes()).records[0]
    paged = read((folder / "geoide-iso19139-page-5.xml").read_bytes()).records[0]
    assert single.remote_id == paged.remote_id
    orders = [
        [r.url for r in found.resources if r.format in ("ZIP", "Atom", "Page web")]
        for found in (csw.to_dataset(single, SITE), csw.to_dataset(paged, SITE))
        if isinstance(found, Dataset)
    ]
    assert len(orders) == 2
    assert orders[0] == orders[1]


@pytest.fixture
def real(shared_data: Path) -> dict[str, Dataset | Issue]:
    """The real records of both norms by their first words."""
    page = read(results(real_records(shared_data / "catalogues")))
    assert len(page.records) == 8
    found = [csw.to_dataset(record, SITE) for record in page.records]
    return {(f.title if isinstance(f, Dataset) else f.found)[:20]: f for f in found}


def test_of_eight_real_records_four_are_data_and_four_are_told(
    real: dict[str, Dataset | Issue],
) -> None:
    left = {found.expected for found in real.values() if isinstance(found, Issue)}
    assert sum(isinstance(found, Dataset) for found in real.values()) == 4
    assert left == {"une carte interactive", "une carte", "un service"}


def test_a_real_plan_of_geo2france_keeps_its_commune_licence_identity_and_file(
    real: dict[str, Dataset | Issue],
) -> None:
    plan = real["Plan local d'urbanis"]
    assert isinstance(plan, Dataset)
    assert plan.remote_id == "7d002c4c-92ef-4b9f-a568-d732f740b99e"
    assert (plan.licence, plan.themes, plan.communes) == ("lov2", ("urbanisme",), ())
    assert (plan.issued, plan.modified) == ("2022-05-01", "2022-03-29")
    assert plan.upstream_uri == (
        "https://www.geoportail-urbanisme.gouv.fr/document/60036_PLU_20220329"
    )
    assert (plan.publisher, plan.contact_email) == ("GeoCompiegnois", "sig@agglo-compiegne.fr")
    assert [(r.format, r.url[-21:]) for r in plan.resources] == [
        ("Shapefile", "60036_PLU_20220329.zip"[-21:])
    ]
    assert "### Origine des données\n\nDocument d’urbanisme numérisé" in plan.description
    assert dict(plan.properties) == {
        "iso_level": "dataset",
        "iso_scale": "1:5000",
        "iso_systems": "EPSG:2154",
        "iso_communes": "60036",
    }
    assert codes(plan) == []


def test_a_real_scot_gives_its_files_first_then_each_layer_of_its_services(
    real: dict[str, Dataset | Issue],
) -> None:
    scot = real["SCoT (Schéma de cohé"]
    assert isinstance(scot, Dataset)
    formats = [resource.format for resource in scot.resources]
    assert formats == ["GeoJSON", "CSV", "CSV", "GeoJSON", "CSV", "GeoJSON", "XLSX",
                       "WFS", "WFS", "WFS", "WMS", "WMS", "WMS"]  # fmt: skip
    assert scot.resources[-1].title == "Service WMS, couche scot_en_cours"
    assert scot.licence == "other-open"
    assert scot.licence_label.startswith("Utilisation libre sous réserve")
    assert (scot.issued, scot.modified) == ("2021-02-17", "2021-04-02")
    assert scot.publisher == "Région Hauts-de-France"


def test_a_real_service_that_is_the_only_record_of_its_data_is_kept(
    real: dict[str, Dataset | Issue],
) -> None:
    flora = real["MEL - Pression d'inv"]
    assert isinstance(flora, Dataset)
    assert [(r.format, r.title.split()[-1]) for r in flora.resources] == [
        ("WFS", "opendata:mel_obstousta_pv_perrec_m1"),
        ("WMS", "opendata:mel_obstousta_pv_perrec_m1"),
    ]
    assert (flora.frequency, flora.temporal_start, flora.temporal_end) == (
        "quarterly", "2010-01-01", "")  # fmt: skip
    # its author is a person: the address stays at home
    assert (flora.contact_name, flora.contact_email) == (
        "Conservatoire botanique national de Bailleul", "")  # fmt: skip


def test_a_real_record_of_iso_19115_3_is_read_like_the_others(
    real: dict[str, Dataset | Issue],
) -> None:
    crossings = real["Passages pour piéton"]
    assert isinstance(crossings, Dataset)
    assert crossings.remote_id == "2d974612-70b1-4662-a9f4-c43cbe453773"
    assert crossings.upstream_uri == f"http://geodata.wallonie.be/id/{crossings.remote_id}"
    assert crossings.publisher == "Service public de Wallonie (SPW)"
    assert crossings.contact_email == "helpdesk.carto@spw.wallonie.be"
    assert (crossings.themes, crossings.frequency) == (("transports",), "continuous")
    assert (crossings.issued, crossings.modified) == ("2022-06-16", "2022-06-16")
    assert crossings.licence == "notspecified"
    assert crossings.licence_label == "Les conditions générales d'utilisation s'appliquent."
    assert crossings.landing_page == (
        f"https://metawal.wallonie.be/geonetwork/srv/api/records/{crossings.remote_id}"
    )
    assert json.loads(crossings.spatial)["coordinates"][0][2] == [6.5, 50.85]
    assert {resource.format for resource in crossings.resources} == {"Page web"}
    assert "Régional" not in crossings.tags
