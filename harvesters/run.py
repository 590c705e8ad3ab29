"""One run of one source: gather, plan, brake, apply, report.

The loop knows nothing of CKAN: it reaches the outside through `Ports`. Killed at
any point, the next run finishes the work, because each batch is one transaction
and what is stored is compared again by hash. Dataset ids are derived from
(source, remote id), so that nothing is created twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from harvesters.border import Border, reach
from harvesters.gather import Changed, Gathered, Limits, gather
from harvesters.identity import Known, RecordState, Stand
from harvesters.model import Config, Issue, Source
from harvesters.plan import Action, Brake, Plan, Rules, Sight, Step, make_plan
from harvesters.ports import Ports, Progress, Write
from harvesters.report import Report, RunState, Tally, report_of

NAMESPACE = uuid.UUID("5d6b1f0e-7c43-5d43-9c1b-6f5f0f0c2435")
BATCH = 500
FEW = 100


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: `is_preview` plans and writes nothing; `accepted` lifts the brake of one plan."""

    source_id: str
    is_preview: bool = False
    accepted: str = ""
    grace_days: float = 7
    deadline_s: float = 3600
    brake: Brake = field(default_factory=Brake)


def dataset_id_of(source_id: str, remote_id: str) -> str:
    """Derive the id of the dataset that this source makes of this record."""
    return str(uuid.uuid5(NAMESPACE, f"{source_id}\n{remote_id}"))


def run_source(source: Source, config: Config, ports: Ports, options: Options) -> Report:
    """Run one source once and answer its report. Faults of data never raise."""
    started = ports.now()
    deadline = started + timedelta(seconds=options.deadline_s)
    known = {record.remote_id: record for record in ports.store.load_known()}
    found = gather(source, config, ports, known, Limits(deadline))
    reach(Border.SOURCE_READ)
    try:
        sight = Sight(found.changed, found.seen, found.is_complete)
        rules = Rules(started, options.grace_days, options.brake, options.accepted)
        plan = make_plan(known, sight, rules)
        tally = Tally(list(found.issues), elsewhere_as_before=_known_elsewhere(known, found))
        state = _state_before(found, plan, options)
        reach(Border.PLANNED)
        if state is RunState.FINISHED:
            _apply(plan, found, ports, _Effect(options.source_id, deadline, tally))
        elif state in (RunState.HELD, RunState.PREVIEW):
            _rehearse(plan, found, ports, options.source_id)
        if state is not RunState.PREVIEW:
            found.book.save(ports.pages, found.is_complete)
        return report_of(state, found, plan, tally)
    finally:
        found.spool.close()


def _known_elsewhere(known: Mapping[str, Known], found: Gathered) -> int:
    """Count the records that came back unchanged and that another source publishes."""
    return sum(
        1
        for record in known.values()
        if record.stand is not Stand.PUBLISHED
        and record.state is RecordState.LIVE
        and record.remote_id in found.seen
        and record.remote_id not in found.changed
    )


def _state_before(found: Gathered, plan: Plan, options: Options) -> RunState:
    if options.is_preview:
        return RunState.PREVIEW
    if plan.is_held:
        return RunState.HELD
    if found.stopped_by and not found.records:
        return RunState.FAILED
    return RunState.FINISHED


@dataclass(slots=True)
class _Effect:
    """What applying needs and what it counts."""

    source_id: str
    deadline: datetime
    tally: Tally


def _apply(plan: Plan, found: Gathered, ports: Ports, effect: _Effect) -> None:
    """Write the plan in batches; the datasets first, then the marks, then the live values."""
    effect.tally.issues += [Issue("TER-PUB-006", where=i) for i in plan.postponed]
    marks = (Action.MARK_MISSING, Action.MARK_LIVE)
    writes = [s for s in plan.steps if s.action not in marks]
    writes.sort(key=lambda step: step.action is Action.RETIRE)
    done = 0
    for batch in _batches(writes):
        if ports.now() >= effect.deadline:
            effect.tally.issues.append(Issue("TER-PUB-007", found=str(len(writes) - done)))
            break
        _apply_batch(batch, found, ports, effect)
        done += len(batch)
        ports.progress(Progress("écriture", done, len(writes)))
    reach(Border.MARKS_BEGIN)
    missing = [s.remote_id for s in plan.steps if s.action is Action.MARK_MISSING]
    present = [s.remote_id for s in plan.steps if s.action is Action.MARK_LIVE]
    if missing:
        ports.store.set_missing(missing, ports.now())
    if present:
        ports.store.set_missing(present, None)
    reach(Border.MARKED)
    effect.tally.missing = len(missing)
    if found.live:
        effect.tally.observations = ports.store.keep_live(found.live)
        reach(Border.LIVE_KEPT)


def _batches(steps: Sequence[Step]) -> Iterator[Sequence[Step]]:
    """Cut steps in batches; a short list in four, so that search is fed beside the writing."""
    size = min(BATCH, max(len(steps) // 4, FEW))
    for start in range(0, len(steps), size):
        yield steps[start : start + size]


def _apply_batch(batch: Sequence[Step], found: Gathered, ports: Ports, effect: _Effect) -> None:
    """Write one batch; the store knows which of these datasets another source publishes."""
    writes = _writes_of(batch, found, effect.source_id)
    reach(Border.BATCH_BEGINS)
    outcomes = ports.store.apply(writes)
    reach(Border.BATCH_DONE)
    for write, outcome in zip(writes, outcomes, strict=True):
        effect.tally.count(write.action, outcome)


def _rehearse(plan: Plan, found: Gathered, ports: Ports, source_id: str) -> None:
    """Tell the store every step, so that a person sees what this plan would change."""
    for batch in _batches(plan.steps):
        ports.store.rehearse(_writes_of(batch, found, source_id))
        reach(Border.BATCH_REHEARSED)


def _writes_of(steps: Sequence[Step], found: Gathered, source_id: str) -> list[Write]:
    changed = found.spool.read([s.remote_id for s in steps if s.draft])
    return [_write_of(step, changed, source_id) for step in steps]


def _write_of(step: Step, changed: Iterator[Changed], source_id: str) -> Write:
    dataset_id = step.known.dataset_id if step.known else dataset_id_of(source_id, step.remote_id)
    if not step.draft:
        return Write(step.action, dataset_id, step.remote_id, known=step.known)
    item = next(changed)
    return Write(
        step.action, dataset_id, step.remote_id, step.draft, item.dataset, step.known, item.raw
    )
