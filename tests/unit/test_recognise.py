"""The schema of a table is recognised by its columns and its values, with a confidence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harvesters.table.check_file import CERTAIN
from harvesters.table.received import Candidate
from harvesters.table.recognise import recognise
from schemas.load import TABLES, latest, load, slugs
from schemas.model import Schema
from tests.unit.town import Town

SCHEMAS = tuple(load(slug, version) for slug, versions in slugs().items() for version in versions)
IDS = [schema.id for schema in SCHEMAS]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path)
    yield town
    town.base.close()


def candidates(
    town: Town, content: str | Path, schemas: tuple[Schema, ...] = SCHEMAS
) -> tuple[Candidate, ...]:
    return recognise(town.base, town.sends(content), schemas)


@pytest.mark.parametrize("example", ["valid.csv", "invalid.csv"])
@pytest.mark.parametrize("schema_id", IDS)
def test_the_examples_of_a_schema_are_recognised_with_certainty(
    town: Town, schema_id: str, example: str
) -> None:
    best, *others = candidates(town, TABLES / schema_id / example)

    assert best.schema_id == schema_id
    assert best.confidence >= CERTAIN
    assert all(other.confidence < CERTAIN - 0.1 for other in others)


@pytest.mark.parametrize("schema_id", IDS)
def test_half_of_the_columns_in_french_words_are_enough_to_propose(
    town: Town, schema_id: str
) -> None:
    slug, _, version = schema_id.partition("/")
    schema = load(slug, version)
    kept = [f for n, f in enumerate(schema.fields) if f.is_required or n % 2 == 0]
    text = ";".join(f.title.replace(";", ",") for f in kept) + "\n"
    text += ";".join('"' + f.example.replace('"', '""') + '"' for f in kept) + "\n"

    assert candidates(town, text)[0].schema_id == schema_id


def test_the_values_decide_between_columns_of_the_same_name(town: Town) -> None:
    header = "nom;adresse;type;insee;Xlong;Ylat\n"
    places = "A;1 rue a;Aire de covoiturage;35001;-1.6;48.1\n"
    other = "A;1 rue a;chaussures;Acigné;est;ouest\n"

    def confidence(row: str) -> float:
        found = candidates(town, header + row, (latest("lieux-covoiturage"),))
        return found[0].confidence if found else 0.0

    assert confidence(places) > confidence(other) + 0.1


def test_the_reason_is_said_in_french(town: Town) -> None:
    [best, *_] = candidates(town, TABLES / "stationnement-hors-voirie" / "0.1.5" / "valid.csv")
    assert best.because == (
        "30 colonnes reconnues sur 30, 10 obligatoires sur 10, 100\u00a0% de valeurs conformes"
    )


def test_the_newest_of_two_versions_that_are_alike_goes_first(town: Town) -> None:
    from dataclasses import replace

    old = latest("prenoms")
    new = replace(old, version="9.0")
    found = candidates(town, TABLES / old.id / "valid.csv", (old, new))
    assert [each.schema_id for each in found] == [new.id, old.id]


@pytest.mark.parametrize(
    "text",
    [
        "a;b;c\n1;2;3\n",
        "date;heure;temperature;humidite\n2026-01-01;12:00;3,5;80\n",
        "nom;prenom;telephone\nA;B;0299000000\n",
    ],
)
def test_a_table_of_no_schema_is_not_taken_for_one(town: Town, text: str) -> None:
    assert all(each.confidence < CERTAIN for each in candidates(town, text))
