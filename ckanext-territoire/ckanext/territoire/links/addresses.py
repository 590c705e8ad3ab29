"""Addresses of mail that no longer answer: paused, until somebody of the EPCI has sorted it out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import sqlalchemy as sa
from ckan import model

PAUSED = """
    SELECT d.id, d.address, d.why, d.since, coalesce(u.name, '') AS user_name,
           array_remove(array_agg(DISTINCT g.id), NULL) AS org_ids
      FROM territoire_dead_address d
      LEFT JOIN "user" u ON lower(u.email) = lower(d.address) AND u.state = 'active'
      LEFT JOIN member m ON m.table_name = 'user' AND m.table_id = u.id AND m.state = 'active'
      LEFT JOIN "group" g ON g.is_organization AND g.state = 'active' AND (g.id = m.group_id
                OR lower(g.extras ->> 'contact_email') = lower(d.address))
     WHERE d.resolved_at IS NULL
     GROUP BY d.id, u.name ORDER BY d.since, d.id
"""
PAUSE = """
    INSERT INTO territoire_dead_address (address, why, marked_by) VALUES (:address, :why, :by)
    ON CONFLICT (lower(address)) WHERE resolved_at IS NULL DO NOTHING
"""
RESUME = """
    UPDATE territoire_dead_address SET resolved_by = :by, resolved_at = timezone('utc', now())
     WHERE lower(address) = lower(:address) AND resolved_at IS NULL
"""


class Why(Enum):
    """How it was learnt that an address no longer answers."""

    REFUSED = "refused"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class Dead:
    """A paused address; `org_ids` are the organisations that it was for, as far as is known."""

    id: int
    address: str
    why: Why
    since: datetime
    user_name: str
    org_ids: tuple[str, ...]


def paused() -> list[Dead]:
    """Read the paused addresses, the oldest first."""
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(PAUSED)).mappings().all()
    return [Dead(**{**r, "why": Why(r["why"]), "org_ids": tuple(r["org_ids"])}) for r in rows]


def is_paused(address: str) -> bool:
    """Say whether nothing is sent to an address for now."""
    query = """SELECT 1 FROM territoire_dead_address
                WHERE lower(address) = lower(:address) AND resolved_at IS NULL"""
    with model.meta.engine.connect() as connection:
        return connection.execute(sa.text(query), {"address": address.strip()}).first() is not None


def pause(address: str, why: Why, by: str = "") -> bool:
    """Write to an address no more; answer `False` when it was paused already."""
    values = {"address": address.strip(), "why": why.value, "by": by}
    with model.meta.engine.begin() as connection:
        return connection.execute(sa.text(PAUSE), values).rowcount > 0


def resume(address: str, by: str) -> bool:
    """Write to an address again; answer `False` when it was not paused."""
    values = {"address": address.strip(), "by": by}
    with model.meta.engine.begin() as connection:
        return connection.execute(sa.text(RESUME), values).rowcount > 0
