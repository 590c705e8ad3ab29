"""Start, stop and look at the processes of the Procfile, under honcho."""

from __future__ import annotations

import http.client
import os
import re
import time
from pathlib import Path

from deployment import pids
from deployment.layout import CHECKOUT, Layout
from deployment.steps import SetUpError, end_of, is_listening, refuse_taken

PROCFILE = CHECKOUT / "deployment" / "Procfile"
SERVICES = ("redis", "solr")
WEB_TIMEOUT_S = 300  # CKAN is slow to load on a busy machine, the first time above all
STATUS = "/api/3/action/status_show"


def names() -> list[str]:
    """Read the names of the processes, in the order of the Procfile."""
    return re.findall(r"^([a-z]+):", PROCFILE.read_text(encoding="utf-8"), re.MULTILINE)


def environment(layout: Layout) -> dict[str, str]:
    """Answer the environment in which our processes and commands run."""
    return dict(
        os.environ,
        TERRITOIRE_HOME=str(layout.home),
        TERRITOIRE_VENV=str(layout.venv),
        TERRITOIRE_PORT=str(layout.web_port),
        TERRITOIRE_BASE_PORT=str(layout.base_port),
        TERRITOIRE_DEMO_PORT=str(layout.demo_port),
        TERRITOIRE_OGC_PORT=str(layout.ogc_port),
        TERRITOIRE_OGC=str(layout.ogc_settings),
        CKAN_INI=str(layout.ini("ckan")),
        PYTHONUNBUFFERED="1",
        PATH=f"{layout.venv / 'bin'}:{os.environ.get('PATH', '')}",
    )


def is_running(layout: Layout) -> bool:
    """Say whether honcho and each of its supervisors live."""
    return all(pids.is_alive(layout, name) for name in ("honcho", *names()))


def start(layout: Layout) -> None:
    """Start the processes when they do not run; what a killed honcho left is ended first."""
    if is_running(layout):
        return
    stop(layout)
    refuse_ports(layout)
    honcho = layout.venv / "bin" / "honcho"
    command = [honcho, "start", "--no-colour", "-e", os.devnull, "-f", PROCFILE, "-d", CHECKOUT]
    pids.start_detached(layout, "honcho", command, environment(layout))


def refuse_ports(layout: Layout) -> None:
    """Refuse to begin when another program holds the ports of our processes."""
    if not is_running(layout):
        refuse_taken(layout.web_port, "le portail")
        refuse_taken(layout.demo_port, "les sources de démonstration")
        refuse_taken(layout.ogc_port, "les cartes et les SIG")


def wait_for_port(layout: Layout, name: str, port: int, timeout_s: float = WEB_TIMEOUT_S) -> None:
    """Wait until a process listens; raise `SetUpError` with its log when it does not."""
    limit = time.monotonic() + timeout_s
    while time.monotonic() < limit:
        if is_listening(port):
            return
        if not pids.is_alive(layout, "honcho"):
            break
        time.sleep(0.2)
    raise _late(layout, name)


def wait_for_portal(layout: Layout) -> None:
    """Wait until the portal answers a request."""
    limit = time.monotonic() + WEB_TIMEOUT_S
    while time.monotonic() < limit:
        if answers(layout):
            return
        if not pids.is_alive(layout, "honcho"):
            break
        time.sleep(0.2)
    raise _late(layout, "web")


def answers(layout: Layout) -> bool:
    """Say whether the portal answers."""
    link = http.client.HTTPConnection("127.0.0.1", layout.web_port, timeout=30)
    try:
        link.request("GET", STATUS)
        return link.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def _late(layout: Layout, name: str) -> SetUpError:
    log: Path = layout.folder("logs") / f"{name}.log"
    return SetUpError(
        f"{end_of(log)}\n\nLe processus « {name} » ne répond pas. Journal : {log}\n"
        "Essayez « make doctor », qui dit quoi réparer."
    )


def stop(layout: Layout) -> None:
    """Stop honcho, then any supervisor that outlived it."""
    for name in ("honcho", *names()):
        pids.stop(layout, name)
