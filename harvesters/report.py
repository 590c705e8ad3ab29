"""What a run did, for people in French and for machines as JSON.

JSON shape: `state`, `is_complete`, `read`, `declared`, `created`, `updated`,
`renamed`, `reactivated`, `retired`, `missing`, `kept`, `elsewhere`, `frozen`, `waiting`,
`refused`, `observations`, `digest`, `risky` (titles or ids, at most 200), `issues` (at
most 1,000, each `code where found expected sentence consequence`),
`issue_count` (never cut), `sentence`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from harvesters.errors import consequence, sentence
from harvesters.gather import Gathered
from harvesters.model import Issue
from harvesters.plan import Action, Plan, Step
from harvesters.ports import Outcome

MAX_ISSUES = 1_000
MAX_RISKY = 200


class RunState(Enum):
    """How a run ended."""

    FINISHED = "finished"
    HELD = "held"
    FAILED = "failed"
    PREVIEW = "preview"


@dataclass(slots=True)
class Tally:
    """What was counted while applying."""

    issues: list[Issue]
    written: Counter[Action] = field(default_factory=Counter)
    refused: int = 0
    waiting: int = 0
    elsewhere_as_before: int = 0
    elsewhere: Counter[str] = field(default_factory=Counter)
    missing: int = 0
    observations: int = 0

    def refuse(self, issue: Issue) -> None:
        """Count a dataset that was not written, and why."""
        self.issues.append(issue)
        self.refused += 1

    def count(self, action: Action, outcome: Outcome) -> None:
        """Count what became of one write."""
        if outcome.issue:
            self.refuse(outcome.issue)
        elif outcome.published_by:
            self.elsewhere[outcome.published_by] += 1
        elif outcome.waits:
            self.waiting += 1
        else:
            self.written[action] += 1


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one run."""

    state: RunState
    is_complete: bool
    read: int
    declared: int | None
    counts: dict[str, int]
    digest: str
    risky: tuple[str, ...]
    issues: tuple[Issue, ...]

    @property
    def sentence(self) -> str:
        """Say the run in one French sentence."""
        return say(self)

    def to_json(self) -> dict[str, Any]:
        """Give the machine form; see the module for its shape."""
        return {
            "state": self.state.value,
            "is_complete": self.is_complete,
            "read": self.read,
            "declared": self.declared,
            **self.counts,
            "digest": self.digest,
            "risky": list(self.risky[:MAX_RISKY]),
            "issues": [issue_to_json(i) for i in self.issues[:MAX_ISSUES]],
            "issue_count": len(self.issues),
            "sentence": self.sentence,
        }


def issue_to_json(issue: Issue) -> dict[str, str]:
    """Give one issue with its French sentence."""
    return {
        "code": issue.code,
        "where": issue.where,
        "found": issue.found[:300],
        "expected": issue.expected[:300],
        "sentence": sentence(issue),
        "consequence": consequence(issue).value,
    }


def report_of(state: RunState, found: Gathered, plan: Plan, tally: Tally) -> Report:
    """Put together what was seen, planned and written. A preview or a held run tells its plan."""
    is_planned = state in (RunState.PREVIEW, RunState.HELD)
    issues = list(tally.issues)
    if found.stopped_by:
        issues.insert(0, found.stopped_by)
        if plan.live_before and state is not RunState.FAILED:
            issues.append(Issue("TER-PUB-003"))
    issues += [
        Issue("TER-PUB-120", where=title, found=str(count))
        for title, count in sorted(tally.elsewhere.items())
    ]
    if plan.is_held:
        issues.insert(
            0, Issue("TER-PUB-001", found=str(len(plan.risky)), expected=str(plan.live_before))
        )
    return Report(
        state=state,
        is_complete=found.is_complete,
        read=found.records,
        declared=found.declared_total,
        counts=_planned_counts(plan, tally) if is_planned else _written_counts(plan, tally),
        digest=plan.digest if plan.risky else "",
        risky=tuple(_name(step) for step in plan.risky),
        issues=tuple(issues),
    )


_COUNTED = {
    "created": Action.CREATE,
    "updated": Action.UPDATE,
    "renamed": Action.RENAME,
    "reactivated": Action.REACTIVATE,
    "retired": Action.RETIRE,
}


def _planned_counts(plan: Plan, tally: Tally) -> dict[str, int]:
    counts = {name: plan.count(action) for name, action in _COUNTED.items()}
    marks = {"missing": plan.count(Action.MARK_MISSING)}
    frozen = {"frozen": len(plan.frozen), "waiting": 0}
    return counts | marks | _kept(plan, tally) | frozen | {"refused": 0, "observations": 0}


def _kept(plan: Plan, tally: Tally) -> dict[str, int]:
    """Tell apart what stays published from here and what another source publishes."""
    before = tally.elsewhere_as_before
    elsewhere = before + tally.elsewhere.total()
    return {"kept": max(plan.kept - before, 0), "elsewhere": elsewhere}


def _written_counts(plan: Plan, tally: Tally) -> dict[str, int]:
    counts = {name: tally.written[action] for name, action in _COUNTED.items()}
    return counts | {
        "missing": tally.missing,
        **_kept(plan, tally),
        "frozen": len(plan.frozen),
        "waiting": tally.waiting,
        "refused": tally.refused,
        "observations": tally.observations,
    }


def _name(step: Step) -> str:
    return step.draft.title if step.draft else step.remote_id


_WORDS = {
    "created": ("nouveau", "nouveaux"),
    "updated": ("mis à jour", "mis à jour"),
    "renamed": ("renommé", "renommés"),
    "reactivated": ("réapparu", "réapparus"),
    "retired": ("retiré", "retirés"),
    "missing": (
        "absent de la source, gardé pour l’instant",
        "absents de la source, gardés pour l’instant",
    ),
    "kept": ("inchangé", "inchangés"),
    "elsewhere": ("déjà publié par une autre source", "déjà publiés par une autre source"),
    "waiting": ("à relire", "à relire"),
    "frozen": ("figé par décision", "figés par décision"),
    "refused": ("refusé", "refusés"),
}


def say(report: Report) -> str:
    """Say in French what a run did, largest facts first."""
    if report.state is RunState.FAILED:
        return "La source n’a pas pu être lue ; rien n’a été modifié."
    parts = [
        f"{n} {words[n > 1]}" for key, words in _WORDS.items() if (n := report.counts.get(key, 0))
    ]
    told = ", ".join(parts) or "aucun jeu de données"
    if report.state is RunState.HELD:
        return f"Moisson retenue, rien n’a été modifié. Elle aurait donné : {told}."
    if report.state is RunState.PREVIEW:
        return f"Aperçu, rien n’est écrit. La moisson donnerait : {told}."
    ending = "" if report.is_complete else " La lecture est incomplète : rien n’est retiré."
    return f"Moisson terminée : {told}.{ending}"
