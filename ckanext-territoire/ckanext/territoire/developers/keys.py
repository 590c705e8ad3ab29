"""The keys of developers as the portal keeps them: made, listed, their quota, revoked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.developers.scope import EXTRA

MAX_NAME = 60
MAX_WHY = 500
MAX_PER_MINUTE = 100_000
KEYS = f"""
    SELECT t.id, t.name, t.user_id, t.created_at, t.last_access, t.plugin_extras->'{EXTRA}' AS told
      FROM api_token t JOIN "user" u ON u.id = t.user_id AND u.state = 'active'
     WHERE t.plugin_extras->'{EXTRA}'->>'scope' = 'read' AND {{condition}}
     ORDER BY t.created_at, t.id
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """A larger quota that an owner has asked for, and why."""

    per_minute: int
    why: str
    at: str


@dataclass(frozen=True, slots=True)
class Key:
    """A key; times are UTC. `per_minute` is 0 for the quota of all keys."""

    id: str
    name: str
    user_id: str
    made_at: datetime
    used_at: datetime | None
    expires_at: datetime
    per_minute: int = 0
    wish: Wish | None = None

    def is_expired(self, now: datetime) -> bool:
        """Say whether it opens nothing any more."""
        return now >= self.expires_at


def keys_of(user_id: str) -> list[Key]:
    """Read the keys of an account, the oldest first."""
    return _read("t.user_id = :user", user=user_id)


def all_keys() -> list[Key]:
    """Read the keys of all, the oldest first."""
    return _read("true")


def find_key(key_id: str) -> Key | None:
    """Read a key; any text may be asked."""
    return next(iter(_read("t.id = :id", id=key_id)), None)


def quota_of(token: Any) -> int:
    """The quota that an officer gave to a token, 0 for that of all."""
    return int(_told(token).get("per_minute") or 0)


def set_wish(key_id: str, per_minute: int, why: str) -> None:
    """Keep that an owner asks for more. Commits."""
    at = datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    _change(key_id, wish={"per_minute": per_minute, "why": why, "at": at})


def set_quota(key_id: str, per_minute: int) -> None:
    """Give a key a quota of its own, 0 for that of all; what was asked is answered. Commits."""
    _change(key_id, per_minute=per_minute, wish=None)


def _change(key_id: str, **values: Any) -> None:
    token = model.ApiToken.get(key_id)
    assert token is not None
    token.set_extra(EXTRA, {**_told(token), **values}, commit=True)


def _told(token: Any) -> Mapping[str, Any]:
    told: Mapping[str, Any] = (token.plugin_extras or {}).get(EXTRA) or {}
    return told


def _read(condition: str, **values: Any) -> list[Key]:
    rows = model.Session.execute(sa.text(KEYS.format(condition=condition)), values).all()
    return [_to_key(row) for row in rows]


def _to_key(row: Any) -> Key:
    told = row.told
    wish = told.get("wish")
    return Key(
        row.id, row.name, row.user_id, _aware(row.created_at),
        _aware(row.last_access) if row.last_access else None,
        _aware(datetime.fromisoformat(told["expires_at"])),
        int(told.get("per_minute") or 0), Wish(**wish) if wish else None,
    )  # fmt: skip


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
