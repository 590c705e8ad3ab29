"""What a run will do: compare what the source says today with what it published before.

Pure. `make_plan` answers one `Step` a dataset that changes. Rules:

- unchanged hash: kept, no step at all;
- a run that is not complete never marks anything missing;
- a dataset that vanished is *missing* for a grace period, then *retired*;
- a renamed record keeps its dataset (`harvesters.identity`);
- the brake: too many vanished or uncertainly renamed records hold the whole run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from harvesters.identity import Draft, Known, RecordState, match_renamed


class Action(Enum):
    """What a step does to one dataset."""

    CREATE = "create"
    UPDATE = "update"
    RENAME = "rename"
    REACTIVATE = "reactivate"
    RETIRE = "retire"
    MARK_MISSING = "mark_missing"
    MARK_LIVE = "mark_live"


@dataclass(frozen=True, slots=True)
class Step:
    """One decision. `draft` is absent for a vanished record, `known` for a new one."""

    action: Action
    draft: Draft | None
    known: Known | None
    is_sure: bool = True

    @property
    def remote_id(self) -> str:
        """The id of the record at its source today, or the last one it had."""
        return self.draft.remote_id if self.draft else self.known.remote_id  # type: ignore[union-attr]


@dataclass(frozen=True, slots=True)
class Brake:
    """When a run is held: more than `share` of the live records and more than `count`."""

    share: float = 0.10
    count: int = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps of a run. `postponed` holds ids whose identity waits for a complete run."""

    steps: tuple[Step, ...]
    kept: int
    is_held: bool
    live_before: int
    postponed: tuple[str, ...] = ()

    def count(self, action: Action) -> int:
        """Count the steps of one action."""
        return sum(1 for step in self.steps if step.action is action)

    @property
    def risky(self) -> tuple[Step, ...]:
        """The steps that the brake weighs: vanished records and uncertain renames."""
        return tuple(
            s
            for s in self.steps
            if s.action is Action.MARK_MISSING
            or (s.action is Action.RETIRE and s.known and s.known.state is RecordState.LIVE)
            or (s.action is Action.RENAME and not s.is_sure)
        )

    @property
    def digest(self) -> str:
        """Identify the risky steps, so that an officer accepts just these."""
        ids = sorted(f"{s.action.value}:{s.remote_id}" for s in self.risky)
        return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16]


def step_of(draft: Draft, known: Known) -> Step | None:
    """Decide for a record that was published before; `None` when nothing changed."""
    if known.state is RecordState.RETIRED:
        return Step(Action.REACTIVATE, draft, known)
    if draft.content_hash != known.content_hash:
        return Step(Action.UPDATE, draft, known)
    if known.state is RecordState.MISSING:
        return Step(Action.MARK_LIVE, draft, known)
    return None


def _vanished_steps(vanished: Iterable[Known], now: datetime, grace_days: float) -> list[Step]:
    steps = []
    for known in vanished:
        since = known.missing_since if known.state is RecordState.MISSING else now
        if known.state is RecordState.LIVE and grace_days > 0:
            steps.append(Step(Action.MARK_MISSING, None, known))
        elif now - (since or now) >= timedelta(days=grace_days):
            steps.append(Step(Action.RETIRE, None, known))
    return steps


@dataclass(frozen=True, slots=True)
class Sight:
    """What a run saw: drafts of changed or new records, every id seen, and whether it saw all."""

    changed: Mapping[str, Draft]
    seen: frozenset[str] | set[str]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of a plan. `accepted` is the digest of risky steps an officer accepted."""

    now: datetime
    grace_days: float = 7
    brake: Brake = Brake()
    accepted: str = ""


def make_plan(known: Mapping[str, Known], sight: Sight, rules: Rules) -> Plan:
    """Decide every step of a run from what was known and what was seen."""
    live_before = sum(1 for k in known.values() if k.state is not RecordState.RETIRED)
    steps: list[Step] = []
    new: list[Draft] = []
    for remote_id, draft in sight.changed.items():
        before = known.get(remote_id)
        step = step_of(draft, before) if before else None
        if step:
            steps.append(step)
        elif not before:
            new.append(draft)
    vanished = [
        k for k in known.values()
        if k.remote_id not in sight.seen and k.state is not RecordState.RETIRED
    ]  # fmt: skip
    matching = match_renamed(new, vanished)
    postponed: list[str] = []
    for draft, old, is_sure in matching.pairs:
        if sight.is_complete or is_sure:
            steps.append(Step(Action.RENAME, draft, old, is_sure))
        else:
            postponed.append(draft.remote_id)
    steps.extend(Step(Action.CREATE, draft, None) for draft in matching.new)
    if sight.is_complete:
        steps.extend(_vanished_steps(matching.vanished, rules.now, rules.grace_days))
    kept = len(sight.seen & known.keys()) - sum(1 for s in steps if s.known and s.draft)
    plan = Plan(tuple(steps), max(kept, 0), False, live_before, tuple(postponed))
    return replace(plan, is_held=_is_held(plan, sight, rules))


def _is_held(plan: Plan, sight: Sight, rules: Rules) -> bool:
    """Weigh the newly vanished and the uncertain renames; an empty source is always held."""
    weight = len(plan.risky)
    if not weight or (rules.accepted and rules.accepted == plan.digest):
        return False
    if not sight.seen and plan.live_before:
        return True
    return weight > rules.brake.count and weight > rules.brake.share * plan.live_before
