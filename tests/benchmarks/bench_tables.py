"""Benchmark P2: tables until their last row answers `datastore_search`, against csv-detective.

`--rows` is the size of the large files, `--small` the number of small ones. Uses the test database
of this copy. Both sides must hold as many rows before a line counts. Writes `results-tables.md`.
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

from deployment.layout import layout
from tests.benchmarks.table_files import FILES, TRUTH, small

RESULTS = Path(__file__).parent / "results-tables.md"
TITLES = {
    "clean": "clean, UTF-8",
    "french": "cp1252, « ; », decimal commas",
    "last-bad": "last row bad",
    "wide": "900 columns of numbers",
    "workbook": "workbook (xlsx)",
    "small": "small files of 20 rows",
}
KINDS = {"text": "text", "numeric": "numeric", "float8": "numeric", "int8": "int8", "bool": "bool",
         "date": "date", "timestamptz": "timestamp", "timestamp": "timestamp"}  # fmt: skip
Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """What both sides did of one kind of file; `theirs` is empty where it cannot be read."""

    name: str
    size_mb: float
    ours: Told
    theirs: Told


def measure(side: str, paths: list[Path]) -> Told:
    """Run one side in a process of its own; an empty answer is a failure, with its reason."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.table_side",
               str(layout().ini("test")), side, *map(str, paths)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"fault": done.stderr.strip().splitlines()[-1][:120]}
    return dict(json.loads(done.stdout.splitlines()[-1]))


def compare(name: str, paths: list[Path]) -> Line:
    """Measure both sides; as many rows on both, or the line does not count."""
    ours, theirs = measure("ours", paths), measure("crawler", paths)
    if "fault" in ours:
        raise SystemExit(f"{name}: {ours['fault']}")
    if "fault" not in theirs and ours["rows"] != theirs["rows"]:
        theirs["fault"] = f"{theirs['rows']} rows kept of {ours['rows']}"
    line = Line(name, sum(p.stat().st_size for p in paths) / 1e6, ours, theirs)
    print(_row(line), file=sys.stderr, flush=True)
    return line


def _row(line: Line) -> str:
    ours, theirs = line.ours, line.theirs
    is_equal = "fault" not in theirs
    ratio = f"{theirs['seconds'] / ours['seconds']:.1f} ×" if is_equal else theirs["fault"]
    other = f"{theirs['seconds']:.1f}" if "seconds" in theirs else "–"
    memory = f"{theirs['rss_mb']:.0f}" if "rss_mb" in theirs else "–"
    cells = (TITLES[line.name], f"{line.size_mb:.0f}", ours["rows"], f"{ours['seconds']:.1f}",
             f"{ours['rows'] / ours['seconds']:,.0f}", other, ratio, f"{ours['rss_mb']:.0f}",
             memory, _right(ours), _right(theirs))  # fmt: skip
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _right(told: Told) -> str:
    """How many of the ten columns have the type of the truth table, and whether zeros stay."""
    if not set(TRUTH) <= set(told.get("types", ())):
        return "–"
    right = sum(KINDS.get(told["types"][name]) == kind for name, kind in TRUTH.items())
    return f"{right}/10{'' if told['zeros'] else ', zeros lost'}"


def write_results(lines: list[Line], load: float) -> None:
    """Write `results-tables.md`."""
    rows = "\n".join(_row(line) for line in lines)
    RESULTS.write_text(
        f"""# P2: tables until their last row answers

{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {platform.platform()}, Python
{platform.python_version()}, duckdb {version("duckdb")}, csv-detective {version("csv-detective")},
CKAN {version("ckan")}. Load average {load:.1f} before, {os.getloadavg()[0]:.1f} after.

A measure begins with a kept file and ends when `datastore_search` answers the last row; both sides
hold as many rows. Each is a process of its own; its start is not counted.

- **ours**: all that the job worker does: encoding, layout, types over all rows, `COPY`, full-text
  column and its index, data dictionary, the look whether the table belongs to a theme.
- **crawler**: csv-detective {version("csv-detective")} over all rows (`num_rows=-1`, profile, cast values),
  then `COPY`, as the national crawler does. It keeps no full-text column.

| file | MB | rows | ours s | ours rows/s | crawler s | ours is | ours MB | crawler MB | types ours | types crawler |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
{rows}

*Types* are compared with a truth table of ten columns made by hand: INSEE code, SIRET, telephone
and postcode are text and keep their zeros; number, whole number, date and boolean are typed.
A file of 2,000 columns is refused with the limit: PostgreSQL holds 1,600 in a table, and 8 kB in a row.
""",
        encoding="utf-8",
    )


def main() -> None:
    """Make each kind of file, measure both sides, write as it goes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--small", type=int, default=500)
    parser.add_argument("--only", default="", help="one kind of file")
    wanted = parser.parse_args()
    load, lines = os.getloadavg()[0], []
    counts = {"wide": max(wanted.rows // 200, 10), "workbook": min(wanted.rows, 300_000)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, make in FILES.items():
            if wanted.only in ("", kind):
                path = make(folder, counts.get(kind, wanted.rows))
                lines.append(compare(kind, [path]))
                path.unlink()
                write_results(lines, load)
        if wanted.only in ("", "small"):
            paths = [small(folder, number) for number in range(wanted.small)]
            lines.append(compare("small", paths))
            write_results(lines, load)


if __name__ == "__main__":
    main()
