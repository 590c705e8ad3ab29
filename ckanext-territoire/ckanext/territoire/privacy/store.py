"""The decisions of the privacy gate: `territoire_privacy_decision`. Rows are only added."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model

from harvesters.privacy.decisions import Choice, Decision
from harvesters.privacy.findings import Kind

FOR = """
    SELECT d.*, coalesce(nullif(u.fullname, ''), u.name, d.decided_by) AS by_name
      FROM territoire_privacy_decision d LEFT JOIN "user" u ON u.id = d.decided_by
     WHERE (:feed <> '' AND feed_id = :feed) OR (:resource <> '' AND resource_id = :resource)
     ORDER BY d.id
"""
ALL = """
    SELECT d.*, coalesce(nullif(u.fullname, ''), u.name, d.decided_by) AS by_name,
           coalesce(g.title, '') AS owner_title
      FROM territoire_privacy_decision d LEFT JOIN "user" u ON u.id = d.decided_by
      LEFT JOIN "group" g ON g.id = d.owner_id
     WHERE cast(:owners AS text[]) IS NULL OR owner_id = ANY(cast(:owners AS text[]))
     ORDER BY d.id
"""
ADD = """
    INSERT INTO territoire_privacy_decision (feed_id, delivery_id, resource_id, owner_id,
           table_title, kind, column_name, decision, reason, legal_basis, decided_by)
    VALUES (:feed_id, :delivery_id, :resource_id, :owner_id, :table_title, :kind, :column_name,
            :decision, :reason, :legal_basis, :decided_by)
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a decision is about: a feed and its delivery, or a resource, and whose it is."""

    feed_id: str = ""
    delivery_id: str = ""
    resource_id: str = ""
    owner_id: str = ""
    table_title: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision as it was recorded; `by_name` is who took it, `decided_at` is UTC."""

    decision: Decision
    delivery_id: str
    by_name: str
    decided_at: datetime


def recorded_for(resource_id: str = "", feed_id: str = "") -> tuple[Recorded, ...]:
    """Read what was decided for a resource or a feed, oldest first."""
    values = {"resource": resource_id, "feed": feed_id}
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(FOR), values).all()
    return tuple(
        Recorded(_to_decision(row), row.delivery_id, row.by_name, row.decided_at) for row in rows
    )


def decisions_for(resource_id: str = "", feed_id: str = "") -> tuple[Decision, ...]:
    """Read the decisions alone, as `harvesters.privacy.decisions` weighs them."""
    return tuple(each.decision for each in recorded_for(resource_id, feed_id))


def record(subject: Subject, decision: Decision, by_id: str) -> None:
    """Record a decision."""
    values = asdict(subject) | {
        "kind": decision.kind.value,
        "column_name": decision.column,
        "decision": decision.choice.value,
        "reason": decision.reason,
        "legal_basis": decision.legal_basis,
        "decided_by": by_id,
    }
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text(ADD), values)


def register(owner_ids: Collection[str] | None = None) -> list[dict[str, Any]]:
    """List the decisions of these organisations, or of all, as rows of a table."""
    owners = None if owner_ids is None else list(owner_ids)
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(ALL), {"owners": owners}).mappings().all()
    return [dict(row) for row in rows]


def _to_decision(row: Any) -> Decision:
    choice = Choice(row.decision)
    return Decision(Kind(row.kind), row.column_name, choice, row.reason, row.legal_basis)
