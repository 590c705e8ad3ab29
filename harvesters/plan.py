"""What a run will do: compare what the source says today with what it published before.

Pure. `make_plan` answers one `Step` a dataset that changes. Rules:

- unchanged hash: kept, no step at all;
- a run that is not complete never marks anything missing;
- a dataset that vanished is *missing* for a grace period, then *retired*;
- a renamed record keeps its dataset (`harvesters.identity`), also one that had retired;
- a *frozen* record, whose content or absence an officer refused, stays as it is here;
- the brake: too many vanished or uncertainly renamed records hold the whole run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from harvesters.identity import ABSENT, SURE, Draft, Known, Matching, RecordState, match_renamed


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
    """The steps of a run. `postponed` holds ids whose identity waits for a complete run, `frozen`
    those that stay as they are because an officer said so."""

    steps: tuple[Step, ...]
    kept: int
    is_held: bool
    live_before: int
    postponed: tuple[str, ...] = ()
    frozen: tuple[str, ...] = ()

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
        if known.frozen == ABSENT:
            continue
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
    new = [draft for remote_id, draft in sight.changed.items() if remote_id not in known]
    pairs = [(d, known[i]) for i, d in sight.changed.items() if i in known]
    steps = [s for d, k in pairs if not is_frozen(d, k) and (s := step_of(d, k))]
    vanished = [
        k for k in known.values()
        if k.remote_id not in sight.seen and k.state is not RecordState.RETIRED
    ]  # fmt: skip
    matching = match_renamed(new, vanished)
    renames, postponed = _rename_steps(matching, sight)
    steps += renames
    back = match_renamed(matching.new, _retired_unseen(known, sight), SURE)
    steps += [Step(Action.REACTIVATE, draft, old) for draft, old, _ in back.pairs]
    steps.extend(Step(Action.CREATE, draft, None) for draft in back.new)
    if sight.is_complete:
        steps.extend(_vanished_steps(matching.vanished, rules.now, rules.grace_days))
    steps += _back_again(known, sight)
    frozen = _frozen(pairs, matching, sight)
    kept = len(sight.seen & known.keys())
    kept -= sum(1 for s in steps if s.known and s.draft and s.draft.remote_id in known)
    kept -= sum(1 for remote_id in frozen if remote_id in sight.seen)
    plan = Plan(tuple(steps), max(kept, 0), False, live_before, postponed, frozen)
    return replace(plan, is_held=_is_held(plan, sight, rules))


def _retired_unseen(known: Mapping[str, Known], sight: Sight) -> list[Known]:
    """The retired records that may be back under another form of their identifier."""
    return [
        k for k in known.values()
        if k.state is RecordState.RETIRED and k.remote_id not in sight.seen
    ]  # fmt: skip


def is_frozen(draft: Draft, known: Known) -> bool:
    """Whether an officer refused this very content of this record."""
    return known.frozen == draft.content_hash


def _rename_steps(matching: Matching, sight: Sight) -> tuple[list[Step], tuple[str, ...]]:
    steps, postponed = [], []
    for draft, old, is_sure in matching.pairs:
        if is_frozen(draft, old):
            continue
        if sight.is_complete or is_sure:
            steps.append(Step(Action.RENAME, draft, old, is_sure))
        else:
            postponed.append(draft.remote_id)
    return steps, tuple(postponed)


def _back_again(known: Mapping[str, Known], sight: Sight) -> list[Step]:
    """Mark live the frozen records that are there again: unchanged, or with what was refused."""
    steps = []
    for remote_id, record in known.items():
        if record.frozen is None or remote_id not in sight.seen:
            continue
        draft = sight.changed.get(remote_id)
        is_missing = record.state is RecordState.MISSING
        is_back = is_missing if draft else is_missing or record.frozen == ABSENT
        if is_back and (draft is None or is_frozen(draft, record)):
            steps.append(Step(Action.MARK_LIVE, None, record))
    return steps


def _frozen(
    pairs: Sequence[tuple[Draft, Known]], matching: Matching, sight: Sight
) -> tuple[str, ...]:
    found = [k.remote_id for d, k in pairs if is_frozen(d, k)]
    found += [k.remote_id for d, k, _ in matching.pairs if is_frozen(d, k)]
    if sight.is_complete:
        found += [k.remote_id for k in matching.vanished if k.frozen == ABSENT]
    return tuple(found)


def _is_held(plan: Plan, sight: Sight, rules: Rules) -> bool:
    """Weigh the newly vanished and the uncertain renames; an empty source is always held."""
    weight = len(plan.risky)
    if not weight or (rules.accepted and rules.accepted == plan.digest):
        return False
    if not sight.seen and plan.live_before:
        return True
    return weight > rules.brake.count and weight > rules.brake.share * plan.live_before
