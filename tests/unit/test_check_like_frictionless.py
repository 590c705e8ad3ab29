"""The verdict on each row is that of frictionless 5, on what Table Schema says.

Known differences, each on purpose: digits are 0 to 9 (Python reads those of every alphabet); a
whole number has 64 bits at most; arrays are cut by a separator, which Table Schema does not know;
moments are written with `T` or a space, and never by week; a NaN bears no number;
a GeoJSON holds a geometry with finite coordinates.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from frictionless import Resource
from frictionless import Schema as Judge
from hypothesis import given, settings
from hypothesis import strategies as st

from harvesters.table.check import CheckOptions
from harvesters.table.received import References
from schemas.load import load, slugs
from schemas.model import Field, FieldType, Schema
from schemas.to_table_schema import to_table_schema
from tests.unit.checked import check, field, schema

ALL = [load(slug, version) for slug, versions in slugs().items() for version in versions]
STRICT = CheckOptions(is_strict=True)
# texts that are of some type, or nearly
TEXTS = (
    "", " ", "0", "1", "-1", "+1", "01", "1.0", "1.", ".5", "1,5", "1e3", "1e400", "1_000", "1 000",
    " 12 ", "12\t", "NaN", "-inf", "Infinity", "0x1F", "12a", "--1", "9" * 18, "181", "-91",
    "true", "True", "TRUE", "tRUE", "false", "0.0", "oui", "non", "vrai", "N/A", "null",
    "2024-02-29", "2023-02-29", "2024-2-9", "2024-13-01", "0000-01-01", "31/01/2024", "2024", "24",
    "20240131", "2024-01-31T10:00:00Z", "2024-01-31T10:00:00", "2024-01-31T10:00:00.5+02:00",
    "2024-01-31 10:00:00", "2024-01-31T25:00:00", "2024-01-31", "08:30:00", "8:30", "24:00:00",
    "08:30:00Z", "1.5,48.1", "1.5, 48.1", "48.1", "181,10", "10,91", "[1.5, 48.1]", "[1.5]", "{}",
    '["1.5", "48.1"]', '{"type":"Point","coordinates":[1,2]}', '{"type":"Point"}', "[", "a,b",
    '{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}}',
    '{"type":"Polygon","coordinates":[[[0,0],[1,1]]]}', '{"type":"FeatureCollection"}',
    '{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,0]]]}',
    "mairie@exemple.fr", "mairie@localhost", "mairie", "a@b@c", "é@exemple.fr", "a.@exemple.fr",
    "https://exemple.fr", "exemple.fr", "mailto:a@b.fr", "//exemple.fr", "1http://a.fr",
    "2bc1c94f-0deb-43e9-92a1-4775189ec9f8", "{2bc1c94f0deb43e992a14775189ec9f8}", "2bc1c94f",
    "35001", "2A004", "35001-P-001", "35690", "É", "l’été", "a\u00a0b", "a\nb", "a\n", "x" * 300,
)  # fmt: skip


def judged(told: Schema, rows: Sequence[Sequence[str]]) -> list[int]:
    """The lines that frictionless refuses."""
    header = [each.name for each in told.fields]
    descriptor = to_table_schema(told)
    resource = Resource(data=[header, *map(list, rows)], schema=Judge.from_descriptor(descriptor))
    report = resource.validate(limit_errors=1_000_000)
    assert report.valid or report.tasks[0].errors, report.errors
    return sorted({error.row_number for error in report.tasks[0].errors})


def ours(told: Schema, rows: Sequence[Sequence[str]]) -> list[int]:
    names = [each.name for each in told.fields]
    cells = [
        {n: c or None for n, c in zip(names, row, strict=True)} for row in rows
    ]  # an empty cell is NULL
    return check(told, cells, References(), STRICT).lines("bad")


def of_table_schema(told: Schema) -> Schema:
    """A schema without the arrays that Table Schema cannot say."""
    kept = tuple(each for each in told.fields if each.type is not FieldType.ARRAY)
    return replace(told, fields=kept, position=None)


def near_texts(told: Field) -> list[str]:
    """Texts around what a field takes: its example, its enum, both spoilt."""
    texts = [told.example, told.bad_example, *told.enum[:3], *told.true_values, *told.false_values]
    texts += [told.minimum or "", told.maximum or "", "x" * ((told.max_length or 0) + 1)]
    texts += [f"{text} " for text in texts] + [text.upper() for text in texts]
    return [*texts, *(text[:-1] for text in texts), *(f"{text}1" for text in texts)]


def seeded_rows(told: Schema, count: int = 40) -> list[list[str]]:
    """Rows that are good but for one or two cells, so that each cell decides of its row."""
    chance = random.Random(told.id)
    good = [each.example for each in told.fields]
    rows = []
    for number in range(count):
        row = list(good)
        for name in told.key:
            place = [f.name for f in told.fields].index(name)
            row[place] = good[place] if number % 7 else f"{good[place]}{number}"
        for place in chance.sample(range(len(row)), min(len(row), 2)):
            row[place] = chance.choice([*TEXTS, *near_texts(told.fields[place])])
        rows.append(row)
    return rows


@pytest.mark.parametrize("told", ALL, ids=lambda told: told.id)
def test_each_row_of_a_seeded_file_has_the_verdict_of_frictionless(told: Schema) -> None:
    told = of_table_schema(told)
    rows = seeded_rows(told)
    assert ours(told, rows) == judged(told, rows)


NUMBER, DATE, STRING = FieldType.NUMBER, FieldType.DATE, FieldType.STRING
FIELDS = (
    field("a", is_required=True), field("a", min_length=2, max_length=4),
    field("a", enum=("É", "1")), field("a", FieldType.INTEGER),
    field("a", FieldType.INTEGER, minimum="0", maximum="12"),
    field("a", FieldType.INTEGER, enum=("1", "12")), field("a", NUMBER),
    field("a", NUMBER, minimum="0"), field("a", NUMBER, maximum="10"),
    field("a", NUMBER, minimum="-180", maximum="180"),
    field("a", NUMBER, enum=("1", "0.5")), field("a", FieldType.BOOLEAN),
    field("a", FieldType.BOOLEAN, true_values=("oui",), false_values=("non", "0")),
    field("a", DATE), field("a", DATE, format="%Y"), field("a", DATE, format="%d/%m/%Y"),
    field("a", DATE, minimum="2024-01-31"), field("a", FieldType.YEAR, minimum="1000"),
    field("a", FieldType.DATETIME), field("a", FieldType.TIME),
    field("a", FieldType.GEOPOINT), field("a", FieldType.GEOPOINT, format="array"),
    field("a", FieldType.GEOJSON), field("a", format="uri"), field("a", format="email"),
    field("a", format="uuid"), field("a", is_unique=True),
    *(field("a", pattern=each) for each in (
        r"^\d+$", r"\w+", r"^[\w\s]+$", r"^a|b$", r"(.)\1", r"^(?!0).*$", r"a.b", r"^.{2}$", r"\S*",
        r"^[À-ÿ’]+$", r"\d{1,}\|\d", r"^[^\d]+$", r"[\u00C0-\u00FF]", r"^\-?\d+(\.\d+)?$")),
)  # fmt: skip


@pytest.mark.parametrize("told", FIELDS, ids=str)
def test_each_text_has_the_verdict_of_frictionless(told: Field) -> None:
    other = field("b")
    rows = [[text, "."] for text in dict.fromkeys(TEXTS)]
    assert ours(schema(told, other), rows) == judged(schema(told, other), rows)


# no digits of other alphabets, no separators of lines that a CSV reader would cut at
LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Nd", "Zl", "Zp"]) | st.sampled_from(
    "0123456789.,-+eE/: \u00a0TZ[]{}\"'"
)


@given(st.sampled_from(FIELDS), st.lists(st.text(LETTERS, max_size=12), min_size=5, max_size=40))
@settings(max_examples=25, deadline=None)
def test_no_text_is_judged_otherwise(told: Field, texts: list[str]) -> None:
    rows = [[text, "."] for text in texts]
    assert ours(schema(told, field("b")), rows) == judged(schema(told, field("b")), rows)


def test_keys_are_judged_alike() -> None:
    told = schema(field("k"), field("n", FieldType.INTEGER), field("t"), key=("k", "n"))
    rows = [["a", "1", "."], ["a", "01", "."], ["a", "", "."], ["a", "", ","], ["", "", "."],
            ["", "x", "."], ["b", "1", "."], ["a|1", "", "."]]  # fmt: skip
    assert ours(told, rows) == judged(told, rows)


REAL = {
    "parking/bnls-nord-oise.csv": "stationnement-hors-voirie",
    "parking/exemple-schema-stationnement.csv": "stationnement-hors-voirie",
    "covoiturage/exemple-lieux-covoiturage.csv": "lieux-covoiturage",
    "covoiturage/bnlc-corse-latin1.csv": "lieux-covoiturage",
    "arbres/exemple-schema-arbre.csv": "arbres",
    "adresses/bal-1.4-escoulis.csv": "base-adresse-locale",
    "adresses/bal-strasbourg-acigne-plougastel-cp1252.csv": "base-adresse-locale",
    "irve/exemple-irve-statique-v3.csv": "irve-statique",
}


@pytest.mark.parametrize("name", REAL)
def test_each_row_of_a_real_file_has_the_verdict_of_frictionless(
    shared_data: Path, name: str
) -> None:
    told = of_table_schema(load(REAL[name], slugs()[REAL[name]][-1]))
    content = (shared_data / name).read_bytes()
    is_utf8 = "cp1252" not in name and "latin1" not in name
    lines = content.decode("utf-8-sig" if is_utf8 else "cp1252").splitlines()
    delimiter = ";" if lines[0].count(";") > lines[0].count(",") else ","
    table = list(csv.DictReader(lines, delimiter=delimiter))
    rows = [[(row.get(each.name) or "") for each in told.fields] for row in table]
    assert rows
    assert ours(told, rows) == judged(told, rows)
