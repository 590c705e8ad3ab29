"""Our table schemas state the facts of the national files; where they differ, they say so and why.

`differences` of a `table.yaml` names a column (`""`: the table) and what differs, one of `WORDS`.
A difference that is not listed fails, and so does one that is listed and no longer true.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from frictionless import Detector, Resource, system
from frictionless import Schema as Descriptor

from schemas.load import TABLES, load, slugs
from schemas.model import Field, Rule, RuleKind, Schema

# of a column: `check` is a custom check of the national file; of the table: `key`, `missing`
WORDS = frozenset(
    "absent added type format required unique enum pattern bounds length booleans check "
    "key missing".split()
)
ALL = [load(slug, version) for slug, versions in slugs().items() for version in versions]
NATIONAL = [schema for schema in ALL if schema.origin.file]
DATE_PATTERN = r"\d{4}-\d{2}-\d{2}"
TRUE, FALSE = ("true", "True", "TRUE", "1"), ("false", "False", "FALSE", "0")
DEFAULT_FORMATS = {"date": "%Y-%m-%d", "geopoint": "lon,lat", "array": "JSON list"}
OUR_FORMATS = {**DEFAULT_FORMATS, "array": "values with a separator"}
FEATURE = ("properties", "features", "items", "properties", "properties")
# where the columns stand in a file that is a JSON Schema
PLACES = {
    "etalab__schema-amenagements-cyclables__schema_amenagements_cyclables.json": FEATURE,
    "139bercy__format-commande-publique__schema_decp_v2.0.2.json": ("definitions", "marche"),
}
CHECKS = {
    "french-siren-value": "siren",
    "french-siret-value": "siret",
    "opening-hours-value": "opening_hours",
    "phone-number-value": "phone",
}


def by_id(schema: Schema) -> str:
    return schema.id


@pytest.mark.parametrize("schema", NATIONAL, ids=by_id)
def test_a_schema_differs_from_the_national_one_only_where_it_says_so(
    schema: Schema, shared_data: Path
) -> None:
    national = read_national(shared_data / "schemas" / schema.origin.file)
    assert listed_differences(schema) == set(found_differences(schema, national))


@pytest.mark.parametrize("schema", NATIONAL, ids=by_id)
def test_the_version_is_that_of_the_national_file(schema: Schema, shared_data: Path) -> None:
    national = read_national(shared_data / "schemas" / schema.origin.file)
    assert national["version"] in ("", schema.origin.version)


@pytest.mark.parametrize("schema", NATIONAL, ids=by_id)
def test_our_good_file_is_accepted_by_the_national_schema(
    schema: Schema, shared_data: Path
) -> None:
    told = json.loads((shared_data / "schemas" / schema.origin.file).read_text(encoding="utf-8"))
    if "fields" not in told:
        pytest.skip("a JSON Schema does not judge a table")
    other = {each.field for each in schema.differences if each.what in ("format", "added")}
    anything = [{"name": name, "type": "any"} for name in other]
    kept = [each for each in told["fields"] if each["name"] not in other]
    judge = {"fields": [*kept, *anything], "missingValues": told.get("missingValues", [""])}
    file = TABLES / schema.slug / schema.version / "valid.csv"
    with system.use_context(trusted=True):
        report = Resource(
            path=str(file),
            schema=Descriptor.from_descriptor(judge),
            detector=Detector(schema_sync=True),
        ).validate()
    assert report.flatten(["rowNumber", "fieldName", "message"]) == []


@pytest.mark.parametrize("schema", ALL, ids=by_id)
def test_a_difference_says_what_differs_and_why(schema: Schema) -> None:
    told = [(each.field, each.what) for each in schema.differences]
    assert len(told) == len(set(told))
    assert {what for _, what in told} <= WORDS
    assert all(len(each.why) > 20 for each in schema.differences)


def test_one_national_file_is_compared_once() -> None:
    files = [schema.origin.file for schema in NATIONAL]
    assert len(files) >= 15
    assert len(files) == len(set(files))


def listed_differences(schema: Schema) -> set[tuple[str, str]]:
    return {(each.field, each.what) for each in schema.differences}


def found_differences(schema: Schema, national: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    ours = {each.name: to_facts(each) for each in schema.fields}
    theirs = {each["name"]: descriptor_to_facts(each) for each in national["fields"]}
    yield from ((name, "added") for name in ours.keys() - theirs.keys())
    yield from ((name, "absent") for name in theirs.keys() - ours.keys())
    for name in ours.keys() & theirs.keys():
        for what in ours[name]:
            if ours[name][what] != theirs[name][what]:
                yield name, what
    if schema.key != national["key"]:
        yield "", "key"
    if set(schema.missing_values) != national["missing"]:
        yield "", "missing"
    yield from missing_checks(schema, national["checks"])


def to_facts(field: Field) -> dict[str, object]:
    return {
        "type": field.type.value,
        "format": field.format or OUR_FORMATS.get(field.type.value, ""),
        "required": field.is_required,
        "unique": field.is_unique,
        "enum": frozenset(field.enum),
        "pattern": field.pattern,
        "bounds": (to_number(field.minimum), to_number(field.maximum)),
        "length": (field.min_length, field.max_length),
        "booleans": to_booleans(field.type.value, field.true_values, field.false_values),
    }


def descriptor_to_facts(told: Mapping[str, Any]) -> dict[str, object]:
    """Read a column of a Table Schema; the constraints of an array are those of its items."""
    type_ = told["type"]
    constraints = told.get("constraints", {})
    items = told.get("arrayItem", {}).get("constraints", {})
    true, false = told.get("trueValues", TRUE), told.get("falseValues", FALSE)
    told_format = told.get("format", "").replace("default", "")
    return {
        "type": type_,
        "format": told_format or DEFAULT_FORMATS.get(type_, ""),
        "required": constraints.get("required", False),
        "unique": constraints.get("unique", False),
        "enum": frozenset(map(str, constraints.get("enum", items.get("enum", ())))),
        "pattern": spell_out(constraints.get("pattern", "")),
        "bounds": (to_number(constraints.get("minimum")), to_number(constraints.get("maximum"))),
        "length": (constraints.get("minLength"), constraints.get("maxLength")),
        "booleans": to_booleans(type_, true, false),
    }


def spell_out(pattern: str) -> str:
    """Write the letters that a pattern names by their number, which not every engine reads."""
    return re.sub(r"\\u([0-9A-Fa-f]{4})", lambda found: chr(int(found[1], 16)), pattern)


def to_number(bound: object) -> float | None:
    return None if bound is None else float(str(bound))


def to_booleans(type_: str, true: Any, false: Any) -> object:
    return (frozenset(true), frozenset(false)) if type_ == "boolean" else None


def missing_checks(schema: Schema, checks: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for check in checks:
        params = check["params"]
        column = params.get("column", params.get("column1"))
        if not is_covered(schema, check["name"], column, params):
            yield column, "check"


def is_covered(schema: Schema, check: str, column: str, params: Mapping[str, Any]) -> bool:
    if check in CHECKS:
        found = next((f.check for f in schema.fields if f.name == column), None)
        return found is not None and found.value == CHECKS[check]
    other, others = params.get("column2", ""), params.get("othercolumns", ())
    wanted = {
        "one-of-required": (RuleKind.ONE_OF, (column, other)),
        "cohesive-columns-value": (RuleKind.TOGETHER, (column, *others)),
        "compare-columns-value": (RuleKind.ORDER, (other, column)),
        "sum-columns-value": (RuleKind.SUM, (column, *params.get("columns", ()))),
    }
    return check in wanted and any(states(rule, *wanted[check]) for rule in schema.rules)


def states(rule: Rule, kind: RuleKind, columns: tuple[str, ...]) -> bool:
    return rule.kind is kind and rule.fields == columns


def read_national(file: Path) -> dict[str, Any]:
    told = json.loads(file.read_text(encoding="utf-8"))
    key = told.get("primaryKey") or ()
    fields = told["fields"] if "fields" in told else list(to_columns(told, PLACES[file.name]))
    return {
        "fields": fields,
        "version": find_version(told),
        "key": (key,) if isinstance(key, str) else tuple(key),
        "missing": set(told.get("missingValues", [""])),
        "checks": told.get("custom_checks", []),
    }


def find_version(told: Mapping[str, Any]) -> str:
    for place in (told, *told.get("allOf", ())):
        if "version" in place:
            return str(place["version"]).removeprefix("v")
    return ""


def to_columns(told: Mapping[str, Any], place: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Flatten a JSON Schema: `buyer.id` is `buyer_id`; a list alone in an object is one column."""
    node: Any = told
    for step in place:
        node = node[step]
    for name, prop in node["properties"].items():
        found = resolve(told, prop)
        required = name in node.get("required", ())
        inner = {k: resolve(told, v) for k, v in found.get("properties", {}).items()}
        if not inner:
            yield to_descriptor(name, found, required)
        elif [part["type"] for part in inner.values()] == ["array"]:
            yield to_descriptor(name, next(iter(inner.values())), required)
        else:
            for part, of_part in inner.items():
                must = required and part in found.get("required", ())
                yield to_descriptor(f"{name}_{part}", of_part, must)


def resolve(told: Mapping[str, Any], prop: Mapping[str, Any]) -> Mapping[str, Any]:
    node: Any = told
    for step in prop.get("$ref", "#").split("/")[1:]:
        node = node[step]
    return {**prop, **node} if "$ref" in prop else prop


def to_descriptor(name: str, prop: Mapping[str, Any], required: bool) -> dict[str, Any]:
    items = prop.get("items", {})
    is_date = prop.get("format") == "date" or prop.get("pattern") == DATE_PATTERN
    constraints = {
        key: prop[key]
        for key in ("enum", "minimum", "maximum", "minLength", "maxLength", "pattern")
        if key in prop and not (is_date and key == "pattern")
    }
    return {
        "name": name,
        "type": "date" if is_date else prop["type"],
        "constraints": {**constraints, "required": required},
        "arrayItem": {"constraints": {"enum": items.get("enum", [])}},
    }
