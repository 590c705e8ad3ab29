"""Which organisations' sources a person may change, in one statement.

The rule of CKAN (`package_update`): editors and administrators of the organisation, administrators
of one above it, sysadmins. Asking CKAN for each source would cost several statements a source.
"""

from __future__ import annotations

from ckan import authz, model
from ckan.types import Context
from sqlalchemy import text

HELD = text("""
    WITH RECURSIVE held AS (
        SELECT m.group_id, m.capacity FROM member m JOIN "user" u ON u.id = m.table_id
         WHERE m.table_name = 'user' AND m.state = 'active'
           AND m.capacity IN ('admin', 'editor') AND u.state = 'active' AND u.name = :user
    ), below (id) AS (
        SELECT group_id FROM held WHERE capacity = 'admin'
        UNION
        SELECT m.group_id FROM member m JOIN below b ON b.id = m.table_id
         WHERE m.table_name = 'group' AND m.state = 'active'
    )
    SELECT group_id FROM held UNION SELECT id FROM below
""")


def edited_organizations(context: Context) -> frozenset[str] | None:
    """Answer the ids of the organisations whose sources the caller may change; `None`: all."""
    user = str(context.get("user") or "")
    if context.get("ignore_auth") or (user and authz.is_sysadmin(user)):
        return None
    return frozenset(model.Session.execute(HELD, {"user": user}).scalars())
