"""The OpenAPI component of a row: valid JSON Schema, true of the rows that the API gives."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from schemas.load import find, table_schemas
from schemas.to_openapi import PROVENANCE, component_name, to_component, to_document
from tests.unit.toy_schema import toy_schema

COMPONENT_NAME = r"^[a-zA-Z0-9._-]+$"
ROW: dict[str, Any] = {
    "_id": 7, "territoire_commune": "01004", "territoire_commune_nom": "Ambérieu",
    "territoire_jeu": "j", "territoire_ressource": "r", "territoire_livraison": "l",
    "territoire_ligne": 2, "territoire_maj": "2026-01-31T14:30:00+00:00",
    "territoire_hors_epci": False, "territoire_doublon": None,
    "insee": "01004", "nom": "Le Parc", "genre": None, "usages": "jeu|repos", "ouvert": True,
    "bancs": 12, "longueur": 1.5, "pose": "2026-01-31", "fin": None, "saison": "2026-01",
    "vu": "2026-01-31T14:30:00+00:00", "annee": 2026, "heure": None, "site": None,
    "siret": None, "tel": None, "x": -1.53, "y": 48.1,
}  # fmt: skip


def validator(component: dict[str, Any]) -> Any:
    return jsonschema.Draft202012Validator(component)


@pytest.mark.parametrize("schema_id", [*table_schemas(), "toy"])
def test_every_component_is_a_json_schema_and_its_examples_follow_it(schema_id: str) -> None:
    component = to_component(find(schema_id) or toy_schema())
    jsonschema.Draft202012Validator.check_schema(component)
    for name, told in component["properties"].items():
        for example in told.get("examples", ()):
            assert list(validator(told).iter_errors(example)) == [], name


def test_a_row_of_the_table_follows_its_component() -> None:
    validator(to_component(toy_schema())).validate(ROW)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("insee", None),
        ("insee", "1004"),
        ("insee", "01004 "),
        ("genre", "bois"),
        ("ouvert", "oui"),
        ("bancs", 51),
        ("bancs", 1.5),
        ("longueur", "1,5"),
        ("nom", "P"),
        ("annee", "2026"),
        ("_id", None),
    ],
)
def test_a_wrong_value_is_refused_by_the_component(column: str, value: Any) -> None:
    assert not validator(to_component(toy_schema())).is_valid(ROW | {column: value})


def test_the_columns_that_say_where_a_row_comes_from_stand_behind_those_of_the_schema() -> None:
    component = to_component(toy_schema())
    assert list(component["properties"])[-len(PROVENANCE) :] == list(PROVENANCE)
    assert set(component["required"]) == set(component["properties"])


def test_an_example_is_told_as_it_is_stored() -> None:
    told = to_component(toy_schema())["properties"]
    assert told["fin"]["examples"] == ["2027-01-31"]
    assert told["ouvert"]["examples"] == [True]
    assert told["annee"]["examples"] == [2026]


def test_the_document_names_each_version_and_the_newest_of_each_slug() -> None:
    versions = [toy_schema(version=version) for version in ("0.10", "0.9", "0.9.1")]
    document = to_document(versions, "Portail")
    assert document["openapi"].startswith("3.1")
    assert sorted(document["components"]["schemas"]) == [
        "LieuxCalmes", "LieuxCalmes_0_10", "LieuxCalmes_0_9", "LieuxCalmes_0_9_1",
    ]  # fmt: skip
    newest = document["components"]["schemas"]["LieuxCalmes"]
    assert newest == {"$ref": "#/components/schemas/LieuxCalmes_0_10"}


@pytest.mark.parametrize("schema_id", table_schemas())
def test_names_of_components_are_allowed_and_unlike(schema_id: str) -> None:
    schema = find(schema_id)
    assert schema is not None
    jsonschema.validate(component_name(schema), {"type": "string", "pattern": COMPONENT_NAME})
    known = [component_name(each) for each in map(find, table_schemas()) if each]
    assert known.count(component_name(schema)) == 1
