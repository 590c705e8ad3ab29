"""What people decide of what the gate finds, for one kind of datum in one column of a table.

A decision stands for the next files of the same table, until another takes its place. A kind or a
column that nobody has decided holds the publication again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from harvesters.privacy.findings import Finding, Kind


class Choice(Enum):
    """Publish as it is; publish without the column; publish nothing of this table."""

    PUBLISH = "publish"
    MASK = "mask"
    WITHHOLD = "withhold"


CHOICES = {
    Choice.PUBLISH: "publier tel quel",
    Choice.MASK: "publier sans cette colonne",
    Choice.WITHHOLD: "ne pas publier",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision; `reason` and `legal_basis` are what the data protection officer reads."""

    kind: Kind
    column: str
    choice: Choice
    reason: str = ""
    legal_basis: str = ""


def standing(decisions: Iterable[Decision]) -> Mapping[tuple[Kind, str], Decision]:
    """Keep the last decision of each kind and column; they come oldest first."""
    return {(each.kind, each.column): each for each in decisions}


def masked_columns(decisions: Iterable[Decision]) -> set[str]:
    """Name the columns that are emptied before publication."""
    last = standing(decisions).values()
    return {each.column for each in last if each.choice is Choice.MASK}


def undecided(findings: Iterable[Finding], decisions: Iterable[Decision]) -> tuple[Finding, ...]:
    """List what still holds the publication: nobody has decided it, or it must not leave."""
    last = standing(decisions)
    masked = masked_columns(last.values())
    through = {key for key, each in last.items() if each.choice is Choice.PUBLISH}
    return tuple(
        each
        for each in findings
        if each.is_holding and each.column not in masked and (each.kind, each.column) not in through
    )


def is_held(findings: Iterable[Finding], decisions: Iterable[Decision]) -> bool:
    """Say whether the publication waits for somebody."""
    return bool(undecided(findings, decisions))
