"""Tokens of accounts: each ends, is kept as a hash, and reaches no log."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from ckan import model
from ckan.lib import api_token
from ckan.plugins import toolkit
from sqlalchemy import text

from ckanext.territoire.security import tokens
from tests.ckan.conftest import act

NAME = "programmeuse"
MINE = f"/api/3/action/api_token_list?user_id={NAME}"
migration = importlib.import_module(
    "ckanext.territoire.migration.territoire.versions.0016_tokens_end"
)


@pytest.fixture
def owner(with_plugins: Any) -> Iterator[str]:
    """Somebody with an account and no token."""
    if model.User.get(NAME) is None:
        act("user_create", name=NAME, email="programmeuse@exemple.fr", password="un-mot-de-passe")
    erase()
    yield NAME
    erase()


def erase() -> None:
    model.Session.rollback()
    model.Session.execute(text("DELETE FROM api_token"))
    model.Session.commit()


def make(**asked: Any) -> dict[str, Any]:
    made: dict[str, Any] = toolkit.get_action("api_token_create")(
        {"user": NAME}, {"user": NAME, "name": "Relevés", **asked}
    )
    return made


def inside(token: str) -> dict[str, Any]:
    """What a token says, read without the secret as its owner could."""
    told: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return told


def status(app: Any, token: str) -> int:
    """What the list of tokens answers to a token, that nobody else may read."""
    return int(app.get(MINE, headers={"Authorization": token}).status_code)


def days_left(token: str) -> int:
    left = datetime.fromtimestamp(inside(token)["exp"], UTC) - datetime.now(UTC)
    return round(left / timedelta(days=1))


def test_a_token_ends_after_a_year_unless_its_owner_says_otherwise(app: Any, owner: str) -> None:
    assert days_left(make()["token"]) == 365
    assert days_left(make(territoire_days=30)["token"]) == 30
    assert days_left(make(territoire_days="730")["token"]) == 730
    told = app.get(MINE, headers={"Authorization": make()["token"]}).json["result"]
    assert len(told) == 4
    assert all(each["expires_at"] and not each["had_no_end"] for each in told)


@pytest.mark.parametrize("asked", [
    {"territoire_days": 731}, {"territoire_days": 0}, {"territoire_days": -1},
    {"territoire_days": "toujours"}, {"territoire_days": "9" * 30},
    {"territoire_days": 366, "territoire_scope": "read"},
])  # fmt: skip
def test_a_token_of_too_many_days_is_refused(owner: str, asked: dict[str, Any]) -> None:
    with pytest.raises(toolkit.ValidationError, match="TER-API-230"):
        make(**asked)
    assert model.Session.query(model.ApiToken).count() == 0


def test_a_setting_shortens_the_life_of_tokens_but_never_lengthens_it(
    owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(toolkit.config, "ckanext.territoire.token.days", 90)
    assert days_left(make()["token"]) == 90
    monkeypatch.setitem(toolkit.config, "ckanext.territoire.token.days", 10_000)
    with pytest.raises(toolkit.ValidationError, match="730"):
        make(territoire_days=731)


def test_a_token_opens_alone_and_after_bearer(app: Any, owner: str) -> None:
    token = make()["token"]
    for told in (token, f"Bearer {token}", f"bearer   {token} "):
        assert status(app, told) == 200
    assert status(app, f"Basic {token}") == 403


def test_a_stolen_database_gives_no_token_even_with_the_secret_of_the_site(
    app: Any, owner: str
) -> None:
    token = make()["token"]
    stored = "".join(model.Session.execute(text("SELECT t::text FROM api_token t")).scalars())
    assert inside(token)["jti"] not in stored

    [kept] = model.Session.execute(text("SELECT id FROM api_token")).scalars()
    assert kept in stored
    forged = api_token.encode_token({"jti": kept, "exp": inside(token)["exp"]})
    assert status(app, forged) == 403
    assert status(app, token) == 200


def test_a_token_ends_in_the_database_too(app: Any, owner: str) -> None:
    made = make()
    kept = model.ApiToken.get(made["id"])
    kept.set_extra("territoire", {"expires_at": "2020-01-01T00:00:00"}, commit=True)
    assert status(app, made["token"]) == 403
    kept.set_extra("territoire", {}, commit=True)
    assert status(app, made["token"]) == 403

    running = make()
    kept.set_extra("territoire", {"expires_at": "2020-01-01T00:00:00"}, commit=True)
    assert tokens.forget_expired(30) == 1
    assert status(app, running["token"]) == 200


def test_the_end_that_stands_in_a_token_is_kept_to(app: Any, owner: str) -> None:
    told = inside(make()["token"])
    late = api_token.encode_token(told | {"exp": int(datetime.now(UTC).timestamp()) - 5})
    assert status(app, late) == 403
    assert status(app, api_token.encode_token(told)) == 200


def test_tokens_made_before_go_on_and_end_on_a_day_that_their_owner_reads(
    app: Any, owner: str
) -> None:
    user = model.User.get(NAME)
    add = "INSERT INTO api_token (id, name, user_id, created_at) VALUES (:id, 'Ancien', :user, :at)"
    told = {"id": "ancien-identifiant", "user": user.id, "at": datetime(2024, 5, 1)}
    model.Session.execute(text(add), told)
    key = {"territoire": {"scope": "read", "expires_at": "2027-01-01T00:00:00"}}
    model.Session.execute(text(add), told | {"id": "ancienne-cle"})
    model.Session.query(model.ApiToken).filter_by(id="ancienne-cle").update({"plugin_extras": key})
    model.Session.commit()
    model.Session.execute(text(migration.TOKENS))
    model.Session.commit()

    old = api_token.encode_token({"jti": "ancien-identifiant", "iat": 1_714_521_600})
    listed = app.get(MINE, headers={"Authorization": old}).json["result"]
    named = {each["id"]: each for each in listed}
    ending = named[tokens.hashed("ancien-identifiant")]
    left = datetime.fromisoformat(ending["expires_at"]) - datetime.now(UTC).replace(tzinfo=None)
    assert (ending["had_no_end"], 178 < left.days < 186) == (True, True)
    assert named[tokens.hashed("ancienne-cle")]["expires_at"] == "2027-01-01T00:00:00"
    page = app.get(f"/user/{NAME}/api-tokens", headers={"Authorization": old}).body
    assert "1 jeton a été créé sans date de fin" in page.replace("\xa0", " ").replace("\u202f", " ")
    assert toolkit.h.territoire_day(ending["expires_at"]) in page


@pytest.mark.parametrize("way", ["token", "jti"])
def test_a_token_is_revoked_by_itself_or_by_what_the_list_calls_it(
    app: Any, owner: str, way: str
) -> None:
    made = make()
    asked = {"token": f"Bearer {made['token']}"} if way == "token" else {"jti": made["id"]}
    toolkit.get_action("api_token_revoke")({"user": NAME}, asked)
    assert status(app, made["token"]) == 403


def test_what_is_sent_as_a_token_reaches_no_log(
    app: Any, owner: str, caplog: pytest.LogCaptureFixture
) -> None:
    token = make()["token"]
    ended = api_token.encode_token(inside(token) | {"exp": 1})
    sent = [
        token, f"Bearer {token}", f"Bearer {ended}", token[:-3], "Bearer secret-en-clair-1234",
        "secret-en-clair-1234", "Basic c2VjcmV0OmVuLWNsYWly", f"{token}.{token}", "é" * 12,
    ]  # fmt: skip
    caplog.set_level(logging.DEBUG)
    for name in ("ckan", "ckanext", "ckan.config.middleware.flask_app", "ckan.lib.api_token"):
        caplog.set_level(logging.DEBUG, name)
        logging.getLogger(name).propagate = True
    for each in sent:
        told = {"Authorization": each.encode().decode("latin-1")}
        for path in (MINE, "/", "/api/territoire/v1/tables", "/nulle-part", "/api/3/action/rien"):
            app.get(path, headers=told)
        app.post("/api/3/action/api_token_revoke", json={"token": each}, headers=told)

    written = caplog.text
    pieces = [each.removeprefix("Bearer ").removeprefix("Basic ") for each in sent]
    for each in pieces:
        assert not [at for at in range(len(each) - 7) if each[at : at + 8] in written]
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []
