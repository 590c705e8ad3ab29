"""The tests of a field's value, as DuckDB expressions: enum, pattern, bounds, lengths, items.

A test that answers NULL holds: an empty cell is the matter of « required » alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.model import Field, FieldType, Severity
from schemas.sql_text import TEXT, TYPED, fill, in_list, quote
from schemas.sql_types import stored_as, to_cast
from schemas.to_words import to_words

_NUMBERS = (FieldType.INTEGER, FieldType.NUMBER, FieldType.YEAR)
SHOWN_CHOICES = 8


@dataclass(frozen=True, slots=True)
class Test:
    """`holds` is SQL over `TEXT` and `TYPED`; `expected` says in French what should stand there."""

    code: str
    holds: str
    expected: str
    severity: Severity = Severity.ERROR


def value_tests(field: Field, is_strict: bool) -> tuple[Test, ...]:
    """The constraints of Table Schema, but the pattern."""
    tests = [_enum(field)] if field.enum else []
    not_nan = f" AND NOT isnan({TYPED})" if is_strict and field.type is FieldType.NUMBER else ""
    if field.minimum is not None:
        low = f"{TYPED} >= {_literal(field, field.minimum)}{not_nan}"
        tests.append(Test("TER-VAL-105", low, f"{_say(field.minimum)} au moins"))
    if field.maximum is not None:
        high = f"{TYPED} <= {_literal(field, field.maximum)}{not_nan}"
        tests.append(Test("TER-VAL-106", high, f"{_say(field.maximum)} au plus"))
    unit, size = "caractères", f"length({TEXT})"
    if field.type is FieldType.ARRAY:
        unit, size = "valeurs", f"len({items_of(field)})"
    if field.min_length is not None:
        told = f"{field.min_length} {unit} au moins"
        tests.append(Test("TER-VAL-107", f"{size} >= {field.min_length}", told))
    if field.max_length is not None:
        told = f"{field.max_length} {unit} au plus"
        tests.append(Test("TER-VAL-108", f"{size} <= {field.max_length}", told))
    return tuple(tests)


def items_of(field: Field) -> str:
    """The list of the items of an array, cut by its separator or written as JSON."""
    cut = f"list_transform(string_split({TEXT}, {quote(field.separator)}), lambda x: trim(x))"
    is_json = f"starts_with({TEXT}, '[') AND json_valid({TEXT})"
    return f"CASE WHEN {is_json} THEN json_extract_string({TEXT}, '$[*]') ELSE {cut} END"


def pattern_test(field: Field, pattern: str) -> Test:
    """The test of a pattern of RE2, on the text or on each item of an array."""
    holds = f"regexp_matches({TEXT}, {quote(pattern)})"
    if field.type is FieldType.ARRAY:
        is_bad = f"NOT regexp_matches(x, {quote(pattern)})"
        holds = f"len(list_filter({items_of(field)}, lambda x: {is_bad})) = 0"
    return Test("TER-VAL-104", holds, pattern_words(field))


def pattern_words(field: Field) -> str:
    """Say a pattern by the example that the schema gives."""
    told = field.example or field.pattern
    return f"une écriture comme «\u00a0{told}\u00a0»"


def expected_of(field: Field) -> str:
    """Say what to write in a field, as the end of a sentence."""
    told = to_words(field).rstrip(".") or "un texte"
    return told if told[1:2].isupper() else told[:1].lower() + told[1:]


def _enum(field: Field) -> Test:
    shown = ", ".join(f"«\u00a0{value}\u00a0»" for value in field.enum[:SHOWN_CHOICES])
    left = len(field.enum) - SHOWN_CHOICES
    expected = shown + (f" ou l’une des {left} autres valeurs" if left > 0 else "")
    if field.type is FieldType.ARRAY:
        known = f"[{', '.join(map(quote, field.enum))}]"
        return Test("TER-VAL-126", f"list_has_all({known}, {items_of(field)})", expected)
    if stored_as(field) == "VARCHAR":
        return Test("TER-VAL-103", in_list(TEXT, field.enum), expected)
    known = ", ".join(_literal(field, value) for value in field.enum)
    return Test("TER-VAL-103", f"{TYPED} IN ({known})", expected)


def _literal(field: Field, text: str) -> str:
    """A bound, read as the cells of the field are."""
    if field.type in _NUMBERS:
        return f"CAST({quote(text)} AS {stored_as(field)})"
    return f"({fill(to_cast(field), quote(text))})"


def _say(bound: str) -> str:
    """A number as the French write it; a date stays as it is."""
    return bound.replace(".", ",")
