"""The monthly letter: when it leaves, what comes first in it, what it says."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from ckanext.territoire.delivery.matrix import Cell, Known, Square
from ckanext.territoire.links.letter import Letter, subject_of, to_html, to_text
from ckanext.territoire.notices import month_tasks
from ckanext.territoire.notices.model import Kind, Standing
from ckanext.territoire.notices.month import (
    Month,
    due_month,
    is_working,
    leaves_on,
    read_month,
    shown_month,
)
from ckanext.territoire.notices.month_letter import SHOWN, to_letter, to_summary
from ckanext.territoire.notices.month_model import (
    Event,
    Happened,
    Need,
    Task,
    Told,
    Usage,
    Written,
    told_from_dict,
    told_to_dict,
)
from ckanext.territoire.notices.month_rank import first_tasks, ranked
from ckanext.territoire.notices.month_words import HAPPENED, NEEDS, TASKS
from ckanext.territoire.notices.news import Frame

OCTOBER = Month(2026, 10)
FRAME = Frame(
    "Données de Rennes", "https://d.example", "Service des données, 02 99",
    "https://d.example/avis/x.y", True, {},
)  # fmt: skip
GUEST = Frame("Données de Rennes", "https://d.example", "", "https://d.example/avis/z", False, {})


def plain(letter: Letter) -> str:
    return to_text(letter).replace("\xa0", " ").replace("\u202f", " ")


def task(need: Need = Need.REPAIR, title: str = "Parkings", **more: Any) -> Task:
    return Task(need, title, **{"path": "/depots/d1", "count": 0} | more)


@pytest.mark.parametrize(
    ("month", "working_day", "day"),
    [
        (OCTOBER, 1, date(2026, 11, 2)),  # 1 November is a Sunday, and a public holiday
        (Month(2026, 12), 1, date(2027, 1, 4)),
        (Month(2027, 4), 1, date(2027, 5, 3)),
        (Month(2024, 3), 1, date(2024, 4, 2)),  # 1 April 2024 was Easter Monday
        (Month(2019, 4), 1, date(2019, 5, 2)),
        (OCTOBER, 3, date(2026, 11, 4)),
        (OCTOBER, 0, date(2026, 11, 2)),
        (OCTOBER, 40, date(2026, 11, 30)),
    ],
)
def test_letters_leave_on_a_working_day_of_the_month_after(
    month: Month, working_day: int, day: date
) -> None:
    assert leaves_on(month, working_day) == day


@pytest.mark.parametrize(
    "day", ["2026-05-14", "2026-05-25", "2026-04-06", "2026-07-14", "2026-11-11", "2026-10-31"]
)
def test_town_halls_are_closed_at_weekends_and_on_public_holidays(day: str) -> None:
    assert not is_working(date.fromisoformat(day))
    assert is_working(date(2026, 10, 30))


@pytest.mark.parametrize(
    ("now", "month"),
    [
        (datetime(2026, 11, 2, 6, 59, tzinfo=UTC), None),
        (datetime(2026, 11, 2, 7, 0, tzinfo=UTC), OCTOBER),
        (datetime(2026, 11, 9, 6, 59, tzinfo=UTC), OCTOBER),
        (datetime(2026, 11, 9, 7, 0, tzinfo=UTC), None),
        (datetime(2026, 10, 31, 23, 30, tzinfo=UTC), None),
    ],
)
def test_letters_leave_from_the_morning_of_their_day_and_for_a_week(
    now: datetime, month: Month | None
) -> None:
    assert due_month(now, 1) == month


def test_letters_of_the_last_working_day_may_still_leave_in_the_month_after() -> None:
    assert due_month(datetime(2026, 12, 3, 9, tzinfo=UTC), 25) == OCTOBER


def test_a_month_is_that_of_paris_and_follows_the_one_before() -> None:
    assert OCTOBER.start == datetime(2026, 9, 30, 22, tzinfo=UTC)
    assert OCTOBER.end == datetime(2026, 10, 31, 23, tzinfo=UTC)
    assert Month(2026, 12).after == Month(2027, 1)
    assert Month(2027, 1).before == Month(2026, 12)
    assert shown_month(datetime(2026, 11, 2, 9, tzinfo=UTC), 1) == OCTOBER
    assert shown_month(datetime(2026, 11, 20, 9, tzinfo=UTC), 1) == Month(2026, 11)
    assert [read_month(text) for text in ("2026-10", "2026-1", "hier", "")] == [
        OCTOBER,
        *3 * [None],
    ]


def test_what_waits_comes_first_then_the_law_then_rows_then_sources_and_old_data() -> None:
    expected = [task(need, need.value) for need in Need]
    for seed in range(5):
        mixed = random.Random(seed).sample(expected, len(expected))
        assert ranked(mixed) == expected


def test_three_different_things_come_before_a_second_one_of_the_same_kind() -> None:
    duties = [task(Need.DUTY, title) for title in ("Budget", "Marchés", "Subventions")]
    first, more = first_tasks([*duties, task(Need.STALE), task(Need.LICENCE)])
    assert [each.need for each in first] == [Need.DUTY, Need.STALE, Need.LICENCE]
    assert more == 2


def test_what_is_only_expected_fills_up_and_is_never_counted_as_left() -> None:
    invites = [task(Need.INVITE, title) for title in ("Bancs", "Arbres", "Wifi")]
    duties = [task(Need.DUTY, "Budget"), task(Need.DUTY, "Marchés")]
    first, more = first_tasks([*invites, *duties])
    assert [each.title for each in first] == ["Budget", "Marchés", "Arbres"]
    assert more == 0


def test_within_a_need_the_most_rows_then_the_oldest_then_the_title_come_first() -> None:
    few, many = task(count=3, title="A"), task(count=40, title="Z")
    old, young = task(Need.STALE, since="2024-01-01"), task(Need.STALE, since="2026-01-01")
    assert ranked([few, many]) == [many, few]
    assert ranked([young, old, task(Need.STALE, "Sans date")])[:2] == [old, young]
    assert [t.title for t in ranked([task(Need.DUTY, "Église"), task(Need.DUTY, "Eau")])] == [
        "Eau", "Église",
    ]  # fmt: skip


def test_a_letter_with_nothing_in_it_is_no_letter() -> None:
    assert Told().is_silent
    assert Told(tasks=(task(Need.INVITE),)).is_silent
    assert Told(usage=Usage(3)).is_silent
    assert not Told(tasks=(task(Need.DUTY),)).is_silent
    assert not Told(happened=(Happened(Event.NEW, count=1),)).is_silent


def test_a_letter_is_kept_as_it_was() -> None:
    told = Told(
        (Happened(Event.ROWS, "Parkings", 12, "deposit", "/depots/d"),),
        (task(Need.STALE, since="2026-01-01", open_path="/modeles/x"),), 4, Usage(1, 2, 3),
    )  # fmt: skip
    assert told_from_dict(told_to_dict(told)) == told
    assert told_from_dict(told_to_dict(Told())) == Told()


def square(cell: Cell, is_duty: bool = False, **known: Any) -> Square:
    return Square(cell, Known(**known), is_duty, "")


SCHEMA: Any = SimpleNamespace(slug="budget", title="Budget")


@pytest.mark.parametrize(
    ("asked", "need"),
    [
        (square(Cell.ABSENT, is_duty=True), Need.DUTY),
        (square(Cell.ABSENT), Need.INVITE),
        (square(Cell.INVALID, is_duty=True, waiting_state="failed"), Need.DUTY),
        (square(Cell.INVALID, waiting_state="failed"), Need.REPAIR),
        (square(Cell.INVALID, bad=12), None),  # its rows are those of the delivery
        (square(Cell.DECIDE), None),
        (square(Cell.STALE, published_at=datetime(2026, 1, 2, tzinfo=UTC)), Need.STALE),
        (square(Cell.FINE, good=3), None),
    ],
)
def test_a_cell_of_the_matrix_asks_for_what_it_lacks(asked: Square, need: Need | None) -> None:
    found = month_tasks.of_square(SCHEMA, asked, "acigne")
    assert (found and found.need) == need
    assert found is None or found.path == "/deposer/budget?pour=acigne"


def test_rows_and_tables_of_a_harvest_are_mended_where_they_come_from() -> None:
    row = {"id": "d1", "state": "live", "bad": 4, "received_at": datetime(2026, 10, 3, tzinfo=UTC)}
    deposited = month_tasks.of_delivery(row | {"by_way": "deposit"}, "Parkings")
    harvested = month_tasks.of_delivery(row | {"by_way": "harvest"}, "Parkings")
    assert deposited is not None
    assert harvested is not None
    assert deposited.path == "/depots/d1/corriger"
    assert harvested.path == "/depots/d1"
    assert month_tasks.of_delivery(row | {"by_way": "deposit", "state": "refused"}, "P") is None
    stale = square(Cell.STALE, live_id="d9")
    asked = month_tasks.of_square(SCHEMA, stale, "acigne")
    assert asked is not None
    assert month_tasks.at_source(asked, stale).path == "/depots/d9"


@pytest.mark.parametrize("kind", Kind)
def test_a_source_or_readers_ask_once_and_deliveries_are_not_asked_again(kind: Kind) -> None:
    facts = {"title": "Portail\r\nde la ville", "path": "/moissons/p", "count": 3}
    found = month_tasks.of_standing(Standing(kind, "source:s1", "o1", facts=facts))
    assert (found is None) == (kind in (Kind.ASIDE, Kind.RETIRED))
    assert found is None or found.title == "Portail de la ville"
    assert month_tasks.of_standing(Standing(kind, "delivery:d1", "o1", facts=facts)) is None


FULL = Told(
    (
        Happened(Event.NEW, count=2, way="harvest"),
        Happened(Event.ROWS, "Parkings", 1204, "deposit", "/depots/d1"),
        Happened(Event.BAD, "Parkings", 12, "deposit", "/depots/d1"),
    ),
    (
        task(Need.DUTY, "Budget", path="/deposer/budget?pour=acigne", open_path="/modeles/budget"),
        task(count=12, path="/depots/d1/corriger"),
    ),
    3,
    Usage(1204, 1, 0),
)


def test_a_letter_says_what_entered_what_waits_what_to_do_and_who_used_it() -> None:
    letter = to_letter(OCTOBER, "Acigné", FULL, FRAME)
    text = plain(letter)
    assert letter.subject.replace("\xa0", " ") == (
        "Acigné : vos données en octobre 2026, 2 choses à faire"
    )
    parts = (
        "2 nouveaux jeux de données, par moisson.",
        "Parkings : 1 204 lignes en ligne, par dépôt.",
        "12 lignes attendent une correction.",
        "1. Publier « Budget » : la loi le demande.\n   https://d.example/deposer/budget?pour=acigne",
        "2. Corriger 12 lignes de « Parkings »",
        "3 autres suivront",
        "1 204 consultations, 1 téléchargement et 0 appel à l’API ce mois-ci.",
        "https://d.example/avis/x.y",
    )
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_what_was_not_measured_is_left_out_and_zero_is_said_where_it_was() -> None:
    told = Told(FULL.happened, FULL.tasks)
    assert "utilisées" not in plain(to_letter(OCTOBER, "Acigné", told, FRAME))
    none = Told(FULL.happened, usage=Usage(since="2026-10-12"))
    text = plain(to_letter(OCTOBER, "Acigné", none, FRAME))
    assert "Personne ne les a ouvertes depuis le 12 octobre 2026, premier jour compté." in text
    assert "Rien : tout est en ordre." in text


def test_who_has_no_account_gets_only_addresses_that_open_without_one() -> None:
    letter = to_letter(OCTOBER, "Acigné", FULL, GUEST)
    for body in (to_text(letter), to_html(letter)):
        assert "/depots/" not in body
        assert "/deposer/" not in body
        assert "https://d.example/modeles/budget" in body
        assert "demandez un lien" in body
    assert "demandez un lien" not in to_text(to_letter(OCTOBER, "Acigné", FULL, FRAME))


def test_a_long_part_is_cut_and_says_how_much_is_left() -> None:
    happened = tuple(Happened(Event.ROWS, f"Table {n}", 1) for n in range(SHOWN + 5))
    text = plain(to_letter(OCTOBER, "Acigné", Told(happened), FRAME))
    assert text.count("Table ") == SHOWN
    assert "Et 5 autres lignes." in text


@pytest.mark.parametrize("number", [0, 1, 3])
def test_everything_that_can_be_told_is_told_in_the_singular_and_the_plural(number: int) -> None:
    details = (
        "",
        "deposit",
        "held",
        "review",
        "decision",
        "flag",
        "contribution",
        "harvest",
        "unread",
        "failing",
        "silent",
    )
    happened = tuple(
        Happened(event, "Portail", number, way) for event in Event for way in ("", "run", "harvest")
    )
    for detail in details:
        for need in Need:
            told = Told(happened, (task(need, count=number, detail=detail, since="2026-10-02"),))
            text = plain(to_letter(OCTOBER, "Le Rheu", told, FRAME))
            assert "None" not in text
            assert " : ." not in text
            assert "  " not in text.replace("\n   ", "\n").replace("\n  ", "\n")
    assert set(HAPPENED) == set(Event)
    assert set(TASKS) == set(NEEDS) == set(Need)


def test_an_officer_reads_what_comes_back_and_one_line_a_commune() -> None:
    letters = [
        Written("o1", "Acigné", "acigne", FULL, people=2),
        Written("o2", "Betton", "betton", Told(FULL.happened), people=0),
        Written("o3", "Le Rheu", "le-rheu", Told(tasks=(task(Need.DUTY),)), people=1),
    ]
    letter = to_summary(OCTOBER, letters, 40, FRAME)
    text = plain(letter)
    assert "Données de Rennes : les lettres d’octobre 2026, 3 communes" in letter.subject.replace(
        "\xa0", " "
    )
    assert "3 communes ont une lettre d’octobre 2026" in text
    assert "40 n’en ont pas" in text
    assert "Un tableau que la loi demande manque : dans 2 communes" in text
    assert "Acigné : 2 entrées, 1 point de côté. D’abord : publier « Budget »." in text
    assert "https://d.example/pilotage/lettres/2026-10/acigne\n" in text
    assert "Betton : 2 entrées, 1 point de côté.\n" in text
    assert "manque seulement des tableaux que la loi demande : Le Rheu." in text
    assert "/pilotage/lettres?mois=2026-10\n" in text
    assert "n’ont ni compte ni adresse : Betton." in text


def test_markup_in_a_title_is_text_and_a_line_end_cannot_add_a_header() -> None:
    bad = Told((Happened(Event.SKIPPED, "<img src=x>", 1),), (task(title="<b>x</b>"),))
    letter = to_letter(OCTOBER, "Aci\r\ngné", bad, FRAME)
    assert "\n" not in subject_of(letter)
    assert "<img" not in to_html(letter)
    assert "<b>" not in to_html(letter)
