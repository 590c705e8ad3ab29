"""Steps of the set-up: said, timed, skipped when their inputs did not change."""

from __future__ import annotations

import errno
import hashlib
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deployment.layout import Layout

FREE_BYTES = 1_000_000_000
NO_SPACE = re.compile(r"No space left|ENOSPC", re.IGNORECASE)
NO_NETWORK = re.compile(
    r"could not transfer|unknown host|resolv|ENOTFOUND|EAI_AGAIN|unreachable|ConnectTimeout",
    re.IGNORECASE,
)


class SetUpError(Exception):
    """The set-up cannot go on; the text says why and what to do, in French."""


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say a step and how long it took."""
    started = time.monotonic()
    back = "\r" if sys.stdout.isatty() else "\n"
    sys.stdout.write(f"  … {title}")
    sys.stdout.flush()
    try:
        yield
    except BaseException:
        sys.stdout.write(f"{back}  ✗ {title}\n")
        raise
    sys.stdout.write(f"{back}  ✓ {title} ({time.monotonic() - started:.1f} s)\n")
    sys.stdout.flush()


def digest(*paths: Path) -> str:
    """Reduce the content of files to a text that changes with it."""
    body = hashlib.sha256()
    for path in paths:
        body.update(path.read_bytes() if path.exists() else b"")
    return body.hexdigest()


def is_done(layout: Layout, name: str, mark: str) -> bool:
    """Say whether a step was finished with the same inputs."""
    path = layout.folder("stamps") / name
    return path.exists() and path.read_text() == mark


def set_done(layout: Layout, name: str, mark: str) -> None:
    """Remember that a step is finished; always its last act."""
    path = layout.folder("stamps") / name
    draft = path.with_suffix(".tmp")
    draft.write_text(mark)
    draft.rename(path)


def run(command: Sequence[str | Path], log: Path, cwd: Path | None = None) -> None:
    """Run a command with its output in a log; raise `SetUpError` with the end of it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        words = [str(part) for part in command]
        done = subprocess.run(words, cwd=cwd, stdout=out, stderr=out, check=False)
    if done.returncode:
        raise SetUpError(_explain(Path(command[0]).name, log))


def end_of(log: Path, lines: int = 12) -> str:
    """Answer the last lines of a log, empty when there is none."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


def _explain(name: str, log: Path) -> str:
    end = end_of(log)
    hint = ""
    if NO_SPACE.search(end):
        hint = " Le disque est plein : libérez de la place."
    elif NO_NETWORK.search(end):
        hint = " Le réseau semble coupé : vérifiez la connexion."
    return (
        f"{end}\n\nLa commande « {name} » a échoué.{hint} "
        f"Relancez ensuite la même commande : elle reprendra ici.\nJournal : {log}"
    )


def check_disk(layout: Layout) -> None:
    """Refuse to begin on a disk that is nearly full."""
    layout.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(layout.home).free
    if free < FREE_BYTES:
        raise SetUpError(
            f"Le disque est presque plein : {free // 1_000_000} Mo libres, il en faut "
            f"{FREE_BYTES // 1_000_000}. Libérez de la place puis relancez la commande."
        )


def is_listening(port: int) -> bool:
    """Say whether something answers on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(port: int, name: str, log: Path, timeout_s: float = 180) -> None:
    """Wait until a server listens; raise `SetUpError` with its log when it does not."""
    limit = time.monotonic() + timeout_s
    while time.monotonic() < limit:
        if is_listening(port):
            return
        time.sleep(0.1)
    raise SetUpError(f"{end_of(log)}\n\n{name} ne démarre pas (port {port}).\nJournal : {log}")


def refuse_taken(port: int, name: str, patience_s: float = 10) -> None:
    """Refuse a port that another program holds.

    A killed server of many threads keeps its port after its process counts as gone: the port is
    awaited a little before it is called taken.
    """
    limit = time.monotonic() + patience_s
    while is_listening(port):
        if time.monotonic() > limit:
            raise SetUpError(
                f"Le port {port}, prévu pour {name}, est déjà pris par un autre programme. "
                "Choisissez-en d’autres : TERRITOIRE_PORT=5100 make demo"
            )
        time.sleep(0.1)


def obey(action: Callable[[], None]) -> int:
    """Run a command; a refusal, a full disk or ctrl-C is one French message and an exit code."""
    try:
        action()
    except SetUpError as fault:
        sys.stderr.write(f"\n{fault}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write(
            "\nInterrompu. Relancez la même commande : elle reprendra à cette étape.\n"
        )
        return 130
    except OSError as fault:
        if fault.errno != errno.ENOSPC:
            raise
        sys.stderr.write("\nLe disque est plein. Libérez de la place puis relancez la commande.\n")
        return 1
    return 0
