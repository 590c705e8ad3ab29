"""`make doctor`: look at each part and say how to mend it; `--json` for a program.

Ends with 1 when something does not work.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from deployment.advisories import outcome
from deployment.doctor import machine, stores
from deployment.doctor.finding import Finding, Verdict, fault, from_json
from deployment.layout import CHECKOUT, Layout, layout
from deployment.processes.run import environment


def check_advisories(here: Layout) -> Iterator[Finding]:
    """What the last `make advisories` said; nobody is asked here."""
    yield outcome.to_finding(outcome.load(here), datetime.now(UTC))


CHECKS = (
    machine.check_programs,
    machine.check_libraries,
    machine.check_disk,
    machine.check_secrets,
    machine.check_processes,
    stores.check_databases,
    stores.check_redis,
    stores.check_solr,
    stores.check_ogc,
    check_advisories,
)
CATALOGUE_TIMEOUT_S = 120


def examine(here: Layout) -> Iterator[Finding]:
    """Run every check; the catalogue's own, in CKAN, last."""
    if not here.home.exists():
        yield fault("installation", f"{here.home} n’existe pas", "Tapez « make demo ».")
        return
    for check in CHECKS:
        yield from check(here)
    yield from _ask_catalogue(here)


def _ask_catalogue(here: Layout) -> Iterator[Finding]:
    command = [str(CHECKOUT / "deployment" / "territoire"), "doctor", "--json"]
    try:
        done = subprocess.run(
            command, env=environment(here), capture_output=True, text=True,
            timeout=CATALOGUE_TIMEOUT_S, check=False,
        )  # fmt: skip
        yield from (from_json(values) for values in json.loads(done.stdout))
    except (subprocess.TimeoutExpired, ValueError) as cause:
        told = "ne répond pas" if isinstance(cause, subprocess.TimeoutExpired) else done.stderr
        last = (told.strip().splitlines() or ["aucune réponse"])[-1]
        yield fault(
            "catalogue (CKAN)", f"ne démarre pas : {last[:200]}", "Tapez « make services »."
        )


def main(words: list[str]) -> int:
    """Print what was found; 1 when something does not work."""
    is_json = "--json" in words
    found = []
    for finding in examine(layout()):
        found.append(finding)
        if not is_json:
            print(finding.to_line(), flush=True)
    faults = [f for f in found if f.verdict is Verdict.FAULT]
    if is_json:
        print(json.dumps([f.to_json() for f in found], ensure_ascii=False, indent=1))
    else:
        print(f"\n{len(faults)} panne(s) à réparer." if faults else "\nTout va bien.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
