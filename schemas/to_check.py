"""From a schema to the checks of its rows, as DuckDB expressions; strings only, nothing is run.

A field has a cheap test (`plain`), steps that rewrite its text without losing anything, a value
(`cast`) and tests; `TEXT` and `TYPED` of `sql_text` stand in them for its text and value. What SQL
cannot say (look-around, opening hours, GeoJSON) is a `Lookup`: a table of the texts refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from schemas.model import Check, Field, FieldType, Schema, Severity
from schemas.sql_french import check_tests, format_tests
from schemas.sql_rewriting import Step, to_steps
from schemas.sql_text import TEXT, fill, in_list
from schemas.sql_types import stored_as, to_cast, to_plain, to_quick_cast
from schemas.sql_values import Test, expected_of, pattern_test, pattern_words, value_tests
from schemas.to_re2 import to_re2

_BOUNDS = frozenset({"TER-VAL-105", "TER-VAL-106"})


class Judge(Enum):
    """Who says which texts are refused, where SQL cannot."""

    PATTERN = "pattern"
    OPENING_HOURS = "opening_hours"
    GEOJSON = "geojson"


@dataclass(frozen=True, slots=True)
class Lookup:
    """Texts to be judged outside of SQL; those refused are to stand in `table(value)`."""

    table: str
    judge: Judge
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class FieldChecks:
    """What is checked of one field. `untyped` is told when `cast` gives nothing. A text that is
    surely `clean` is let in as it is, its value being `quick_cast`."""

    field: Field
    clean: str
    quick_cast: str
    steps: tuple[Step, ...]
    cast: str
    stored_as: str
    untyped: Test
    tests: tuple[Test, ...]
    lookups: tuple[Lookup, ...] = ()


def to_checks(
    schema: Schema, known: frozenset[str] = frozenset(), is_strict: bool = False
) -> tuple[FieldChecks, ...]:
    """The checks of every field. `known` names the tables of codes that are there (`sql_french`).

    `is_strict`: nothing is rewritten and nothing is checked but what Table Schema says.
    """
    return tuple(
        _field_checks(schema, number, field, known, is_strict)
        for number, field in enumerate(schema.fields)
    )


def _field_checks(
    schema: Schema, number: int, field: Field, known: frozenset[str], is_strict: bool
) -> FieldChecks:
    lookups = tuple(_lookups(field, number, is_strict))
    tests = (
        *format_tests(field, is_strict),
        *value_tests(field, is_strict),
        *_pattern(field, number, is_strict),
        *(() if is_strict else check_tests(field, known)),
        *(_lookup_test(each) for each in lookups if each.judge is not Judge.PATTERN),
    )
    absent = tuple(text for text in schema.missing_values if text)
    steps = to_steps(field, schema.missing_values, known)
    if is_strict:
        steps = tuple(step for step in steps if not step.how)
    untyped = Test("TER-VAL-102", "", expected_of(field))
    return FieldChecks(
        field=field,
        clean=_clean(field, tests, absent, is_strict),
        quick_cast=to_quick_cast(field),
        steps=steps,
        cast=to_cast(field, is_strict),
        stored_as=stored_as(field),
        untyped=untyped,
        tests=tests,
        lookups=lookups,
    )


def _clean(field: Field, tests: tuple[Test, ...], absent: tuple[str, ...], is_strict: bool) -> str:
    """True only if a text passes all tests and has nothing to rewrite; NULL is no."""
    told = [to_plain(field, is_strict)]
    said = _BOUNDS if field.type is FieldType.NUMBER else frozenset[str]()
    told += [f"({test.holds})" for test in tests if test.code not in said]
    told += [f"NOT {in_list(TEXT, absent)}"] if absent else []
    clean = " AND ".join(each for each in told if each != "true")
    if field.is_required:
        clean = clean or f"{TEXT} IS NOT NULL"
    elif clean:
        clean = f"({TEXT} IS NULL OR ({clean}))"
    return fill(clean or "true", TEXT, f"({to_quick_cast(field)})")


def _lookups(field: Field, number: int, is_strict: bool) -> list[Lookup]:
    found = []
    if field.pattern and to_re2(field.pattern) is None:
        found.append(Lookup(f"refused_pattern_{number}", Judge.PATTERN, field.pattern))
    if field.check is Check.OPENING_HOURS and not is_strict:
        found.append(Lookup(f"refused_hours_{number}", Judge.OPENING_HOURS))
    if field.type is FieldType.GEOJSON:
        found.append(Lookup(f"refused_geojson_{number}", Judge.GEOJSON))
    return found


def _lookup_test(lookup: Lookup) -> Test:
    holds = f"{TEXT} NOT IN (SELECT value FROM {lookup.table})"
    if lookup.judge is Judge.GEOJSON:
        return Test("TER-VAL-127", holds, "une forme géographique au format GeoJSON")
    told = "des horaires écrits comme dans OpenStreetMap, par exemple « Mo-Fr 09:00-18:00 »"
    return Test("TER-VAL-118", holds, told, Severity.WARNING)


def _pattern(field: Field, number: int, is_strict: bool) -> list[Test]:
    if not field.pattern:
        return []
    pattern = to_re2(field.pattern, is_strict)
    if pattern is not None:
        return [pattern_test(field, pattern)]
    holds = f"{TEXT} NOT IN (SELECT value FROM refused_pattern_{number})"
    return [Test("TER-VAL-104", holds, pattern_words(field))]
