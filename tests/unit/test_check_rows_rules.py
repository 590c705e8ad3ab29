"""The rules across the columns of a row."""

from __future__ import annotations

import pytest

from schemas.model import FieldType, Rule, RuleKind, Severity
from tests.unit.checked import Row, check, field, schema

FIELDS = (
    field("a", FieldType.NUMBER), field("b", FieldType.NUMBER), field("c", FieldType.NUMBER),
    field("d", FieldType.DATE), field("e", FieldType.DATE), field("ouvert", FieldType.BOOLEAN),
    field("mode"), field("texte"),
)  # fmt: skip
ORDER = Rule(RuleKind.ORDER, ("a", "b"), "Le minimum vient avant le maximum.")
DATES = Rule(RuleKind.ORDER, ("d", "e"), "La fin vient après le début.")
TOGETHER = Rule(RuleKind.TOGETHER, ("a", "b", "c"), "Les trois vont ensemble.")
ONE_OF = Rule(RuleKind.ONE_OF, ("a", "b"), "L’un ou l’autre.")
SUM = Rule(RuleKind.SUM, ("a", "b", "c"), "Le total est la somme.")
IF_OPEN = Rule(RuleKind.REQUIRED_IF, ("texte",), "Dites comment.", {"ouvert": ("true",)})
IF_BOTH = Rule(RuleKind.REQUIRED_IF, ("a", "b"), "Un prix.", {"mode": ("x", "y"), "ouvert": ("0",)})


@pytest.mark.parametrize(
    ("rule", "good", "bad", "code"),
    [
        (ORDER, {"a": "9", "b": "10"}, {"a": "10", "b": "9"}, "119"),
        (ORDER, {"a": "9"}, {"a": "9,1", "b": "9"}, "119"),
        (DATES, {"d": "2024-01-31", "e": "31/1/2024"}, {"d": "1/2/2024", "e": "2024-01-31"}, "119"),
        (TOGETHER, {"mode": "x"}, {"a": "1", "b": "1"}, "120"),
        (TOGETHER, {"a": "1", "b": "1", "c": "1"}, {"c": "0"}, "120"),
        (ONE_OF, {"b": "0"}, {"c": "1"}, "121"),
        (IF_OPEN, {"ouvert": "1", "texte": "x"}, {"ouvert": "Oui"}, "122"),
        (IF_OPEN, {"ouvert": "0"}, {"ouvert": "true", "texte": " "}, "122"),
        (SUM, {"a": "3", "b": "1", "c": "2"}, {"a": "4", "b": "1", "c": "2"}, "123"),
        (SUM, {"a": "0.3", "b": "0.1", "c": "0.2"}, {"a": "0.31", "b": "0.1", "c": "0.2"}, "123"),
        (SUM, {"a": "3", "b": "1"}, {"a": "3", "b": "1", "c": "1"}, "123"),
    ],
)  # fmt: skip
def test_a_row_that_breaks_a_rule_is_set_aside(rule: Rule, good: Row, bad: Row, code: str) -> None:
    verdict = check(schema(*FIELDS, rules=(rule,)), [good, bad])
    assert verdict.lines("good") == [2]
    assert verdict.codes(3) == [code]
    assert verdict.checked.causes[0].expected == rule.message


def test_each_cell_that_a_rule_requires_is_told() -> None:
    rows = [
        {"mode": "y", "ouvert": "non", "b": "1"},
        {"mode": "y", "ouvert": "oui"},
        {"mode": "x", "ouvert": "non"},
    ]
    verdict = check(schema(*FIELDS, rules=(IF_BOTH,)), rows)
    assert verdict.lines("good") == [3]
    assert verdict.rows("SELECT line, field FROM row_issue ORDER BY ALL") == [
        (2, "a"), (4, "a"), (4, "b")]  # fmt: skip


def test_a_rule_that_only_warns_lets_the_row_in() -> None:
    rule = Rule(RuleKind.ORDER, ("a", "b"), "", severity=Severity.WARNING)
    verdict = check(schema(*FIELDS, rules=(rule,)), [{"a": "2", "b": "1"}])
    assert (verdict.lines("good"), verdict.codes(2)) == ([2], ["119"])


def test_a_value_that_is_wrong_already_breaks_no_rule() -> None:
    assert check(schema(*FIELDS, rules=(ORDER,)), [{"a": "x", "b": "1"}]).codes(2) == ["102"]
