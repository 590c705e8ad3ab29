"""How a source goes, judged from what is known of it: the worst thing first. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from harvesters.registry import SOURCES

if TYPE_CHECKING:
    from ckanext.territoire.harvest_adapter.sources import StoredSource

LATE_AFTER, LATE_AFTER_LIVE = timedelta(hours=12), timedelta(hours=1)


class Health(Enum):
    """Where a source stands, in the order of need."""

    DECIDE = "decide"
    FAILING = "failing"
    LATE = "late"
    PARTIAL = "partial"
    EMPTY = "empty"
    REVIEW = "review"
    DRAFT = "draft"
    NEW = "new"
    STOPPED = "stopped"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Week:
    """What a source changed in the last seven days: datasets, over `runs` runs."""

    runs: int
    new: int
    updated: int
    retired: int


@dataclass(frozen=True, slots=True)
class Overview:
    """A source and how it goes; moments are in UTC. `ended` is the last run that came to its end,
    `last` the last of all: rows of `territoire_run` without issues, and the `stop_code` of what
    stopped it. `failing_since` is the first
    failure after `answered_at`; `waits_since` a job that nobody has taken yet. `reviews` and
    `choices` count what waits for an officer."""

    source: StoredSource
    created_at: datetime
    last: Mapping[str, Any] | None
    ended: Mapping[str, Any] | None
    answered_at: datetime | None
    failing_since: datetime | None
    next_run: datetime | None
    waits_since: datetime | None
    changed_at: datetime | None
    live: int
    missing: int
    reviews: int
    choices: int
    week: Week

    @property
    def report(self) -> Mapping[str, Any]:
        """The report of the last run that came to its end."""
        return (self.ended or {}).get("report") or {}


def judge(each: Overview, now: datetime) -> Health:
    """Say where a source stands."""
    if each.source.is_draft:
        return Health.DRAFT
    if is_held(each) or each.choices:
        return Health.DECIDE
    if not each.source.is_active:
        return Health.STOPPED
    if is_failing(each):
        return Health.FAILING
    if is_late(each, now):
        return Health.LATE
    if each.ended is None:
        return Health.NEW
    return _judge_answer(each)


def _judge_answer(each: Overview) -> Health:
    if is_partial(each):
        return Health.PARTIAL
    if is_empty(each):
        return Health.EMPTY
    return Health.REVIEW if each.reviews else Health.FINE


def is_held(each: Overview) -> bool:
    """Whether the last run waits for a decision."""
    return each.ended is not None and each.ended["state"] == "held"


def is_failing(each: Overview) -> bool:
    """Whether the source could not be read the last time."""
    return each.ended is not None and each.ended["state"] == "failed"


def is_partial(each: Overview) -> bool:
    """Whether only a part of the source was read the last time."""
    return _is_finished(each) and each.report.get("is_complete") is False


def is_empty(each: Overview) -> bool:
    """Whether the source answered, entirely, and held nothing."""
    return _is_finished(each) and not is_partial(each) and each.report.get("read") == 0


def is_late(each: Overview, now: datetime) -> bool:
    """Whether a run that was due has not begun: nobody serves the harvests, or its server rests."""
    if each.last is not None and each.last["state"] == "running":
        return False
    after = LATE_AFTER_LIVE if SOURCES[each.source.kind].to_observations else LATE_AFTER
    due = [moment for moment in (each.next_run, each.waits_since) if moment]
    return bool(due) and min(due) + after < now


def _is_finished(each: Overview) -> bool:
    return each.ended is not None and each.ended["state"] == "finished"
