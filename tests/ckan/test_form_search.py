"""What the vocabularies give to search, to the list of licences and to a batch of datasets."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.lib import navl
from ckan.plugins import toolkit
from ckan.tests import factories, helpers

from ckanext.territoire import minute
from ckanext.territoire.portal.facets import FACETS
from schemas.vocabulary import load_vocabulary
from tests.ckan.territory_rows import write_communes

pytestmark = pytest.mark.usefixtures("with_plugins", "clean")


def act(action: str, **data: Any) -> Any:
    """Call an action as the site itself does."""
    site = helpers.call_action("get_site_user", {"ignore_auth": True})
    return helpers.call_action(action, {"user": site["name"]}, **data)


@pytest.fixture
def org(with_plugins: None, clean: None) -> dict[str, Any]:
    write_communes()
    found: dict[str, Any] = factories.Organization(name="metropole", title="Métropole")
    return found


@pytest.fixture
def three(org: dict[str, Any]) -> None:
    for name, themes, communes, licence in (
        ("a", ["dechets", "eau"], ["35001"], "lov2"),
        ("b", ["dechets"], ["35001", "35238"], "odbl-1.0"),
        ("c", ["transports"], ["35238"], "lov2"),
    ):
        act(
            "package_create",
            name=f"jeu-{name}",
            title=name,
            owner_org=org["id"],
            theme=themes,
            communes=communes,
            license_id=licence,
            resources=[{"url": "https://a.fr/a.csv"}],
        )


def counts(search: dict[str, Any], facet: str) -> dict[str, int]:
    items = search["search_facets"][facet]["items"]
    return {item["display_name"]: item["count"] for item in items}


@pytest.mark.usefixtures("three")
def test_every_facet_of_the_search_page_counts_and_speaks_french() -> None:
    search = act("package_search", **{"facet.field": list(FACETS), "rows": 0})
    assert counts(search, "vocab_communes") == {"Acigné": 2, "Rennes": 2}
    assert counts(search, "vocab_themes") == {
        "Déchets": 2,
        "Environnement": 2,
        "Eau et assainissement": 1,
        "Transports et déplacements": 1,
        "Transports (thème européen)": 1,
    }
    assert counts(search, "res_format") == {"CSV": 3}
    assert counts(search, "license_id") == {
        "Licence Ouverte 2.0 (Etalab)": 2,
        "ODbL 1.0 (Open Database License)": 1,
    }


@pytest.mark.usefixtures("three")
def test_the_map_finds_a_dataset_by_the_coverage_drawn_from_its_communes() -> None:
    around_acigne = "-1.56,48.12,-1.54,48.14"
    search = act("package_search", extras={"ext_bbox": around_acigne})
    assert sorted(found["name"] for found in search["results"]) == ["jeu-a", "jeu-b"]


def test_a_coverage_that_is_no_geometry_is_refused_and_a_crossed_one_is_mended(
    org: dict[str, Any],
) -> None:
    bow_tie = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    made = act("package_create", name="noeud", title="N", owner_org=org["id"], spatial=bow_tie)
    assert made["spatial"].startswith('{"type":"MultiPolygon"')
    for wrong in (
        "rien",
        '{"type": "Point", "coordinates": [352000, 6789000]}',
        '{"type": "Polygon"}',
    ):
        with pytest.raises(toolkit.ValidationError) as refused:
            act("package_create", name="faux", title="F", owner_org=org["id"], spatial=wrong)
        assert "géométrie GeoJSON" in refused.value.error_dict["spatial"][0]


@pytest.mark.usefixtures("three")
def test_choosing_a_european_theme_finds_its_local_domains() -> None:
    search = act("package_search", fq='vocab_themes:"eu-envi"')
    assert sorted(found["name"] for found in search["results"]) == ["jeu-a", "jeu-b"]


@pytest.mark.usefixtures("three")
def test_the_address_of_a_theme_leads_to_its_datasets(app: Any) -> None:
    page = app.get("/themes/dechets")
    assert page.request.path == "/dataset/"
    assert 'href="/dataset/jeu-a"' in page.text
    assert 'href="/dataset/jeu-c"' not in page.text
    assert app.get("/themes/nulle-part", status=404).status_code == 404


def test_the_list_of_licences_is_the_vocabulary() -> None:
    listed = {licence["id"]: licence for licence in act("license_list")}
    assert list(listed) == [term.id for term in load_vocabulary("licences")]
    assert listed["lov2"]["title"] == "Licence Ouverte 2.0 (Etalab)"
    assert listed["lov2"]["url"].startswith("https://www.etalab.gouv.fr/")
    assert listed["odbl-1.0"]["od_conformance"] == "approved"


def test_a_commune_that_publishes_without_naming_a_commune_is_about_itself() -> None:
    write_communes()
    org = factories.Organization(name="betton", title="Betton")
    with model.meta.engine.begin() as connection:
        connection.execute(
            sa.text('UPDATE "group" SET extras = CAST(:extras AS jsonb) WHERE id = :id'),
            {"extras": '{"kind": "commune", "insee": "35024"}', "id": org["id"]},
        )
    minute.forget()
    for owner in (org["id"], org["name"]):
        name = f"jeu-{owner[:8]}"
        found = act("package_create", name=name, title="Arbres", owner_org=owner)
        assert found["communes"] == ["35024"]
        assert '"communes": ["35024"]' in found["spatial"]


def test_checking_a_hundred_datasets_asks_the_database_for_communes_once(
    org: dict[str, Any],
) -> None:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "territoire_commune" in statement or "is_organization" in statement:
            asked.append(statement)

    sa.event.listen(model.meta.engine, "before_cursor_execute", note)
    try:
        for i in range(100):
            errors = _check(
                communes=["35001", "35238"][: 1 + i % 2], theme="eau", issued=str(2000 + i)
            )
            assert errors == {}
    finally:
        sa.event.remove(model.meta.engine, "before_cursor_execute", note)
    assert len(asked) == 2  # the names, then the outlines


def _check(**dataset: Any) -> dict[str, Any]:
    """Run the validators of our own fields, as a batch does."""
    schema = toolkit.get_action("scheming_dataset_schema_show")({}, {"type": "dataset"})
    wanted = {"communes", "spatial", "theme", "issued"}
    rules = {
        field["field_name"]: _validators(field, schema)
        for field in schema["dataset_fields"]
        if field["field_name"] in wanted
    }
    _, errors = navl.dictization_functions.validate(dataset, rules, {})
    return dict(errors)


def _validators(field: dict[str, Any], schema: dict[str, Any]) -> list[Any]:
    from ckanext.scheming.validation import validators_from_string

    found: list[Any] = validators_from_string(field["validators"], field, schema)
    return found
