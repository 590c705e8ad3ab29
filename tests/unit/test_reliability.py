"""The reliability score: facts in, points and French reasons out."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from schemas.reliability import (
    WEIGHTS,
    Facts,
    Freshness,
    Licence,
    PartName,
    Score,
    freshness_of,
    score,
)

FULL = Facts(
    good=1_204,
    bad=0,
    age_days=10,
    frequency="monthly",
    checks=(True,) * 5,
    fields={"Description": True, "Contact": True},
    licence=Licence.OPEN,
)


def part(told: Score, name: PartName) -> tuple[int | None, str, str]:
    found = next(each for each in told.parts if each.name is name)
    return found.points, found.sentence.replace("\u202f", " ").replace("\u00a0", " "), found.advice


def test_all_that_can_be_asked_is_a_hundred_and_asks_nothing_more() -> None:
    told = score(FULL)

    assert (told.value, told.word) == (100, "très fiable")
    assert [each.advice for each in told.parts] == [""] * 5


def test_the_weights_are_out_of_a_hundred() -> None:
    assert sum(WEIGHTS.values()) == 100


def test_bad_rows_cost_their_share_and_are_counted() -> None:
    told = score(replace(FULL, good=1_204, bad=301))

    assert part(told, PartName.ROWS)[:2] == (24, "1 204 lignes valables sur 1 505.")
    assert told.value == 94
    assert "301" in part(told, PartName.ROWS)[2]


@pytest.mark.parametrize(
    ("age", "state", "points"),
    [
        (0, Freshness.ON_TIME, 25),
        (45, Freshness.ON_TIME, 25),
        (46, Freshness.DUE, 15),
        (90, Freshness.DUE, 15),
        (91, Freshness.OVERDUE, 8),
        (135, Freshness.OVERDUE, 8),
        (136, Freshness.DELINQUENT, 0),
    ],
)
def test_freshness_is_judged_against_the_declared_rhythm(
    age: int, state: Freshness, points: int
) -> None:
    assert freshness_of(age, "monthly") is state
    assert part(score(replace(FULL, age_days=age)), PartName.FRESHNESS)[0] == points


@pytest.mark.parametrize("frequency", ["", "irregular", "as-needed", "unknown", "nonsense"])
def test_where_no_rhythm_is_promised_nothing_is_late(frequency: str) -> None:
    told = score(replace(FULL, age_days=4_000, frequency=frequency))

    assert part(told, PartName.FRESHNESS)[0] is None
    assert told.value == 100


def test_only_the_last_checks_of_the_address_count() -> None:
    told = score(replace(FULL, checks=(False,) * 30 + (True,) * 28 + (False,) * 2))

    assert part(told, PartName.AVAILABILITY)[:2] == (
        14,
        "L’adresse du fichier a répondu 28 fois sur 30 essais.",
    )


def test_what_is_missing_of_the_description_is_named() -> None:
    told = score(replace(FULL, fields={"Description": True, "Contact": False, "Thèmes": False}))

    assert part(told, PartName.METADATA)[0] == 5
    assert "Contact, Thèmes" in part(told, PartName.METADATA)[2]


@pytest.mark.parametrize(
    ("licence", "points"), [(Licence.OPEN, 15), (Licence.KNOWN, 8), (Licence.NONE, 0)]
)
def test_a_licence_is_worth_what_it_lets_people_do(licence: Licence, points: int) -> None:
    assert part(score(replace(FULL, licence=licence)), PartName.LICENCE)[0] == points


@pytest.mark.parametrize(
    "unknown",
    [{"good": None, "bad": None}, {"age_days": None}, {"checks": ()}, {"fields": {}},
     {"licence": None}],
)  # fmt: skip
def test_what_is_not_known_is_said_and_not_punished(unknown: dict[str, object]) -> None:
    told = score(replace(FULL, **unknown))  # type: ignore[arg-type]

    assert told.value == 100
    assert [each.points for each in told.parts].count(None) == 1
    assert all(each.sentence.endswith((".", "»")) for each in told.parts)


def test_a_table_without_any_row_is_not_punished() -> None:
    assert part(score(replace(FULL, good=0, bad=0)), PartName.ROWS)[0] is None


def test_nothing_known_is_no_score() -> None:
    assert (score(Facts()).value, score(Facts()).word) == (None, "inconnue")


def test_the_facts_cannot_say_how_the_data_came() -> None:
    assert {each.name for each in fields(Facts)} == {
        "good", "bad", "age_days", "frequency", "checks", "fields", "licence",
    }  # fmt: skip
