"""Count the calls of each key, and the columns they use: in Redis, as answers leave.

What waits there is kept in PostgreSQL every minute (`calls_store`). A key is counted under its id;
calls without a key are counted together. No address, no owner and no value of a filter is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import g

from ckanext.territoire.redis_names import redis_key
from ckanext.territoire.usage.count import note, today

KEY, USE = "key", "use"
SERVED, REFUSED = frozenset({200, 304}), 429


@dataclass(frozen=True, slots=True)
class Used:
    """The columns of a table that a call uses."""

    slug: str
    columns: frozenset[str]


def note_columns(slug: str, columns: Iterable[str]) -> None:
    """Remember what this call uses; it counts once it is served."""
    g.territoire_used = Used(slug, frozenset(columns))


def count_call(key_id: str, status: int, is_robot: bool) -> None:
    """Count a call that leaves with a status; `key_id` is `""` without key. Robots that walk the
    web without a key would not miss a column."""
    used: Used | None = g.get("territoire_used")
    names = [f"{KEY}|{key_id}"] if key_id and status != REFUSED else []
    if used and status in SERVED and (key_id or not is_robot):
        names += [f"{USE}|{used.slug}|{key_id}|{column}" for column in sorted(used.columns)]
    if names:
        note(calls_key(today()), names)


def calls_key(day: str = "") -> str:
    """Where the calls of a day wait; without a day, the pattern of all."""
    return redis_key("calls", day or "*")
