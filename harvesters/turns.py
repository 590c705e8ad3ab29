"""Whose turn it is: which waiting runs begin, so that no source makes the others wait. Pure.

Two lanes, each with `at_once` places: sources of live values, which come back every minute, and all
others. A run keeps its place for `SLOT_S`; one that lasts longer goes on beside, and another may
begin, up to twice the places. A server is read by one run of a lane at a time, which keeps its
pace (`harvesters.fetch.polite`). Among those that wait, the owner who was served longest ago comes
first, then who asked first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SLOT_S = 60


@dataclass(frozen=True, slots=True)
class Turn:
    """A run that waits. `owner` is the organisation, `host` the server of the source."""

    job_id: str
    source_id: str
    owner: str
    host: str
    is_live: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """A run that has begun, on a clock that only goes forward."""

    turn: Turn
    since_s: float


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
    able = [
        turn for turn in waiting
        if free[turn.is_live] and turn.source_id not in sources
        and (turn.is_live, turn.host) not in servers
    ]  # fmt: skip
    return min(able, key=lambda turn: served.get(turn.owner, float("-inf")), default=None)


def _has_place(is_live: bool, busy: Sequence[Running], now_s: float, at_once: int) -> bool:
    lane = [each for each in busy if each.turn.is_live is is_live]
    within = sum(now_s - each.since_s < SLOT_S for each in lane)
    return within < at_once and len(lane) < 2 * at_once
