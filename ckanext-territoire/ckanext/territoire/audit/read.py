"""Read the journal: of all, of organisations, or of one person; newest first, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from ckan import model

PAGE = 100
CLOSED = "compte fermé"
LINES = sa.text("""
    SELECT a.id, a.at, a.user_id, a.action, a.subject, a.title, a.org_id,
           u.name AS user_name, coalesce(nullif(u.fullname, ''), u.name) AS person,
           coalesce(g.title, '') AS organization
      FROM territoire_act a
      LEFT JOIN "user" u ON u.id = a.user_id AND u.state = 'active'
      LEFT JOIN "group" g ON g.id = a.org_id OR g.name = a.org_id
     WHERE (cast(:orgs AS text[]) IS NULL OR g.id = ANY(:orgs))
       AND (cast(:user AS text) IS NULL OR a.user_id = :user)
       AND (cast(:before AS bigint) IS NULL OR a.id < :before)
     ORDER BY a.id DESC LIMIT :limit
""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: of these organisations (`None`: all), of this account, before this line."""

    orgs: tuple[str, ...] | None = None
    user_id: str | None = None
    before: int | None = None
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody did, and when (UTC)."""

    id: int
    at: datetime
    person: str
    user_name: str
    action: str
    subject: str
    title: str
    organization: str


def read_lines(wanted: Wanted) -> list[Line]:
    """Read a page of the journal."""
    values = {
        "orgs": list(wanted.orgs) if wanted.orgs is not None else None,
        "user": wanted.user_id, "before": wanted.before, "limit": wanted.limit,
    }  # fmt: skip
    with model.meta.engine.connect() as connection:
        found: Sequence[Any] = connection.execute(LINES, values).all()
    return [
        Line(
            row.id, row.at.replace(tzinfo=UTC), row.person or CLOSED, row.user_name or "",
            row.action, row.subject, row.title, row.organization,
        )
        for row in found
    ]  # fmt: skip
