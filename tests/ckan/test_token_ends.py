"""Whoever has a token or a key of the API is told, by a real mail, that it ends: twice at most."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import text

from ckanext.territoire.notices import choices, worker
from ckanext.territoire.notices.model import ENDS
from ckanext.territoire.security.token_ends import tell_of_ends
from tests.ckan.mail_sink import Sink, receiving
from tests.ckan.test_tokens import NAME, erase, make, owner

__all__ = ["owner"]
SOON = {"territoire_days": 60}


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch, owner: str) -> Iterator[Sink]:
    with receiving(monkeypatch) as served:
        yield served


def in_days(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def noted() -> list[tuple[int, bool]]:
    """The delays that were told, and whether their mail has left."""
    query = "SELECT days, sent_at IS NOT NULL AS is_sent FROM territoire_token_mail ORDER BY days"
    model.Session.rollback()
    return [(row.days, row.is_sent) for row in model.Session.execute(text(query))]


def test_a_token_is_told_of_thirty_and_seven_days_before_its_end_once_each(sink: Sink) -> None:
    make(**SOON)
    sent = [tell_of_ends(in_days(day)) for day in (0, 29, 31, 31, 40, 52, 54, 54, 59, 61)]
    assert sent == [0, 0, 1, 0, 0, 0, 1, 0, 0, 0]
    assert sink.recipients == [["programmeuse@exemple.fr"]] * 2
    assert noted() == [(7, True), (30, True)]


def test_the_mail_says_which_when_and_where_to_make_another(app: Any, sink: Sink) -> None:
    make(**SOON)
    tell_of_ends(in_days(31))
    said = sink.text()
    assert "Votre jeton de l’API « Relevés » se termine le" in said
    assert "Relevés" in sink.letters[0]["Subject"]
    page = f"/user/{NAME}/api-tokens"
    assert f"{toolkit.config['ckan.site_url']}{page}" in said
    assert app.get(page, follow_redirects=False).status_code == 403  # there, for its owner


def test_a_key_is_told_of_with_the_page_of_keys(app: Any, sink: Sink) -> None:
    make(territoire_scope="read", **SOON)
    tell_of_ends(in_days(31))
    assert "Votre clé de l’API « Relevés » se termine le" in sink.text()
    assert f"{toolkit.config['ckan.site_url']}/developpeurs/cles" in sink.text()
    assert app.get("/developpeurs/cles", follow_redirects=False).status_code != 404


def test_a_token_made_for_less_than_a_delay_is_not_told_of_it(sink: Sink) -> None:
    make(territoire_days=30)
    assert tell_of_ends(in_days(0)) == 0
    assert tell_of_ends(in_days(24)) == 1
    assert noted() == [(7, True)]


def test_a_mail_that_was_cut_leaves_under_its_first_name(sink: Sink) -> None:
    make(**SOON)
    sink.answer = "451 later"
    assert tell_of_ends(in_days(31)) == 0
    assert noted() == [(30, False)]
    first = model.Session.execute(text("SELECT mail_id FROM territoire_token_mail")).scalar_one()
    sink.answer = "250 OK"
    assert tell_of_ends(in_days(31)) == 1
    assert first in sink.letters[0]["Message-ID"]
    assert noted() == [(30, True)]


def test_a_token_that_was_revoked_and_an_owner_who_does_not_want_to_know_are_not_told(
    app: Any, sink: Sink
) -> None:
    make(**SOON)
    user = model.User.get(NAME)
    choices.set_mutes(user.id, {ENDS})
    assert tell_of_ends(in_days(31)) == 0
    choices.set_mutes(user.id, set())
    erase()
    assert tell_of_ends(in_days(31)) == 0


def test_an_owner_leaves_these_mails_in_one_click(app: Any, sink: Sink) -> None:
    make(**SOON)
    tell_of_ends(in_days(31))
    leave = sink.letters[0]["List-Unsubscribe"].strip("<>").split("/avis/")[1]
    app.post(f"/avis/{leave}", data={"List-Unsubscribe": "One-Click"})
    user = model.User.get(NAME)
    assert choices.mutes_of(user.id) == {ENDS}
    choices.set_mutes(user.id, set())


def test_the_look_of_every_few_minutes_tells_of_it(sink: Sink) -> None:
    made = make(**SOON)
    token = model.ApiToken.get(made["id"])
    token.created_at -= timedelta(days=50)
    ends = in_days(5).replace(tzinfo=None, microsecond=0)
    token.set_extra("territoire", {"expires_at": ends.isoformat()}, commit=True)
    worker.look_now()
    assert ["programmeuse@exemple.fr"] in sink.recipients
