"""The description of the API: valid, closed, true of the parameters that are read."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from ckanext.territoire.api.actions import ACTIONS
from ckanext.territoire.api.asked import Known, Query
from ckanext.territoire.api.columns import columns_of, own_columns
from ckanext.territoire.api.examples import Sample, examples_of
from ckanext.territoire.api.openapi import (
    About,
    all_operations,
    operations_of,
    to_api_document,
    to_table_document,
)
from ckanext.territoire.api.read_query import WORDS, read_query
from schemas.load import latest, slugs
from schemas.to_openapi import component_name, to_row
from tests.unit.test_schema_to_openapi import ROW
from tests.unit.toy_schema import toy_schema

ABOUT = About("Portail – API", "https://portail.example")
TABLES = tuple(latest(slug) for slug in slugs())


def references(told: Any) -> set[str]:
    if isinstance(told, dict):
        own = {told["$ref"]} if isinstance(told.get("$ref"), str) else set()
        return own.union(*map(references, told.values())) if told else own
    return set().union(*map(references, told)) if isinstance(told, list) and told else set()


def found(document: dict[str, Any], reference: str) -> bool:
    place: Any = document
    for part in reference.removeprefix("#/").split("/"):
        place = place.get(part) if isinstance(place, dict) else None
    return place is not None


@pytest.mark.parametrize("slug", ["", *slugs()])
def test_a_document_is_closed_and_each_operation_has_its_own_name(slug: str) -> None:
    document = to_table_document(latest(slug), ABOUT) if slug else to_api_document(TABLES, ABOUT)
    assert document["openapi"] == "3.1.0"
    assert [each for each in references(document) if not found(document, each)] == []
    operations = [each["get"] for each in document["paths"].values()]
    ids = [each["operationId"] for each in operations]
    assert len(ids) == len(set(ids))
    for path, each in zip(document["paths"], operations, strict=True):
        told = {p["name"] for p in each["parameters"] if p["in"] == "path"}
        assert told == {part.split("}")[0] for part in path.split("{")[1:]}
        assert set(each["responses"]) & {"200", "302"}
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_the_words_of_a_request_are_all_described_and_no_other() -> None:
    rows = next(each for each in all_operations(()) if each.id == "rows")
    assert {each.name for each in rows.params if each.where == "query"} == WORDS


@pytest.mark.parametrize("slug", slugs())
def test_every_parameter_of_a_table_is_one_that_is_read(slug: str) -> None:
    schema = latest(slug)
    known = Known(slug, columns_of(schema), own_columns(schema), schema.position is not None)
    rows = next(each for each in operations_of(schema) if each.id == "rows")
    for param in rows.params:
        if param.name not in WORDS:
            told = read_query([(param.name, _value(param.schema))], known)
            assert isinstance(told, Query), param.name


def _value(schema: Any) -> str:
    samples = {"integer": "1", "number": "1.5", "boolean": "true"}
    by_format = {"date": "2026-01-31", "date-time": "2026-01-31T14:30:00Z"}
    return samples.get(schema["type"]) or by_format.get(schema.get("format", ""), "a")


@pytest.mark.parametrize("slug", slugs())
def test_every_example_names_its_own_table(slug: str) -> None:
    examples = examples_of(latest(slug), Sample())
    assert all(f"/tables/{slug}" in each.path for each in examples)
    assert len({each.path for each in examples}) == len(examples) >= 6


def test_a_row_that_is_read_follows_its_component_and_nothing_else_stands_in_it() -> None:
    read = {name: value for name, value in ROW.items() if name not in ("_id", "territoire_doublon")}
    component = to_row(toy_schema())
    jsonschema.Draft202012Validator(component).validate(read | {"territoire_cle": "01004|Le Parc"})
    jsonschema.Draft202012Validator(component).validate({"nom": "Le Parc"})
    assert not jsonschema.Draft202012Validator(component).is_valid({"_key": "a"})
    assert component_name(toy_schema()) == "LieuxCalmes_1_2"


def test_only_actions_that_read_are_promised() -> None:
    names = {each.id.rpartition("_")[2] for each in ACTIONS}
    assert names == {"search", "list", "show"}
