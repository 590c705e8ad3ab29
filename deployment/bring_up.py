"""`make demo`: from installed packages to a living portal, step by step, nothing twice.

Runs after `bootstrap.sh`. Each step is done once for the same inputs (a stamp, written last), so
that an interrupted run is taken up where it stopped.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from deployment import services
from deployment.ckan.tables import ckan
from deployment.layout import CHECKOUT, Layout, layout
from deployment.processes import run as processes
from deployment.solr.server import cores_mark
from deployment.steps import SetUpError, digest, end_of, is_done, obey, set_done, step
from deployment.summary import tell

EPCI = "243500139"
COMMAND = CHECKOUT / "deployment" / "territoire"
INDEX_FIELDS = CHECKOUT / "ckanext-territoire/ckanext/territoire/index_fields.py"
CODE_SUFFIXES = {".py", ".yaml", ".html", ".lock"}
LOCKS = ("npm/package-lock.json", "requirements-nodeps.lock")


def bring_up(here: Layout) -> None:
    """Do every step, then say what there is."""
    began = time.monotonic()
    processes.refuse_ports(here)
    services.start(here)
    _index_again(here)
    _once(here, "admin", "1", "compte d’administration", _make_admin)
    facts = digest(*(CHECKOUT / "deployment" / lock for lock in LOCKS))
    _once(here, "territory", EPCI + facts, "territoire : Rennes Métropole et ses communes", _init)
    _once(here, "publish", EPCI + facts, "jeux de données réels : communes, mairies", _publish)
    _start_processes(here)
    mark = digest(*sorted((CHECKOUT / "deployment" / "demo").rglob("*.[pyc][ysa]*")))
    _once(here, "demo", f"{here.demo_port} {mark}", "sources de démonstration : moisson", _load)
    with step("portail"):
        processes.wait_for_portal(here)
    tell(here, time.monotonic() - began)


def _start_processes(here: Layout) -> None:
    """Start the processes; again when the code or the settings changed since."""
    code = [
        CHECKOUT / name for name in ("deployment", "harvesters", "schemas", "ckanext-territoire")
    ]
    files = [f for folder in code for f in sorted(folder.rglob("*")) if f.suffix in CODE_SUFFIXES]
    mark = digest(*files, here.ini("ckan"))
    if not is_done(here, "processes", mark):
        processes.stop(here)
    processes.start(here)
    set_done(here, "processes", mark)


def _once(here: Layout, name: str, mark: str, title: str, act: Callable[[Layout], None]) -> None:
    if is_done(here, name, mark):
        return
    with step(title):
        act(here)
    set_done(here, name, mark)


def _index_again(here: Layout) -> None:
    """Read all datasets into the index again when its words changed; a new portal has none."""
    mark = cores_mark() + digest(INDEX_FIELDS)
    if not is_done(here, "index", mark) and (here.folder("stamps") / "admin").exists():
        with step("recherche : l’index est refait, ses règles ont changé"):
            _run(here, [*ckan(here), "search-index", "rebuild", "--force"])
    set_done(here, "index", mark)


def _make_admin(here: Layout) -> None:
    _run(here, [here.venv / "bin" / "python", "-m", "deployment.ckan.first_admin"])


def _init(here: Layout) -> None:
    _run(here, [COMMAND, "territory", "init", "--epci", EPCI])


def _publish(here: Layout) -> None:
    _run(here, [COMMAND, "territory", "publish"])


def _load(here: Layout) -> None:
    processes.wait_for_port(here, "demo", here.demo_port)
    _run(here, [COMMAND, "demo", "load"])


def _run(here: Layout, command: list[str | Path]) -> None:
    """Run one of our commands; the log keeps what it prints."""
    log = here.folder("logs") / "set-up.log"
    with log.open("ab") as out:
        done = subprocess.run(
            [str(part) for part in command], env=processes.environment(here), cwd=CHECKOUT,
            stdout=out, stderr=out, check=False,
        )  # fmt: skip
    if done.returncode:
        raise SetUpError(
            f"{end_of(log)}\n\nLa commande « {' '.join(map(str, command[-2:]))} » a échoué. "
            f"Relancez « make demo » : elle reprendra ici.\nJournal : {log}"
        )


def main() -> int:
    """Obey `make demo`."""
    return obey(lambda: bring_up(layout()))


if __name__ == "__main__":
    sys.exit(main())
