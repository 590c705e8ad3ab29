"""The French checks: keys, codes, addresses; what is good, what is bad, what is only warned of."""

from __future__ import annotations

import pytest
from stdnum.fr import siren, siret

from harvesters.table.received import Commune, References
from schemas.model import Check, Rule, RuleKind, Severity
from tests.unit.checked import REFERENCES, check, field, schema

RULE = Rule(RuleKind.POSTCODE, ("cp", "insee"), "")


@pytest.mark.parametrize(
    ("what", "good", "bad", "code"),
    [
        (Check.SIREN, "213500010", "213500011", "112"),
        (Check.SIRET, "21350001000011", "21350001000012", "112"),
        (Check.SIRET, "35600000049837", "35600000049838", "112"),  # La Poste: sum of digits
        (Check.SIREN_OR_SIRET, "213500010", "21350001", "112"),
        (Check.RNA, "W351000123", "W35100012", "112"),
        (Check.PHONE, "02 99 00 00 00", "02 99 00 00", "113"),
        (Check.PHONE, "+33 (0)2.99.00.00.00", "99 00 00 00", "113"),
        (Check.PHONE, "3975", "12345", "113"),
        (Check.POSTCODE, "35690", "3569", "114"),
        (Check.POSTCODE, "35690", "99000", "114"),
        (Check.EMAIL, "mairie@exemple.fr", "mairie chez exemple.fr", "116"),
        (Check.EMAIL, "mairie@exemple.fr", "mairie@exemple", "116"),
        (Check.WEB, "https://www.exemple.fr/a?b=c#d", "www.exemple.fr", "117"),
        (Check.WEB, "http://exemple.fr", "javascript:alert(1)", "117"),
        (Check.UUID, "2bc1c94f-0deb-43e9-92a1-4775189ec9f8", "2bc1c94f-0deb-43e9-92a1", "128"),
        (Check.INSEE, "22050", "35690", "111"),
    ],
)
def test_a_wrong_number_or_address_sets_the_row_aside(
    what: Check, good: str, bad: str, code: str
) -> None:
    verdict = check(schema(field("a", check=what)), [{"a": good}, {"a": bad}])
    assert verdict.lines("good") == [2]
    assert verdict.codes(3) == [code]


def test_siren_and_siret_are_judged_as_by_stdnum() -> None:
    told = schema(field("a", check=Check.SIREN), field("b", check=Check.SIRET))
    numbers = [f"{213_500_000 + n * 37:09d}" for n in range(60)]
    sirets = [f"{n}{i:05d}" for i, n in enumerate(numbers)] + [
        f"356000000{i:05d}" for i in range(60)
    ]
    rows = [{"a": n} for n in numbers] + [{"b": n} for n in sirets]
    judged = [siren.is_valid(n) for n in numbers] + [siret.is_valid(n) for n in sirets]
    good = set(check(told, rows).lines("good"))
    assert [line in good for line in range(2, len(rows) + 2)] == judged
    assert 0 < sum(judged) < len(judged)


def test_a_check_that_only_warns_lets_the_row_in() -> None:
    told = schema(field("a", check=Check.SIREN, check_severity=Severity.WARNING))
    verdict = check(told, [{"a": "123456789"}])
    assert (verdict.checked.good, verdict.checked.warned, verdict.codes(2)) == (1, 1, ["112"])


def test_opening_hours_that_nobody_reads_are_warned_of() -> None:
    told = schema(field("a", check=Check.OPENING_HOURS))
    verdict = check(told, [{"a": "Mo-Fr 08:00-18:00"}, {"a": "du lundi au vendredi"}])
    assert verdict.lines("good") == [2, 3]
    assert (verdict.codes(2), verdict.codes(3)) == ([], ["118"])


def test_a_postcode_that_no_list_holds_may_be_a_cedex() -> None:
    verdict = check(schema(field("a", check=Check.POSTCODE)), [{"a": "35042"}])
    assert (verdict.lines("good"), verdict.codes(2)) == ([2], ["114"])


def test_a_postcode_of_another_commune_is_warned_of() -> None:
    told = schema(field("cp"), field("insee"), rules=(RULE,))
    rows = [{"cp": "35690", "insee": "35001"}, {"cp": "35000", "insee": "35001"}, {"cp": "35042"}]
    verdict = check(told, rows)
    assert verdict.lines("good") == [2, 3, 4]
    assert [verdict.codes(line) for line in (2, 3, 4)] == [[], ["115"], []]


def test_the_districts_of_a_known_city_are_known_too() -> None:
    paris = References((Commune("75056", "Paris", False),))
    rows = [{"c": "75114"}, {"c": "75121"}, {"c": "69381"}]
    assert check(schema(field("c", check=Check.INSEE)), rows, paris).lines("good") == [2]


def test_without_references_no_code_is_looked_up() -> None:
    told = schema(field("cp", check=Check.POSTCODE), field("insee", check=Check.INSEE),
                  rules=(RULE,), commune="insee")  # fmt: skip
    verdict = check(told, [{"cp": "99999", "insee": "99999"}], References())
    assert verdict.rows("SELECT insee, in_territory FROM good") == [("99999", True)]
    assert verdict.codes(2) == []


def test_a_commune_that_is_no_member_is_good_and_out_of_the_territory() -> None:
    told = schema(field("c", check=Check.INSEE), field("n"), commune="c")
    verdict = check(told, [{"c": "35001"}, {"c": "22050"}, {"n": "rien"}], REFERENCES)
    assert verdict.rows("SELECT insee, in_territory FROM good ORDER BY line") == [
        ("35001", True), ("22050", False), ("35238", True)]  # fmt: skip
    assert verdict.codes(3) == ["125"]
