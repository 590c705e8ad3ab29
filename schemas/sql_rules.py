"""The rules across the columns of a row, as DuckDB expressions.

A rule speaks of cells through `Cells`, which gives the expression of the text and of the value of a
field: the checks of a whole file and those of its doubtful rows name them differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.model import FieldType, Rule, RuleKind, Schema, Severity
from schemas.sql_french import KNOWN_PAIR
from schemas.sql_text import in_list

CODES = {
    RuleKind.ORDER: "TER-VAL-119",
    RuleKind.TOGETHER: "TER-VAL-120",
    RuleKind.ONE_OF: "TER-VAL-121",
    RuleKind.REQUIRED_IF: "TER-VAL-122",
    RuleKind.SUM: "TER-VAL-123",
    RuleKind.POSTCODE: "TER-VAL-115",
}
TOLERANCE = 0.005  # half a cent: sums are of money, or of counts


@dataclass(frozen=True, slots=True)
class Cells:
    """The SQL of the text and of the value of each field."""

    text: Mapping[str, str]
    typed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Broken:
    """A way to break a rule: `breaks` is SQL, told under `field` with the `found` texts."""

    code: str
    field: str
    breaks: str
    found: str
    expected: str
    severity: Severity


def to_broken(schema: Schema, cells: Cells, known: frozenset[str]) -> tuple[Broken, ...]:
    """The ways to break the rules of a schema; `known` are the tables of codes that are there."""
    return tuple(
        broken
        for rule in schema.rules
        if rule.kind is not RuleKind.POSTCODE or KNOWN_PAIR in known
        for broken in _broken(schema, rule, cells)
    )


def _broken(schema: Schema, rule: Rule, cells: Cells) -> list[Broken]:
    texts = [cells.text[name] for name in rule.fields]
    typed = [cells.typed[name] for name in rule.fields]
    severity = rule.severity
    match rule.kind:
        case RuleKind.ORDER:
            breaks = f"{typed[0]} > {typed[1]}"
        case RuleKind.TOGETHER:
            breaks = f"{_filled(texts)} NOT IN (0, {len(texts)})"
        case RuleKind.ONE_OF:
            breaks = f"{_filled(texts)} = 0"
        case RuleKind.SUM:
            breaks = f"abs({typed[0]} - ({' + '.join(typed[1:])})) > {TOLERANCE}"
        case RuleKind.POSTCODE:
            severity = Severity.WARNING
            pair = f"({texts[0]} || ' ' || {texts[1]})"
            in_force = f"{texts[0]} IN (SELECT split_part(value, ' ', 1) FROM {KNOWN_PAIR})"
            breaks = f"{in_force} AND {pair} NOT IN (SELECT value FROM {KNOWN_PAIR})"
        case RuleKind.REQUIRED_IF:
            when = " AND ".join(_holds(schema, n, v, cells) for n, v in rule.when.items())
            return [
                Broken(CODES[rule.kind], name, f"{cells.text[name]} IS NULL AND {when}",
                       _shown([cells.text[n] for n in rule.when]), rule.message, severity)
                for name in rule.fields
            ]  # fmt: skip
    return [Broken(CODES[rule.kind], rule.fields[0], breaks, _shown(texts), rule.message, severity)]


def _filled(texts: list[str]) -> str:
    """How many cells hold something."""
    return "(" + " + ".join(f"CAST({text} IS NOT NULL AS INTEGER)" for text in texts) + ")"


def _shown(texts: list[str]) -> str:
    return f"concat_ws(' ; ', {', '.join(texts)})"


def _holds(schema: Schema, name: str, values: tuple[str, ...], cells: Cells) -> str:
    """True if a column holds one of the values; booleans are compared by what they mean."""
    field = schema.field(name)
    if field.type is not FieldType.BOOLEAN:
        return in_list(cells.text[name], values)
    meant = [value in field.true_values for value in values]
    return f"{cells.typed[name]} IN ({', '.join(str(each).lower() for each in meant)})"
