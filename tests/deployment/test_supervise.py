"""A process that dies comes back; one that is told to stop stays away and leaves nothing."""

from __future__ import annotations

import doctest
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployment import pids
from deployment.doctor import machine
from deployment.layout import CHECKOUT
from deployment.processes import supervise
from tests.patience import PATIENCE_S, wait_until

COMMAND = [
    sys.executable,
    "-u",
    "-c",
    "import os, time; print('pid', os.getpid()); time.sleep(60)",
]


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A supervisor of a command that prints its id and sleeps."""
    running = subprocess.Popen(
        [sys.executable, "-m", "deployment.processes.supervise", "toy", "--", *COMMAND],
        cwd=CHECKOUT,
        env=dict(os.environ, TERRITOIRE_HOME=str(tmp_path)),
        stdout=subprocess.DEVNULL,
    )
    yield running
    running.kill()
    running.wait()


def started(home: Path) -> list[int]:
    """Read the ids that the command printed, one a start."""
    log = home / "logs" / "toy.log"
    lines = log.read_text().splitlines() if log.exists() else []
    return [int(line.split()[1]) for line in lines if line.startswith("pid ")]


def test_a_killed_command_starts_again(supervisor: subprocess.Popen[bytes], tmp_path: Path) -> None:
    wait_until(lambda: len(started(tmp_path)) == 1)
    os.kill(started(tmp_path)[0], signal.SIGKILL)

    wait_until(lambda: len(started(tmp_path)) == 2)
    assert pids.started_at(started(tmp_path)[1])


def test_a_stopped_supervisor_ends_its_command(
    supervisor: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    wait_until(lambda: len(started(tmp_path)) == 1)
    supervisor.send_signal(signal.SIGTERM)

    assert supervisor.wait(PATIENCE_S) == 0
    assert not pids.started_at(started(tmp_path)[0])
    assert not (tmp_path / "run" / "toy.pid").exists()


def test_the_command_does_not_outlive_a_killed_supervisor(
    supervisor: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    wait_until(lambda: len(started(tmp_path)) == 1)
    supervisor.kill()

    wait_until(lambda: not pids.started_at(started(tmp_path)[0]))


def test_what_a_dead_command_left_running_is_ended_too(tmp_path: Path) -> None:
    """A web server killed alone leaves workers that hold its port and its output."""
    script = "import subprocess; print('pid', subprocess.Popen(['sleep', '60']).pid, flush=True)"
    command = ["-m", "deployment.processes.supervise", "toy", "--", sys.executable, "-c", script]
    running = subprocess.Popen(
        [sys.executable, *command], cwd=CHECKOUT, stdout=subprocess.DEVNULL,
        env=dict(os.environ, TERRITOIRE_HOME=str(tmp_path)),
    )  # fmt: skip
    try:
        wait_until(lambda: len(started(tmp_path)) >= 2)

        assert not pids.started_at(started(tmp_path)[0])
    finally:
        running.terminate()
        running.wait()


@pytest.mark.parametrize("module", [supervise, machine])
def test_the_examples_of_a_module_are_true(module: object) -> None:
    failed, tried = doctest.testmod(module)  # type: ignore[arg-type]

    assert tried
    assert not failed
