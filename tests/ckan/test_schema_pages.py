"""The pages, files and actions of the table schemas, asked as a visitor asks them."""

from __future__ import annotations

import io
import json
from typing import Any

import frictionless
import jsonschema
import lxml.html
import openpyxl
import pytest
from ckan.plugins import toolkit

from ckanext.territoire.delivery import columns
from schemas import load
from schemas.to_openapi import PROVENANCE

PARKING = "stationnement-hors-voirie"
pytestmark = pytest.mark.usefixtures("with_plugins")


def anonymous(action: str, **data: Any) -> Any:
    return toolkit.get_action(action)({"user": "", "ignore_auth": False}, data)


def text(answer: Any) -> str:
    return " ".join(lxml.html.fromstring(answer.body).text_content().split())


def test_every_schema_is_listed_by_its_newest_version_in_the_order_of_titles() -> None:
    listed = anonymous("territoire_schema_list")
    assert {each["slug"] for each in listed} == set(load.slugs())
    assert all(each["version"] == load.slugs()[each["slug"]][-1] for each in listed)


@pytest.mark.parametrize("words", ["parking", "Parkings", "STATIONNEMENT voirie", "places"])
def test_a_search_finds_by_words_whatever_their_case_and_number(words: str) -> None:
    assert PARKING in {each["slug"] for each in anonymous("territoire_schema_list", q=words)}


def test_a_search_keeps_what_holds_all_its_words() -> None:
    assert anonymous("territoire_schema_list", q="parking licorne") == []


def test_a_schema_is_shown_with_all_that_is_derived_from_it() -> None:
    by_slug = anonymous("territoire_schema_show", id=PARKING)
    assert anonymous("territoire_schema_show", id=by_slug["id"]) == by_slug
    assert by_slug["columns"][0] == {"name": "id", "type": "text"}
    assert by_slug["form"][0]["is_required"] is True
    assert by_slug["doc"]["sections"][0]["title"] == "Colonnes obligatoires"
    json.dumps(by_slug)


@pytest.mark.parametrize("schema_id", ["stationement", f"{PARKING}/9.9"])
def test_an_unknown_schema_is_not_found_and_near_names_are_told(schema_id: str) -> None:
    with pytest.raises(toolkit.ObjectNotFound) as fault:
        anonymous("territoire_schema_show", id=schema_id)
    assert "TER-CFG-100" in str(fault.value.message)
    assert PARKING in str(fault.value.message)


def test_the_list_leads_to_every_schema(app: Any) -> None:
    page = app.get("/modeles")
    links = lxml.html.fromstring(page.body).xpath("//main//h3/a/@href")
    assert sorted(links) == sorted(f"/modeles/{slug}" for slug in load.slugs())
    assert "Obligatoire" in text(page)


def test_a_search_without_result_says_so_and_leads_back(app: Any) -> None:
    page = app.get("/modeles?q=<b>licorne")
    assert "Aucun modèle ne répond à « <b>licorne »" in text(page)
    assert lxml.html.fromstring(page.body).xpath('//main//p/a[@href="/modeles"]')


def test_the_help_page_says_what_to_write_with_examples_rules_and_versions(app: Any) -> None:
    page = app.get(f"/modeles/{PARKING}")
    shown = text(page)
    schema = load.latest(PARKING)
    for field in schema.fields:
        assert f"<code>{field.name}</code>" in page.body
        assert field.example in shown
    assert "À ne pas écrire" in shown
    assert "Deux lignes n’ont jamais la même valeur dans « id »." in shown
    assert "Qui doit publier" in shown
    tree = lxml.html.fromstring(page.body)
    links = {str(link) for link in tree.xpath("//main//a/@href")}
    base = f"/modeles/{PARKING}/{schema.version}"
    assert links >= {
        f"/deposer/{PARKING}", f"{base}/modele.csv", f"{base}/modele.xlsx", f"{base}/schema.json",
        "/modeles", "/modeles/openapi.json", schema.origin.url,
    }  # fmt: skip


def test_every_version_has_its_page_and_its_files(app: Any) -> None:
    ends = ("", "/schema.json", "/modele.csv", "/modele.xlsx")
    paths = [f"/modeles/{schema_id}{end}" for schema_id in load.table_schemas() for end in ends]
    assert {path: code for path in paths if (code := app.get(path).status_code) != 200} == {}


def test_the_standard_schema_says_where_it_stands(app: Any) -> None:
    path = f"/modeles/{PARKING}/0.1.5/schema.json"
    told = json.loads(app.get(path).body)
    assert told["path"].endswith(path)
    frictionless.Schema.from_descriptor(told)


@pytest.mark.parametrize(
    "path", ["licorne", f"{PARKING}/9.9", f"{PARKING}/9.9/schema.json", "licorne/1.0/modele.csv"]
)
def test_what_does_not_exist_is_a_404_in_french(app: Any, path: str) -> None:
    answer = app.get(f"/modeles/{path}", status=404)
    assert "aucun modèle de tableau" in text(answer)


def test_the_standard_schema_is_read_from_any_site_and_not_sent_twice(app: Any) -> None:
    path = f"/modeles/{PARKING}/0.1.5/schema.json"
    first = app.get(path)
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert first.headers["Content-Type"] == "application/json"
    again = app.get(path, headers={"If-None-Match": first.headers["ETag"]}, status=304)
    assert again.body == ""


def test_templates_are_attachments_with_a_name_that_says_what_they_are(app: Any) -> None:
    path = f"/modeles/{PARKING}/0.1.5/modele"
    blank, book = app.get(f"{path}.csv"), app.get(f"{path}.xlsx")
    assert f'filename="{PARKING}-0.1.5.csv"' in blank.headers["Content-Disposition"]
    assert f'filename="{PARKING}-0.1.5.xlsx"' in book.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(book.data)).active
    assert [cell.value for cell in sheet[1]] == [f.name for f in load.latest(PARKING).fields]


def test_the_openapi_document_holds_a_row_of_every_schema(app: Any) -> None:
    document = json.loads(app.get("/modeles/openapi.json").body)
    components = document["components"]["schemas"]
    assert len(components) == len(load.table_schemas()) + len(load.slugs())
    for component in components.values():
        jsonschema.Draft202012Validator.check_schema(component)
    assert "StationnementHorsVoirie" in components


def test_a_component_tells_the_columns_of_the_merged_table() -> None:
    assert list(PROVENANCE) == ["_id", *(name for name, _, _ in columns.PROVENANCE)]
