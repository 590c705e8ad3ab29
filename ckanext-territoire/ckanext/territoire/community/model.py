"""What a contribution is: a reader shows, asks or answers something; who is concerned reads it
before anybody else does, and decides. One life for the three kinds, one table of what may follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

MAX_TITLE, MAX_BODY, MAX_ANSWER = 120, 4_000, 2_000  # characters
MAX_DATASETS = 30
SIDES = {"large": 1200, "small": 560}  # pixels of the longest side of a picture


class Kind(Enum):
    """A reuse of the data, a question on them, a challenge that somebody takes up."""

    REUSE = "reuse"
    QUESTION = "question"
    ATTEMPT = "attempt"


class State(Enum):
    """What became of it. `accepted` is public; so are `answered` and `closed`, of questions alone.
    `changes` asks the author for something; `dropped` is spam, of which nobody is told."""

    UNCONFIRMED = "unconfirmed"
    WAITING = "waiting"
    CHANGES = "changes"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    CLOSED = "closed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"


PUBLIC = frozenset({State.ACCEPTED, State.ANSWERED, State.CLOSED})
REASONED = frozenset({State.CHANGES, State.ANSWERED, State.CLOSED, State.REFUSED, State.WITHDRAWN})
_FIRST = {State.ACCEPTED, State.REFUSED, State.DROPPED}
# what those who read may decide, from each state
MOVES: Mapping[tuple[Kind, State], frozenset[State]] = {
    (Kind.REUSE, State.WAITING): frozenset(_FIRST | {State.CHANGES}),
    (Kind.REUSE, State.CHANGES): frozenset({State.REFUSED, State.DROPPED}),
    (Kind.REUSE, State.ACCEPTED): frozenset({State.WITHDRAWN}),
    (Kind.QUESTION, State.WAITING): frozenset(_FIRST | {State.ANSWERED}),
    (Kind.QUESTION, State.ACCEPTED): frozenset({State.ANSWERED, State.CLOSED, State.WITHDRAWN}),
    (Kind.QUESTION, State.ANSWERED): frozenset({State.WITHDRAWN}),
    (Kind.QUESTION, State.CLOSED): frozenset({State.ANSWERED, State.WITHDRAWN}),
    (Kind.ATTEMPT, State.WAITING): frozenset(_FIRST),
    (Kind.ATTEMPT, State.ACCEPTED): frozenset({State.WITHDRAWN}),
}
# what still waits for those who read
TO_READ = frozenset({(kind, State.WAITING) for kind in Kind} | {(Kind.QUESTION, State.ACCEPTED)})
# where an author may still change what they wrote; it is then read again
AMENDABLE = frozenset({State.UNCONFIRMED, State.WAITING, State.CHANGES, State.ACCEPTED})


def may_follow(kind: Kind, state: State) -> frozenset[State]:
    """Say what may be decided of a contribution of this kind in this state."""
    return MOVES.get((kind, state), frozenset())


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: an account, or an address of mail that has to be confirmed. Shown to nobody."""

    user_id: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class NewContribution:
    """What somebody writes, checked. `datasets` are ids; `author` is the name that is shown."""

    kind: Kind
    org_id: str
    title: str
    body: str
    author: str = ""
    url: str = ""
    challenge_id: str | None = None
    datasets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a reuse says besides; `insee` is `""` for the whole territory."""

    type: str
    theme: str
    insee: str
    alt: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided of a contribution that was read in the state `seen`."""

    seen: State
    state: State
    answer: str
    by_id: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """A contribution as it is kept. Times are UTC without a zone."""

    id: str
    kind: Kind
    state: State
    former_state: str
    org_id: str
    title: str
    body: str
    author: str
    url: str
    email: str
    user_id: str
    challenge_id: str | None
    answer: str
    told: str
    made_at: datetime
    changed_at: datetime
    decided_at: datetime | None
    decided_by: str

    @property
    def is_public(self) -> bool:
        return self.state in PUBLIC


class ChallengeState(Enum):
    """A challenge that is written, shown, or shown no more."""

    DRAFT = "draft"
    OPEN = "open"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class NewChallenge:
    """What a commune wishes that somebody made, checked. `datasets` are ids."""

    org_id: str
    title: str
    body: str
    contact: str
    prize: str
    until: date
    datasets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge as it is kept; `until` is its last day."""

    id: str
    slug: str
    org_id: str
    state: ChallengeState
    former_state: str
    title: str
    body: str
    contact: str
    prize: str
    until: date
    made_at: datetime
    changed_at: datetime

    def is_open_on(self, day: date) -> bool:
        """Say whether it may be taken up on this day."""
        return self.state is ChallengeState.OPEN and day <= self.until
