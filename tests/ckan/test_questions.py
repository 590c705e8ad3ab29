"""Somebody asks a question on data, or for data; who publishes them answers in public."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit

from ckanext.territoire import publishers
from ckanext.territoire.community import queue, store
from ckanext.territoire.notices.facts import read_standing
from ckanext.territoire.notices.model import Kind
from tests.ckan.conftest import act
from tests.ckan.contribution_rows import ask, decide, form_at, own_page, text
from tests.ckan.contribution_site import app, sink
from tests.ckan.form_browser import Browser, Page
from tests.ckan.mail_sink import Sink

TITLE = "Les arbres abattus y sont-ils ?"
__all__ = ["app", "sink"]
pytestmark = pytest.mark.usefixtures("sink")


def fill_in(app: Any, address: str = "/questions/poser?jeu=arbres", **typed: Any) -> Page:
    browser = Browser(app)
    page = browser.open(address)
    given = {"title": TITLE, "body": "", "author": "", "email": "curieuse@asso.example"}
    return browser.send(page, form_at(page, "question-form"), given | typed)


def titles(**asked: Any) -> list[str]:
    found = toolkit.get_action("territoire_question_list")({"user": ""}, asked)
    return [each["title"] for each in found["questions"]]


def test_a_visitor_asks_confirms_and_the_commune_answers_in_public(app: Any, sink: Sink) -> None:
    assert "confirmez" in text(fill_in(app))
    browser = Browser(app)
    page = browser.open(own_page(sink))
    browser.send(page, form_at(page, "/contribution/"), {}, ("act", "confirm"))
    assert TITLE not in text(Browser(app).open("/dataset/arbres"))
    clerk = Browser(app)
    clerk.log_in("mairie")
    page = clerk.open("/pilotage/contributions?pour=acigne")
    assert TITLE.replace(" ?", "") in text(page)
    form = form_at(page, "/pilotage/contributions/")
    clerk.send(page, form, {"answer": "Non : <b>ils</b> sont retirés."}, ("state", "answered"))
    [question] = store.questions_of("", 10)[0]
    for address in ("/dataset/arbres", "/questions", f"/questions/{question.id}"):
        shown = Browser(app).open(address)
        assert "Non : ils sont retirés." in text(shown) or "<b>ils</b>" in text(shown), address
        assert "curieuse@" not in shown.text
    assert "sont retirés" in sink.text()
    with model.meta.engine.connect() as connection:
        query = sa.text("SELECT email FROM territoire_contribution")
        assert connection.execute(query).scalars().all() == [""]


def test_a_question_may_be_shown_before_it_is_answered_then_closed(app: Any) -> None:
    made = ask()
    decide(made["id"], "accepted", user="mairie")
    page = text(Browser(app).open("/dataset/arbres"))
    assert "Sans réponse pour l’instant" in page
    decide(made["id"], "closed", "Le service n’existe plus.", user="mairie")
    assert "Question close" in text(Browser(app).open(f"/questions/{made['id']}"))
    toolkit.get_action("territoire_contribution_undo")({"user": "mairie"}, {"id": made["id"]})
    assert [each.state.value for each in queue.waiting(queue.Wanted()).listed] == ["accepted"]


def test_what_is_missing_is_asked_of_the_epci(app: Any, sink: Sink) -> None:
    page = text(Browser(app).open("/dataset/?q=zzzz"))
    assert "Demandez-la" in page
    fill_in(app, "/demander")
    browser = Browser(app)
    page = browser.open(own_page(sink))
    browser.send(page, form_at(page, "/contribution/"), {}, ("act", "confirm"))
    [waiting] = queue.waiting(queue.Wanted()).listed
    owner = publishers.find(waiting.org_id)
    assert owner is not None
    assert owner.name == "rennes-metropole"
    with pytest.raises(toolkit.NotAuthorized):
        decide(waiting.id, "answered", "Bientôt.", user="mairie")
    decide(waiting.id, "answered", "Bientôt.")
    assert TITLE in titles()


@pytest.mark.parametrize("user", ["", "lectrice", "voisine"])
def test_only_those_who_publish_the_data_answer(user: str) -> None:
    made = ask()
    with pytest.raises(toolkit.NotAuthorized):
        decide(made["id"], "answered", "Oui.", user=user)
    for asked in ({"organization": "acigne"}, {}):
        with pytest.raises(toolkit.NotAuthorized):
            toolkit.get_action("territoire_contribution_list")({"user": user}, asked)


@pytest.mark.parametrize("state", ["refused", "dropped"])
def test_what_is_refused_or_dropped_is_shown_nowhere(app: Any, state: str, sink: Sink) -> None:
    made = ask()
    decide(made["id"], state, "Hors sujet.", user="mairie")
    assert titles() == []
    assert Browser(app).open(f"/questions/{made['id']}").status == 404
    assert len(sink.letters) == (1 if state == "refused" else 0)


def test_the_questions_on_a_hidden_dataset_are_hidden_with_it(app: Any) -> None:
    made = ask()
    decide(made["id"], "answered", "Oui.", user="mairie")
    assert titles(dataset="arbres") == [TITLE]
    act("package_patch", id="arbres", private=True)
    try:
        assert titles() == titles(dataset="arbres") == []
        assert Browser(app).open(f"/questions/{made['id']}").status == 404
        assert Browser(app).open("/questions/poser?jeu=arbres").status == 404
    finally:
        act("package_patch", id="arbres", private=False)


def test_what_waits_is_told_to_the_commune_and_stands_in_its_letter() -> None:
    ask()
    ask(title="Et les haies ?")
    found = [s for s in read_standing(datetime.now(UTC)).standing if s.kind is Kind.CONTRIBUTION]
    [standing] = found
    owner = publishers.find("acigne")
    assert owner is not None
    assert (standing.org_id, standing.facts["count"]) == (owner.id, 2)
    assert standing.facts["path"] == "/pilotage/contributions?pour=acigne"


@pytest.mark.parametrize(
    "address",
    [
        "/questions/poser?jeu=licorne",
        "/questions?jeu=licorne",
        "/questions/00000000-0000-0000-0000-000000000000",
    ],
)
def test_what_is_asked_of_nothing_is_no_page(app: Any, address: str) -> None:
    assert Browser(app).open(address).status == 404


@pytest.mark.parametrize(
    "sent",
    ["<script>alert(1)</script>", "[x](javascript:alert(1))", "<img src=x onerror=alert(1)>",
     '"><svg onload=alert(1)>', "{{ 7*7 }}", "a\0b\ud800"],
)  # fmt: skip
def test_what_a_reader_writes_is_text_on_every_page(app: Any, sent: str) -> None:
    made = ask(title=f"Question {sent}"[:120], body=sent, author=sent)
    decide(made["id"], "answered", sent, user="mairie")
    officer = Browser(app)
    officer.log_in("agent")
    for browser, address in (
        (Browser(app), f"/questions/{made['id']}"), (Browser(app), "/questions"),
        (Browser(app), "/dataset/arbres"), (officer, "/pilotage/contributions"),
    ):  # fmt: skip
        page = browser.open(address)
        assert page.status == 200, address
        main = page.tree.xpath("//main")[0]
        assert not main.xpath(".//script | .//svg[@onload] | .//img[@onerror]")
        assert not main.xpath(".//a[starts-with(@href, 'javascript:')]")
        assert "49" not in text(page).split()
