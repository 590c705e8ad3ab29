"""Run something in a process of its own, that a test may kill."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from multiprocessing.process import BaseProcess

from ckan import model


def start_child(act: Callable[[], object]) -> BaseProcess:
    """Fork, with no transaction open; the child has lines of its own (`postgres_line`)."""
    model.Session.remove()
    process = multiprocessing.get_context("fork").Process(target=act)
    process.start()
    return process
