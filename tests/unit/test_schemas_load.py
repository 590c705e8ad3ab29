"""A schema that is half understood is refused with the place; versions and look-ups are exact."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas import load as reader
from schemas.load import SchemaFault, find, latest, load, load_file, slugs, table_schemas
from schemas.model import Check, FieldType, Personal, RuleKind, Severity

BENCH: dict[str, Any] = {
    "title": "Bancs publics",
    "description": "Les bancs de la commune.",
    "origin": {"name": "territoire", "version": 1.0},
    "theme": "voirie-stationnement",
    "frequency": "annual",
    "fields": [
        {"name": "id", "type": "string", "title": "Identifiant", "description": "Un numéro."},
        {"name": "places", "type": "integer", "title": "Places", "description": "Un nombre."},
    ],
}


@pytest.fixture(name="own_tables")
def own_tables_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put an empty folder in the place of our tables, and forget what was read."""
    monkeypatch.setattr(reader, "TABLES", tmp_path)
    caches = (reader.slugs, reader.load, reader.table_schemas)
    for cached in caches:
        cached.cache_clear()
    yield tmp_path
    for cached in caches:
        cached.cache_clear()


def write(folder: Path, told: dict[str, Any], place: str = "bancs/1.0") -> Path:
    file = folder / place / "table.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    return file


def with_field(**keys: Any) -> dict[str, Any]:
    return BENCH | {"fields": [BENCH["fields"][0] | keys, BENCH["fields"][1]]}


def test_a_schema_is_read_as_people_write_it(tmp_path: Path) -> None:
    told = with_field(
        required=True, unique=True, enum=[1, 2], min=0, check="siret", personal=["name"]
    )
    told |= {"expected": False, "key": ["id"], "missing_values": ["", "NC"]}
    told["rules"] = [
        {"kind": "required_if", "fields": ["id"], "when": {"places": 4}, "message": "À remplir."}
    ]
    schema = load_file(write(tmp_path, told))
    field = schema.field("id")
    assert (schema.id, schema.origin.version, schema.is_expected) == ("bancs/1.0", "1.0", False)
    assert (field.is_required, field.is_unique, field.minimum) == (True, True, "0")
    assert (field.enum, field.check, field.type) == (("1", "2"), Check.SIRET, FieldType.STRING)
    assert field.personal == {Personal.NAME}
    assert schema.missing_values == ("", "NC")
    assert schema.rules[0].kind is RuleKind.REQUIRED_IF
    assert schema.rules[0].when == {"places": ("4",)}
    assert schema.rules[0].severity is Severity.ERROR


@pytest.mark.parametrize(
    ("told", "word"),
    [
        (with_field(requird=True), "requird"),
        (BENCH | {"keys": ["id"]}, "keys"),
        (BENCH | {"differences": [{"field": "id", "what": "type", "reason": "?"}]}, "reason"),
        (with_field(type="text"), "text"),
        (with_field(composed={"form": "{insee}-{digest}", "cells": ["place"]}), "place"),
        (with_field(composed={"form": "{code}"}), "code"),
        (with_field(check="telephone"), "telephone"),
        (with_field(personal=["nickname"]), "nickname"),
        (with_field(name="places"), "places"),
        ({key: BENCH[key] for key in BENCH if key != "origin"}, "origin"),
    ],
)
def test_a_key_that_is_not_known_is_refused(
    told: dict[str, Any], word: str, tmp_path: Path
) -> None:
    with pytest.raises(SchemaFault, match=rf"bancs/1\.0 .*{word}"):
        load_file(write(tmp_path, told))


@pytest.mark.parametrize(
    "extra",
    [
        {"rules": [{"kind": "together", "fields": ["id", "hauteur"], "message": "Ensemble."}]},
        {
            "rules": [
                {"kind": "required_if", "fields": ["id"], "when": {"hauteur": "1"}, "message": "."}
            ]
        },
        {"key": ["hauteur"]},
        {"commune": "hauteur"},
        {"label": "hauteur"},
        {"position": {"longitude": "hauteur", "latitude": "places"}},
    ],
)
def test_a_column_that_is_used_and_not_declared_is_refused(
    extra: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(SchemaFault, match=r"bancs/1\.0 .*hauteur"):
        load_file(write(tmp_path, BENCH | extra))


@pytest.mark.parametrize(("key", "word"), [("theme", "bancs-publics"), ("frequency", "parfois")])
def test_a_theme_or_a_rhythm_out_of_the_vocabulary_is_refused(
    key: str, word: str, tmp_path: Path
) -> None:
    with pytest.raises(SchemaFault, match=rf"bancs/1\.0 .*{word}"):
        load_file(write(tmp_path, BENCH | {key: word}))


@pytest.mark.parametrize("place", ["Bancs/1.0", "bancs/v1.0", "bancs/1", "bancs_publics/1.0"])
def test_a_folder_that_is_not_slug_and_version_is_refused(place: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaFault, match="slug/version"):
        load_file(write(tmp_path, BENCH, place))


def test_a_file_that_is_not_yaml_or_not_there_is_refused_with_its_place(tmp_path: Path) -> None:
    broken = tmp_path / "bancs" / "1.0" / "table.yaml"
    broken.parent.mkdir(parents=True)
    broken.write_text("title: [", encoding="utf-8")
    with pytest.raises(SchemaFault, match=r"bancs/1\.0"):
        load_file(broken)
    with pytest.raises(SchemaFault, match=r"bancs/1\.1"):
        load_file(tmp_path / "bancs" / "1.1" / "table.yaml")


def test_versions_are_ordered_as_numbers_and_the_newest_is_found(own_tables: Path) -> None:
    for version in ("0.9.1", "0.10", "0.9"):
        write(own_tables, BENCH, f"bancs/{version}")
    assert slugs() == {"bancs": ("0.9", "0.9.1", "0.10")}
    assert latest("bancs").version == "0.10"
    assert list(table_schemas()) == ["bancs/0.10", "bancs/0.9", "bancs/0.9.1"]
    assert load("bancs", "0.9").id == "bancs/0.9"


def test_a_schema_is_found_by_its_slug_with_or_without_version(own_tables: Path) -> None:
    write(own_tables, BENCH, "bancs/1.0")
    write(own_tables, BENCH, "bancs/1.1")
    assert [found.id for found in (find("bancs"), find("bancs/1.0")) if found] == [
        "bancs/1.1",
        "bancs/1.0",
    ]
    assert [find(name) for name in ("", "bancs/2.0", "arbres", "arbres/1.0")] == [None] * 4


def test_a_column_is_looked_up_by_its_exact_name(tmp_path: Path) -> None:
    schema = load_file(write(tmp_path, BENCH))
    assert schema.field("places").title == "Places"
    with pytest.raises(KeyError):
        schema.field("Places")
