"""Runs side by side, each in a process of its own (ADR 8): two cores serve two runs.

A process is forked for a run and ends with it, with database connections of its own. One that
outlives its deadline is killed: its job waits, its lock is free, the next turn takes it up. A run
that waits for a mute server says so (`listening`) and gives up its place.
"""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Sequence
from ctypes import c_double
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from ckan import model

from ckanext.territoire.harvest_adapter.listening import FORK, make_ear, use_ear
from harvesters.turns import Running, Turn, choose

log = logging.getLogger(__name__)
AGAIN_S = 30  # a run that was cut is not begun again at once


@dataclass(frozen=True, slots=True)
class _Run:
    turn: Turn
    since_s: float
    ear: c_double
    process: BaseProcess

    def running(self) -> Running:
        """Where the run stands now."""
        return Running(self.turn, self.since_s, self.ear.value or None)


@dataclass(slots=True)
class Pool:
    """The runs under way. `run` answers whether it did the run; it is called in the new process."""

    run: Callable[[Turn], bool]
    at_once: int
    deadline_s: float
    done: int = 0
    _runs: list[_Run] = field(default_factory=list)
    _served: dict[str, float] = field(default_factory=dict)
    _not_before: dict[str, float] = field(default_factory=dict)

    @property
    def is_busy(self) -> bool:
        """Whether a run is under way."""
        return bool(self._runs)

    def fill(self, waiting: Sequence[Turn]) -> list[Turn]:
        """Begin the runs whose turn it is, and answer them."""
        self._reap()
        now_s = time.monotonic()
        running = [each.running() for each in self._runs]
        able = [turn for turn in waiting if self._not_before.get(turn.source_id, now_s) <= now_s]
        chosen = choose(able, running, self._served, now_s, self.at_once)
        for turn in chosen:
            model.Session.remove()
            ear = make_ear()
            process = FORK.Process(target=_be_a_run, args=(self.run, turn, ear), daemon=True)
            process.start()
            self._runs.append(_Run(turn, now_s, ear, process))
            self._served[turn.owner] = now_s
        return chosen

    def wait(self, timeout_s: float) -> None:
        """Wait until a run ends, or for a while; not at all when none is under way."""
        if self._runs:
            wait([each.process.sentinel for each in self._runs], timeout_s)
        self._reap()

    def stop(self, grace_s: float) -> bool:
        """Let the runs end for a while, then cut those that last; answer whether none was cut."""
        limit = time.monotonic() + grace_s
        while self._runs and (left_s := limit - time.monotonic()) > 0:
            self.wait(left_s)
        for each in self._runs:
            each.process.kill()
        return not self._runs

    def _reap(self) -> None:
        """Forget the runs that have ended, and end those that outlive their deadline."""
        going = []
        for each in self._runs:
            if each.process.is_alive():
                if time.monotonic() - each.since_s > self.deadline_s:
                    log.warning("job %s outlives its deadline: killed", each.turn.job_id)
                    each.process.kill()
                going.append(each)
                continue
            is_done = each.process.exitcode == 0
            self.done += is_done
            pause_s = 0 if is_done else AGAIN_S
            self._not_before[each.turn.source_id] = time.monotonic() + pause_s
            each.process.close()
        self._runs = going


def _be_a_run(run: Callable[[Turn], bool], turn: Turn, ear: c_double) -> None:
    """Do one run in a new process: the connections and the signals of the parent stay its own."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    use_ear(ear)
    model.Session.remove()
    is_done = run(turn)
    logging.shutdown()
    os._exit(0 if is_done else 1)
