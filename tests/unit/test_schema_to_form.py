"""The controls of an entry grid."""

from __future__ import annotations

import json
import re
from dataclasses import asdict

import pytest

from schemas.load import find, table_schemas
from schemas.to_form import Choice, Control, ControlKind, to_form
from tests.unit.toy_schema import toy_schema


@pytest.fixture
def controls() -> dict[str, Control]:
    return {control.name: control for control in to_form(toy_schema())}


@pytest.mark.parametrize(
    ("name", "kind", "input_type", "input_mode"),
    [
        ("insee", "line", "text", "text"),
        ("genre", "choice", "text", "text"),
        ("usages", "choices", "text", "text"),
        ("ouvert", "choice", "text", "text"),
        ("bancs", "number", "text", "numeric"),
        ("longueur", "number", "text", "decimal"),
        ("pose", "date", "date", "text"),
        ("fin", "date", "text", "text"),
        ("saison", "line", "text", "text"),
        ("annee", "number", "text", "numeric"),
        ("site", "line", "url", "text"),
        ("siret", "line", "text", "numeric"),
        ("tel", "line", "tel", "text"),
        ("x", "position", "text", "text"),
    ],
)
def test_a_field_gets_the_control_that_suits_its_values(
    controls: dict[str, Control], name: str, kind: str, input_type: str, input_mode: str
) -> None:
    made = controls[name]
    assert (made.kind, made.input_type, made.input_mode) == (kind, input_type, input_mode)


def test_a_negative_number_can_be_typed_on_a_phone(controls: dict[str, Control]) -> None:
    assert controls["x"].input_mode == "text"


def test_choices_are_the_values_that_the_check_accepts(controls: dict[str, Control]) -> None:
    assert [each.value for each in controls["genre"].choices] == ["parc", "square, jardin"]
    assert controls["ouvert"].choices == (Choice("oui", "Oui"), Choice("non", "Non"))
    assert controls["usages"].separator == "|"


def test_a_control_says_what_is_asked(controls: dict[str, Control]) -> None:
    bancs = controls["bancs"]
    assert (bancs.label, bancs.help) == ("Bancs", "Ce qu’est bancs.")
    assert (bancs.minimum, bancs.maximum, bancs.placeholder) == ("0", "50", "12")
    assert (controls["nom"].is_required, controls["nom"].max_length) == (True, 80)
    assert re.fullmatch(controls["insee"].pattern, "01004")


@pytest.mark.parametrize("schema_id", table_schemas())
def test_the_form_of_every_schema_is_json_and_accepts_its_examples(schema_id: str) -> None:
    schema = find(schema_id)
    assert schema is not None
    controls = to_form(schema)
    assert [each.name for each in controls] == [each.name for each in schema.fields]
    json.dumps([asdict(each) for each in controls])
    for each in controls:
        if each.pattern and each.placeholder:
            assert re.fullmatch(each.pattern, each.placeholder), each.name
        if each.kind is ControlKind.CHOICE and each.placeholder:
            assert each.placeholder in [choice.value for choice in each.choices], each.name
