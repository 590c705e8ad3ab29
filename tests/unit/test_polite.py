"""A server is asked at its pace, waits are kept, and one that keeps failing is left alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from harvesters.errors import sentence
from harvesters.fetch import Fetcher, Hosts, Limits, Pace, World
from harvesters.fetch.faults import Fault
from harvesters.fetch.polite import FAILURES, MemoryOfOne, Rest, host_of
from harvesters.model import Issue, Request, Response
from tests.unit.loopback import Ask, Send, http, serving

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "https://data.example/a"
PASSING = Fault(Issue("TER-FET-009", URL, "503"), is_passing=True)


@dataclass
class Clock:
    """A clock that moves when somebody sleeps."""

    passed_s: float = 0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.slept.append(round(seconds, 3))
            self.passed_s += seconds

    def world(self) -> World:
        now = lambda: NOON + timedelta(seconds=self.passed_s)  # noqa: E731
        return World(lambda: self.passed_s, self.sleep, now, chance=lambda: 0.5)


def fail(hosts: Hosts, times: int = 1, fault: Fault = PASSING, url: str = URL) -> None:
    for _ in range(times):
        with pytest.raises(Fault), hosts.turn(url, 60):
            raise fault


def ask(hosts: Hosts, url: str = URL) -> str:
    """Ask once; answer the code of the refusal, or nothing."""
    try:
        with hosts.turn(url, 60):
            return ""
    except Fault as fault:
        return fault.issue.code


def asked_to_wait(seconds: float) -> Fault:
    return Fault(Issue("TER-FET-010", URL, "429"), is_passing=True, wait_s=seconds)


def test_requests_to_one_server_keep_its_pace() -> None:
    clock = Clock()
    hosts = Hosts(Pace(per_s=5), world=clock.world())
    assert [ask(hosts) for _ in range(4)] == [""] * 4
    assert clock.slept == [0.2, 0.2, 0.2]


def test_another_server_is_not_waited_for() -> None:
    clock = Clock()
    hosts = Hosts(Pace(per_s=1), world=clock.world())
    ask(hosts)
    ask(hosts, "https://autre.example/")
    assert clock.slept == []


def test_http_and_https_are_one_server_and_another_port_is_another() -> None:
    assert host_of("http://a.example/x") == host_of("https://A.example:443/y") == "a.example"
    assert host_of("https://a.example:8443/") == "a.example:8443"


@pytest.mark.parametrize("own", ["data.example:443", "data.example"])
def test_a_server_that_the_operator_allowed_by_name_is_not_paced(own: str) -> None:
    clock = Clock()
    hosts = Hosts(Pace(per_s=1), unpaced=frozenset({own}), world=clock.world())
    for _ in range(3):
        ask(hosts)
    assert clock.slept == []


def test_no_more_than_so_many_requests_are_at_one_server_at_once() -> None:
    hosts = Hosts(Pace(per_s=0, at_once=2))
    inside, most = [0], [0]
    lock, full = threading.Lock(), threading.Barrier(2)

    def go() -> None:
        with hosts.turn(URL, 30):
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            full.wait(30)  # two are inside, each time
            with lock:
                inside[0] -= 1

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most == [2]


def test_a_server_whose_places_are_all_taken_is_given_up_and_said() -> None:
    hosts = Hosts(Pace(per_s=0, at_once=1))
    with hosts.turn(URL, 1), pytest.raises(Fault) as caught, hosts.turn(URL, 0):
        pass
    assert caught.value.issue.code == "TER-FET-027"


def test_a_place_is_free_again_after_a_fault() -> None:
    hosts = Hosts(Pace(per_s=0, at_once=1))
    fail(hosts, 3)
    assert ask(hosts) == ""


def test_a_long_wait_that_a_server_asks_holds_for_the_next_run_in_another_process() -> None:
    clock, memory = Clock(), MemoryOfOne()
    fail(Hosts(memory=memory, world=clock.world()), fault=asked_to_wait(3600))
    other = Hosts(memory=memory, world=clock.world())
    assert ask(other, "http://data.example/another") == "TER-FET-025"
    assert other.resting_until(URL) == NOON + timedelta(hours=1)
    clock.passed_s += 3601
    assert ask(other) == ""
    assert memory.load("data.example") == Rest()


def test_a_short_wait_that_a_server_asks_is_waited_for_by_everybody() -> None:
    clock = Clock()
    hosts = Hosts(Pace(per_s=0), world=clock.world())
    fail(hosts, fault=asked_to_wait(12))
    assert ask(hosts) == ""
    assert clock.slept == [12]


def test_no_server_silences_us_for_more_than_a_day() -> None:
    clock = Clock()
    hosts = Hosts(world=clock.world())
    fail(hosts, fault=asked_to_wait(999_999_999))
    assert hosts.resting_until(URL) == NOON + timedelta(days=1)


def test_a_server_that_keeps_failing_is_left_alone_for_a_growing_while() -> None:
    clock = Clock()
    hosts = Hosts(Pace(per_s=0), world=clock.world())
    rests = []
    for _ in range(6):
        fail(hosts, FAILURES)
        until = hosts.resting_until(URL)
        assert until is not None
        assert ask(hosts) == "TER-FET-026"
        rests.append((until - clock.world().now()).total_seconds() / 60)
        clock.passed_s += rests[-1] * 60 + 1
    assert rests == [5, 10, 20, 40, 60, 60]


def test_one_answer_makes_a_server_fine_again() -> None:
    hosts = Hosts(Pace(per_s=0), world=Clock().world())
    fail(hosts, FAILURES - 1)
    assert ask(hosts) == ""
    fail(hosts, FAILURES - 1)
    assert hosts.resting_until(URL) is None


def test_a_refusal_that_lasts_says_nothing_of_the_health_of_a_server() -> None:
    hosts = Hosts(Pace(per_s=0), world=Clock().world())
    fail(hosts, 3 * FAILURES, Fault(Issue("TER-FET-007", URL, "404")))
    assert hosts.resting_until(URL) is None


def test_a_server_that_never_failed_costs_no_write() -> None:
    memory = MemoryOfOne()
    hosts = Hosts(Pace(per_s=0), memory)
    ask(hosts)
    assert memory.rests == {}


def test_a_rest_is_told_in_french_with_its_end() -> None:
    hosts = Hosts(world=Clock().world())
    fail(hosts, fault=asked_to_wait(3600))
    with pytest.raises(Fault) as caught, hosts.turn(URL, 1):
        pass
    told = sentence(caught.value.issue).replace("\u00a0", " ")
    assert "data.example a demandé de ne plus être interrogé avant aujourd’hui à 14 h." in told


@contextmanager
def server(*answers: bytes) -> Iterator[tuple[str, list[Ask]]]:
    """Serve these answers, the last one for ever."""
    seen: list[Ask] = []

    def answer(asked: Ask, send: Send) -> None:
        seen.append(asked)
        send(answers[min(len(seen), len(answers)) - 1])

    with serving(answer) as host:
        yield host, seen


def fetcher(host: str, hosts: Hosts, clock: Clock) -> Fetcher:
    return Fetcher(frozenset({host}), Limits(), world=clock.world(), hosts=hosts)


@pytest.mark.parametrize("wait", ["3600", "Tue, 24 Nov 2026 13:00:00 GMT"])
@pytest.mark.parametrize("status", ["429 Slow down", "503 Busy"])
def test_a_fetch_stops_at_a_long_wait_and_the_next_one_asks_nothing(status: str, wait: str) -> None:
    clock = Clock()
    hosts = Hosts(world=clock.world())
    with server(http(b"", f"Retry-After: {wait}", status=status)) as (host, seen):
        first = fetcher(host, hosts, clock).fetch(Request(f"http://{host}/1"))
        second = fetcher(host, hosts, clock).fetch(Request(f"http://{host}/2"))
    assert isinstance(first, Issue)
    assert isinstance(second, Issue)
    assert (second.code, len(seen), clock.slept) == ("TER-FET-025", 1, [])
    assert first.code in {"TER-FET-009", "TER-FET-010"}


def test_a_fetch_waits_a_short_while_once_and_goes_on() -> None:
    clock = Clock()
    hosts = Hosts(Pace(per_s=0), world=clock.world())
    with server(http(b"", "Retry-After: 12", status="429 Slow"), http(b"ok")) as (host, _):
        answer = fetcher(host, hosts, clock).fetch(Request(f"http://{host}/"))
    assert isinstance(answer, Response)
    assert sum(clock.slept) == 12


def test_each_redirect_takes_the_turn_of_its_own_server() -> None:
    clock = Clock()
    with (
        server(http(b"ok")) as (second, _),
        server(http(b"", f"Location: http://{second}/b", status="302 Found")) as (first, _),
    ):
        hosts = Hosts(Pace(per_s=1), world=clock.world())
        allowed = frozenset({first, second})
        for _ in range(2):
            fetch = Fetcher(allowed, world=clock.world(), hosts=hosts).fetch
            assert isinstance(fetch(Request(f"http://{first}/a")), Response)
    assert sum(clock.slept) == pytest.approx(1)


def test_an_address_that_is_badly_written_never_reaches_a_door() -> None:
    answer = Fetcher(hosts=Hosts()).fetch(Request("http://data.example:port/"))
    assert isinstance(answer, Issue)
    assert answer.code == "TER-FET-005"
