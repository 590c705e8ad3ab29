"""What somebody may be told: a state of a source, of a delivery or of a feed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any


class Kind(Enum):
    """What a notice is about. The order is that of a mail: what asks for somebody first."""

    HELD = "held"
    DECISION = "decision"
    FLAG = "flag"
    CONTRIBUTION = "contribution"
    FAILING = "failing"
    EMPTY = "empty"
    LATE = "late"
    PARTIAL = "partial"
    REVIEW = "review"
    ASIDE = "aside"
    RETIRED = "retired"
    SILENT = "silent"


# told within the hour; the others wait for the mail of the morning
URGENT = frozenset({Kind.HELD, Kind.DECISION, Kind.FAILING, Kind.EMPTY})
# whose end is told too, to those who heard of the beginning
ENDING = frozenset({Kind.FAILING, Kind.EMPTY, Kind.LATE})
LETTER = "letter"  # what a person mutes beside the kinds: the monthly letter
CHANGE = "change"  # … and what will change in what their keys use
ENDS = "ends"  # … and that a token or a key of theirs ends


@dataclass(frozen=True, slots=True)
class Standing:
    """A state that stands. `subject` is `source:<id>`, `delivery:<id>`, `feed:<id>`,
    `flags:<org>` or `contributions:<org>`; `change` tells apart what happens again; `facts` hold
    `title`, `path`, and what the words need."""

    kind: Kind
    subject: str
    org_id: str
    source_id: str = ""
    change: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same state at the next look."""
        return self.subject, self.kind.value, self.change


@dataclass(frozen=True, slots=True)
class Kept:
    """A state as it was kept: from when it was seen to when it was over, in UTC."""

    id: int
    standing: Standing
    since: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is told. `key` is a user's id, or `org:<id>` for the contact address of an
    organisation whose data nobody with an account edits. An officer hears of all communes."""

    key: str
    name: str
    address: str
    org_ids: frozenset[str]
    is_officer: bool = False

    @property
    def has_account(self) -> bool:
        return not self.key.startswith("org:")


@dataclass(frozen=True, slots=True)
class News:
    """One thing to tell a person: a state that began, or that is over."""

    kept: Kept
    is_end: bool = False

    @property
    def change(self) -> str:
        """What makes it told once."""
        told = f"{self.kept.standing.kind.value}:{self.kept.id}"
        return f"{told}:end" if self.is_end else told

    @property
    def is_urgent(self) -> bool:
        return self.kept.standing.kind in URGENT


def hears(person: Person, standing: Standing) -> bool:
    """Say whether a person is concerned: the officer by all, the others by what they publish; a
    deposit that waits is the officer's to decide."""
    if person.is_officer:
        return True
    return standing.org_id in person.org_ids and not standing.subject.startswith("delivery:")
