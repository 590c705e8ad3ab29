"""The queue of contributions: read page by page, narrowed, decided of several at once, undone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ckan.plugins import toolkit

from ckanext.territoire.community import queue, store
from ckanext.territoire.community.model import Kind
from ckanext.territoire.community.queue import Wanted
from tests.ckan.contribution_rows import ask, decide, form_at, propose, text
from tests.ckan.contribution_site import app, sink
from tests.ckan.form_browser import Browser, Page

__all__ = ["app", "sink"]
PAGE = "/pilotage/contributions"
pytestmark = pytest.mark.usefixtures("sink")


def ask_several(number: int) -> list[str]:
    return [ask(title=f"Question {n}")["id"] for n in range(number)]


def walk(wanted: Wanted) -> list[str]:
    """The titles of all that waits, page after page."""
    page = queue.waiting(wanted)
    found = [each.title for each in page.listed]
    while page.after:
        page = queue.waiting(replace(wanted, after=page.after))
        found += [each.title for each in page.listed]
    return found


def officer(app: Any) -> Browser:
    browser = Browser(app)
    browser.log_in("agent")
    return browser


def titles(page: Page) -> list[str]:
    return [" ".join(h.text_content().split()) for h in page.tree.xpath("//ol/li/h2")]


def test_each_contribution_stands_on_one_page_the_oldest_first_shown_questions_last() -> None:
    made = ask_several(7)
    decide(made[2], "accepted")
    expected = [f"Question {n}" for n in (0, 1, 3, 4, 5, 6, 2)]
    for limit in (1, 2, 3, 7, 20):
        assert walk(Wanted(limit=limit)) == expected


def test_what_is_decided_between_two_pages_moves_nothing() -> None:
    made = ask_several(6)
    first = queue.waiting(Wanted(limit=2))
    decide(made[0], "dropped")
    decide(made[1], "dropped")
    second = queue.waiting(Wanted(limit=2, after=first.after))
    assert [each.title for each in second.listed] == ["Question 2", "Question 3"]


@pytest.mark.parametrize("place", ["", "0_", "1_x_y", "0_1_é", "'; DROP", "0_9.9_" + "-" * 36])
def test_a_place_that_is_none_of_ours_is_the_beginning(place: str) -> None:
    ask_several(2)
    assert len(queue.waiting(Wanted(after=place)).listed) == 2
    assert queue.decided(Wanted(after=place)).listed == ()


def test_decisions_are_read_the_newest_first() -> None:
    made = ask_several(5)
    for each in made:
        decide(each, "dropped")
    first = queue.decided(Wanted(limit=3))
    second = queue.decided(Wanted(limit=3, after=first.after))
    told = [each.title for each in (*first.listed, *second.listed)]
    assert told == [f"Question {n}" for n in (4, 3, 2, 1, 0)]
    assert second.after == ""


def test_the_officer_reads_on_and_narrows_by_kind_and_commune(app: Any) -> None:
    ask_several(queue.PAGE + 1)
    propose(title="La carte")
    browser = officer(app)
    page = browser.open(PAGE)
    assert titles(page) == [f"Question {n}" for n in range(queue.PAGE)]
    [onward] = page.tree.xpath("//a[@rel='next']/@href")
    assert titles(browser.open(onward)) == [f"Question {queue.PAGE}", "La carte"]
    assert "22 contributions à lire" in text(page)
    shown = text(page)
    assert "Question (21)" in shown
    assert "Acigné (21)" in shown
    assert titles(browser.open(f"{PAGE}?genre=reuse")) == ["La carte"]
    assert titles(browser.open(f"{PAGE}?pour=acigne&genre=reuse")) == []
    assert "Plus rien n’attend ici" in text(browser.open(f"{PAGE}?genre=attempt"))


def tick(page: Page, ids: list[str]) -> dict[str, list[str]]:
    """The values of the boxes of these contributions."""
    boxes = page.tree.xpath("//input[@name='chosen']/@value")
    return {"chosen": [value for value in boxes if value.split()[0] in ids]}


def test_several_are_decided_at_once_and_undone_at_once(app: Any) -> None:
    made = ask_several(4)
    browser = officer(app)
    page = browser.open(PAGE)
    done = browser.send(page, form_at(page, "together"), tick(page, made[:2]), ("act", "dropped"))
    assert "2 contributions écartées." in text(done)
    assert titles(done) == ["Question 2", "Question 3"]

    past = browser.open(f"{PAGE}?vue=traitees")
    assert "Question (" not in text(past)
    back = browser.send(past, form_at(past, "together"), tick(past, made[:2]), ("act", "undo"))
    assert "2 décisions annulées." in text(back)
    assert [c.unread for c in queue.counts(None)] == [4]


def test_several_are_not_refused_without_a_reason_nor_decided_unread(app: Any) -> None:
    made = ask_several(3)
    browser = officer(app)
    page = browser.open(PAGE)
    form = form_at(page, "together")
    ticked = tick(page, made)
    assert "Cochez d’abord" in text(browser.send(page, form, {}, ("act", "dropped")))
    assert "La raison est vide." in text(browser.send(page, form, ticked, ("act", "refused")))
    decide(made[0], "answered", "Oui.")
    done = text(browser.send(page, form, ticked | {"answer": "Hors sujet."}, ("act", "refused")))
    assert "2 contributions refusées." in done
    assert "Cette décision n’est pas possible : la contribution est « répondu »." in done
    first = store.load(made[0])
    assert first is not None
    assert first.state.value == "answered"


def test_nobody_decides_of_several_for_somebody_else(app: Any) -> None:
    made = propose()
    browser = Browser(app)
    browser.log_in("mairie")
    page = browser.open(PAGE)
    ask_several(2)
    page = browser.open(PAGE)
    told = {"chosen": [f"{made['id']} waiting"]}
    assert browser.send(page, form_at(page, "together"), told, ("act", "accepted")).status == 403
    found = toolkit.get_action("territoire_contribution_list")({"user": "agent"}, {"kind": "reuse"})
    assert [each["state"] for each in found["waiting"]] == ["waiting"]
    assert {each["kind"] for each in found["counts"]} == {Kind.REUSE.value, Kind.QUESTION.value}
