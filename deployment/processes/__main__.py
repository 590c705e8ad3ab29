"""`python -m deployment.processes start|stop|status`."""

from __future__ import annotations

import sys
from collections.abc import Callable

from deployment.layout import Layout, layout
from deployment.processes.run import is_running, start, stop, wait_for_portal
from deployment.processes.state import read_states
from deployment.steps import obey


def status(here: Layout) -> None:
    """Say what runs, with its memory."""
    states = read_states(here)
    for state in states:
        mark = "✓" if state.is_up else "✗"
        detail = f"{state.memory_mb:>6.0f} Mo  {state.where}" if state.is_up else "arrêté"
        print(f"  {mark} {state.label:<26} {detail}")
    print(f"  Mémoire en tout : {sum(state.memory_mb for state in states):.0f} Mo")
    if is_running(here):
        print(f"  Portail : {here.site_url}")
    else:
        print("  Le portail est arrêté. Pour le démarrer : make demo")


def _start(here: Layout) -> None:
    start(here)
    wait_for_portal(here)


ACTIONS: dict[str, Callable[[Layout], None]] = {"start": _start, "stop": stop, "status": status}


if __name__ == "__main__":
    sys.exit(obey(lambda: ACTIONS[sys.argv[1]](layout())))
