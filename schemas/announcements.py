"""Tables that have another name, that are announced to go, or that have gone: a declared list.

`announcements.yaml` holds the list. A table with `becomes` alone has another name; one with `until`
is served until the end of that day, then answers that it has gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent / "announcements.yaml"
KEYS = {"table", "since", "until", "becomes", "why"}


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is announced of a table; `until` is `None` for a new name."""

    slug: str
    since: date
    until: date | None = None
    becomes: str = ""
    why: str = ""

    @property
    def is_new_name(self) -> bool:
        """Say whether the table only has another name."""
        return self.until is None

    def is_over(self, today: date) -> bool:
        """Say whether the table has gone."""
        return self.until is not None and today > self.until


def find_announcement(slug: str) -> Announcement | None:
    """Find what is announced of a table."""
    return next((each for each in announcements() if each.slug == slug), None)


@cache
def announcements() -> tuple[Announcement, ...]:
    """Load the list once."""
    return read_announcements(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def read_announcements(entries: Sequence[Mapping[str, Any]]) -> tuple[Announcement, ...]:
    """Read the list; an entry that says neither an end nor a new name is a `ValueError`.

    >>> read_announcements([{"table": "a", "since": date(2026, 1, 2), "becomes": "b"}])[0].becomes
    'b'
    """
    return tuple(_read(entry) for entry in entries)


def _read(entry: Mapping[str, Any]) -> Announcement:
    is_whole = {"table", "since"} <= entry.keys() <= KEYS and entry.keys() & {"until", "becomes"}
    days = [entry[key] for key in ("since", "until") if key in entry]
    if not is_whole or not all(type(day) is date for day in days):
        raise ValueError(f"announcement of {entry.get('table')}: a key is missing or unknown")
    return Announcement(
        entry["table"], entry["since"], entry.get("until"), entry.get("becomes", ""),
        entry.get("why", ""),
    )  # fmt: skip
