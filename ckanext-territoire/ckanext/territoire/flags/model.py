"""What a flag is: a reader says that a row is wrong, its commune answers in public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

MAX_TEXT = 1_000  # characters of a text that a reader or a clerk writes
MAX_OPEN = 5  # flags of one row that wait for an answer


class FlagKind(Enum):
    """What is wrong: one value, the whole thing (it is no longer there), or something else."""

    VALUE = "value"
    GONE = "gone"
    OTHER = "other"


class FlagState(Enum):
    """What became of it. What was dropped (spam, insults) is shown nowhere and its texts are
    erased."""

    OPEN = "open"
    FIXED = "fixed"
    ANSWERED = "answered"
    REFUSED = "refused"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class NewFlag:
    """What a reader says of a row. `found` is the value that they saw, `label` how the row is
    named; `email` is `""` when no answer is asked for."""

    slug: str
    row_key: str
    feed_id: str
    org_id: str
    insee: str
    label: str
    kind: FlagKind
    field: str = ""
    found: str = ""
    proposed: str = ""
    remark: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a commune answers; `is_text_shown` says that what the reader wrote is shown too."""

    state: FlagState
    text: str
    is_text_shown: bool
    by_id: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag as it is kept."""

    id: str
    slug: str
    row_key: str
    feed_id: str
    org_id: str
    insee: str
    label: str
    kind: FlagKind
    field: str
    found: str
    proposed: str
    remark: str
    email: str
    state: FlagState
    answer: str
    is_text_shown: bool
    made_at: datetime
    answered_at: datetime | None
    answered_by: str

    @property
    def is_open(self) -> bool:
        return self.state is FlagState.OPEN
