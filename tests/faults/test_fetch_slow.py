"""Servers that hang, or drip a byte at a time wherever they can: none outlives its deadline."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from harvesters.fakes import FakeStore
from harvesters.fetch import Fetcher, Limits, World
from harvesters.model import Config, Issue, Request
from harvesters.ports import Ports
from harvesters.report import RunState
from harvesters.run import Options, run_source
from tests.unit.loopback import Ask, Send, http, serving
from tests.unit.toy_source import TOY, items

pytestmark = pytest.mark.fault(4)

IMPATIENT = Limits(connect_s=0.4, read_s=5, total_s=0.4, tries=1)


def drip(send: Send, data: bytes, before: bytes = b"") -> None:
    """Send one byte every twentieth of a second: twenty seconds for 400 bytes."""
    send(before)
    for byte in data:
        send(bytes([byte]))
        time.sleep(0.05)


HEAD = b"HTTP/1.1 200 OK\r\n"
DRIPS: dict[str, Callable[[Send], None]] = {
    "status": lambda send: drip(send, b"HTTP/1.1 200 " + b"O" * 400),
    "header": lambda send: drip(send, b"x" * 400, HEAD + b"X-Long: "),
    "headers": lambda send: drip(send, b"A: b\r\n" * 70, HEAD),
    "continue": lambda send: drip(send, b"HTTP/1.1 100 Continue\r\n\r\n" * 20),
    "body": lambda send: drip(send, b"x" * 400, HEAD + b"Content-Length: 400\r\n\r\n"),
    "endless": lambda send: drip(send, b"x" * 400, HEAD + b"\r\n"),
    "chunk": lambda send: drip(send, b"0" * 400, HEAD + b"Transfer-Encoding: chunked\r\n\r\n"),
    "chunks": lambda send: drip(
        send, b"1\r\nx\r\n" * 70, HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    ),
    "trailer": lambda send: drip(
        send, b"A: b\r\n" * 70, HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"
    ),
}


@pytest.mark.parametrize("place", DRIPS)
def test_a_server_that_drips_is_given_up(place: str) -> None:
    with serving(lambda ask, send: DRIPS[place](send)) as host:
        answer = Fetcher(frozenset({host}), IMPATIENT).fetch(Request(f"http://{host}/"))
    assert isinstance(answer, Issue)
    assert answer.code == "TER-FET-003"


def test_a_redirect_does_not_give_more_time() -> None:
    def answer(ask: Ask, send: Send) -> None:
        time.sleep(0.15)
        send(http(b"", f"Location: {ask}x", status="302 Found"))

    with serving(answer) as host:
        found = Fetcher(frozenset({host}), IMPATIENT).fetch(Request(f"http://{host}/"))
    assert isinstance(found, Issue)
    assert found.code == "TER-FET-003"


def test_a_server_that_never_greets_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        answer = Fetcher(frozenset({host}), IMPATIENT).fetch(Request(f"https://{host}/"))
    assert isinstance(answer, Issue)
    assert answer.code == "TER-FET-003"


class Catalogue:
    """Three pages of two records, one page of which misbehaves."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fault: Callable[[Send], None] | None = None

    def __call__(self, ask: Ask, send: Send) -> None:
        self.asked.append(ask)
        number = int(ask[1:])
        if number == 2 and self.fault:
            return self.fault(send)
        page = {"items": items(2, 2 * number), "total": 6}
        if number < 3:
            page["next"] = [f"http://{ask.headers['host']}/{number + 1}"]
        send(http(json.dumps(page).encode()))


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (lambda send: send(http(b"", status="500 Panne")), "TER-FET-009"),
        (lambda send: send(http(b"", status="403 Interdit")), "TER-FET-008"),
        (lambda send: send(http(b"", status="429 Doucement")), "TER-FET-010"),
        (lambda send: time.sleep(1), "TER-FET-003"),
        (DRIPS["body"], "TER-FET-003"),
    ],
    ids=["500", "403", "429", "hangs", "drips"],
)
def test_a_faulty_page_in_the_middle_retires_nothing_and_the_next_run_ends_the_work(
    fault: Callable[[Send], None], code: str
) -> None:
    catalogue, store = Catalogue(), FakeStore()
    with serving(catalogue) as host:
        limits = Limits(read_s=0.3, total_s=0.4, tries=2)
        fetcher = Fetcher(frozenset({host}), limits, world=World(sleep=lambda _: None))
        ports = Ports(fetcher.fetch, store, lambda: datetime(2026, 11, 24, tzinfo=UTC))
        reports = []
        for one in (None, fault, None):
            catalogue.fault = one
            reports.append(run_source(TOY, Config(f"http://{host}/1"), ports, Options("s1")))
    first, faulty, last = reports
    assert (first.counts["created"], last.counts["kept"]) == (6, 6)
    assert (faulty.is_complete, faulty.counts["retired"]) == (False, 0)
    assert code in {issue.code for issue in faulty.issues}
    assert (len(store.datasets), last.state) == (6, RunState.FINISHED)


def test_a_page_that_fails_once_is_asked_again_alone() -> None:
    catalogue = Catalogue()

    def once(send: Send) -> None:
        catalogue.fault = None
        send(http(b"", status="503 Occupé"))

    catalogue.fault = once
    with serving(catalogue) as host:
        fetcher = Fetcher(frozenset({host}), world=World(sleep=lambda _: None))
        ports = Ports(fetcher.fetch, FakeStore(), lambda: datetime(2026, 11, 24, tzinfo=UTC))
        report = run_source(TOY, Config(f"http://{host}/1"), ports, Options("s1"))
    assert (report.is_complete, report.counts["created"]) == (True, 6)
    assert catalogue.asked == ["/1", "/2", "/2", "/3"]
