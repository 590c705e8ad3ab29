"""Search in French: how good it is on judged questions, nDCG@10, ours against the stock schema.

`--ini` are the settings of the tests. The same datasets are written in both indexes in the same
run; then again beside the entries of a real catalogue, where they are on this machine. Writes
`results-search.md`. How fast it is: `bench_search_load`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.search import judged

RESULTS = Path(__file__).parent / "results-search.md"
AMONG = {"alone": "ours alone", "beside": "beside the real entries of a metropolis"}


def quality(ini: str) -> dict[str, Any]:
    """Judge both sides in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.search_quality", ini]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    return dict(json.loads(done.stdout.splitlines()[-1]))


def write(told: dict[str, Any]) -> None:
    """Write `results-search.md`."""
    questions, datasets = len(judged.questions()), len(judged.rows("corpus.csv"))
    rows = "\n".join(
        f"| {AMONG[among]} | {half} | {sides['stock'][half]:.3f} | {sides['ours'][half]:.3f} |"
        for among, sides in told.items()
        for half in ("tuned", "held", "all")
    )
    RESULTS.write_text(
        f"""# Search in French: nDCG@10 on {questions} judged questions, {datasets} datasets

{datetime.now(UTC):%Y-%m-%d %H:%M} UTC. The same datasets, written by the bulk write of
harvests, in two cores of one Solr. *Stock* is CKAN's schema and query; *ours* is
`package_search` of the portal. Words and weights were chosen on the half *tuned*. Of the half
*held*, only the mean was read, and one question weighed on the last weights (the mean before and
after was the same); one author wrote questions, grades and words. Real entries are in both indexes
and count for nothing: they are left out of the answers before the first ten are judged.

| datasets | half | stock | ours |
|---|---|---:|---:|
{rows}
""",
        encoding="utf-8",
    )


def main() -> None:
    """Judge and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    home = os.environ.get("TERRITOIRE_HOME", ".territoire")
    parser.add_argument("--ini", default=f"{home}/test.ini")
    told = quality(parser.parse_args().ini)
    sys.stderr.write(f"{told}\n")
    write(told)


if __name__ == "__main__":
    main()
