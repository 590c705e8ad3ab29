"""Webhooks as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

HIDDEN = "hidden"  # the cursor of a table that was told to be no longer public
DATASETS = "datasets"
TABLE = "table:"
MAX_EACH = 20  # webhooks of one account


class Kind(Enum):
    """What is followed: everything, one merged table, one dataset, one commune."""

    ALL = "all"
    TABLE = "table"
    DATASET = "dataset"
    COMMUNE = "commune"


class State(Enum):
    """`waiting` for its address to be verified; `paused` by its owner or after days of failures;
    `stopped` by an answer 410."""

    WAITING = "waiting"
    ACTIVE = "active"
    PAUSED = "paused"
    STOPPED = "stopped"


class Fate(Enum):
    """What became of a message."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be told to which address. `subject` is a slug, an id, an INSEE code or `""`."""

    url: str
    kind: Kind
    subject: str = ""

    def follows(self, stream: str) -> bool:
        """Say whether anything of a stream may be told."""
        if self.kind is Kind.TABLE:
            return stream == TABLE + self.subject
        return stream == DATASETS or self.kind is not Kind.DATASET


@dataclass(frozen=True, slots=True)
class Webhook:
    """A subscription. Times are UTC; `why` is the code of what paused or stopped it."""

    id: str
    user_id: str
    wish: Wish
    state: State
    secret_number: int
    rotated_at: datetime | None
    made_at: datetime
    verified_at: datetime | None = None
    ended_at: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """Changes of a stream to tell; `until` is where they ended once they were delivered."""

    id: str
    webhook_id: str
    stream: str
    since: str
    state: Fate
    tries: int
    is_again: bool
    made_at: datetime
    due_at: datetime
    until: str = ""
    changes: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """A message that was sent once: what its address answered (`None`: nothing), in what time;
    `code` is the fault of the network."""

    message_id: str
    at: datetime
    status: int | None
    duration_ms: int
    code: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """What is told of a stream: `changes` from a cursor to `until`. `type` names the event."""

    type: str
    data: Mapping[str, Any]
    until: str
    changes: int
    has_more: bool
