"""A run tells the pool when it waits for its server: a number in memory that both share.

`0` is a run at work; else the moment of its question, on the clock of the machine.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from ctypes import c_double

from harvesters.model import Issue, Request, Response

Fetch = Callable[[Request], Response | Issue]
FORK = multiprocessing.get_context("fork")
_here = c_double(0)


def make_ear() -> c_double:
    """Make the number of one run, before its process is forked."""
    return FORK.RawValue(c_double, 0)


def use_ear(ear: c_double) -> None:
    """Make this process tell its waits there."""
    global _here  # noqa: PLW0603 one run a process
    _here = ear


def told(fetch: Fetch) -> Fetch:
    """Tell of each request that it waits, until it is answered."""

    def ask(request: Request) -> Response | Issue:
        _here.value = time.monotonic()
        try:
            return fetch(request)
        finally:
            _here.value = 0

    return ask
