"""What a decision does to what the gate found."""

from __future__ import annotations

from dataclasses import replace

from harvesters.privacy.decisions import Choice, Decision, is_held, masked_columns, undecided
from harvesters.privacy.findings import Certainty, Finding, Kind

PHONE = Finding(Kind.PHONE, "contact", 3, (2, 3, 4), "06 ••", Certainty.SURE)
MAIL = Finding(Kind.EMAIL, "contact", 1, (2,), "s•••@x.fr", Certainty.LIKELY)


def test_what_nobody_decided_holds() -> None:
    assert is_held([PHONE], [])
    assert not is_held([], [])


def test_what_is_only_possible_or_lawful_holds_nothing() -> None:
    assert not is_held([replace(PHONE, certainty=Certainty.POSSIBLE)], [])
    assert not is_held([replace(PHONE, allowed_by="la loi")], [])


def test_a_decision_to_publish_is_for_one_kind_in_one_column() -> None:
    decided = [Decision(Kind.PHONE, "contact", Choice.PUBLISH)]

    assert not is_held([PHONE], decided)
    assert undecided([PHONE, MAIL], decided) == (MAIL,)
    assert is_held([replace(PHONE, column="portable")], decided)


def test_a_masked_column_lets_nothing_out_whatever_stands_in_it() -> None:
    decided = [Decision(Kind.PHONE, "contact", Choice.MASK)]

    assert masked_columns(decided) == {"contact"}
    assert not is_held([PHONE, MAIL], decided)


def test_what_is_withheld_stays_held() -> None:
    assert is_held([PHONE], [Decision(Kind.PHONE, "contact", Choice.WITHHOLD)])


def test_the_last_decision_stands() -> None:
    publish = Decision(Kind.PHONE, "contact", Choice.PUBLISH)
    hide = Decision(Kind.PHONE, "contact", Choice.MASK)

    assert masked_columns([hide, publish]) == set()
    assert masked_columns([publish, hide]) == {"contact"}
