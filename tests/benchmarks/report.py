"""Write what the harvest benchmark measured, with the machine, the date and the versions."""

from __future__ import annotations

import os
import platform
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

TOGETHER = 4
RESULTS = Path(__file__).parent / "results.md"
PARTS = ("ckan", "ckanext-harvest", "ckanext-scheming", "ckanext-dcat", "sqlalchemy")
# the tables of the job itself: a run always says that it took place
BOOKKEEPING = frozenset(
    "harvest_job territoire_run harvest_gather_error territoire_source_rhythm".split()
)


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


@dataclass(slots=True)
class Found:
    """All that was measured, by the path below the portal."""

    load: float
    equal: int = 0
    equal_dcat: int = 0
    lines: defaultdict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))
    together: list[Line] = field(default_factory=list)


HEAD = """| side | step | datasets | seconds | datasets/s | ours is | CPU ms each | ours is | peak MB | growth MB | SQL | writes | load |
|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
"""


def write_results(found: Found) -> None:
    """Write `results.md`."""
    versions = ", ".join(f"{part} {version(part)}" for part in PARTS)
    text = f"""# P1: harvest of a CKAN portal and of a DCAT catalogue

{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, {platform.platform()}, Python
{platform.python_version()}, {versions}.
Load average {found.load:.1f} before, {os.getloadavg()[0]:.1f} after; column *load* is that of each measure.

A measure ends when `package_search` finds the last dataset. Each line is a process of its own,
forked from one that had loaded CKAN and, as our service does before it forks a run, read the form and
the vocabularies; its start is not counted. PostgreSQL, Solr, the portal and the harvester share the cores.

*CPU* is that of the harvesting process alone, without PostgreSQL, Solr and the portal: it hardly
changes when other work takes the machine, while the seconds do. *Growth* is what the run added to
the memory of a process that had loaded CKAN. *Writes* are statements that change a dataset, a
harvest object, a source record or the outbox; those of the job itself are left out.

## CKAN portal

Both sides stored the same for {found.equal} mixed datasets (`package_show`, all fields but ids, names and
dates of writing) before anything was measured.

- **stock, our form**: ckanext-harvest with the same plugins and the same form: same stored result.
- **stock**: ckanext-harvest and ckanext-dcat alone; the fields of our form are not stored.
- **stock, no commit**: the same with `ckan.search.solr_commit = false`, one commit at the end.
- Stock reads everything (`force_all`), as ours does. *By date* is its default: it asks the portal
  for what changed since an hour before the last run. It never sees what was removed.

{_table(found.lines[""])}
## DCAT catalogue

The same datasets in Turtle, 500 a page, linked by Hydra. For {found.equal_dcat} of them both sides stored the
same title, text, tags, page, dates, publisher, contact, and of each file the address, name, text,
format, media type and size. *Stock* is ckanext-dcat's RDF harvester with CKAN's own form, which
reads all pages again and updates every dataset at each run.

{_table(found.lines["/catalog.ttl"])}
The same catalogue in one page: memory follows the page, not the number of datasets.

{_table(found.lines["/whole.ttl"])}
## Sources side by side

One CKAN portal alone, then {TOGETHER} portals of the same size on servers of their own, as the service
runs them: two at once, a process each.

{_together(found.together)}"""
    RESULTS.write_text(text, encoding="utf-8")


def _table(lines: list[Line]) -> str:
    """Every line, peers beside the smaller of our sizes."""
    ours = {line.step: line for line in reversed(lines) if line.who == "ours"}
    return HEAD + "".join(_row(line, ours.get(line.step.split(",")[0])) + "\n" for line in lines)


def _together(lines: list[Line]) -> str:
    if not lines:
        return ""
    rows = []
    for line in lines:
        lasts = [run["ended"] - run["began"] for run in line.told["runs"]]
        told = ", ".join(f"{run['began']:.1f}–{run['ended']:.1f}" for run in line.told["runs"])
        rows.append(f"| {line.step} | {len(lasts)} × {line.count // len(lasts)} | "
                    f"{line.told['seconds']:.2f} | {line.rate:.1f} | {line.cpu_ms:.2f} | {told} | "
                    f"{max(lasts) / min(lasts):.2f} | {line.told['load']:.1f} |")  # fmt: skip
    gain = lines[-1].rate / lines[0].rate
    return f"""| step | datasets | seconds | datasets/s | CPU ms each | began–ended, s | longest/shortest | load |
|---|---|---:|---:|---:|---|---:|---:|
{chr(10).join(rows)}

Together they go {gain:.2f} times as fast as one alone.
"""


def _row(line: Line, ours: Line | None) -> str:
    is_peer = ours is not None and line.who != "ours"
    ratio = f"{ours.rate / line.rate:.1f} ×" if ours and is_peer else ""
    lighter = f"{line.cpu_ms / ours.cpu_ms:.1f} ×" if ours and is_peer else ""
    cells = (line.who, line.step, line.count, f"{line.told['seconds']:.2f}", f"{line.rate:.1f}",
             ratio, f"{line.cpu_ms:.2f}", lighter, f"{line.told['rss_mb']:.0f}",
             f"{line.told['rss_mb'] - line.told['start_mb']:.0f}", line.told["statements"], line.writes, f"{line.told['load']:.1f}")  # fmt: skip
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
