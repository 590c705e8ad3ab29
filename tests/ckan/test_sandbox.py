"""The sandbox: fixed rows for every schema, by the code of the real tables; refusals on demand."""

from __future__ import annotations

from itertools import takewhile
from textwrap import dedent
from typing import Any
from urllib.parse import urlsplit

import pytest
from ckanext.datastore.backend import postgres
from sqlalchemy import text

from ckanext.territoire.developers import sandbox
from ckanext.territoire.developers.sandbox import COMMUNES, PATH
from ckanext.territoire.portal.guides import load_guides
from schemas.load import latest, slugs
from tests.acceptance.portal_site import serving
from tests.ckan.conftest import act
from tests.ckan.test_rows_api import no_quota  # noqa: F401 (a fixture)

SLUG = "stationnement-hors-voirie"
ROWS = f"{PATH}/{SLUG}/rows"
pytestmark = pytest.mark.usefixtures("with_plugins")


def test_every_schema_has_its_good_rows_and_the_same_at_each_call(app: Any) -> None:
    for slug in slugs():
        good = latest(slug)
        lines = sandbox.rows_file(good).read_text(encoding="utf-8")
        first = app.get(f"{PATH}/{slug}/rows?provenance=true&total=true")
        assert 1 < first.json["total"] < lines.count("\n") + 1, slug
        assert app.get(f"{PATH}/{slug}/rows?provenance=true&total=true").body == first.body
        for row in first.json["rows"]:
            name = row["territoire_commune_nom"]
            assert name in (*COMMUNES.values(), None), (slug, name)
    listed = app.get(PATH).json["tables"]
    assert {each["slug"] for each in listed} == set(slugs())
    assert app.get(urlsplit(listed[0]["read"]).path).json["rows"]


def test_the_rows_are_made_anew_as_they_were(app: Any) -> None:
    before = app.get(f"{ROWS}?provenance=true").body
    table = sandbox.table_name(latest(SLUG))
    with postgres.get_write_engine().begin() as connection:
        connection.execute(text(f'DROP TABLE "{table}"'))
    assert app.get(f"{ROWS}?provenance=true").body == before


def test_the_rows_of_a_former_version_go(app: Any) -> None:
    table = sandbox.table_name(latest(SLUG))
    app.get(ROWS)
    with postgres.get_write_engine().begin() as connection:
        connection.execute(text(f'DROP TABLE "{table}"'))
        connection.execute(text('CREATE TABLE "bac-de-hier" (a int)'))
        told = f"territoire sandbox/{SLUG}"
        connection.execute(text(f"COMMENT ON TABLE \"bac-de-hier\" IS '{told}'"))
    app.get(ROWS)
    with postgres.get_write_engine().begin() as connection:
        assert connection.execute(text("SELECT to_regclass('\"bac-de-hier\"')")).scalar() is None


def test_a_client_filters_pages_and_reads_each_format_there(app: Any) -> None:
    names = [row["nom"] for row in app.get(f"{ROWS}?sort=-nb_places").json["rows"]]
    assert names == ["Parc relais des Préales", "Parking de la Vilaine", "Parking du Prieuré"]
    assert len(app.get(f"{ROWS}?commune=Betton").json["rows"]) == 1
    assert len(app.get(f"{ROWS}?near=-1.5364,48.1332&radius=500").json["rows"]) == 1
    seen, path = [], f"{ROWS}?limit=1"
    while path:
        page = app.get(path).json
        seen += [row["territoire_cle"] for row in page["rows"]]
        told = urlsplit(page["next"] or "")
        assert not told.path or told.path.startswith(PATH)
        path = f"{told.path}?{told.query}" if told.path else ""
    assert seen == sorted(seen)
    assert len(seen) == 3
    assert app.get(f"{ROWS}/{seen[0]}").json["territoire_cle"] == seen[0]
    for ending in ("csv", "geojson", "json", "xlsx", "parquet"):
        assert app.get(f"{PATH}/{SLUG}.{ending}").get_data()
    changes = app.get(f"{PATH}/{SLUG}/changes").json
    assert [each["op"] for each in changes["changes"]] == ["added"] * 3
    assert app.get(f"{PATH}/{SLUG}/changes?since={changes['cursor']}").json["changes"] == []
    shown = app.get(f"{PATH}/{SLUG}").json
    assert (shown["rows"], shown["waiting"], shown["absent"]) == (3, 0, [])
    assert urlsplit(shown["read"]).path == ROWS
    assert "error" in app.get(f"{ROWS}?nb_place=3", status=400).json


@pytest.mark.parametrize(
    ("asked", "code"), [("429", "TER-API-179"), ("503", "TER-API-176"), ("410", "TER-API-174")]
)
def test_a_refusal_is_given_on_demand_as_the_real_one_is(app: Any, asked: str, code: str) -> None:
    answer = app.get(f"{ROWS}?simulate={asked}", status=int(asked))
    assert answer.json["error"]["code"] == code
    assert ("Retry-After" in answer.headers) is (asked != "410")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_headers_of_an_end_are_given_on_demand_and_no_other_word_is(app: Any) -> None:
    answer = app.get(f"{ROWS}?simulate=deprecation")
    assert answer.json["rows"]
    assert answer.headers["Deprecation"].startswith("@")
    assert answer.headers["Sunset"].endswith("GMT")
    told = app.get(f"{ROWS}?simulate=418", status=400).json["error"]
    assert (told["field"], "429" in told["accepted"]) == ("simulate", True)


def test_the_sandbox_is_none_of_the_territory(app: Any) -> None:
    app.get(ROWS)
    table = sandbox.table_name(latest(SLUG))
    assert table not in app.get("/api/territoire/v1/tables").body
    app.get(f"/api/3/action/datastore_search?resource_id={table}", status=404)
    assert act("package_search", q="Préales")["count"] == 0


def test_an_unknown_table_is_near_a_known_one(app: Any) -> None:
    told = app.get(f"{PATH}/stationnement-hors-voiries/rows", status=404).json["error"]
    assert SLUG in told["accepted"]


def test_the_example_of_the_guide_runs(portal_app: Any) -> None:
    guide = next(each for each in load_guides() if each.name == "developpeurs")
    part = guide.text.split("## Essayer sans risque", 1)[1]
    lines = part[part.index("    import requests") :].splitlines()
    code = "\n".join(takewhile(lambda line: not line or line.startswith("    "), lines))
    with serving(portal_app) as address:
        ran: dict[str, Any] = {}
        exec(dedent(code).replace("SITE", address), ran)
    assert ran["reponse"].status_code == 429
