"""What is tried again, how long is waited, when all is over. The clock of these tests is ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from harvesters.fetch import Fetcher, Limits, World
from harvesters.fetch.faults import seconds_asked
from harvesters.model import Issue, Request, Response
from tests.unit.loopback import Ask, Send, http, serving

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that only sleeping moves."""

    passed_s: float = 0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.passed_s += seconds

    def world(self) -> World:
        return World(lambda: self.passed_s, self.sleep, lambda: NOON, chance=lambda: 0.5)


def run(answers: list[bytes], limits: Limits) -> tuple[Response | Issue, Clock, int]:
    """Fetch from a server that gives these answers, the last one for ever."""
    asked: list[Ask] = []

    def answer(ask: Ask, send: Send) -> None:
        asked.append(ask)
        send(answers[min(len(asked), len(answers)) - 1])

    clock = Clock()
    with serving(answer) as host:
        fetcher = Fetcher(frozenset({host}), limits, world=clock.world())
        found = fetcher.fetch(Request(f"http://{host}/"))
    return found, clock, len(asked)


def down(status: str, *headers: str) -> bytes:
    return http(b"", *headers, status=status)


@pytest.mark.parametrize("status", ["408 A", "429 B", "500 C", "502 D", "503 E", "504 F"])
def test_a_passing_status_is_tried_again(status: str) -> None:
    found, clock, _ = run([down(status), http(b"ok")], Limits())
    assert isinstance(found, Response)
    assert clock.slept == [1]


@pytest.mark.parametrize("status", ["400 A", "401 B", "403 C", "404 D", "410 E", "451 F", "501 G"])
def test_a_lasting_status_is_asked_once(status: str) -> None:
    found, clock, asked = run([down(status), http(b"ok")], Limits())
    assert isinstance(found, Issue)
    assert (asked, clock.slept) == (1, [])


def test_each_pause_is_twice_the_one_before_up_to_a_cap() -> None:
    _, clock, asked = run([down("503 Busy")], Limits(tries=7, pause_s=2, max_pause_s=20))
    assert clock.slept == [2, 4, 8, 16, 20, 20]
    assert asked == 7


def test_the_server_is_waited_for_as_it_asks_up_to_a_cap() -> None:
    limits = Limits(max_pause_s=30)
    _, clock, _ = run([down("429 Slow", "Retry-After: 12"), http(b"ok")], limits)
    assert clock.slept == [12]
    _, clock, _ = run([down("503 Slow", "Retry-After: 86400"), http(b"ok")], limits)
    assert clock.slept == [30]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("12", 12),
        ("Tue, 24 Nov 2026 12:01:30 GMT", 90),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0),
        ("bientôt", 0),
        ("-5", 0),
        ("", 0),
        ("9" * 400, 999_999_999),
    ],
)
def test_the_wait_is_read_as_seconds_or_as_a_date(header: str, seconds: float) -> None:
    assert seconds_asked(header, NOON) == seconds


def test_a_cut_body_is_tried_again_from_its_beginning() -> None:
    found, _, asked = run([http(b"half", length=8), http(b"complete")], Limits())
    assert isinstance(found, Response)
    assert (found.body, asked) == (b"complete", 2)


def test_a_closed_connection_is_tried_again() -> None:
    found, _, asked = run([b"", http(b"ok")], Limits())
    assert isinstance(found, Response)
    assert asked == 2


def test_what_is_not_http_is_given_up_as_unreachable() -> None:
    found, _, _ = run([b"SSH-2.0-OpenSSH_9.2\r\n\r\n"], Limits(tries=1))
    assert isinstance(found, Issue)
    assert found.code == "TER-FET-001"


def test_no_pause_goes_beyond_the_end_of_the_run() -> None:
    found, clock, asked = run([down("503 Busy")], Limits(tries=9, pause_s=8, run_s=30))
    assert isinstance(found, Issue)
    assert found.code == "TER-FET-009"
    assert (clock.slept, asked) == ([8, 16], 3)


def test_a_run_that_is_over_asks_nothing() -> None:
    asked: list[Ask] = []
    clock = Clock()
    with serving(lambda ask, send: (asked.append(ask), send(http(b"ok")))[1]) as host:
        fetcher = Fetcher(frozenset({host}), Limits(run_s=60), world=clock.world())
        first = fetcher.fetch(Request(f"http://{host}/"))
        clock.sleep(61)
        second = fetcher.fetch(Request(f"http://{host}/"))
    assert isinstance(first, Response)
    assert isinstance(second, Issue)
    assert (second.code, len(asked)) == ("TER-FET-018", 1)
