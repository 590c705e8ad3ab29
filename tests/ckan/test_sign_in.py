"""Who guesses passwords is slowed down, without closing the door to the owner of the account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit
from ckan.tests import factories
from lxml import html

from ckanext.territoire.security import sign_in
from tests.ckan.mail_sink import receiving

PASSWORD = "Un-bon-mot-de-passe-1"


@pytest.fixture
def account(clean: None) -> Iterator[str]:
    """An account, and no failure counted."""
    redis: Any = connect_to_redis()

    def forget() -> None:
        site = toolkit.config["ckan.site_id"]
        for key in redis.scan_iter(f"territoire:{site}:signin:*"):
            redis.delete(key)

    forget()
    yield str(factories.User(name="redactrice", password=PASSWORD)["name"])
    forget()


def client_of(app: Any, address: str = "127.0.0.1") -> Any:
    client = app.test_client(use_cookies=True)
    client.environ_base = {**client.environ_base, "REMOTE_ADDR": address}
    return client


def send(client: Any, path: str, **typed: str) -> Any:
    """Send the form of a page, its token included."""
    page = html.fromstring(client.get(path).get_data(as_text=True))
    token = page.xpath('//input[@name="_csrf_token"]/@value')[0]
    typed = typed | {"_csrf_token": token}
    return client.post(path, data=typed, follow_redirects=False)


def try_in(app: Any, name: str, password: str, address: str = "127.0.0.1") -> Any:
    return send(client_of(app, address), "/user/login", login=name, password=password)


def test_the_sixth_try_of_a_pair_waits_even_with_the_right_password(app: Any, account: str) -> None:
    for _ in range(5):
        assert try_in(app, account, "faux").status_code == 200

    refused = try_in(app, account, PASSWORD)

    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= sign_in.PAIR.window_s
    assert "Trop d’essais" in refused.get_data(as_text=True)


def test_the_owner_comes_in_from_elsewhere_all_the_same(app: Any, account: str) -> None:
    for _ in range(6):
        try_in(app, account, "faux", address="203.0.113.7")

    assert try_in(app, account, PASSWORD, address="203.0.113.8").status_code == 302


def test_one_address_does_not_try_every_account(app: Any, account: str) -> None:
    for n in range(sign_in.ADDRESS.tries):
        try_in(app, f"compte-{n}", "faux")

    assert try_in(app, account, PASSWORD).status_code == 429


def test_letters_for_a_new_password_are_counted(
    app: Any, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(app)
    with receiving(monkeypatch):
        codes = [send(client, "/user/reset", user=account).status_code for _ in range(7)]
    assert codes[-1] == 429
    assert codes[0] != 429


def test_redis_keeps_no_name_and_no_address(app: Any, account: str) -> None:
    try_in(app, account, "faux", address="203.0.113.7")

    keys = [key.decode() for key in connect_to_redis().scan_iter("territoire:*:signin:*")]
    assert len(keys) == 3
    assert not any(account in key or "203.0" in key for key in keys)


def test_the_session_changes_at_sign_in(app: Any, account: str) -> None:
    client = client_of(app)
    name = toolkit.config["SESSION_COOKIE_NAME"]
    client.get("/user/login")
    before = client.get_cookie(name, "127.0.0.1")
    answer = send(client, "/user/login", login=account, password=PASSWORD)

    after = client.get_cookie(name, "127.0.0.1")
    assert answer.status_code == 302
    assert before
    assert after
    assert after.value != before.value
