"""Processes that this copy started: remembered by id and start time, ended by id only.

A pid file holds `<pid> <start time in clock ticks>`; the start time tells our process from a
stranger to whom the system gave the same id later.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from deployment.layout import CHECKOUT, Layout

GONE = ("Z", "X")


def started_at(pid: int) -> str:
    """Read when a process started, in clock ticks; empty when it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in GONE else fields[19]


def remember(layout: Layout, name: str, pid: int) -> None:
    """Write the pid file of a process."""
    path = layout.folder("run") / f"{name}.pid"
    draft = path.with_suffix(".tmp")
    draft.write_text(f"{pid} {started_at(pid)}")
    draft.rename(path)


def pid_of(layout: Layout, name: str) -> int | None:
    """Answer the id of a process of ours that lives, or nothing."""
    try:
        pid, _, start = (layout.folder("run") / f"{name}.pid").read_text().partition(" ")
        now = started_at(int(pid))
    except (OSError, ValueError):
        return None
    return int(pid) if now and (not start or now == start) else None


def is_alive(layout: Layout, name: str) -> bool:
    """Say whether the process we started under this name lives."""
    return pid_of(layout, name) is not None


def start_detached(
    layout: Layout,
    name: str,
    command: Sequence[str | Path],
    env: Mapping[str, str] | None = None,
) -> Path:
    """Start a process that outlives us; answer its log."""
    log = layout.folder("logs") / f"{name}.log"
    with log.open("ab") as out:
        server = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=CHECKOUT,
            env=dict(env) if env else None,
            start_new_session=True,
        )
    remember(layout, name, server.pid)
    return log


def stop(layout: Layout, name: str, patience_s: float = 15) -> None:
    """End a process of ours and wait for its end; insist when it does not obey."""
    pid = pid_of(layout, name)
    if pid is not None:
        _end(pid, signal.SIGTERM, patience_s) or _end(pid, signal.SIGKILL, patience_s)
    (layout.folder("run") / f"{name}.pid").unlink(missing_ok=True)


def _end(pid: int, number: signal.Signals, patience_s: float) -> bool:
    start = started_at(pid)
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return True
    limit = time.monotonic() + patience_s
    while time.monotonic() < limit:
        if started_at(pid) != start or not start:
            return True
        time.sleep(0.05)
    return False
