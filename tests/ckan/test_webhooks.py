"""Addresses that asked are told of changes of what is public, from when they were verified."""

from __future__ import annotations

import jsonschema
import pytest
from ckan.plugins import toolkit

from ckanext.territoire.api.told_changes import to_webhooks
from ckanext.territoire.delivery.database import read
from ckanext.territoire.webhooks.worker import deliver_round
from tests.ckan.conftest import act
from tests.ckan.parking_rows import SLUG, deposit, park
from tests.ckan.webhook_receiver import (
    Receiver,
    by,
    dataset,
    due_now,
    receiver,
    subscribe,
)
from tests.unit.loopback import http, serving

__all__ = ["receiver"]


def test_an_address_that_was_not_verified_is_never_sent_anything(receiver: Receiver) -> None:
    by("mairie", "territoire_webhook_create", url=f"http://{receiver.host}/", kind="all")
    dataset("arbres")

    assert deliver_round() == 0
    assert receiver.received == []


@pytest.mark.parametrize("body", ["", "non", '{"challenge": "autre"}', "[" * 9000])
def test_an_address_that_gives_no_word_back_stays_unverified(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    with serving(lambda ask, send: send(http(body.encode()))) as host:
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", host)
        made = by("mairie", "territoire_webhook_create", url=f"http://{host}/", kind="all")
        with pytest.raises(toolkit.ValidationError, match="TER-API-240"):
            by("mairie", "territoire_webhook_verify", id=made["id"])
    assert by("mairie", "territoire_webhook_show", id=made["id"])["state"] == "waiting"


def test_datasets_come_change_and_leave_and_a_hidden_one_is_only_said_to_be_removed(
    receiver: Receiver,
) -> None:
    subscribe(receiver, kind="all")
    trees = dataset("arbres")
    dataset("secret", private=True)
    deliver_round()
    act("package_patch", id="arbres", title="Arbres des parcs")
    deliver_round()
    act("package_patch", id="arbres", private=True, title="Brouillon confidentiel")
    deliver_round()
    act("package_patch", id="arbres", private=False)
    deliver_round()
    act("package_delete", id="arbres")
    deliver_round()

    told = [(each["op"], each["id"]) for got in receiver.received for each in got.changes]
    ops = ("added", "changed", "removed", "added", "removed")
    assert told == [(op, trees["id"]) for op in ops]
    assert not any(b"confidentiel" in got.body for got in receiver.received[:3])
    assert not any(b"secret" in got.body.lower() for got in receiver.received)


def test_what_was_hidden_between_two_tries_no_longer_leaves(receiver: Receiver) -> None:
    made = subscribe(receiver, kind="all")
    dataset("arbres")
    receiver.answer = lambda _: (503, {})
    deliver_round()
    act("package_patch", id="arbres", private=True)
    receiver.answer = lambda _: (204, {})
    due_now(made["id"])
    deliver_round()

    first, *later = receiver.received
    assert first.changes[0]["op"] == "added"
    assert all(each["dataset"] is None for got in later for each in got.changes)


def test_the_rows_of_a_dataset_that_is_hidden_leave_no_more_though_they_still_stand(
    receiver: Receiver,
) -> None:
    deposit("betton", park(1, "35024"))
    made = subscribe(receiver, kind="table", subject=SLUG)
    deposit("acigne", park(1))
    [table] = read("SELECT resource_id FROM territoire.merged")
    query = f"""SELECT territoire_jeu FROM "{table["resource_id"]}" WHERE territoire_commune = %s"""
    [row] = read(query, ("35001",))
    act("package_patch", id=row["territoire_jeu"], private=True)
    deliver_round()

    [got] = receiver.received
    assert [(each["op"], each["row"]) for each in got.changes] == [("removed", None)]
    assert made["state"] == "waiting"


def test_a_commune_is_told_of_its_rows_and_of_its_datasets_alone(receiver: Receiver) -> None:
    deposit("acigne", park(1))
    subscribe(receiver, kind="commune", subject="35001")
    deposit("betton", park(1, "35024"))
    deposit("acigne", park(1), park(2))
    dataset("arbres")
    act("package_create", name="bancs", title="Bancs", owner_org="betton", license_id="lov2")
    deliver_round()

    rows = [c for got in receiver.received for c in got.changes if "key" in c]
    assert [(each["op"], each["key"]) for each in rows] == [("added", "35001-P-002")]
    sets = [c for got in receiver.received for c in got.changes if "id" in c]
    names = {each["dataset"]["organization"] for each in sets}
    assert names == {"acigne"}
    assert "arbres" in {each["dataset"]["name"] for each in sets}


def test_a_dataset_that_goes_to_another_publisher_is_told_to_both_sides(receiver: Receiver) -> None:
    trees = dataset("arbres")
    subscribe(receiver, path="/left", kind="commune", subject="35001")
    subscribe(receiver, path="/come", kind="commune", subject="35024")
    act("package_patch", id="arbres", owner_org="betton")
    deliver_round()
    act("package_patch", id="arbres", title="Arbres des parcs")
    deliver_round()

    told = [(got.path, c["op"], c["id"]) for got in receiver.received for c in got.changes]
    assert sorted(told) == [
        ("/come", "added", trees["id"]),
        ("/come", "changed", trees["id"]),
        ("/left", "removed", trees["id"]),
    ]


def test_a_dataset_that_comes_back_is_no_longer_told_as_gone(receiver: Receiver) -> None:
    dataset("arbres")
    subscribe(receiver, kind="commune", subject="35001")
    for owner in ("betton", "acigne"):
        act("package_patch", id="arbres", owner_org=owner)
    deliver_round()

    [told] = [each for got in receiver.received for each in got.changes]
    assert (told["op"], told["dataset"]["organization"]) == ("added", "acigne")


def test_what_is_sent_is_what_the_description_says(receiver: Receiver) -> None:
    deposit("acigne", park(1))
    subscribe(receiver, kind="all")
    deposit("betton", park(1, "35024"))
    dataset("arbres")
    deliver_round()
    act("package_delete", id="arbres")
    [merged] = read("SELECT dataset_id FROM territoire.merged")
    act("package_patch", id=merged["dataset_id"], private=True)
    deliver_round()

    described = to_webhooks({"type": "object"})
    kinds = set()
    for got in receiver.received:
        told = described[got.told["type"]]["post"]
        [body] = told["requestBody"]["content"].values()
        jsonschema.validate(got.told, body["schema"])
        assert {each["name"] for each in told["parameters"]} <= got.headers.keys()
        kinds.add(got.told["type"])
    assert kinds == described.keys() - {"webhook.challenge"}


def test_a_dataset_alone_is_followed(receiver: Receiver) -> None:
    dataset("arbres")
    subscribe(receiver, kind="dataset", subject="arbres")
    dataset("bancs")
    act("package_patch", id="arbres", title="Arbres des parcs")
    deliver_round()

    [got] = receiver.received
    [change] = got.changes
    assert (change["op"], change["dataset"]["title"]) == ("changed", "Arbres des parcs")


def test_nobody_sees_or_touches_the_webhook_of_another(receiver: Receiver) -> None:
    made = subscribe(receiver, kind="all")
    assert by("voisine", "territoire_webhook_list") == []
    for act_name in ("show", "verify", "pause", "resume", "rotate", "resend", "delete"):
        with pytest.raises(toolkit.ObjectNotFound):
            by("voisine", f"territoire_webhook_{act_name}", id=made["id"], message="x")
    with pytest.raises(toolkit.NotAuthorized):
        by("", "territoire_webhook_create", url="https://exemple.fr")


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"url": "http://exemple.fr/"}, "TER-FET-030"),
        ({"url": "https://moi:secret@exemple.fr/"}, "TER-FET-005"),
        ({"url": "ftp://exemple.fr/"}, "TER-FET-005"),
        ({"url": "https://exemple.fr/", "kind": "tout"}, "TER-API-235"),
        ({"url": "https://exemple.fr/", "kind": "table", "subject": "nulle-part"}, "TER-API-236"),
        ({"url": "https://exemple.fr/", "kind": "dataset", "subject": "cache"}, "TER-API-236"),
    ],
)
def test_what_cannot_be_followed_is_refused(
    receiver: Receiver, wish: dict[str, str], code: str
) -> None:
    dataset("cache", private=True)
    with pytest.raises(toolkit.ValidationError, match=code):
        by("lectrice", "territoire_webhook_create", **wish)


def test_a_closed_account_is_sent_nothing_more(receiver: Receiver) -> None:
    subscribe(receiver, kind="all")
    act("user_delete", id="mairie")
    dataset("arbres")
    deliver_round()
    assert receiver.received == []
