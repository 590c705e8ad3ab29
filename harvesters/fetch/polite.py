"""How often a server is asked: its pace, and the rests during which it is left alone.

One `Hosts` serves every run of a process, threads included. A server that asked to wait
(`Retry-After`), or that fails again and again, rests: the next run of any source of this server,
in any process, waits too, because rests are kept by the `RestMemory` port. Servers that an
operator allowed by name are his own (demonstration, tests, intranet): they rest, but they are never
paced.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from harvesters.fetch.faults import Fault
from harvesters.fetch.limits import World
from harvesters.model import Issue
from harvesters.rhythm_words import say_moment

FAILURES = 8  # tries that failed one after the other: two requests with all their tries
FIRST_REST = timedelta(minutes=5)
LONGEST_REST = timedelta(hours=1)
LONGEST_ASKED = timedelta(days=1)
WAITED_S = 30  # a shorter rest is waited for in the run itself
FRESH_S = 15


@dataclass(frozen=True, slots=True)
class Pace:
    """At most so many requests a second (0: as many as can be) and so many at once, a server."""

    per_s: float = 5
    at_once: int = 2


@dataclass(frozen=True, slots=True)
class Rest:
    """What is remembered of a server: tries that failed in a row, and until when it is left alone.

    `is_asked`: the server asked for it; else it did not answer.
    """

    failures: int = 0
    until: datetime | None = None
    is_asked: bool = False


class RestMemory(Protocol):
    """Where rests are kept between runs and between processes."""

    def load(self, host: str) -> Rest:
        """Read what is remembered of a server."""

    def save(self, host: str, rest: Rest) -> None:
        """Remember it; a rest without failures and without end is forgotten."""


@dataclass
class MemoryOfOne:
    """The memory of one process, and the twin of the real one in tests."""

    rests: dict[str, Rest] = field(default_factory=dict)

    def load(self, host: str) -> Rest:
        return self.rests.get(host, Rest())

    def save(self, host: str, rest: Rest) -> None:
        self.rests[host] = rest


@dataclass
class _Door:
    """One server: its places, its next turn, and what was last read of its rest."""

    places: threading.BoundedSemaphore
    next_turn: float = 0
    rest: Rest = field(default_factory=Rest)
    read_at: float = float("-inf")


def host_of(url: str) -> str:
    """Name the server of an address; `http` and `https` are the same one.

    >>> host_of("HTTPS://Data.Rennes.fr/a"), host_of("http://data.rennes.fr:8080/")
    ('data.rennes.fr', 'data.rennes.fr:8080')
    """
    parts = urlsplit(url)
    name = parts.hostname or ""
    return name if parts.port in (None, 80, 443) else f"{name}:{parts.port}"


class Hosts:
    """The doors of all servers. Safe between threads."""

    def __init__(
        self,
        pace: Pace | None = None,
        memory: RestMemory | None = None,
        unpaced: frozenset[str] = frozenset(),
        world: World | None = None,
    ) -> None:
        self._pace, self._memory = pace or Pace(), memory or MemoryOfOne()
        self._unpaced, self._world = unpaced, world or World()
        self._doors: dict[str, _Door] = {}
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, url: str, patience_s: float) -> Iterator[None]:
        """Wait for the turn of one request and hold its place; a server that rests is a `Fault`.

        What becomes of the request is noted for the next ones.
        """
        host = host_of(url)
        door = self._door(host)
        self._wait_for_rest(host, door, patience_s)
        if not door.places.acquire(timeout=min(max(patience_s, 0), threading.TIMEOUT_MAX)):
            raise Fault(Issue("TER-FET-027", url))
        try:
            self._world.sleep(self._wait_s(host, door))
            yield
        except Fault as fault:
            self._note_fault(host, door, fault)
            raise
        else:
            self._note_answer(host, door)
        finally:
            door.places.release()

    def resting_until(self, url: str) -> datetime | None:
        """Say until when the server of an address is left alone; `None` when it may be asked."""
        host = host_of(url)
        rest = self._rest_of(host, self._door(host))
        return rest.until if rest.until and rest.until > self._world.now() else None

    def _door(self, host: str) -> _Door:
        with self._lock:
            if host not in self._doors:
                places = threading.BoundedSemaphore(max(self._pace.at_once, 1))
                self._doors[host] = _Door(places)
            return self._doors[host]

    def _rest_of(self, host: str, door: _Door) -> Rest:
        now = self._world.monotonic()
        if now - door.read_at >= FRESH_S:
            door.rest, door.read_at = self._memory.load(host), now
        return door.rest

    def _wait_for_rest(self, host: str, door: _Door, patience_s: float) -> None:
        """Let a short rest pass; a long one is a fault that is not tried again."""
        rest, now = self._rest_of(host, door), self._world.now()
        left_s = (rest.until - now).total_seconds() if rest.until else 0
        if rest.until and left_s > min(WAITED_S, patience_s):
            code = "TER-FET-025" if rest.is_asked else "TER-FET-026"
            raise Fault(Issue(code, host, str(rest.failures), say_moment(rest.until, now)))
        self._world.sleep(max(left_s, 0))

    def _wait_s(self, host: str, door: _Door) -> float:
        """Take the next turn of a server and answer how long to wait for it."""
        if self._pace.per_s <= 0 or self._is_own(host):
            return 0
        with self._lock:
            now = self._world.monotonic()
            mine = max(door.next_turn, now)
            door.next_turn = mine + 1 / self._pace.per_s
            return mine - now

    def _is_own(self, host: str) -> bool:
        return not self._unpaced.isdisjoint((host, f"{host}:80", f"{host}:443"))

    def _note_fault(self, host: str, door: _Door, fault: Fault) -> None:
        """Count a fault that may pass; a long wait that is asked, or too many faults, is a rest."""
        if not fault.is_passing:
            return
        failures, now = door.rest.failures + 1, self._world.now()
        asked = timedelta(seconds=min(fault.wait_s, LONGEST_ASKED.total_seconds()))
        until = now + asked if asked else None
        if failures >= FAILURES and not asked:
            doubled = FIRST_REST * 2 ** min(failures // FAILURES - 1, 8)
            until = now + min(doubled, LONGEST_REST) if failures % FAILURES == 0 else None
        self._remember(host, door, Rest(failures, until, bool(asked)))

    def _note_answer(self, host: str, door: _Door) -> None:
        if door.rest != Rest():
            self._remember(host, door, Rest())

    def _remember(self, host: str, door: _Door, rest: Rest) -> None:
        door.rest, door.read_at = rest, self._world.monotonic()
        self._memory.save(host, rest)
