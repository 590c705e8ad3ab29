"""Changes that are told survive a kill, a cut line and a database that leaves: each at least once,
under the same name, and none is passed over."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit
from sqlalchemy.exc import OperationalError

from ckanext.territoire.webhooks.worker import deliver_round
from tests.ckan.child import start_child
from tests.ckan.webhook_receiver import Receiver, by, dataset, due_now, receiver, subscribe
from tests.faults.broken_lines import FAULTS, postgresql_through
from tests.tcp_proxy import LOOPBACK, proxying

__all__ = ["receiver"]


def names(receiver: Receiver) -> list[str]:
    return [each["dataset"]["name"] for got in receiver.received for each in got.changes]


@pytest.mark.fault(12)
def test_a_worker_killed_in_mid_delivery_sends_the_same_message_again(receiver: Receiver) -> None:
    subscribe(receiver, kind="all")
    dataset("arbres")
    workers: list[Any] = []

    def kill(_: Any) -> tuple[int, dict[str, str]]:
        os.kill(workers[0].pid, signal.SIGKILL)  # all was read, and the answer reaches nobody
        return 204, {}

    receiver.answer = kill
    workers.append(start_child(deliver_round))
    workers[0].join(30)
    assert workers[0].exitcode == -signal.SIGKILL

    receiver.answer = lambda _: (204, {})
    assert deliver_round() == 1
    assert names(receiver) == ["arbres", "arbres"]
    assert len({got.headers["webhook-id"] for got in receiver.received}) == 1
    assert deliver_round() == 0


@pytest.mark.fault(14)
def test_a_database_that_leaves_between_the_answer_and_its_note_loses_nothing(
    receiver: Receiver,
) -> None:
    subscribe(receiver, kind="all")
    dataset("arbres")
    with postgresql_through() as proxy:

        def cut(_: Any) -> tuple[int, dict[str, str]]:
            proxy.play(FAULTS["refused"])
            return 204, {}

        receiver.answer = cut
        with pytest.raises(OperationalError):
            deliver_round()
        proxy.play(None)
    receiver.answer = lambda _: (204, {})
    assert deliver_round() == 1
    assert names(receiver) == ["arbres", "arbres"]
    assert len({got.headers["webhook-id"] for got in receiver.received}) == 1


@pytest.mark.parametrize("fault", ["cut on the way back", "reset on the way there", "refused"])
def test_a_line_to_an_address_that_breaks_is_tried_again_once_it_is_mended(
    receiver: Receiver, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxying(int(receiver.host.rpartition(":")[2])) as proxy:
        host = f"{LOOPBACK}:{proxy.port}"
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", host)
        made = by("mairie", "territoire_webhook_create", url=f"http://{host}/", kind="all")
        by("mairie", "territoire_webhook_verify", id=made["id"])
        dataset("arbres")
        proxy.play(_at_once(fault))
        assert deliver_round() == 0
        proxy.play(None)
        due_now(made["id"])
        assert deliver_round() == 1
    [line] = by("mairie", "territoire_webhook_show", id=made["id"])["messages"]
    assert [each["status"] for each in line["attempts"]] == [204, None]
    assert line["attempts"][1]["code"].startswith("TER-FET-")
    assert names(receiver)[-1] == "arbres"


def test_two_workers_at_once_send_each_message_once(receiver: Receiver) -> None:
    subscribe(receiver, kind="all")
    dataset("arbres")
    second: list[int] = []

    def answer(_: Any) -> tuple[int, dict[str, str]]:
        second.append(deliver_round())  # in the thread of the server, while the first one waits
        model.Session.remove()
        return 204, {}

    receiver.answer = answer
    assert deliver_round() == 1
    assert (second, names(receiver)) == ([0], ["arbres"])


def _at_once(name: str) -> Any:
    return replace(FAULTS[name], after_bytes=0)


def test_nothing_is_passed_over_when_a_change_is_committed_after_a_later_one(
    receiver: Receiver,
) -> None:
    subscribe(receiver, kind="all")
    dataset("arbres")
    dataset("bancs")
    deliver_round()
    receiver.received.clear()
    with model.meta.engine.connect() as slow, slow.begin():
        slow.exec_driver_sql("""UPDATE package SET metadata_modified = now() AT TIME ZONE 'utc'
                                 WHERE name = 'arbres'""")
        toolkit.get_action("package_patch")({"user": "agent"}, {"id": "bancs", "title": "Bancs 2"})
        deliver_round()
        assert names(receiver) == ["bancs"]
    deliver_round()
    assert names(receiver) == ["bancs", "arbres"]
