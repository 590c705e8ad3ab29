"""A commune says what it wishes that somebody made with its data; somebody takes it up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit

from ckanext.territoire.community import challenge_store, queue
from tests.ckan import contribution_rows as rows
from tests.ckan.contribution_rows import accepted, challenge, decide, form_at, own_page, text
from tests.ckan.contribution_site import app, sink
from tests.ckan.form_browser import Browser
from tests.ckan.mail_sink import Sink

SLUG = "trouver-ou-remplir-sa-gourde"
PAGE = f"/defis/{SLUG}"
TAKEN_UP = {
    "title": "Une carte imprimée", "body": "Avec les élèves.", "author": "Classe de CM2",
    "url": "", "email": "ecole@asso.example",
}  # fmt: skip
__all__ = ["app", "sink"]
pytestmark = pytest.mark.usefixtures("sink")


def end_yesterday(challenge_id: str) -> None:
    day = datetime.now(UTC).date() - timedelta(days=2)
    query = "UPDATE territoire_challenge SET until = :day WHERE id::text = :id"
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text(query), {"day": day, "id": challenge_id})


def test_a_clerk_writes_a_challenge_reads_it_again_and_publishes_it(app: Any) -> None:
    clerk = Browser(app)
    clerk.log_in("mairie")
    page = clerk.open("/defis/nouveau?pour=acigne&jeu=arbres")
    page = clerk.send(page, form_at(page, "challenge-form"), {
        "title": "Trouver où remplir sa gourde", "body": "Une **carte**.",
        "contact": "Service eau", "prize": "Une visite",
    })  # fmt: skip
    assert "Brouillon" in text(page)
    assert Browser(app).open(PAGE).status == 404
    assert "Aucun défi ouvert" in text(Browser(app).open("/defis"))
    page = clerk.open(PAGE)
    clerk.send(page, form_at(page, f"{PAGE}/etat"), {}, ("state", "open"))
    shown = text(Browser(app).open(PAGE))
    for told in ("Acigné", "Ouvert jusqu’au", "Service eau", "Une visite", "Arbres des parcs"):
        assert told in shown
    assert "Trouver où remplir sa gourde" in text(Browser(app).open("/dataset/arbres"))


def test_a_challenge_is_withdrawn_and_put_back(app: Any) -> None:
    made = challenge()
    move = toolkit.get_action("territoire_challenge_move")
    move({"user": "mairie"}, {"id": made["id"], "state": "withdrawn"})
    assert Browser(app).open(PAGE).status == 404
    move({"user": "mairie"}, {"id": made["id"], "undo": True})
    assert Browser(app).open(PAGE).status == 200
    with pytest.raises(toolkit.ValidationError, match="TER-PUB-187"):
        move({"user": "mairie"}, {"id": made["id"], "undo": True})


def test_a_visitor_takes_it_up_the_commune_accepts_and_a_reuse_ends_it(
    app: Any, sink: Sink
) -> None:
    made = challenge()
    browser = Browser(app)
    page = browser.open(f"{PAGE}/relever")
    browser.send(page, form_at(page, "attempt-form"), TAKEN_UP)
    page = browser.open(own_page(sink))
    browser.send(page, form_at(page, "/contribution/"), {}, ("act", "confirm"))
    assert "Classe de CM2" not in text(Browser(app).open(PAGE))
    [waiting] = queue.waiting(queue.Wanted()).listed
    decide(waiting.id, "accepted", user="mairie")
    shown = text(Browser(app).open(PAGE))
    assert "Classe de CM2" in shown
    assert "ecole@" not in Browser(app).open(PAGE).text
    accepted(challenge=made["id"])
    assert "Ce qui en est né" in text(Browser(app).open(PAGE))
    found = challenge_store.load(SLUG)
    assert found is not None
    assert (found.attempts, found.reuses) == (1, 1)


def test_after_its_last_day_a_challenge_is_read_and_no_longer_taken_up(app: Any) -> None:
    made = challenge()
    browser = Browser(app)
    page = browser.open(f"{PAGE}/relever")
    end_yesterday(made["id"])
    assert "Terminé le" in text(Browser(app).open(PAGE))
    assert "Défis terminés" in text(Browser(app).open("/defis"))
    assert "il ne peut plus être relevé" in text(browser.open(f"{PAGE}/relever"))
    late = browser.send(page, form_at(page, "attempt-form"), TAKEN_UP)
    assert "ne peut plus être relevé" in text(late)
    assert queue.counts(None) == []


@pytest.mark.parametrize("user", ["", "lectrice", "voisine"])
def test_only_those_who_publish_for_a_commune_set_its_challenges(user: str) -> None:
    made = challenge()
    for action, data in (
        ("create", rows.CHALLENGE | {"organization": "acigne"}),
        ("update", rows.CHALLENGE | {"id": made["id"], "title": "Piraté"}),
        ("move", {"id": made["id"], "state": "withdrawn"}),
        ("move", {"id": made["id"], "undo": True}),
    ):
        with pytest.raises(toolkit.NotAuthorized):
            toolkit.get_action(f"territoire_challenge_{action}")({"user": user}, data)


def test_the_officer_sets_and_changes_the_challenges_of_all() -> None:
    made = challenge()
    data = rows.CHALLENGE | {"id": made["id"], "title": "Autre titre"}
    done = toolkit.get_action("territoire_challenge_update")({"user": "agent"}, data)
    assert (done["title"], done["slug"]) == ("Autre titre", SLUG)


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"title": ""}, "title"), ({"contact": ""}, "contact"), ({"until": "hier"}, "until"),
     ({"until": "2020-01-01"}, "until"), ({"until": "2999-01-01"}, "until"),
     ({"body": "x" * 4001}, "body")],
)  # fmt: skip
def test_what_is_no_challenge_is_refused(typed: dict[str, str], field: str) -> None:
    with pytest.raises(toolkit.ValidationError) as told:
        challenge(**typed)
    assert list(told.value.error_dict) == [field]


def test_feeds_and_list_of_pages_tell_what_is_public_alone(app: Any) -> None:
    challenge()
    accepted(title="La carte & les arbres")
    rows.propose(title="Canari")
    client = app.test_client(use_cookies=False)
    for address, told in (
        ("/flux/reutilisations.atom", "La carte &amp; les arbres"),
        ("/flux/defis.atom", "Trouver où remplir sa gourde"),
        ("/sitemap.xml", PAGE),
        ("/api/territoire/v1/reuses", "La carte & les arbres"),
    ):
        answer = client.get(address)
        body = answer.get_data(as_text=True).encode().decode("unicode_escape", "ignore")
        assert answer.status_code == 200, address
        assert told in body or told in answer.get_data(as_text=True), address
        assert "Canari" not in body


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=a", "offset=-1", "type=licorne"])
def test_a_wrong_parameter_of_the_api_is_told(app: Any, query: str) -> None:
    answer = app.test_client().get(f"/api/territoire/v1/reuses?{query}")
    assert answer.status_code == 400
    assert answer.json["error"]["field"] == query.split("=", maxsplit=1)[0]
