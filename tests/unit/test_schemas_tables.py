"""Every table schema can be shown to a clerk: examples that pass, French that reads well, and two
small files whose faults are known. The judge here is this test's own, not the engine's.
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.load import TABLES, load, slugs
from schemas.model import Field, FieldType, Rule, Schema, Severity

ALL = [load(slug, version) for slug, versions in slugs().items() for version in versions]
FOLDERS = sorted(folder for folder in TABLES.glob("*/*") if folder.is_dir())
FILES = {"table.yaml", "valid.csv", "invalid.csv", "expected.json"}
# a plain or typewriter sign where French has its own, or no space before a double sign
WRONG_TYPOGRAPHY = re.compile(r"['\"]|\.\.\.|[^\s\u00a0\u202f][;!?»](\s|$)|«\S|[a-zé]: ")
REQUIRED, TYPE, ENUM, PATTERN = (f"TER-VAL-{n}" for n in (101, 102, 103, 104))
LOW, HIGH, SHORT, LONG, ITEM = (f"TER-VAL-{n}" for n in (105, 106, 107, 108, 126))
REPEATED = {"TER-VAL-109", "TER-VAL-110"}
SHARED = {REQUIRED, TYPE, ENUM, PATTERN, LOW, HIGH, SHORT, LONG, ITEM}
# postcode and commune, opening hours, position out of the commune, out of the territory
WARNINGS = {f"TER-VAL-{n}" for n in (115, 118, 124, 125)}
RULE_CODES = {
    "order": "TER-VAL-119",
    "together": "TER-VAL-120",
    "one_of": "TER-VAL-121",
    "required_if": "TER-VAL-122",
    "sum": "TER-VAL-123",
    "postcode": "TER-VAL-115",
}


def by_id(schema: Schema) -> str:
    return schema.id


every_schema = pytest.mark.parametrize("schema", ALL, ids=by_id)


def test_at_least_twenty_schemas_have_their_four_files() -> None:
    assert len(FOLDERS) >= 20
    found = {str(f.relative_to(TABLES)): {file.name for file in f.iterdir()} for f in FOLDERS}
    assert {place: FILES - names for place, names in found.items() if names != FILES} == {}
    assert len(ALL) == len(FOLDERS)


@every_schema
def test_a_schema_says_what_it_is_in_good_french(schema: Schema) -> None:
    texts = [schema.title, schema.description, *schema.notes]
    texts += [text for field in schema.fields for text in (field.title, field.description)]
    texts += [rule.message for rule in schema.rules] + [each.why for each in schema.differences]
    texts += [schema.duty.law, schema.duty.text] if schema.duty else []
    assert [text for text in texts if not text.strip()] == []
    assert [text for text in texts if WRONG_TYPOGRAPHY.search(text)] == []


@every_schema
def test_sentences_end_and_titles_do_not(schema: Schema) -> None:
    sentences = [schema.description, *schema.notes, *(rule.message for rule in schema.rules)]
    sentences += [field.description for field in schema.fields]
    assert [text for text in sentences if text[-1] not in ".…»"] == []
    titles = [schema.title, *(field.title for field in schema.fields)]
    assert [title for title in titles if title.endswith(".") or title[0].islower()] == []


@every_schema
def test_two_columns_do_not_bear_the_same_title(schema: Schema) -> None:
    titles = Counter(field.title for field in schema.fields)
    assert [title for title, count in titles.items() if count > 1] == []


@every_schema
def test_a_row_can_be_named_and_what_identifies_it_is_there(schema: Schema) -> None:
    assert schema.label
    assert not schema.key or schema.field(schema.key[0]).is_required


@every_schema
def test_an_example_is_given_and_passes(schema: Schema) -> None:
    faults = {f.name: faults_of(f, f.example) for f in schema.fields if faults_of(f, f.example)}
    assert faults == {}
    assert [field.name for field in schema.fields if not field.example] == []


@every_schema
def test_a_bad_example_of_a_closed_column_does_not_pass(schema: Schema) -> None:
    closed = [f for f in schema.fields if f.bad_example not in ("", "(vide)") and is_closed(f)]
    assert [field.name for field in closed if not faults_of(field, field.bad_example)] == []
    assert [field.name for field in schema.fields if field.bad_example == field.example] == []


@every_schema
def test_a_header_means_one_column(schema: Schema) -> None:
    owners: dict[str, set[str]] = {}
    for field in schema.fields:
        for spelling in (field.name, field.title, *field.synonyms):
            owners.setdefault(plain(spelling), set()).add(field.name)
    assert {spelling: names for spelling, names in owners.items() if len(names) > 1} == {}


@every_schema
def test_the_good_file_has_the_columns_of_the_schema_and_no_fault(schema: Schema) -> None:
    header, rows = read_table(schema, "valid.csv")
    assert header == [field.name for field in schema.fields]
    assert 2 <= len(rows) <= 4
    assert list(found_faults(schema, rows)) == []
    assert [
        rule.message for rule in schema.rules for row in rows if is_broken(schema, rule, row)
    ] == []
    keys = [tuple(row[name] for name in schema.key) for row in rows]
    assert not schema.key or len(set(keys)) == len(rows)


@every_schema
def test_the_bad_file_has_the_faults_that_are_told_and_no_other(schema: Schema) -> None:
    header, rows = read_table(schema, "invalid.csv")
    told = read_expected(schema)
    assert header == [field.name for field in schema.fields]
    assert 4 <= len(rows) <= 10
    shared = {(i["line"], i["field"], i["code"]) for i in told["issues"] if i["code"] in SHARED}
    assert shared == set(found_faults(schema, rows))


@every_schema
def test_a_broken_rule_of_the_bad_file_is_told(schema: Schema) -> None:
    _, rows = read_table(schema, "invalid.csv")
    told = {(issue["line"], issue["code"]) for issue in read_expected(schema)["issues"]}
    broken = {
        (line, RULE_CODES[rule.kind.value])
        for line, row in enumerate(rows, start=2)
        for rule in schema.rules
        if is_broken(schema, rule, row)
    }
    assert broken == {(line, code) for line, code in told if code in checked_rule_codes()}


@every_schema
def test_a_row_of_the_bad_file_that_repeats_another_is_told(schema: Schema) -> None:
    _, rows = read_table(schema, "invalid.csv")
    alone = [(field.name,) for field in schema.fields if field.is_unique]
    told = [i["line"] for i in read_expected(schema)["issues"] if i["code"] in REPEATED]
    assert set(told) == {
        line
        for names in {schema.key, *alone} - {()}
        for line in repeated_lines([tuple(row[name] for name in names) for row in rows])
    }


@every_schema
def test_the_good_and_bad_rows_of_the_bad_file_are_counted(schema: Schema) -> None:
    _, rows = read_table(schema, "invalid.csv")
    told = read_expected(schema)
    names = {field.name for field in schema.fields}
    for issue in told["issues"]:
        assert re.fullmatch(r"TER-VAL-1[0-4]\d", issue["code"])
        assert issue["field"] in names
        assert 2 <= issue["line"] <= len(rows) + 1
    bad = {issue["line"] for issue in told["issues"] if is_error(schema, issue)}
    assert (told["bad"], told["good"]) == (len(bad), len(rows) - len(bad))


def checked_rule_codes() -> set[str]:
    """The codes of rules that this judge reads; a postcode needs a list that it has not."""
    return set(RULE_CODES.values()) - {"TER-VAL-115"}


def is_error(schema: Schema, issue: dict[str, Any]) -> bool:
    """Say whether an issue sets its row aside."""
    field, code = schema.field(issue["field"]), issue["code"]
    rules = [r for r in schema.rules if RULE_CODES[r.kind.value] == code and field.name in r.fields]
    if rules:
        return any(rule.severity is Severity.ERROR for rule in rules)
    if code in SHARED:
        return True
    return code not in WARNINGS and field.check_severity is Severity.ERROR


def repeated_lines(keys: list[tuple[str, ...]]) -> Iterator[int]:
    """Give the lines whose key stands on a line before; one that is empty is none."""
    for line, key in enumerate(keys, start=2):
        if any(key) and key in keys[: line - 2]:
            yield line


def read_table(schema: Schema, name: str) -> tuple[list[str], list[dict[str, str]]]:
    file = TABLES / schema.slug / schema.version / name
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        return list(reader.fieldnames or ()), list(reader)


def read_expected(schema: Schema) -> dict[str, Any]:
    file: Path = TABLES / schema.slug / schema.version / "expected.json"
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return told


def found_faults(schema: Schema, rows: list[dict[str, str]]) -> Iterator[tuple[int, str, str]]:
    for line, row in enumerate(rows, start=2):
        for field in schema.fields:
            cell = "" if row[field.name] in schema.missing_values else row[field.name]
            for code in faults_of(field, cell):
                yield line, field.name, code


def faults_of(field: Field, text: str) -> list[str]:
    """Judge one cell on the shared constraints; an empty one only on being required."""
    if text == "":
        return [REQUIRED] if field.is_required else []
    if not READERS[field.type](field, text):
        return [TYPE]
    items = [item.strip() for item in text.split(field.separator)]
    is_array = field.type is FieldType.ARRAY
    number = to_number(field, text)
    found = {
        ENUM: bool(field.enum) and not is_array and text not in field.enum,
        ITEM: bool(field.enum) and is_array and not set(items) <= set(field.enum),
        PATTERN: bool(field.pattern) and not re.fullmatch(field.pattern, text),
        LOW: number is not None and field.minimum is not None and number < float(field.minimum),
        HIGH: number is not None and field.maximum is not None and number > float(field.maximum),
        SHORT: field.min_length is not None and len(text) < field.min_length,
        LONG: field.max_length is not None and len(text) > field.max_length,
    }
    return [code for code, is_found in found.items() if is_found]


def is_closed(field: Field) -> bool:
    """Say whether a text can be outside of what a column takes; a number may just be absurd."""
    is_read = field.type in (FieldType.BOOLEAN, FieldType.DATE, FieldType.DATETIME, FieldType.YEAR)
    return not field.check and (is_read or bool(field.enum or field.pattern))


def to_number(field: Field, text: str) -> float | None:
    is_number = field.type in (FieldType.INTEGER, FieldType.NUMBER, FieldType.YEAR)
    return float(text) if is_number else None


def is_date(field: Field, text: str) -> bool:
    try:
        datetime.strptime(text, field.format if "%" in field.format else "%Y-%m-%d")
    except ValueError:
        return False
    return True


def is_moment(field: Field, text: str) -> bool:
    try:
        if "%" in field.format:
            datetime.strptime(text, field.format)
        else:
            datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_point(field: Field, text: str) -> bool:
    number = r"(-?\d+(?:\.\d+)?)"
    shape = rf"\[{number}, ?{number}\]" if field.format == "array" else rf"{number}, ?{number}"
    numbers = re.fullmatch(shape, text)
    return numbers is not None and abs(float(numbers[1])) <= 180 and abs(float(numbers[2])) <= 90


def matches(pattern: str) -> Callable[[Field, str], bool]:
    return lambda _, text: re.fullmatch(pattern, text) is not None


def is_any(_: Field, __: str) -> bool:
    return True


READERS: dict[FieldType, Callable[[Field, str], bool]] = {
    FieldType.STRING: is_any,
    FieldType.ARRAY: is_any,
    FieldType.GEOJSON: is_any,
    FieldType.INTEGER: matches(r"[+-]?\d+"),
    FieldType.NUMBER: matches(r"[+-]?\d+(\.\d+)?"),
    FieldType.YEAR: matches(r"\d{4}"),
    FieldType.TIME: matches(r"\d{2}:\d{2}(:\d{2})?"),
    FieldType.BOOLEAN: lambda field, text: text in (*field.true_values, *field.false_values),
    FieldType.DATE: is_date,
    FieldType.DATETIME: is_moment,
    FieldType.GEOPOINT: is_point,
}


def is_broken(schema: Schema, rule: Rule, row: dict[str, str]) -> bool:
    cells = [row[name] for name in rule.fields]
    filled = [cell for cell in cells if cell]
    is_whole = len(filled) == len(cells)
    is_typed = not any(TYPE in faults_of(schema.field(name), row[name]) for name in rule.fields)
    match rule.kind.value:
        case "order" if is_typed:
            return is_whole and comparable(cells[0]) > comparable(cells[1])
        case "together":
            return 0 < len(filled) < len(cells)
        case "one_of":
            return not filled
        case "required_if":
            holds = all(row[name] in values for name, values in rule.when.items())
            return holds and not is_whole
        case "sum" if is_typed and is_whole:
            return float(cells[0]) != sum(map(float, cells[1:]))
    return False


def comparable(cell: str) -> tuple[float, str]:
    """Order numbers as numbers, and ISO dates and hours as texts."""
    is_number = re.fullmatch(r"-?\d+(\.\d+)?", cell) is not None
    return (float(cell), "") if is_number else (0.0, cell)


def plain(spelling: str) -> str:
    text = unicodedata.normalize("NFKD", spelling.casefold())
    return "".join(letter for letter in text if letter.isalnum())
