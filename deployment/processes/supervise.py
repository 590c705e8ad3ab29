"""Keep one command running: `python -m deployment.processes.supervise NAME -- COMMAND…`

honcho ends everything when one process ends; this wrapper starts the command again instead,
later and later when it keeps dying, and keeps its output in `logs/NAME.log`, bounded.
"""

from __future__ import annotations

import ctypes
import logging
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from logging.handlers import RotatingFileHandler

from deployment import pids
from deployment.layout import Layout, layout

FIRST_DELAY_S = 0.5
MAX_DELAY_S = 30.0
STEADY_S = 60.0
POLL_S = 0.5
BLOCK = 65_536
GRACE_S = 4  # honcho insists after 5 s
LOG_BYTES = 10_000_000
PR_SET_PDEATHSIG = 1


def next_delay(previous_s: float, lived_s: float) -> float:
    """Answer how long to wait before the next start; a process that lived long starts at once.

    >>> next_delay(0, 1), next_delay(16, 1), next_delay(30, 1), next_delay(30, 61)
    (0.5, 30.0, 30.0, 0.5)
    """
    if lived_s >= STEADY_S or not previous_s:
        return FIRST_DELAY_S
    return min(previous_s * 2, MAX_DELAY_S)


class Supervisor:
    """One command and its restarts."""

    def __init__(self, here: Layout, name: str, command: list[str]) -> None:
        self.here, self.name, self.command = here, name, command
        self.is_over = False
        self.child: subprocess.Popen[bytes] | None = None
        self.log = logging.getLogger(name)
        self.log.setLevel(logging.INFO)
        self.log.addHandler(
            RotatingFileHandler(
                here.folder("logs") / f"{name}.log", maxBytes=LOG_BYTES, backupCount=2
            )
        )

    def serve(self) -> None:
        """Run the command again and again, until told to stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.end())
        pids.remember(self.here, self.name, os.getpid())
        delay_s = 0.0
        while not self.is_over:
            began = time.monotonic()
            code = self._run_once()
            if self.is_over:
                break
            lived_s = time.monotonic() - began
            delay_s = next_delay(delay_s, lived_s)
            self._tell(f"{self.name} s’est arrêté (code {code}) : relancé dans {delay_s:g} s")
            self._pause(delay_s)
        self._kill_late()

    def _run_once(self) -> int:
        try:
            self.child = subprocess.Popen(
                self.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509  (this process has one thread)
            )  # fmt: skip
        except OSError as fault:
            self._tell(f"{self.name} ne peut pas démarrer : {fault}")
            return 127
        self._copy_output(self.child)
        code = self.child.wait()
        self._signal(signal.SIGKILL)  # its own children would keep the port
        return code

    def _copy_output(self, child: subprocess.Popen[bytes]) -> None:
        """Log what the command prints until it ends; its children may hold the pipe longer."""
        assert child.stdout
        rest = b""
        while True:
            is_over = child.poll() is not None
            ready, _, _ = select.select([child.stdout], [], [], 0 if is_over else POLL_S)
            read = os.read(child.stdout.fileno(), BLOCK) if ready else b""
            *lines, rest = (rest + read).split(b"\n")
            for line in lines:
                self.log.info(line.decode(errors="replace"))
            if is_over and not read:
                break
            if ready and not read:  # it closed its output and lives on
                time.sleep(POLL_S)
        child.stdout.close()

    def end(self) -> None:
        """Ask the command to end, and do not start it again."""
        self.is_over = True
        self._signal(signal.SIGTERM)
        signal.signal(signal.SIGALRM, lambda *_: self._signal(signal.SIGKILL))
        signal.alarm(GRACE_S)

    def _signal(self, number: signal.Signals) -> None:
        if self.child:
            with suppress(ProcessLookupError, PermissionError):  # it has just ended
                os.killpg(self.child.pid, number)

    def _kill_late(self) -> None:
        """End what the command left behind in its group."""
        self._signal(signal.SIGKILL)
        (self.here.folder("run") / f"{self.name}.pid").unlink(missing_ok=True)

    def _pause(self, delay_s: float) -> None:
        limit = time.monotonic() + delay_s
        while not self.is_over and time.monotonic() < limit:
            time.sleep(0.1)

    def _tell(self, text: str) -> None:
        self.log.info(text)
        print(text, flush=True)


def _die_with_parent() -> None:
    """Let the kernel end the command when its supervisor is killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def main() -> int:
    """Obey the command line."""
    name, mark, *command = sys.argv[1:]
    if mark != "--" or not command:
        sys.stderr.write(__doc__ or "")
        return 2
    Supervisor(layout(), name, command).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
