"""Around every answer of the API: quotas by address and by key, CORS, compression, one error."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit
from redis.exceptions import ConnectionError as Away

from ckanext.territoire.api import quota
from ckanext.territoire.api.actions import ACTIONS
from tests.ckan.conftest import act
from tests.ckan.parking_rows import SLUG
from tests.ckan.test_delivery import deposit  # noqa: F401 (a fixture)
from tests.ckan.test_rows_api import (  # noqa: F401 (fixtures)
    READY,
    ROOT,
    ROWS,
    communes,
    error,
    same_parks,
)

OWN = "ckanext.territoire.api.anonymous_per_minute"
BY_KEY = "ckanext.territoire.api.key_per_minute"
pytestmark = pytest.mark.usefixtures("same_parks", "no_count")


@pytest.fixture
def no_count(with_plugins: Any) -> None:
    """Forget what was counted."""
    redis: Any = connect_to_redis()
    for key in redis.scan_iter("territoire:*:quota:*"):
        redis.delete(key)


@pytest.fixture
def key(with_plugins: Any) -> str:
    """A key of somebody."""
    name = "editrice"
    if name not in act("user_list", all_fields=False):
        act("user_create", name=name, email="editrice@mairie.example", password="un-mot-de-passe")
    told = act("api_token_create", user=name, name="programme")
    return str(told["token"])


def test_an_address_that_calls_too_often_is_told_when_to_come_back(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(toolkit.config, OWN, 2)
    first = app.get(ROWS)
    assert first.headers["RateLimit-Policy"] == '"adresse";q=2;w=60'
    assert first.headers["RateLimit"].startswith('"adresse";r=1;t=')
    app.get(ROWS)

    answer = app.get(ROWS, status=429)
    assert answer.json["error"]["code"] == "TER-API-179"
    assert 0 < int(answer.headers["Retry-After"]) <= 120
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    app.get(ROWS, headers={"X-Forwarded-For": "192.0.2.7"})


def test_a_key_has_its_own_quota(app: Any, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(toolkit.config, OWN, 1)
    monkeypatch.setitem(toolkit.config, BY_KEY, 50)
    app.get(ROWS)
    app.get(ROWS, status=429)
    for written in (key, f"Bearer {key}"):
        answer = app.get(ROWS, headers={"Authorization": written})
        assert answer.headers["RateLimit-Policy"] == '"cle";q=50;w=60'
        assert answer.headers["Cache-Control"].startswith("private")


def test_a_key_that_is_not_ours_is_refused_and_access_without_it_stays(app: Any, key: str) -> None:
    for wrong in ("hier", f"Bearer {key}x", "Bearer ", "é\x7f"):
        answer = app.get(ROWS, headers={"Authorization": wrong}, status=401)
        assert answer.json["error"]["code"] == "TER-API-178"
        assert "Bearer" in answer.headers["WWW-Authenticate"]
    app.get(ROWS, headers={"Authorization": "Basic dHV0dTp0b3Rv"})
    act("api_token_revoke", token=key)
    app.get(ROWS, headers={"Authorization": key}, status=401)
    app.get(ROWS)


def test_without_redis_everybody_is_let_through(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Any:
        raise Away

    monkeypatch.setattr(quota, "connect_to_redis", away)
    monkeypatch.setitem(quota._LEFT_ALONE, "until", 0.0)
    monkeypatch.setitem(toolkit.config, OWN, 1)
    for _ in range(3):
        assert "RateLimit" not in app.get(ROWS).headers


def test_redis_keeps_no_address(app: Any) -> None:
    app.get(ROWS, headers={"X-Forwarded-For": "192.0.2.9"})
    redis: Any = connect_to_redis()
    kept = list(redis.scan_iter("territoire:*:quota:*"))
    assert kept
    assert not any(b"192.0.2.9" in name for name in kept)
    assert all(0 < redis.ttl(name) <= 120 for name in kept)


def test_any_site_may_ask(app: Any) -> None:
    asked = {"Origin": "https://autre.example", "Access-Control-Request-Method": "GET",
             "Access-Control-Request-Headers": "authorization"}  # fmt: skip
    answer = app.options(ROWS, headers=asked)
    assert answer.status_code in (200, 204)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "GET" in answer.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "ETag" in app.get(ROWS).headers["Access-Control-Expose-Headers"]
    for action in ACTIONS:
        answer = app.get(
            action.path, headers={"Origin": "https://autre.example"}, expect_errors=True
        )
        assert answer.headers["Access-Control-Allow-Origin"] == "*", action.path
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_long_answer_is_compressed_for_whom_takes_it(app: Any) -> None:
    plain = app.get(ROWS)
    packed = app.get(ROWS, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.get_data())) == plain.json
    assert "Accept-Encoding" in packed.headers["Vary"]
    whole = app.get(f"{ROOT}/{SLUG}.csv", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(whole.get_data()) == app.get(f"{ROOT}/{SLUG}.csv").get_data()
    assert whole.headers["ETag"] != app.get(f"{ROOT}/{SLUG}.csv").headers["ETag"]
    assert (
        "Content-Encoding"
        not in app.get(f"{ROOT}/{SLUG}.parquet", headers={"Accept-Encoding": "gzip"}).headers
    )


def test_the_head_of_an_answer_may_be_asked_alone(app: Any) -> None:
    answer = app.test_client().head(ROWS)
    assert (answer.status_code, answer.get_data()) == (200, b"")
    assert answer.headers["ETag"] == app.get(ROWS).headers["ETag"]


def test_no_cookie_is_set(app: Any) -> None:
    assert "Set-Cookie" not in app.get(ROWS).headers


def test_an_address_or_a_method_that_does_not_exist_is_said_in_the_one_shape(app: Any) -> None:
    for odd in ("", "/", "/rien/du/tout", "/tables/a/rows/b%0Ac", "/tables//rows"):
        assert error(app, f"/api/territoire/v1{odd}", 404)["code"].startswith("TER-API-1")
    client = app.test_client()
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = client.open(ROWS, method=method)
        assert answer.status_code == 405
        assert answer.json["error"]["code"] == "TER-API-180"
        assert "GET" in answer.headers["Allow"]
