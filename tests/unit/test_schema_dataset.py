"""The form says each thing once, in French, and asks for no more than is needed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import schemas
from schemas.vocabulary import FOLDER, load_vocabulary

ROOT = Path(schemas.__file__).parent
FORM = yaml.safe_load((ROOT / "dataset" / "dataset.yaml").read_text(encoding="utf-8"))
PRESETS = {
    preset["preset_name"]: preset["values"]
    for preset in yaml.safe_load((ROOT / "presets.yaml").read_text(encoding="utf-8"))["presets"]
}
FIELDS: list[dict[str, Any]] = [
    {**PRESETS.get(field.get("preset", ""), {}), **field}
    for field in [*FORM["dataset_fields"], *FORM["resource_fields"]]
]
SEEN = [
    field
    for field in FIELDS
    if field.get("form_snippet", "")
    not in {"territoire_hidden.html", "territoire_spatial.html", None}
]
EXTENSION = ROOT.parent / "ckanext-territoire" / "ckanext" / "territoire"

AGREED = [
    "title",
    "name",
    "notes",
    "owner_org",
    "license_id",
    "licence_label",
    "theme",
    "tag_string",
    "frequency",
    "issued",
    "modified",
    "temporal_start",
    "temporal_end",
    "communes",
    "spatial",
    "publisher_name",
    "contact_name",
    "contact_email",
    "language",
    "url",
    "upstream_uri",
    "properties",
]
AGREED_RESOURCE = [
    "url",
    "name",
    "description",
    "format",
    "mimetype",
    "size",
    "last_modified",
    "table_schema",
    "hash",
]


def test_the_fields_are_those_that_harvests_fill_in() -> None:
    assert sorted(field["field_name"] for field in FORM["dataset_fields"]) == sorted(AGREED)
    assert sorted(field["field_name"] for field in FORM["resource_fields"]) == sorted(
        AGREED_RESOURCE
    )


def test_only_the_title_the_publisher_and_the_licence_are_required() -> None:
    required = {field["field_name"] for field in FIELDS if field.get("required")}
    assert required == {"title", "owner_org", "license_id"}


def test_no_list_of_choices_is_repeated_in_the_form() -> None:
    names = {path.stem for path in FOLDER.glob("*.yaml")}
    with_vocabulary = [field for field in FIELDS if "vocabulary" in field]
    assert {field["field_name"] for field in with_vocabulary} == {
        "license_id",
        "theme",
        "frequency",
        "format",
    }
    assert all(field["vocabulary"] in names for field in with_vocabulary)
    assert all("choices" not in field for field in FIELDS)


def test_the_proposed_licence_is_the_recommended_one() -> None:
    licence = next(field for field in FIELDS if field["field_name"] == "license_id")
    recommended = [
        term.id for term in load_vocabulary("licences") if term.facts.get("is_recommended")
    ]
    assert [licence["default"]] == recommended


@pytest.mark.parametrize("field", SEEN, ids=lambda field: str(field["field_name"]))
def test_a_field_that_people_fill_in_has_a_label_and_a_help_text(field: dict[str, Any]) -> None:
    assert field["label"]
    assert len(field.get("help_text", "")) > 15 or field["field_name"] == "name"


def test_french_typography_is_kept_in_every_text_that_people_read() -> None:
    texts = [text for field in FIELDS for text in _texts(field)]
    texts += [
        text
        for name in ("licences", "themes", "frequencies")
        for t in load_vocabulary(name)
        for text in (t.label, t.help)
    ]
    wrong = [text for text in texts if re.search(r"'|[^\u202f ][;!?](\s|$)| [;!?:»]|« ", text)]
    assert wrong == []


def _texts(field: dict[str, Any]) -> list[str]:
    group = field.get("group", {})
    found = [
        field.get("label"),
        field.get("help_text"),
        group.get("title"),
        group.get("description"),
    ]
    return [text for text in found if text]


def test_every_snippet_and_validator_of_ours_exists() -> None:
    snippets = {field.get(key) for field in FIELDS for key in ("form_snippet", "display_snippet")}
    templates = EXTENSION / "templates" / "scheming"
    for name in (name for name in snippets if name and name.startswith("territoire_")):
        folders = [
            f for f in ("form_snippets", "display_snippets") if (templates / f / name).exists()
        ]
        assert folders, name
    source = (EXTENSION / "validators.py").read_text(encoding="utf-8")
    named = {
        word.split("(")[0]
        for field in FIELDS
        for key in ("validators", "output_validators")
        for word in field.get(key, "").split()
        if word.startswith("territoire_")
    }
    assert len(named) > 10
    assert {name for name in named if f'"{name}"' not in source} == set()
