"""A form of sign-in that holds nothing, or nothing readable, gets a page in French and no error."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ckan.mail_sink import receiving
from tests.ckan.test_every_post import token_of
from tests.ckan.test_sign_in import PASSWORD, account, client_of, send

__all__ = ["account"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Écrivez votre identifiant"),
        ({"login": "", "password": ""}, "Écrivez votre identifiant"),
        ({"login": "redactrice"}, "Écrivez votre identifiant"),
        ({"password": PASSWORD}, "Écrivez votre identifiant"),
        ({"login": "redactrice\0", "password": PASSWORD}, "ne peut pas s’y trouver"),
        ({"login": "redactrice", "password": PASSWORD, "remember": "²"}, "ne peut pas s’y trouver"),
        ({"login": "redactrice", "password": PASSWORD, "remember": "an"}, "ne peut pas s’y"),
    ],
)
def test_a_form_that_cannot_be_read_is_answered(
    app: Any, account: str, typed: dict[str, str], said: str
) -> None:
    answer = send(client_of(app), "/user/login", **typed)

    assert answer.status_code == 400
    assert said in answer.get_data(as_text=True)


def test_the_right_form_signs_in(app: Any, account: str) -> None:
    answer = send(client_of(app), "/user/login", login=account, password=PASSWORD)
    assert answer.status_code == 302


def test_without_mail_an_account_and_an_unknown_one_get_the_same_page(
    app: Any, account: str
) -> None:
    client = client_of(app)
    assert "n’envoie pas de courriel" in client.get("/user/reset").get_data(as_text=True)

    told = []
    for name in (account, "personne"):
        token = token_of(client, "/user/login")
        typed = {"user": name, "_csrf_token": token}
        answer = client.post("/user/reset", data=typed, follow_redirects=False)
        told.append((answer.status_code, answer.get_data(as_text=True).replace(token, "")))
    assert told[0][0] == 503
    assert told[0] == told[1]


def test_with_mail_the_letter_leaves(
    app: Any, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving(monkeypatch) as sink:
        assert send(client_of(app), "/user/reset", user=account).status_code == 302
        assert len(sink.letters) == 1


def test_a_name_that_no_account_can_have_is_answered(
    app: Any, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving(monkeypatch):
        assert send(client_of(app), "/user/reset", user="a\0b").status_code == 302
