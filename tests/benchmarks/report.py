"""Write what the harvest benchmark measured, with the machine, the date and the versions."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results.md"
PARTS = ("ckan", "ckanext-harvest", "ckanext-scheming", "ckanext-dcat", "sqlalchemy")
# the tables of the job itself: a run always says that it took place
BOOKKEEPING = frozenset("harvest_job territoire_run harvest_gather_error".split())


@dataclass(frozen=True, slots=True)
class Line:
    """One measure of one side."""

    who: str
    step: str
    count: int
    told: dict[str, Any]

    @property
    def rate(self) -> float:
        """Datasets of the source per second."""
        return self.count / float(self.told["seconds"])

    @property
    def writes(self) -> int:
        """Statements that write a dataset, an object or the outbox."""
        return sum(n for t, n in self.told["writes"].items() if t not in BOOKKEEPING)


def write_results(lines: list[Line], equal: int, load: list[float]) -> None:
    """Write `results.md`."""
    best = {(line.step, line.count): line for line in lines if line.who == "ours"}
    ours = {step: line for (step, count), line in best.items() if count == lines[0].count}
    versions = ", ".join(f"{part} {version(part)}" for part in PARTS)
    rows = [_row(line, ours.get(line.step.split(",")[0])) for line in lines]
    text = f"""# P1: harvest of a CKAN portal

{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {platform.platform()}, Python
{platform.python_version()}, {versions}. Load average {load[0]:.1f} before, {load[1]:.1f} after.

Both sides stored the same for {equal} mixed datasets (`package_show`, all fields but ids, names and
dates of writing) before anything was measured. A measure ends when `package_search` finds the last
dataset. Each line is a process of its own; its start is not counted. PostgreSQL, Solr, the portal
and the harvester share the cores.

- **stock, our form**: ckanext-harvest with the same plugins and the same form: same stored result.
- **stock**: ckanext-harvest and ckanext-dcat alone; the fields of our form are not stored.
- **stock, no commit**: the same with `ckan.search.solr_commit = false`, one commit at the end.
- Stock reads everything (`force_all`), as ours does. *By date* is its default: it asks the portal
  for what changed since an hour before the last run. It never sees what was removed.

| side | step | datasets | seconds | datasets/s | ours is | peak MB | SQL statements | writes |
|---|---|---:|---:|---:|---:|---:|---:|---:|
{chr(10).join(rows)}

*Writes* are statements that change a dataset, a harvest object, a source record or the outbox;
those of the job itself are left out.
"""
    RESULTS.write_text(text, encoding="utf-8")


def _row(line: Line, ours: Line | None) -> str:
    ratio = f"{ours.rate / line.rate:.1f} ×" if ours and line.who != "ours" else ""
    cells = (line.who, line.step, line.count, f"{line.told['seconds']:.2f}", f"{line.rate:.1f}",
             ratio, f"{line.told['rss_mb']:.0f}", line.told["statements"], line.writes)  # fmt: skip
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
