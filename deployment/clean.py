"""`make clean`: erase what this copy made, except its backups."""

from __future__ import annotations

import shutil
import sys

from deployment import services
from deployment.layout import CHECKOUT, Layout, layout
from deployment.processes import run as processes
from deployment.steps import obey


def clean(here: Layout) -> None:
    """Stop all and erase the state folder; a person at a terminal is asked first."""
    if not here.home.exists():
        return
    if sys.stdin.isatty():
        told = input(f"Effacer {here.home}, bases de données comprises ? Tapez « oui » : ")
        if told.strip().lower() != "oui":
            print("Rien n’a été effacé.")
            return
    processes.stop(here)
    services.stop(here)
    for each in (here, here.beside()):
        shutil.rmtree(each.postgres_data, ignore_errors=True)
    shutil.rmtree(here.home)
    shutil.rmtree(CHECKOUT / "ckanext_territoire.egg-info", ignore_errors=True)
    print("Effacé. Les sauvegardes, rangées à côté, sont gardées.")


if __name__ == "__main__":
    sys.exit(obey(lambda: clean(layout())))
