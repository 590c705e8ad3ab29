"""The servers of other projects that a test harvests: started on loopback, ended with the test."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from deployment.layout import CHECKOUT, layout
from tests.free_port import free_port
from tests.patience import PATIENCE_S

PAUSE_S = 0.2


def python_of_peers() -> Path:
    """The Python that has them, or a skip that says how to get it."""
    python = layout().home / "peers" / "bin" / "python"
    if not python.exists():
        pytest.skip(
            "pycsw and pygeoapi are not installed here: `make test` installs them from the"
            " package registry; logs/bootstrap.log says why when it could not"
        )
    return python


@contextmanager
def serve(name: str, folder: Path, ready: str) -> Iterator[str]:
    """Run `deployment/peers/<name>.py` on a free port; answer its address once `ready` answers."""
    python, port = python_of_peers(), free_port()
    script = CHECKOUT / "deployment" / "peers" / f"{name}.py"
    log = folder / "peer.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [python, "-W", "ignore", script, folder, str(port)], stdout=out, stderr=out
        )
        try:
            site = f"http://127.0.0.1:{port}"
            _wait(process, f"{site}{ready}", log)
            yield site
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE_S)


def send(url: str, body: bytes = b"", method: str = "POST", media_type: str = "") -> bytes:
    """Write to a peer; what it refuses is an error of the test."""
    asked = Request(url, body or None, {"Content-Type": media_type}, method=method)
    with urlopen(asked, timeout=PATIENCE_S) as answer:
        told = answer.read()
    assert isinstance(told, bytes)
    return told


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(url, timeout=PATIENCE_S):
                return
        except HTTPError as fault:
            raise AssertionError(f"{url}: {fault.code}") from fault
        except (URLError, ConnectionError):
            time.sleep(PAUSE_S)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace")[-2000:])
