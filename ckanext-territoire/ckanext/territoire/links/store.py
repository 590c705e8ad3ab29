"""Make, read, revoke and count links: `territoire.link`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ckan.plugins import toolkit

from ckanext.territoire.delivery.database import read, transaction
from ckanext.territoire.links.model import DEFAULT_DAYS, Kind, Link, LinkState, NewLink
from ckanext.territoire.links.token import read_token, to_token
from harvesters.model import Issue

PATHS = {Kind.REPAIR: "reparer", Kind.DEPOSIT: "invitation"}
LINK = (
    "id::text, kind, org_id, slug, feed_id::text, email, made_by, delivery_id::text, made_at, "
    "expires_at, revoked_at, used_at, uses, mailed_at"
)
MAKE = """
    INSERT INTO territoire.link
           (kind, org_id, slug, feed_id, email, made_by, delivery_id, expires_at)
    VALUES (%(kind)s, %(org_id)s, %(slug)s, %(feed_id)s, %(email)s, %(made_by)s, %(delivery_id)s,
            now() + make_interval(days => %(days)s))
    ON CONFLICT (delivery_id) WHERE made_by = '' DO NOTHING
"""
REVOKE = """
    UPDATE territoire.link SET revoked_at = coalesce(revoked_at, now())
     WHERE id::text = %(id)s OR (made_by = '' AND delivery_id IN (
           SELECT id FROM territoire.delivery WHERE by_way = 'invitation' AND by_id = %(id)s))
"""
SHUT = {LinkState.REVOKED: "TER-API-122", LinkState.EXPIRED: "TER-API-123"}


def make(wanted: NewLink, days: int = DEFAULT_DAYS) -> Link:
    """Make a link. The platform makes one for a delivery: asked again, it answers the same."""
    values = {name: getattr(wanted, name) for name in NewLink.__slots__}
    values |= {"kind": wanted.kind.value, "days": days}
    with transaction() as cursor:
        cursor.execute(f"{MAKE} RETURNING id::text", values)
        made = cursor.fetchone()
    if made:
        return _found(load(made[0]))
    return _found(link_of(wanted.delivery_id or ""))


def load(link_id: str) -> Link | None:
    """Read a link; any text may be asked."""
    return _one("id::text = %s", link_id)


def link_of(delivery_id: str) -> Link | None:
    """Read the link that the platform has made for a delivery."""
    return _one("delivery_id::text = %s AND made_by = ''", delivery_id)


def list_links(org_id: str, limit: int = 500) -> list[Link]:
    """Read the links of an organisation, newest first."""
    rows = read(
        f"SELECT {LINK} FROM territoire.link WHERE org_id = %s ORDER BY made_at DESC LIMIT %s",
        (org_id, limit),
    )
    return [to_link(row) for row in rows]


def open_link(token: str, kind: Kind) -> Link | Issue:
    """Answer the link of a token, or why it opens nothing; the reason names nobody."""
    link_id = read_token(token, kind, _secret())
    if link_id is None:
        return Issue("TER-API-120")
    link = load(link_id)
    if link is None or link.kind is not kind:
        return Issue("TER-API-121")
    state = link.state_at(datetime.now(UTC))
    return Issue(SHUT[state]) if state in SHUT else link


def address_of(link: Link) -> str:
    """The address to send or to copy."""
    site = str(toolkit.config["ckan.site_url"]).rstrip("/")
    return f"{site}/{PATHS[link.kind]}/{to_token(link.id, link.kind, _secret())}"


def revoke(link_id: str) -> None:
    """Shut a link now and for good, and the repair links of what came by it."""
    with transaction() as cursor:
        cursor.execute(REVOKE, {"id": link_id})


def count_use(link_id: str) -> None:
    """Count that a link was used to change something."""
    _set(link_id, "uses = uses + 1, used_at = now()")


def set_mailed(link_id: str) -> None:
    """Remember that its mail has left."""
    _set(link_id, "mailed_at = now()")


def to_link(row: Mapping[str, Any]) -> Link:
    """Convert a row of `territoire.link`."""
    return Link(**dict(row) | {"kind": Kind(row["kind"])})


def _set(link_id: str, change: str) -> None:
    with transaction() as cursor:
        cursor.execute(f"UPDATE territoire.link SET {change} WHERE id::text = %s", (link_id,))


def _one(condition: str, value: str) -> Link | None:
    rows = read(f"SELECT {LINK} FROM territoire.link WHERE {condition}", (value,))
    return to_link(rows[0]) if rows else None


def _found(link: Link | None) -> Link:
    assert link is not None
    return link


def _secret() -> str:
    return str(toolkit.config["SECRET_KEY"])
