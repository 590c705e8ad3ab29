"""What an EPCI says of its portal: published in one transaction, read from the settings.

An identity is a handful of CKAN's run-time settings: CKAN compares one mark of the database at each
request, so that every process follows at its next one, and reads nothing more. Former identities
stay in `territoire_identity`, their logos in `territoire_logo`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib import app_globals
from ckan.plugins import toolkit

from ckanext.territoire.identity.logo import Logo
from ckanext.territoire.identity.mark import MARK

SETTINGS = {
    "name": "ckan.site_title",
    "text": "ckan.site_description",
    "contact": "ckanext.territoire.mail.contact",
    "colour": "ckanext.territoire.identity.colour",
    "accent": "ckanext.territoire.identity.accent",
    "logo": "ckanext.territoire.identity.logo",
}
KEPT = 20
SET = sa.text("""
    INSERT INTO system_info (key, value, state) VALUES (:key, :value, 'active')
    ON CONFLICT (key) DO UPDATE SET value = excluded.value
""")
UNSET = sa.text("DELETE FROM system_info WHERE key = ANY(:keys)")
ADD = sa.text("""
    INSERT INTO territoire_identity (by_id, told) VALUES (:by, cast(:told AS jsonb))
""")
KEEP_LOGO = sa.text("""
    INSERT INTO territoire_logo (sha256, content, icon, width, height)
    VALUES (:sha256, :content, :icon, :width, :height) ON CONFLICT DO NOTHING
""")
FORGET = sa.text("""
    DELETE FROM territoire_identity WHERE id <= (SELECT id FROM territoire_identity
                                                  ORDER BY id DESC OFFSET :kept LIMIT 1)
""")
FORGET_LOGOS = sa.text("""
    DELETE FROM territoire_logo WHERE sha256 NOT IN (SELECT told ->> 'logo'
                                                       FROM territoire_identity
                                                      WHERE told ? 'logo')
""")
PAST = sa.text("""
    SELECT i.id, i.at, i.told, coalesce(nullif(u.fullname, ''), u.name, '') AS by
      FROM territoire_identity i LEFT JOIN "user" u ON u.id = i.by_id ORDER BY i.id DESC
""")


@dataclass(frozen=True, slots=True)
class Identity:
    """What the portal says of itself; `""` where the look as it comes serves."""

    name: str = ""
    text: str = ""
    contact: str = ""
    colour: str = ""
    accent: str = ""
    logo: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """An identity that was published (UTC); `identity` is none for the operator's settings."""

    id: int
    at: datetime
    by: str
    identity: Identity | None


def open_settings(schema: dict[str, Any]) -> dict[str, Any]:
    """Let our settings change while CKAN runs."""
    wanted = [toolkit.get_validator("ignore_missing"), toolkit.get_validator("unicode_safe")]
    return {**schema, **{key: wanted for key in SETTINGS.values() if key not in schema}}


def current() -> Identity:
    """The identity in force."""
    return Identity(**{
        name: str(toolkit.config.get(key) or "") for name, key in SETTINGS.items()
    })  # fmt: skip


def follow() -> None:
    """Follow what was published since: for processes that no request reaches."""
    # CKAN has no public name for what it does itself at each request
    app_globals.app_globals._check_uptodate()


def publish(identity: Identity | None, by: str, logo: Logo | None = None) -> None:
    """Put an identity in force, or with none the settings of the operator."""
    told = asdict(identity) if identity else {}
    with model.meta.engine.begin() as connection:
        if logo:
            connection.execute(KEEP_LOGO, asdict(logo))
        connection.execute(ADD, {"by": by, "told": json.dumps(told)})
        if not identity:
            connection.execute(UNSET, {"keys": list(SETTINGS.values())})
        for name, value in told.items():
            connection.execute(SET, {"key": SETTINGS[name], "value": value})
        connection.execute(SET, {"key": MARK, "value": str(time.time())})
        connection.execute(FORGET, {"kept": KEPT})
        connection.execute(FORGET_LOGOS)
    model.Session.rollback()  # what this session has read is from before
    follow()


def past() -> list[Past]:
    """The identities that were published, the one in force first."""
    with model.meta.engine.connect() as connection:
        rows = connection.execute(PAST).mappings().all()
    return [Past(row["id"], row["at"], row["by"], _identity(row["told"])) for row in rows]


def load_logo(sha256: str) -> Logo | None:
    """Read a logo that is kept."""
    query = sa.text("SELECT * FROM territoire_logo WHERE sha256 = :sha256")
    with model.meta.engine.connect() as connection:
        row = connection.execute(query, {"sha256": sha256}).mappings().one_or_none()
    if not row:
        return None
    content, icon = bytes(row["content"]), bytes(row["icon"])
    return Logo(row["sha256"], content, icon, row["width"], row["height"])


@lru_cache(maxsize=8)
def size_of(sha256: str) -> tuple[int, int] | None:
    """The size of a logo; it never changes, since its name is its content."""
    found = load_logo(sha256)
    return (found.width, found.height) if found else None


def _identity(told: Mapping[str, Any]) -> Identity | None:
    return Identity(**{name: str(told.get(name) or "") for name in SETTINGS}) if told else None
