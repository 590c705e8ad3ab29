"""What a delivery is: a received file of a feed, its verdict, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any


class State(Enum):
    """Where a delivery stands. One of a feed is live at most."""

    DRAFT = "draft"
    HELD = "held"
    LIVE = "live"
    REPLACED = "replaced"
    UNDONE = "undone"
    REFUSED = "refused"
    FAILED = "failed"


class Way(Enum):
    """How a file came, and by whose right."""

    DEPOSIT = "deposit"
    INVITATION = "invitation"
    REPAIR = "repair"
    MANDATE = "mandate"
    HARVEST = "harvest"
    UNDO = "undo"


class Reason(Enum):
    """Why somebody is asked before rows are replaced."""

    BRAKE = "brake"
    PRIVACY = "privacy"
    SCHEMA = "schema"
    COMMUNE = "commune"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Feed:
    """Who delivers what. `resource_id` is `""` before the first publication."""

    id: str
    slug: str
    org_id: str
    insee: str
    dataset_id: str
    resource_id: str
    source_url: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One received file. Counts are `None` when it could not be read."""

    id: str
    feed_id: str
    number: int
    schema_id: str
    sha256: str
    file_name: str
    state: State
    reasons: tuple[Reason, ...]
    choice: Mapping[str, Any]
    by_id: str
    by_way: Way
    received_at: datetime
    published_at: datetime | None
    ended_at: datetime | None
    good: int | None
    bad: int | None
    warned: int | None
    aside: int | None
    report: Mapping[str, Any]

    @property
    def slug(self) -> str:
        return self.schema_id.split("/")[0]

    @property
    def is_waiting(self) -> bool:
        """Say whether somebody still has to decide."""
        return self.state in (State.DRAFT, State.HELD)


@dataclass(frozen=True, slots=True)
class By:
    """Who acts: a user's id; that of the link, when the way is an invitation or a repair; `""` for
    the platform."""

    id: str = ""
    way: Way = Way.DEPOSIT
