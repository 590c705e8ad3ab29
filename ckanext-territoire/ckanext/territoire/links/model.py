"""What a link is: a right on one feed, or on one theme of one organisation, until a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

DEFAULT_DAYS, MAX_DAYS = 30, 90


class Kind(Enum):
    """What a link allows: to repair the bad rows of a feed, or to deposit for an organisation."""

    REPAIR = "repair"
    DEPOSIT = "deposit"


class LinkState(Enum):
    """Where a link stands."""

    OPEN = "open"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link to make. `made_by` is a user's id, `""` for the platform itself; `delivery_id` is the
    delivery whose bad rows are told of."""

    kind: Kind
    org_id: str
    slug: str
    feed_id: str | None = None
    email: str = ""
    made_by: str = ""
    delivery_id: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is kept. `mailed_at` is `None` when no mail has left."""

    id: str
    kind: Kind
    org_id: str
    slug: str
    feed_id: str | None
    email: str
    made_by: str
    delivery_id: str | None
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None
    uses: int
    mailed_at: datetime | None

    def state_at(self, now: datetime) -> LinkState:
        """Say where the link stands at a moment."""
        if self.revoked_at is not None:
            return LinkState.REVOKED
        return LinkState.OPEN if now < self.expires_at else LinkState.EXPIRED
