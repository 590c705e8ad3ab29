"""Runs side by side, each in a thread of its own with its own database session (ADR 8)."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from harvesters.turns import Running, Turn, choose


@dataclass(slots=True)
class Pool:
    """The runs under way. `run` answers whether it did the run, and never raises.

    Threads are daemons: a service that is told to stop leaves a run that lasts as a kill would,
    and the next one takes it up again.
    """

    run: Callable[[Turn], bool]
    at_once: int
    done: int = 0
    _running: dict[str, Running] = field(default_factory=dict)
    _served: dict[str, float] = field(default_factory=dict)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def is_busy(self) -> bool:
        """Whether a run is under way."""
        return bool(self._running)

    def fill(self, waiting: Sequence[Turn]) -> list[Turn]:
        """Begin the runs whose turn it is, and answer them."""
        with self._changed:
            now_s = time.monotonic()
            running = list(self._running.values())
            chosen = choose(waiting, running, self._served, now_s, self.at_once)
            for turn in chosen:
                self._running[turn.source_id] = Running(turn, now_s)
                self._served[turn.owner] = now_s
        for turn in chosen:
            self._start(turn)
        return chosen

    def _start(self, turn: Turn) -> None:
        # the application of the command goes along, as CKAN's actions look for it
        context = contextvars.copy_context()
        thread = threading.Thread(
            target=context.run, args=(self._run, turn), name=f"run {turn.source_id}", daemon=True
        )
        thread.start()

    def _run(self, turn: Turn) -> None:
        is_done = False
        try:
            is_done = self.run(turn)
        finally:
            with self._changed:
                self.done += is_done
                del self._running[turn.source_id]
                self._changed.notify_all()

    def wait(self, timeout_s: float) -> None:
        """Wait until a run ends, or for a while; not at all when none is under way."""
        with self._changed:
            if self._running:
                self._changed.wait(timeout_s)

    def wait_for_all(self, timeout_s: float) -> bool:
        """Wait until every run has ended, or for a while; answer whether they have."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, timeout_s)
