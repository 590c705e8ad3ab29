"""Lines to PostgreSQL: how long one may be mute, and that a forked process has lines of its own.

Connecting is bounded, a dead line is noticed.

Without it a process waits for minutes, or for ever, behind a firewall that forgot the line or a
machine that is gone. Said for every engine of the process, CKAN's and the DataStore's; what an
address says itself (`?connect_timeout=…`) stays. Parameters: libpq, « Database Connection Control
Functions ».

A run of a harvest is a process that is forked. Two processes that speak on one line read each
other's answers, and one of them waits for ever: in the child, every engine begins with no line.
Nothing is closed there, for the lines stay the parent's.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

from ckan import model
from ckanext.datastore.backend import postgres
from sqlalchemy import event
from sqlalchemy.engine import Dialect, Engine

LINE = {
    "connect_timeout": 5,  # seconds
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,  # milliseconds without any sign that what was sent arrived
}


def bound_lines() -> None:
    """Bound the lines that are opened from now on; said as often as one likes."""
    if not event.contains(Engine, "do_connect", _bound):
        event.listen(Engine, "do_connect", _bound)


@lru_cache(maxsize=1)
def part_lines_at_forks() -> None:
    """Let every process that is forked from now on open lines of its own."""
    os.register_at_fork(after_in_child=_leave_lines)


def _leave_lines() -> None:
    for engine in (model.meta.engine, *postgres._engines.values()):
        if engine is not None:
            engine.dispose(close=False)


def _bound(dialect: Dialect, record: Any, args: Any, params: dict[str, Any]) -> None:
    if dialect.driver == "psycopg2":
        for name, value in LINE.items():
            params.setdefault(name, value)
