"""The standard descriptor: what frictionless and Validata read of our schemas."""

from __future__ import annotations

import json
from typing import Any

import frictionless
import pytest

from schemas.load import find, table_schemas
from schemas.to_table_schema import to_table_schema
from tests.unit.toy_schema import toy_field, toy_schema

ADDRESS = "https://portail.fr/modeles/lieux-calmes/1.2/schema.json"


@pytest.fixture
def told() -> dict[str, Any]:
    return to_table_schema(toy_schema(), ADDRESS)


def field(told: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in told["fields"] if each["name"] == name)


@pytest.mark.parametrize("schema_id", [*table_schemas(), "toy"])
def test_frictionless_accepts_every_schema_of_ours(schema_id: str) -> None:
    schema = find(schema_id) or toy_schema()
    read = frictionless.Schema.from_descriptor(to_table_schema(schema))
    assert [each.name for each in read.fields] == [each.name for each in schema.fields]
    assert tuple(read.primary_key) == schema.key


def test_frictionless_judges_rows_by_the_constraints_told(told: dict[str, Any]) -> None:
    names = ("insee", "bancs", "genre", "ouvert")
    table = [
        names,
        ("01004", "12", "parc", "oui"),
        ("1004", "12", "parc", "oui"),
        ("01004", "51", "parc", "oui"),
        ("01004", "12", "bois", "oui"),
        ("01004", "12", "parc", "peut-être"),
        ("", "12", "parc", "oui"),
    ]
    told["fields"] = [field(told, name) for name in names]
    told["primaryKey"] = []
    schema = frictionless.Schema.from_descriptor(told)
    report = frictionless.Resource(data=table, schema=schema).validate()
    faults = report.flatten(["rowNumber", "fieldName"])
    assert faults == [[3, "insee"], [4, "bancs"], [5, "genre"], [6, "ouvert"], [7, "insee"]]


def test_facts_of_the_schema_stand_under_the_standard_keys(told: dict[str, Any]) -> None:
    assert (told["name"], told["version"], told["path"]) == ("lieux-calmes", "1.2", ADDRESS)
    assert told["primaryKey"] == ["insee", "nom"]
    assert field(told, "insee")["constraints"] == {"required": True, "pattern": "[0-9A-B]{5}"}
    assert field(told, "nom")["constraints"]["maxLength"] == 80
    assert field(told, "bancs")["constraints"] == {"minimum": 0, "maximum": 50}
    assert field(told, "siret")["constraints"] == {"unique": True}
    assert field(told, "ouvert")["trueValues"] == ["true", "oui"]
    assert field(told, "fin")["format"] == "%d/%m/%Y"


def test_a_json_array_tells_the_choices_of_its_items() -> None:
    regimes = toy_field("regimes", "array", enum=("sans sel",), example='["sans sel"]')
    told = to_table_schema(toy_schema(fields=(regimes,), key=(), rules=(), position=None))
    [field] = told["fields"]
    assert field["type"] == "array"
    assert field["arrayItem"] == {"type": "string", "constraints": {"enum": ["sans sel"]}}
    assert "constraints" not in field


def test_values_cut_by_a_separator_are_a_text_for_the_standard(told: dict[str, Any]) -> None:
    usages = field(told, "usages")
    assert usages["type"] == "string"
    assert (usages["territoire:separator"], usages["territoire:items"]) == (
        "|", {"enum": ["jeu", "repos"]},
    )  # fmt: skip


def test_checks_and_rules_bear_the_names_of_validata(told: dict[str, Any]) -> None:
    assert told["custom_checks"] == [
        {"name": "french-siret-value", "params": {"column": "siret"}},
        {"name": "compare-columns-value",
         "params": {"column": "pose", "op": "<=", "column2": "fin"}},
        {"name": "cohesive-columns-value", "params": {"column": "x", "othercolumns": ["y"]}},
        {"name": "one-of-required", "params": {"column1": "site", "column2": "tel"}},
    ]  # fmt: skip


def test_what_the_standard_lacks_stands_under_our_own_keys(told: dict[str, Any]) -> None:
    assert told["territoire:duty"]["from_population"] == 3500
    assert told["territoire:position"] == {"longitude": "x", "latitude": "y"}
    assert told["territoire:rules"][3]["when"] == {"genre": ["parc"]}
    assert told["territoire:rules"][4]["severity"] == "warning"
    assert field(told, "nom")["territoire:personal"] == ["name"]
    standard = {"$schema", "name", "title", "description", "countryCode", "version", "homepage",
                "path", "fields", "primaryKey", "missingValues", "custom_checks"}  # fmt: skip
    assert all(key.startswith("territoire:") for key in told.keys() - standard)
    assert json.loads(json.dumps(told)) == told
