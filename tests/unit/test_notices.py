"""What is told of harvests: which states stand, when a person is written to, what the mail says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from ckanext.territoire.harvest_adapter.health import Health, Overview, Week, judge
from ckanext.territoire.links.letter import Letter, to_html, to_text
from ckanext.territoire.notices import states
from ckanext.territoire.notices.model import ENDING, Kept, Kind, News, Person, Standing, hears
from ckanext.territoire.notices.news import ENDS, SAID, Frame, to_letter
from ckanext.territoire.notices.timing import is_due, is_settled
from ckanext.territoire.notices.words import WORDS

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
SOURCE: Any = SimpleNamespace(
    id="s1", name="portail", title="Portail de la ville", kind="ckan_portal",
    organization_id="o1", is_active=True, is_draft=False,
)  # fmt: skip
FINE = Overview(
    source=SOURCE, created_at=NOW, last=None,
    ended={"job_id": "j1", "state": "finished", "report": {"is_complete": True, "read": 12}},
    answered_at=NOW, failing_since=None, next_run=NOW + timedelta(days=1), waits_since=None,
    changed_at=NOW - timedelta(days=3), live=12, missing=0, reviews=0, choices=0,
    week=Week(1, 0, 0, 0),
)  # fmt: skip
FRAME = Frame(
    "Données de Rennes", "https://d.example", "Service des données, 02 99",
    "https://d.example/avis/x.y", True, {"o1": "Acigné"},
)  # fmt: skip


def ended(state: str, **report: Any) -> dict[str, Any]:
    return {"job_id": "j2", "state": state, "report": {"is_complete": True, "read": 12} | report}


def kinds(each: Overview) -> list[str]:
    return [standing.kind.value for standing in states.of_sources([each], NOW)]


def source(**changes: Any) -> Any:
    return SimpleNamespace(**{**vars(SOURCE), **changes})


FAILING = replace(FINE, ended=ended("failed"), failing_since=NOW - timedelta(days=2))
CASES = {
    "fine": (FINE, []),
    "failing": (FAILING, ["failing"]),
    "held": (replace(FINE, ended=ended("held", sentence="Retenue.")), ["held"]),
    "refused by an officer": (replace(FINE, ended=ended("refused")), []),
    "empty": (replace(FINE, ended=ended("finished", read=0)), ["empty"]),
    "partial": (replace(FINE, ended=ended("finished", is_complete=False, read=0)), ["partial"]),
    "late": (replace(FINE, next_run=NOW - timedelta(hours=13)), ["late"]),
    "not late yet": (replace(FINE, next_run=NOW - timedelta(hours=11)), []),
    "a job that nobody takes": (replace(FINE, waits_since=NOW - timedelta(days=1)), ["late"]),
    "late, but at work": (
        replace(FINE, next_run=NOW - timedelta(days=1), last={"state": "running"}), []),
    "to review": (replace(FINE, reviews=4), ["review"]),
    "a choice waits": (replace(FINE, choices=1), ["decision"]),
    "silent": (replace(FINE, changed_at=NOW - timedelta(days=200)), ["silent"]),
    "silent sensors": (
        replace(FINE, changed_at=NOW - timedelta(days=200), source=source(kind="sensorthings")),
        [],
    ),
    "stopped": (replace(FAILING, source=source(is_active=False)), []),
    "draft": (replace(FAILING, source=source(is_draft=True)), []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_source_is_told_of_for_what_it_is(case: str) -> None:
    overview, expected = CASES[case]
    assert kinds(overview) == expected


@pytest.mark.parametrize(
    ("overview", "health"),
    [
        (FINE, Health.FINE),
        (FAILING, Health.FAILING),
        (replace(FAILING, choices=1), Health.DECIDE),
        (replace(FINE, ended=None), Health.NEW),
        (replace(FINE, reviews=1, next_run=NOW - timedelta(days=3)), Health.LATE),
        (replace(FINE, source=source(is_draft=True)), Health.DRAFT),
        (replace(FINE, source=source(is_active=False)), Health.STOPPED),
    ],
)
def test_the_worst_thing_of_a_source_is_its_health(overview: Overview, health: Health) -> None:
    assert judge(overview, NOW) is health


def test_works_again_is_said_of_a_source_that_was_read_entirely_and_holds_something() -> None:
    again = replace(FINE, ended=ended("held"))
    assert states.is_well(FINE)
    assert not any(states.is_well(each) for each in (FAILING, again, CASES["empty"][0]))


def news(kind: Kind = Kind.FAILING, is_end: bool = False, **facts: Any) -> News:
    told = {"title": "Portail", "path": "/moissons/portail", "count": 3, "since": NOW.isoformat()}
    standing = Standing(kind, "source:s1", "o1", "s1", facts=told | facts)
    return News(Kept(7, standing, NOW - timedelta(hours=1), NOW if is_end else None), is_end)


@pytest.mark.parametrize(
    ("kind", "last", "at", "due"),
    [
        (Kind.HELD, None, NOW, True),
        (Kind.HELD, NOW - timedelta(minutes=59), NOW, False),
        (Kind.HELD, NOW - timedelta(minutes=60), NOW, True),
        (Kind.REVIEW, None, datetime(2026, 11, 25, 6, 59, tzinfo=UTC), False),
        (Kind.REVIEW, None, datetime(2026, 11, 25, 7, 0, tzinfo=UTC), True),
        (Kind.REVIEW, datetime(2026, 11, 25, 7, 0, tzinfo=UTC), NOW, False),
        (Kind.REVIEW, datetime(2026, 11, 24, 22, 30, tzinfo=UTC), NOW, True),
        (Kind.REVIEW, datetime(2026, 11, 24, 23, 30, tzinfo=UTC), NOW, False),
    ],
)
def test_what_presses_leaves_within_the_hour_and_the_rest_in_the_morning_of_paris(
    kind: Kind, last: datetime | None, at: datetime, due: bool
) -> None:
    assert is_due([news(kind)], last, at) is due


def test_nothing_to_tell_is_no_mail_and_what_has_just_begun_waits_for_company() -> None:
    assert not is_due([], None, NOW)
    begun = news().kept.since
    assert not is_settled(news(), begun + timedelta(minutes=9))
    assert is_settled(news(), begun + timedelta(minutes=10))


def test_the_officer_hears_of_all_and_the_others_of_what_they_publish() -> None:
    officer = Person("u1", "Agent", "a@d.example", frozenset(), is_officer=True)
    clerk = Person("u2", "Mairie", "m@d.example", frozenset({"o1"}))
    other = Person("u3", "Voisine", "v@d.example", frozenset({"o2"}))
    of_source = Standing(Kind.FAILING, "source:s1", "o1")
    deposit = Standing(Kind.DECISION, "delivery:d1", "o1")
    assert [hears(each, of_source) for each in (officer, clerk, other)] == [True, True, False]
    assert [hears(each, deposit) for each in (officer, clerk, other)] == [True, False, False]


def plain(letter: Letter) -> str:
    return to_text(letter).replace("\xa0", " ").replace("\u202f", " ")


def test_one_thing_is_the_subject_and_says_what_to_do() -> None:
    letter = to_letter([news(code="TER-FET-008")], FRAME)
    assert letter.subject == "Portail (Acigné) : la source ne peut plus être lue"
    text = plain(letter)
    assert "aucune lecture n’a réussi depuis le 25 novembre 2026. Ce qui est publié reste" in text
    assert "https://d.example/moissons/portail\n" in text
    assert text.rstrip().endswith("https://d.example/avis/x.y")


def test_several_things_are_one_mail_with_what_asks_for_somebody_first() -> None:
    listed = [news(Kind.REVIEW, count=1), news(Kind.FAILING, is_end=True), news(Kind.HELD)]
    letter = to_letter(listed, FRAME)
    assert letter.subject.replace("\xa0", " ") == "Données de Rennes : 3 nouvelles de vos données"
    text = plain(letter)
    headings = ["Moissons retenues", "À relire avant publication", "De nouveau en ordre"]
    assert [text.index(heading) for heading in headings] == sorted(map(text.index, headings))
    assert "1 jeu de données attend d’être relus" in text


def test_many_of_one_kind_are_counted_in_the_subject_and_cut_in_the_mail() -> None:
    letter = to_letter([news(Kind.FAILING)] * 41, FRAME)
    assert letter.subject.replace("\xa0", " ").replace("  ", " ") == (
        "Données de Rennes : 41 sources ne peuvent plus être lues"
    )
    assert "Et 11 autres, sur la page des moissons." in plain(letter)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_said_in_the_singular_and_in_the_plural(kind: Kind) -> None:
    assert WORDS[kind].choice
    for count in (1, 3):
        text = plain(to_letter([news(kind, count=count)], FRAME))
        assert "Portail (Acigné) : " in text
        assert "None" not in text
        assert "{" not in text
    assert set(ENDS) == ENDING
    assert set(SAID) == set(Kind)


def test_a_person_without_account_gets_no_address_that_they_cannot_open() -> None:
    letter = to_letter([news()], replace(FRAME, has_account=False))
    assert "/moissons/" not in to_text(letter) + to_html(letter)


def test_markup_and_line_ends_in_a_title_are_text() -> None:
    letter = to_letter([news(title="<img src=x>\r\nBcc: a@b.fr")], FRAME)
    assert "\n" not in letter.subject
    assert "<img" not in to_html(letter)
