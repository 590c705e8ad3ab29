"""Who is told: those who edit the data of an organisation, and the officers of the EPCI."""

from __future__ import annotations

from collections.abc import Sequence

from ckan import model
from sqlalchemy import text

from ckanext.territoire.links import addresses
from ckanext.territoire.notices.model import Person

EDITORS = text("""
    SELECT u.id, coalesce(nullif(u.fullname, ''), u.name) AS name, u.email,
           array_agg(DISTINCT m.group_id) AS org_ids,
           bool_or(m.capacity = 'admin' AND g.extras->>'kind' = 'epci') AS is_officer
      FROM "user" u
      JOIN member m ON m.table_name = 'user' AND m.table_id = u.id AND m.state = 'active'
           AND m.capacity IN ('admin', 'editor')
      JOIN "group" g ON g.id = m.group_id AND g.is_organization AND g.state = 'active'
     WHERE u.state = 'active' AND coalesce(u.email, '') <> ''
     GROUP BY u.id, u.name, u.fullname, u.email ORDER BY u.name
""")
OWNERS = text("""
    SELECT id, coalesce(nullif(fullname, ''), name) AS name, email FROM "user" u
     WHERE id = :id AND state = 'active' AND coalesce(email, '') <> ''
       AND EXISTS (SELECT 1 FROM api_token t WHERE t.user_id = u.id)
""")
CONTACTS = text("""
    SELECT id, coalesce(nullif(title, ''), name) AS name, extras->>'contact_email' AS email
      FROM "group" WHERE is_organization AND state = 'active'
       AND coalesce(extras->>'contact_email', '') <> ''
     ORDER BY name
""")


def reachable() -> list[Person]:
    """Read everybody who may be told, but for the addresses that no longer answer."""
    dead = {each.address.casefold() for each in addresses.paused()}
    return [each for each in everybody() if each.address.casefold() not in dead]


def everybody() -> list[Person]:
    """Read everybody who may be told."""
    editors = [
        Person(row.id, row.name, row.email, frozenset(row.org_ids), row.is_officer)
        for row in model.Session.execute(EDITORS)
    ]
    return [*editors, *_contacts(editors)]


def find(key: str) -> Person | None:
    """Find a person by their key: somebody who edits data, or who has a key of the API."""
    return next((each for each in everybody() if each.key == key), None) or _owner(key)


def has_key(user_id: str) -> bool:
    """Say whether an account has a key of the API."""
    return _owner(user_id) is not None


def _owner(user_id: str) -> Person | None:
    row = model.Session.execute(OWNERS, {"id": user_id}).first()
    return Person(row.id, row.name, row.email, frozenset()) if row else None


def _contacts(editors: Sequence[Person]) -> list[Person]:
    """The contact addresses of the organisations that nobody edits."""
    edited = frozenset[str]().union(*(each.org_ids for each in editors))
    return [
        Person(f"org:{row.id}", row.name, row.email, frozenset({row.id}))
        for row in model.Session.execute(CONTACTS)
        if row.id not in edited
    ]
