"""A table whose server is not to be asked now waits; it does not fail, and nothing presses it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ckan import model
from sqlalchemy import text

from ckanext.territoire.delivery import keep
from ckanext.territoire.table import load, queue
from harvesters.errors import Refused
from tests.ckan.conftest import act
from tests.unit.loopback import Ask, Send, http, serving

CSV = b"nom;ville\nA;B\n"


class Server:
    """A server of tables that differ; `status` and `headers` are what it answers."""

    def __init__(self) -> None:
        self.status, self.headers, self.asked, self.host = "200 OK", "", 0, ""

    def answer(self, ask: Ask, send: Send) -> None:
        self.asked += 1
        body = CSV if self.status.startswith("200") else b""
        send(http(body, *filter(None, [self.headers]), status=self.status))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    made = Server()
    with serving(made.answer) as host:
        made.host = host
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", host)
        yield made


@pytest.fixture
def resources(organization: dict[str, Any], server: Server) -> list[str]:
    made = act(
        "package_create", name="distant", title="Distant", notes="Essai", license_id="lov2",
        owner_org=organization["id"],
        resources=[{"url": f"http://{server.host}/{n}.csv", "name": f"T{n}", "format": "CSV"}
                   for n in range(3)],
    )  # fmt: skip
    queue.queue_tables([made["id"]])
    return [each["id"] for each in made["resources"]]


def ask_to_wait(server: Server, status: str = "429 Too Many Requests") -> None:
    server.status, server.headers = status, "Retry-After: 3600"


def end_rest(server: Server) -> None:
    model.Session.execute(text("UPDATE territoire_table SET held_until = timezone('utc', now())"))
    model.Session.execute(text("DELETE FROM territoire_host"))
    model.Session.commit()


def test_a_server_that_asks_to_wait_is_asked_once_and_its_tables_wait(
    server: Server, resources: list[str]
) -> None:
    ask_to_wait(server)

    assert load.load_waiting() == {"loaded": 0, "failed": 0, "waiting": 3}

    assert server.asked == 1
    assert queue.waiting() == []
    shown = act("territoire_table_show", id=resources[1])
    assert (shown["state"], shown["issues"][0]["code"]) == ("waiting", "TER-FET-025")
    assert shown["held_until"]


def test_the_page_says_when_the_file_is_read_again(
    server: Server, resources: list[str], app: Any
) -> None:
    ask_to_wait(server, "503 Service Unavailable")
    load.load_waiting()
    page = app.get(f"/dataset/distant/resource/{resources[0]}").body
    assert "demande d’attendre" in page


def test_tables_that_waited_are_loaded_when_the_rest_is_over(
    server: Server, resources: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_to_wait(server)
    load.load_waiting()
    server.status, server.headers = "200 OK", ""
    end_rest(server)
    monkeypatch.setattr("harvesters.fetch.polite.FRESH_S", 0)
    assert load.load_waiting() == {"loaded": 3, "failed": 0}
    assert act("datastore_search", resource_id=resources[0])["total"] == 1


def test_a_deposit_by_address_respects_the_rest_of_a_server(
    server: Server, resources: list[str]
) -> None:
    ask_to_wait(server)
    load.load_waiting()
    with pytest.raises(Refused, match="TER-FET-025"):
        keep.keep_address(f"http://{server.host}/autre.csv")
    assert server.asked == 1


def test_a_file_that_does_not_exist_fails_at_once(server: Server, resources: list[str]) -> None:
    server.status = "404 Not Found"
    assert load.load_waiting() == {"loaded": 0, "failed": 3}
