"""How changes are sent: signed, in order, again until accepted, no address delaying another."""

from __future__ import annotations

import itertools
import json
import threading
import time
from typing import Any

import pytest
from ckan import model
from ckan.lib.jobs import get_queue
from ckan.lib.redis import connect_to_redis

from ckanext.territoire.delivery.database import read
from ckanext.territoire.redis_names import redis_key
from ckanext.territoire.webhooks import deliver, store, worker
from ckanext.territoire.webhooks.worker import deliver_round
from tests.ckan.conftest import act
from tests.ckan.mail_sink import receiving as receiving_mail
from tests.ckan.parking_rows import SLUG, deposit, park
from tests.ckan.webhook_receiver import (
    Receiver,
    by,
    dataset,
    due_now,
    is_signed,
    receiver,
    subscribe,
)

__all__ = ["receiver"]


def test_a_table_is_told_from_the_moment_its_address_was_verified(receiver: Receiver) -> None:
    deposit("acigne", park(1))
    made = subscribe(receiver, kind="table", subject=SLUG)
    assert deliver_round() == 0

    deposit("betton", park(1, "35024"))
    assert deliver_round() == 1
    [got] = receiver.received
    assert is_signed(got, made["secret"])
    assert got.told["type"] == "table.changed"
    [change] = got.changes
    assert (change["op"], change["key"]) == ("added", "35024-P-001")
    assert change["row"]["nom"] == "Parking 1"
    assert deliver_round() == 0


def test_a_table_that_is_hidden_is_removed_once_and_told_whole_when_it_is_back(
    receiver: Receiver,
) -> None:
    deposit("acigne", park(1))
    subscribe(receiver, kind="table", subject=SLUG)
    [merged] = read("SELECT dataset_id FROM territoire.merged")
    act("package_patch", id=merged["dataset_id"], private=True)
    deposit("betton", park(1, "35024"))
    deliver_round()
    deliver_round()
    assert [got.told["type"] for got in receiver.received] == ["table.removed"]

    act("package_patch", id=merged["dataset_id"], private=False)
    deliver_round()
    assert sorted(each["key"] for each in receiver.received[-1].changes) == [
        "35001-P-001", "35024-P-001",
    ]  # fmt: skip


def test_failures_wait_longer_each_time_in_order_then_pause_and_tell_the_owner(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving_mail(monkeypatch) as sink:
        made = subscribe(receiver, kind="all")
        dataset("arbres")
        receiver.answer = lambda _: (500, {})
        for _ in range(10):
            deliver_round()
            due_now(made["id"])
            dataset(f"jeu-{time.monotonic_ns()}")

        shown = by("mairie", "territoire_webhook_show", id=made["id"])
        assert (shown["state"], len(receiver.received)) == ("paused", 10)
        assert len({got.headers["webhook-id"] for got in receiver.received}) == 1
        assert [letter["To"] for letter in sink.letters] == ["mairie@mairie.example"]
        assert f"/developpeurs/abonnements/{made['id']}" in sink.text()
        deliver_round()
        assert len(sink.letters) == 1
        assert len(receiver.received) == 10

    receiver.answer = lambda _: (204, {})
    by("mairie", "territoire_webhook_resume", id=made["id"])
    deliver_round()
    told = [change["op"] for change in receiver.received[-1].changes]
    assert told == ["added"] * 11


def test_410_stops_at_once_and_a_new_word_goes_on_where_it_stood(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = subscribe(receiver, kind="all")
    dataset("arbres")
    receiver.answer = lambda _: (410, {})
    deliver_round()
    due_now(made["id"])
    deliver_round()
    assert len(receiver.received) == 1
    assert by("mairie", "territoire_webhook_show", id=made["id"])["state"] == "stopped"

    receiver.answer = lambda _: (204, {})
    by("mairie", "territoire_webhook_verify", id=made["id"])
    deliver_round()
    assert receiver.received[1].changes[0]["dataset"]["name"] == "arbres"


def test_a_redirect_is_a_failure_that_leads_nowhere(receiver: Receiver) -> None:
    made = subscribe(receiver, kind="all")
    dataset("arbres")
    receiver.answer = lambda _: (307, {"Location": f"http://{receiver.host}/ailleurs"})
    deliver_round()

    assert [got.path for got in receiver.received] == ["/"]
    [line] = by("mairie", "territoire_webhook_show", id=made["id"])["messages"]
    assert (line["state"], line["attempts"][0]["status"]) == ("pending", 307)


def test_both_secrets_sign_after_a_rotation_and_neither_is_kept(receiver: Receiver) -> None:
    made = subscribe(receiver, kind="all")
    turned = by("mairie", "territoire_webhook_rotate", id=made["id"])
    dataset("arbres")
    deliver_round()

    [got] = receiver.received
    assert made["secret"] != turned["secret"]
    assert is_signed(got, made["secret"])
    assert is_signed(got, turned["secret"])
    assert "secret" not in by("mairie", "territoire_webhook_show", id=made["id"])


def test_a_slow_address_delays_no_other(receiver: Receiver) -> None:
    released = threading.Event()
    subscribe(receiver, kind="all", path="/lente")
    subscribe(receiver, user="voisine", kind="all", path="/vive")
    for n in range(3):
        dataset(f"jeu-{n}")
    served: list[str] = []

    def answer(got: Any) -> tuple[int, dict[str, str]]:
        if got.path == "/lente":
            released.wait(10)
        else:
            served.append(got.path)
            released.set()  # the slow one answers only once the other was served
        return 204, {}

    receiver.answer = answer
    assert deliver_round() == 2
    assert served == ["/vive"]


def test_ten_thousand_changes_come_by_batches_each_once_and_in_order(receiver: Receiver) -> None:
    subscribe(receiver, kind="table", subject=_table())
    deposit("acigne", *(
        park(n, id=f"{35000 + n // 1000}-P-{n % 1000:03}") for n in range(1, 10_001)
    ))  # fmt: skip

    assert deliver_round(120) == 20
    keys = receiver.keys()
    assert len(keys) == len(set(keys)) == 10_000
    assert keys == sorted(keys)
    cursors = [(got.told["data"]["since"], got.told["data"]["cursor"]) for got in receiver.received]
    assert all(end == start for (_, end), (start, _) in itertools.pairwise(cursors))


def test_a_message_is_sent_again_when_its_owner_asks(receiver: Receiver) -> None:
    made = subscribe(receiver, kind="all")
    dataset("arbres")
    deliver_round()
    [line] = by("mairie", "territoire_webhook_show", id=made["id"])["messages"]
    by("mairie", "territoire_webhook_resend", id=made["id"], message=line["id"])
    deliver_round()

    first, again = receiver.received
    assert again.changes == first.changes
    dataset("bancs")
    deliver_round()
    assert [each["dataset"]["name"] for each in receiver.received[-1].changes] == ["bancs"]


def test_the_log_is_kept_for_the_stated_time(receiver: Receiver) -> None:
    made = subscribe(receiver, kind="all")
    dataset("arbres")
    deliver_round()
    with model.meta.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE territoire_webhook_message SET made_at = made_at - interval '31 days'"
        )
    deliver_round()
    assert by("mairie", "territoire_webhook_show", id=made["id"])["messages"] == []


def _table() -> str:
    deposit("betton", park(1, "35024"))
    return SLUG


def test_a_heavy_page_is_cut_smaller(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "MAX_BODY_BYTES", 3_000)
    subscribe(receiver, kind="table", subject=_table())
    deposit("acigne", *(park(n) for n in range(1, 31)))
    deliver_round()

    assert len(receiver.keys()) == 30
    assert max(len(json.dumps(got.told["data"])) for got in receiver.received) < 6_000
    assert len(receiver.received) > 3
    assert store.to_serve()


def test_a_round_is_asked_for_when_anybody_has_subscribed_and_once(receiver: Receiver) -> None:
    connect_to_redis().delete(redis_key("webhooks"))
    queue = get_queue()
    queue.empty()
    worker.deliver_later()
    assert queue.count == 0

    subscribe(receiver, kind="all")
    worker.deliver_later()
    worker.deliver_later()
    assert queue.count == 1
    dataset("arbres")
    worker.deliver_now()
    assert len(receiver.received) == 1
    queue.empty()
