"""What a source would give, before it is switched on: its first pages read and mapped, not written.

Pure, but for the ports. A preview reads a bounded number of pages and says so. JSON shape of
`to_json`: that of a report (`harvesters.report`), and `records` (the first ones, mapped),
`licences`, `unknown_licences`, `formats` (each a list of `{label, count}`), `without_licence`,
`unread_fields`, `issue_groups`, `is_partial`, `pages`, `estimate_s` (`null` when unknown) and
`estimate`, the same in French.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from harvesters.errors import consequence, sentence
from harvesters.gather import Gathered, Limits, gather
from harvesters.identity import Draft, Known
from harvesters.model import Config, Dataset, Issue, Resource, Source
from harvesters.plan import Rules, Sight, make_plan
from harvesters.ports import Ports
from harvesters.report import Report, RunState, Tally, report_of
from schemas.vocabulary import load_vocabulary

SHOWN = 10
MAX_EXAMPLES = 3
NO_LICENCE = "notspecified"
BOUND, UNREAD, UNKNOWN_LICENCE = "TER-VAL-043", "TER-MAP-001", "TER-MAP-005"
WRITTEN_PER_S = 200  # about half of what the benchmark of P1 measures: a machine is shared
SMALL = {"max_pages": 10, "max_records": 500}


@dataclass(frozen=True, slots=True)
class Preview:
    """What was read: `records` are the first ones mapped, `drafts` all of those read."""

    report: Report
    records: tuple[Dataset, ...]
    drafts: tuple[Draft, ...]
    licences: Counter[str]
    unknown_licences: Counter[str]
    formats: Counter[str]
    unread_fields: tuple[str, ...]
    pages: int
    is_partial: bool
    read_s: float

    @property
    def estimate_s(self) -> float | None:
        """How long a first run will take; `None` while the size of the source is unknown."""
        total = self.report.declared if self.is_partial else self.report.read
        if total is None or not self.report.read:
            return None
        return self.read_s * total / self.report.read + total / WRITTEN_PER_S


def preview_source(
    source: Source, config: Config, ports: Ports, known: Iterable[Known], deadline_s: float = 60
) -> Preview:
    """Read the first pages of a source and compare them with what it published before."""
    started = ports.now()
    limits = Limits(started + timedelta(seconds=deadline_s), **SMALL)
    found = gather(source, config, ports, {}, limits)
    read_s = (ports.now() - started).total_seconds()
    try:
        return _of_gathered(found, {k.remote_id: k for k in known}, started, read_s)
    finally:
        found.spool.close()


def _of_gathered(
    found: Gathered, known: dict[str, Known], started: datetime, read_s: float
) -> Preview:
    is_partial = found.stopped_by is not None and found.stopped_by.code == BOUND
    plan = make_plan(known, Sight(found.changed, found.seen, found.is_complete), Rules(started))
    if is_partial:
        found.stopped_by = None
    report = report_of(RunState.PREVIEW, found, plan, Tally(list(found.issues)))
    licences: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    formats: Counter[str] = Counter()
    first: list[Dataset] = []
    for changed in found.spool.read(list(found.changed)):
        dataset = changed.dataset
        if len(first) < SHOWN:
            first.append(dataset)
        licences[dataset.licence or NO_LICENCE] += 1
        unknown.update([dataset.licence_label] if dataset.licence_label else [])
        formats.update({resource.format or "?" for resource in dataset.resources})
    unread = {n for i in found.issues if i.code == UNREAD for n in i.found.split(", ")}
    return Preview(
        report=replace(report, is_complete=report.is_complete and not is_partial),
        records=tuple(first),
        drafts=tuple(found.changed.values()),
        licences=licences,
        unknown_licences=unknown,
        formats=formats,
        unread_fields=tuple(sorted(unread)),
        pages=found.pages,
        is_partial=is_partial,
        read_s=read_s,
    )


def to_json(preview: Preview) -> dict[str, Any]:
    """Give the machine form; see the module for its shape."""
    named = Counter({i: n for i, n in preview.licences.items() if i != NO_LICENCE})
    without = preview.licences[NO_LICENCE] - preview.unknown_licences.total()
    return preview.report.to_json() | {
        "records": [_record(dataset) for dataset in preview.records],
        "licences": [_counted(_label("licences", i), n) for i, n in named.most_common()],
        "unknown_licences": [_counted(*pair) for pair in preview.unknown_licences.most_common(20)],
        "without_licence": max(without, 0),
        "formats": [_counted(*pair) for pair in preview.formats.most_common(20)],
        "unread_fields": list(preview.unread_fields),
        "issue_groups": grouped(preview.report.issues),
        "is_partial": preview.is_partial,
        "pages": preview.pages,
        "estimate_s": preview.estimate_s,
        "estimate": say_duration(preview.estimate_s),
    }


def say_duration(seconds: float | None) -> str:
    """Say about how long something takes; `""` when nobody knows.

    >>> say_duration(3), say_duration(42), say_duration(200), say_duration(9000), say_duration(None)
    ('quelques secondes', 'moins d’une minute', 'environ 4 minutes', 'environ 3 heures', '')
    """
    if seconds is None:
        return ""
    if seconds < 60:
        return "quelques secondes" if seconds < 15 else "moins d’une minute"
    if seconds < 3600:
        return f"environ {ceil(seconds / 60)} minutes"
    return f"environ {ceil(seconds / 3600)} heures"


def grouped(issues: Iterable[Issue]) -> list[dict[str, Any]]:
    """Group issues by code, those told elsewhere left out: code, how many, the first sentences."""
    groups: dict[str, list[Issue]] = {}
    for issue in issues:
        if issue.code not in (UNREAD, UNKNOWN_LICENCE):
            groups.setdefault(issue.code, []).append(issue)
    return [
        {
            "code": code,
            "consequence": consequence(told[0]).value,
            "count": len(told),
            "examples": [sentence(issue) for issue in told[:MAX_EXAMPLES]],
        }
        for code, told in sorted(groups.items(), key=lambda pair: -len(pair[1]))
    ]


def _counted(label: str, count: int) -> dict[str, Any]:
    return {"label": label, "count": count}


def _label(vocabulary: str, term_id: str) -> str:
    term = load_vocabulary(vocabulary).get(term_id)
    return term.label if term else term_id


def _record(dataset: Dataset) -> dict[str, Any]:
    licence = "" if dataset.licence in ("", NO_LICENCE) else _label("licences", dataset.licence)
    return {
        "remote_id": dataset.remote_id,
        "title": dataset.title,
        "licence": licence,
        "licence_label": dataset.licence_label,
        "themes": [_label("themes", theme) for theme in dataset.themes],
        "communes": list(dataset.communes),
        "publisher": dataset.publisher,
        "modified": dataset.modified,
        "resource_count": len(dataset.resources),
        "resources": [_resource(each) for each in dataset.resources[:SHOWN]],
    }


def _resource(resource: Resource) -> dict[str, str]:
    return {
        "title": resource.title or resource.name or resource.url,
        "format": resource.format,
        "url": resource.url,
    }
