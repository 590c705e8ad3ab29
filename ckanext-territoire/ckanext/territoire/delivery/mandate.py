"""Publishing on behalf: a commune lets the EPCI deposit for it, and each use is traced."""

from __future__ import annotations

from datetime import date
from typing import Any

from ckan import model

from ckanext.territoire.delivery.database import read, transaction
from ckanext.territoire.delivery.model import Way
from harvesters.errors import Refused
from harvesters.model import Issue

IN_FORCE = """
    SELECT since, until, reference, by_id FROM territoire.mandate
     WHERE org_id = %s AND since <= current_date AND coalesce(until, 'infinity') >= current_date
     ORDER BY since DESC LIMIT 1
"""
GIVE = """
    INSERT INTO territoire.mandate (org_id, until, reference, by_id) VALUES (%s, %s, %s, %s)
    ON CONFLICT (org_id, since) DO UPDATE
       SET until = excluded.until, reference = excluded.reference, by_id = excluded.by_id
"""


def in_force(org_id: str) -> dict[str, Any] | None:
    """Read the mandate that a commune has given, if it is in force."""
    rows = read(IN_FORCE, (org_id,))
    return rows[0] if rows else None


def holders() -> set[str]:
    """List the organisations whose mandate is in force."""
    rows = read(
        "SELECT DISTINCT org_id FROM territoire.mandate "
        "WHERE since <= current_date AND coalesce(until, 'infinity') >= current_date"
    )
    return {row["org_id"] for row in rows}


def give(org_id: str, reference: str, by_id: str, until: date | None = None) -> None:
    """Record that a commune lets the EPCI publish for it."""
    with transaction() as cursor:
        cursor.execute(GIVE, (org_id, until, reference, by_id))


def end(org_id: str) -> None:
    """End the mandate of a commune now."""
    with transaction() as cursor:
        cursor.execute(
            "UPDATE territoire.mandate SET until = current_date - 1 "
            "WHERE org_id = %s AND coalesce(until, 'infinity') >= current_date",
            (org_id,),
        )


def way_of(user_id: str, org_id: str) -> Way:
    """Say by whose right a user deposits: as a member, or for the commune under a mandate.

    Somebody who is no member of the organisation and has no mandate is refused (TER-TAB-076).
    """
    if not user_id or _is_member(user_id, org_id):
        return Way.DEPOSIT
    if in_force(org_id) is None:
        group: Any = model.Group.get(org_id)
        raise Refused(Issue("TER-TAB-076", found=group.title if group else org_id))
    return Way.MANDATE


def _is_member(user_id: str, org_id: str) -> bool:
    """Say whether the right comes from the organisation itself and not from one above it."""
    query = model.Session.query(model.Member).filter_by(
        group_id=org_id, table_id=user_id, table_name="user", state="active"
    )
    return query.first() is not None
