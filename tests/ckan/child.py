"""Run something in a process of its own, that a test may kill."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.process import BaseProcess

from ckan import model

from harvesters.border import Border


def start_child(act: Callable[[], object]) -> BaseProcess:
    """Fork, with no transaction open; the child has lines of its own (`postgres_line`)."""
    model.Session.remove()
    process = multiprocessing.get_context("fork").Process(target=act)
    process.start()
    return process


def die_at(border: Border, passage: int) -> Callable[[Border], None]:
    """Kill this process when it reaches a border for the nth time."""
    left = [passage]

    def die(reached: Border) -> None:
        left[0] -= reached is border
        if not left[0] and reached is border:
            os.kill(os.getpid(), signal.SIGKILL)

    return die
