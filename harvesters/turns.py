"""Whose turn it is: which waiting runs begin, so that no source makes the others wait. Pure.

Two lanes, each with `at_once` places: sources of live values, which come back every minute, and all
others. A run keeps its place for `SLOT_S`; one that lasts longer goes on beside, and another may
begin, up to twice the places. A run that has waited for its server for `MUTE_S` costs nothing: it
gives its place up at once and takes it again when it is answered; a lane holds at most
`MUTE_WIDE` times its places, mute runs included. A server is read by one run of a lane at a time,
which keeps its pace (`harvesters.fetch.polite`). Among those that wait, servers that answered the
last time come first (the others have `at_once` runs in a lane, no more), then the owner who was
served longest ago, then who asked first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SLOT_S = 60
MUTE_S = 10
WIDE, MUTE_WIDE = 2, 6


@dataclass(frozen=True, slots=True)
class Turn:
    """A run that waits. `owner` is the organisation, `host` the server of the source, of which
    the last tries failed when it `is_doubtful`."""

    job_id: str
    source_id: str
    owner: str
    host: str
    is_live: bool = False
    is_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """A run that has begun, on a clock that only goes forward; `asked_s` is when it asked its
    server for what it waits for now, `None` when it is at work."""

    turn: Turn
    since_s: float
    asked_s: float | None = None

    def is_mute(self, now_s: float) -> bool:
        """Say whether its server leaves it without an answer."""
        return self.asked_s is not None and now_s - self.asked_s >= MUTE_S


def choose(
    waiting: Sequence[Turn],
    running: Sequence[Running],
    served: Mapping[str, float],
    now_s: float,
    at_once: int,
) -> list[Turn]:
    """Answer the runs to begin now, in order. `served` says when each owner last began a run."""
    busy = list(running)
    told = dict(served)
    chosen: list[Turn] = []
    left = list(waiting)
    while turn := _next(left, busy, told, now_s, at_once):
        chosen.append(turn)
        busy.append(Running(turn, now_s))
        told[turn.owner] = now_s + len(chosen) * 1e-6
        left.remove(turn)
    return chosen


def _next(
    waiting: Sequence[Turn],
    busy: Sequence[Running],
    served: Mapping[str, float],
    now_s: float,
    at_once: int,
) -> Turn | None:
    sources = {each.turn.source_id for each in busy}
    servers = {(each.turn.is_live, each.turn.host) for each in busy}
    free = {is_live: _has_place(is_live, busy, now_s, at_once) for is_live in (True, False)}
    doubts = {
        is_live: sum(r.turn.is_doubtful for r in busy if r.turn.is_live is is_live) < at_once
        for is_live in (True, False)
    }
    able = [
        turn for turn in waiting
        if free[turn.is_live] and turn.source_id not in sources
        and (turn.is_live, turn.host) not in servers
        and (doubts[turn.is_live] or not turn.is_doubtful)
    ]  # fmt: skip

    def rank(turn: Turn) -> tuple[bool, float]:
        return turn.is_doubtful, served.get(turn.owner, float("-inf"))

    return min(able, key=rank, default=None)


def _has_place(is_live: bool, busy: Sequence[Running], now_s: float, at_once: int) -> bool:
    lane = [each for each in busy if each.turn.is_live is is_live]
    heard = [each for each in lane if not each.is_mute(now_s)]
    within = sum(now_s - each.since_s < SLOT_S for each in heard)
    is_wide = len(heard) < WIDE * at_once and len(lane) < MUTE_WIDE * at_once
    return within < at_once and is_wide
