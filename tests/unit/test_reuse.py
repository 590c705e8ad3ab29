"""How to use a dataset elsewhere: what is told works as it stands, whatever somebody typed."""

from __future__ import annotations

import ast
import shlex
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ckanext.territoire.portal.reuse import to_recipes

SITE = "https://donnees.example"


def told(*resources: dict[str, Any]) -> dict[str, str]:
    return {each.tool: each.lines for each in to_recipes({"resources": list(resources)}, SITE)}


def file(form: str, url: str = "", **more: Any) -> dict[str, Any]:
    return {"id": f"r-{form}", "format": form, "url": url or f"https://a.example/x.{form}"} | more


def test_each_tool_gets_the_file_that_it_reads() -> None:
    found = told(file("pdf"), file("csv"), file("geojson"))

    assert found["Tableur"] == "https://a.example/x.csv"
    assert found["QGIS"] == "https://a.example/x.geojson"
    assert 'read_csv("https://a.example/x.csv")' in found["Python"]
    assert set(found) == {"Tableur", "QGIS", "Python", "Ligne de commande"}


def test_the_first_file_of_a_form_is_told() -> None:
    first, second = file("csv", "https://a.example/1.csv"), file("csv", "https://a.example/2.csv")
    assert told(first, second)["Tableur"].endswith("1.csv")


def test_a_merged_table_is_asked_by_its_own_api() -> None:
    url = f"{SITE}/api/territoire/v1/tables/arbres.csv"
    found = told(file("csv", url, url_type="territoire", datastore_active=True))
    assert found["API"] == f"curl '{SITE}/api/territoire/v1/tables/arbres/rows?limit=100'"


def test_a_merged_table_with_places_is_read_by_qgis_as_features() -> None:
    url = f"{SITE}/api/territoire/v1/tables/arbres.geojson"
    (found,) = [
        each
        for each in to_recipes({"resources": [file("geojson", url)]}, SITE)
        if each.tool == "QGIS"
    ]
    assert found.lines == f"{SITE}/ogc"
    assert "« arbres »" in found.text.replace("\u00a0", " ")


def test_a_loaded_table_is_asked_by_the_api_of_ckan() -> None:
    found = told(file("csv", datastore_active=True))
    assert "datastore_search?resource_id=r-csv" in found["API"]


def test_a_file_of_this_site_has_a_whole_address() -> None:
    assert told(file("csv", "/dataset/a/fichier/b.csv"))["Tableur"].startswith(SITE)


def test_what_is_no_address_gives_nothing() -> None:
    assert told(file("csv", "javascript:alert(1)")) == {}
    assert told() == {}


@given(st.text(max_size=40))
def test_no_address_leaves_its_quotes(tail: str) -> None:
    url = f"https://a.example/{tail}"
    found = told(file("csv", url))

    assert shlex.split(found["Ligne de commande"])[-1] == url.strip()
    call: Any = ast.parse(found["Python"]).body[-1]
    assert ast.literal_eval(call.value.args[0]) == url.strip()
