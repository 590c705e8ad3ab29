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
    def cpu_ms(self) -> float:
        """Processor time of the harvesting process for each dataset, which a busy machine spares."""
        return float(self.told["cpu_s"]) * 1_000 / self.count

    @property
    def writes(self) -> int:
        """Statements that write a dataset, an object or the outbox."""
        return sum(n for t, n in self.told["writes"].items() if t not in BOOKKEEPING)


def write_results(lines: list[Line], equal: int, load: float) -> None:
    """Write `results.md`."""
    best = {(line.step, line.count): line for line in lines if line.who == "ours"}
    ours = {step: line for (step, count), line in best.items() if count == lines[0].count}
    versions = ", ".join(f"{part} {version(part)}" for part in PARTS)
    rows = [_row(line, ours.get(line.step.split(",")[0])) for line in lines]
    text = f"""# P1: harvest of a CKAN portal

{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {platform.platform()}, Python
{platform.python_version()}, {versions}.
Load average {load:.1f} before, {os.getloadavg()[0]:.1f} after; column *load* is that of each measure.

Both sides stored the same for {equal} mixed datasets (`package_show`, all fields but ids, names and
dates of writing) before anything was measured. A measure ends when `package_search` finds the last
dataset. Each line is a process of its own; its start is not counted. PostgreSQL, Solr, the portal
and the harvester share the cores.

- **stock, our form**: ckanext-harvest with the same plugins and the same form: same stored result.
- **stock**: ckanext-harvest and ckanext-dcat alone; the fields of our form are not stored.
- **stock, no commit**: the same with `ckan.search.solr_commit = false`, one commit at the end.
- Stock reads everything (`force_all`), as ours does. *By date* is its default: it asks the portal
  for what changed since an hour before the last run. It never sees what was removed.

| side | step | datasets | seconds | datasets/s | ours is | CPU ms each | ours is | peak MB | SQL | writes | load |
|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
{chr(10).join(rows)}

*CPU* is that of the harvesting process alone, without PostgreSQL, Solr and the portal: it hardly
changes when other work takes the machine, while the seconds do.
*Writes* are statements that change a dataset, a harvest object, a source record or the outbox;
those of the job itself are left out.
"""
    RESULTS.write_text(text, encoding="utf-8")


def _row(line: Line, ours: Line | None) -> str:
    is_peer = ours is not None and line.who != "ours"
    ratio = f"{ours.rate / line.rate:.1f} ×" if ours and is_peer else ""
    lighter = f"{line.cpu_ms / ours.cpu_ms:.1f} ×" if ours and is_peer else ""
    cells = (line.who, line.step, line.count, f"{line.told['seconds']:.2f}", f"{line.rate:.1f}",
             ratio, f"{line.cpu_ms:.2f}", lighter, f"{line.told['rss_mb']:.0f}",
             line.told["statements"], line.writes, f"{line.told['load']:.1f}")  # fmt: skip
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
