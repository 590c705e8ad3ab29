"""Keys of developers: made alone, shown once, they read what is public, end, and are counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit
from redis.connection import AbstractConnection
from sqlalchemy import text

from ckanext.territoire.developers import calls_store, keys, uses
from ckanext.territoire.developers.calls import calls_key
from ckanext.territoire.security import tokens
from ckanext.territoire.usage.batches import TAKEN
from ckanext.territoire.usage.count import waiting_key
from tests.ckan.conftest import act
from tests.ckan.parking_rows import SLUG
from tests.ckan.test_delivery import deposit  # noqa: F401 (a fixture)
from tests.ckan.test_rows_api import (  # noqa: F401 (fixtures)
    ROOT,
    ROWS,
    communes,
    no_quota,
    same_parks,
)

NAME = "jeune-pousse"
CURL = {"User-Agent": "curl/8.5.0"}
pytestmark = pytest.mark.usefixtures("same_parks")


@pytest.fixture
def owner(with_plugins: Any) -> Iterator[str]:
    """Somebody with an account and no role, who has no key yet."""
    if model.User.get(NAME) is None:
        act("user_create", name=NAME, email="pousse@exemple.fr", password="un-mot-de-passe")
    forget_counts()
    yield NAME
    for each in keys.keys_of(model.User.get(NAME).id):
        model.ApiToken.revoke(each.id)
    forget_counts()


def forget_counts() -> None:
    redis: Any = connect_to_redis()
    for name in redis.scan_iter(calls_key()):
        redis.delete(name)
    for table in ("territoire_column_use", "territoire_key_call"):
        model.Session.execute(text(f"DELETE FROM {table}"))
    model.Session.commit()


def as_owner(action: str, **data: Any) -> Any:
    return toolkit.get_action(action)({"user": NAME}, data)


def with_key(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", **CURL}


def test_a_key_is_shown_once_and_ends(app: Any, owner: str) -> None:
    made = as_owner("territoire_key_create", name="Carte des parkings", days=30)
    app.get(ROWS, headers=with_key(made["token"]))
    [listed] = as_owner("territoire_key_list")
    assert (listed["name"], listed["is_expired"]) == ("Carte des parkings", False)
    assert made["token"] not in str(listed)
    stored = model.Session.execute(text("SELECT t::text FROM api_token t")).scalars().all()
    assert not any(made["token"] in row for row in stored)

    ended = "'{territoire,expires_at}', '\"2020-01-01T00:00:00\"'"
    model.Session.execute(
        text(f"UPDATE api_token SET plugin_extras = jsonb_set(plugin_extras, {ended})")
    )
    model.Session.commit()
    assert as_owner("territoire_key_list")[0]["is_expired"]
    assert tokens.forget_expired(30) == 1
    app.get(ROWS, headers=with_key(made["token"]), status=401)


def test_a_key_whose_end_is_past_is_refused(
    app: Any, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "ckanext.territoire.security.tokens.api_token.into_seconds", lambda _: 1_000_000
    )
    made = as_owner("territoire_key_create", name="Vieille")
    answer = app.get(ROWS, headers=with_key(made["token"]), status=401)
    assert answer.json["error"]["code"] == "TER-API-178"


def test_a_key_reads_what_is_public_and_nothing_else_whoever_owns_it(app: Any, owner: str) -> None:
    """Its owner may do everything; their key is a visitor."""
    act("user_patch", id=NAME, sysadmin=True)
    try:
        token = as_owner("territoire_key_create", name="Lecture")["token"]
        asked = {"name": "pirate", "title": "Pirate"}
        for header in (token, f"Bearer {token}"):
            given = {"Authorization": header}
            app.post("/api/3/action/organization_create", json=asked, headers=given, status=403)
            answer = app.get("/api/3/action/territoire_key_list", headers=given, status=403)
            assert answer.json["success"] is False
        assert "pirate" not in act("organization_list")

        act("package_patch", id=SLUG, private=True)
        app.get(ROWS, headers=with_key(token), status=404)
        app.get(f"/dataset/{SLUG}", headers={"Authorization": token}, status=404)
    finally:
        act("package_patch", id=SLUG, private=False)
        act("user_patch", id=NAME, sysadmin=False)


def test_a_shared_cache_may_keep_what_a_key_reads(app: Any, owner: str) -> None:
    token = as_owner("territoire_key_create", name="Cache")["token"]
    answer = app.get(ROWS, headers=with_key(token))
    assert answer.headers["Cache-Control"].startswith("public")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"name": " "}, "TER-API-229"),
        ({"name": "a" * 61}, "TER-API-229"),
        ({"name": "a", "days": 0}, "TER-API-230"),
        ({"name": "a", "days": "hier"}, "TER-API-230"),
        ({"name": "a", "days": 10_000}, "TER-API-230"),
    ],
)
def test_a_key_without_a_name_or_an_end_is_refused(
    owner: str, asked: dict[str, Any], code: str
) -> None:
    if asked.get("days") == 0:
        asked = asked | {"days": "0"}
    with pytest.raises(toolkit.ValidationError) as refused:
        as_owner("territoire_key_create", **asked)
    assert code in str(refused.value.error_dict)


def test_an_account_has_so_many_keys_and_revokes_its_own_alone(
    app: Any, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(toolkit.config, "ckanext.territoire.key.each", 1)
    made = as_owner("territoire_key_create", name="Une")
    with pytest.raises(toolkit.ValidationError, match="TER-API-228"):
        as_owner("territoire_key_create", name="Deux")
    if model.User.get("voisin") is None:
        act("user_create", name="voisin", email="voisin@exemple.fr", password="un-mot-de-passe")
    with pytest.raises(toolkit.ObjectNotFound, match="TER-API-227"):
        toolkit.get_action("territoire_key_revoke")({"user": "voisin"}, {"id": made["id"]})

    as_owner("territoire_key_revoke", id=made["id"])
    app.get(ROWS, headers=with_key(made["token"]), status=401)
    assert as_owner("territoire_key_list") == []


def test_an_officer_gives_one_key_a_larger_quota(
    app: Any, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(toolkit.config, "ckanext.territoire.api.key_per_minute", 50)
    one = as_owner("territoire_key_create", name="Une")
    other = as_owner("territoire_key_create", name="Autre")
    as_owner("territoire_key_ask", id=one["id"], per_minute="600", why="Beaucoup de monde")
    [first, *_] = act("territoire_key_all")
    assert (first["id"], first["wish"]["per_minute"]) == (one["id"], 600)
    assert first["email"] == "pousse@exemple.fr"
    with pytest.raises(toolkit.NotAuthorized):
        as_owner("territoire_key_answer", id=one["id"], per_minute=600)

    act("territoire_key_answer", id=one["id"], per_minute="600")
    policies = [
        app.get(ROWS, headers=with_key(each["token"])).headers["RateLimit-Policy"]
        for each in (one, other)
    ]
    assert policies == ['"cle";q=600;w=60', '"cle";q=50;w=60']
    told = {each["name"]: each for each in as_owner("territoire_key_list")}
    assert told["Une"]["wish"] is None
    assert (told["Une"]["left"], told["Autre"]["left"]) == (599, 49)

    act("territoire_key_answer", id=one["id"], per_minute="0")
    assert as_owner("territoire_key_list")[-1]["per_minute"] == 50


def test_calls_are_counted_by_key_and_by_column_once(app: Any, owner: str) -> None:
    token = as_owner("territoire_key_create", name="Compte")["token"]
    given = with_key(token)
    app.get(f"{ROWS}?fields=nom,nb_places&sort=-nb_places", headers=given)
    app.get(f"{ROWS}?gratuit=true&group_by=insee&sum=nb_pmr", headers=given)
    app.get(f"{ROWS}?nom__contains=a", headers=given)  # all columns, of which one is named
    app.get(f"{ROOT}/{SLUG}.csv", headers=given)
    app.get(f"{ROWS}?colonne_inconnue=1", headers=given, status=400)
    app.get(f"{ROWS}?fields=nom", headers=CURL)
    app.get(f"{ROWS}?fields=nom", headers={"User-Agent": "Googlebot/2.1"})

    assert calls_store.store_calls() == 5
    assert calls_store.store_calls() == 0
    told = uses.use_of_table(SLUG)
    named = {name: (each.keys, each.calls, each.others) for name, each in told.columns.items()}
    assert named == {
        "nom": (1, 2, 1),
        "nb_places": (1, 1, 0),
        "gratuit": (1, 1, 0),
        "insee": (1, 1, 0),
        "nb_pmr": (1, 1, 0),
    }
    assert (told.whole.keys, told.whole.calls) == (1, 2)
    [listed] = as_owner("territoire_key_list")
    assert listed["total"] == 5
    assert listed["calls"][-1]["calls"] == 5
    assert listed["used_at"] is not None


def test_all_that_a_call_counts_for_leaves_in_one_round_trip(
    app: Any, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = as_owner("territoire_key_create", name="Carte")["token"]
    sent: list[bytes] = []
    really = AbstractConnection.send_packed_command

    def hear(self: Any, command: Any, *args: Any, **options: Any) -> Any:
        sent.append(b"".join([command] if isinstance(command, bytes) else command))
        return really(self, command, *args, **options)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", hear)
    app.get(f"{ROWS}?gratuit=true", headers=with_key(token) | CURL)

    [counted] = [each for each in sent if b"HINCRBY" in each]
    for key in (calls_key(), waiting_key()):
        assert key.removesuffix("*").encode() in counted


def test_who_does_not_publish_is_not_told_who_uses_what(owner: str) -> None:
    with pytest.raises(toolkit.NotAuthorized):
        as_owner("territoire_column_use_show", id=SLUG)
    told = act("territoire_column_use_show", id=SLUG)
    assert {each["column"] for each in told["columns"]} >= {"nom", "nb_places"}


def test_a_batch_of_calls_whose_process_died_is_stored_once(app: Any, owner: str) -> None:
    made = as_owner("territoire_key_create", name="Coupée")
    app.get(ROWS, headers=with_key(made["token"]))
    redis: Any = connect_to_redis()
    [waiting] = redis.scan_iter(calls_key())
    redis.rename(waiting, f"{waiting.decode()}{TAKEN}coupe")
    counted = redis.hgetall(f"{waiting.decode()}{TAKEN}coupe")
    assert calls_store.store_calls() == 1
    for name, number in counted.items():  # as if it had died before it dropped the batch
        redis.hset(f"{waiting.decode()}{TAKEN}coupe", name, number)
    assert calls_store.store_calls() == 0
    assert as_owner("territoire_key_list")[0]["total"] == 1


def test_a_key_that_is_no_more_breaks_nothing_and_its_counts_are_erased(
    app: Any, owner: str
) -> None:
    made = as_owner("territoire_key_create", name="Partie")
    app.get(f"{ROWS}?fields=nom", headers=with_key(made["token"]))
    calls_store.store_calls()
    assert uses.keys_using(SLUG, "nom") == 1
    assert uses.owners_using(SLUG, "nb_places") == []
    as_owner("territoire_key_revoke", id=made["id"])
    assert uses.keys_using(SLUG, "nom") == 0
    assert calls_store.forget_calls(400) == 2
