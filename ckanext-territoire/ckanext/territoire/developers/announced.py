"""What is announced: a table, a column or an address that will change or go, on a day.

Two places say it. A new name of a table, or an end that ships with a version of the platform,
stands in `schemas/announcements.yaml`; what officers decide stands in the database. Here they are
one list, read at most once a minute in each process.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.minute import kept_a_minute
from schemas import announcements as shipped

COLUMNS = "id, kind, effect, slug, column_name, address, since, at, becomes, why, withdrawn_at"
API = "/api/territoire/v1/"
TABLES = f"{API}tables/"


class What(Enum):
    """What an announcement is about."""

    TABLE = "table"
    COLUMN = "column"
    ADDRESS = "address"


class Effect(Enum):
    """What will become of it: it ends after a day, or changes on a day."""

    END = "end"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Announced:
    """An announcement. `at` is the last day of what ends, the day of what changes; `slug` is ""
    for an address that is of no table; `id` is 0 for what ships with the platform."""

    id: int
    what: What
    effect: Effect
    slug: str
    column: str
    address: str
    since: date
    at: date
    becomes: str = ""
    why: str = ""
    is_withdrawn: bool = False

    @property
    def is_end(self) -> bool:
        """Say whether it goes, and does not only change."""
        return self.effect is Effect.END

    def is_over(self, today: date) -> bool:
        """Say whether the day is past: what ends is no longer served."""
        return today > self.at

    def is_gone(self, today: date) -> bool:
        """Say whether it ended."""
        return self.is_end and self.is_over(today)


def everything() -> list[Announced]:
    """Read every announcement, withdrawn ones too, the newest first."""
    query = f"SELECT {COLUMNS} FROM territoire_announcement ORDER BY since DESC, id DESC"
    with model.meta.engine.connect() as connection:
        return [to_announced(row) for row in connection.execute(sa.text(query)).all()]


def public() -> list[Announced]:
    """Every announcement that stands, of both places, in the order of their days."""
    return sorted((*_standing(), *_shipped()), key=lambda each: (each.at, each.id))


def of_table(slug: str) -> tuple[Announced, ...]:
    """What an officer announces of a table and of its columns."""
    return tuple(each for each in _standing() if each.slug == slug and not each.address)


def of_address(path: str) -> tuple[Announced, ...]:
    """What is announced of an address of the API, or of one that it is below."""
    return tuple(each for each in _standing() if each.address and _is_below(path, each.address))


def gone_columns(slug: str, today: date) -> dict[str, Announced]:
    """The columns of a table that have ended, by name."""
    columns = (each for each in of_table(slug) if each.what is What.COLUMN)
    return {each.column: each for each in columns if each.is_gone(today)}


def has_gone_columns(today: date) -> bool:
    """Say whether a column of any table has ended."""
    return any(each.what is What.COLUMN and each.is_gone(today) for each in _standing())


def find_announcement(slug: str) -> shipped.Announcement | None:
    """Find the end, or the other name, of a table: what an officer announces comes first."""
    for each in of_table(slug):
        if each.what is What.TABLE and each.is_end:
            return shipped.Announcement(slug, each.since, each.at, each.becomes, each.why)
    return shipped.find_announcement(slug)


def slug_of(address: str) -> str:
    """Name the table whose rows an address gives, `""` when it is none.

    >>> slug_of(f"{TABLES}arbres/rows.csv"), slug_of(f"{TABLES}arbres.csv"), slug_of(f"{API}a")
    ('arbres', 'arbres', '')
    """
    if not address.startswith(TABLES):
        return ""
    return address.removeprefix(TABLES).partition("/")[0].partition(".")[0]


def to_announced(row: Any) -> Announced:
    """Convert a row of `territoire_announcement`."""
    return Announced(
        row.id, What(row.kind), Effect(row.effect), row.slug, row.column_name, row.address,
        row.since, row.at, row.becomes, row.why, row.withdrawn_at is not None,
    )  # fmt: skip


def _is_below(path: str, address: str) -> bool:
    return path == address or path.startswith(f"{address}/")


@kept_a_minute
def _standing() -> tuple[Announced, ...]:
    return tuple(each for each in everything() if not each.is_withdrawn)


def _shipped() -> Iterable[Announced]:
    for each in shipped.announcements():
        if each.until is not None:
            yield Announced(
                0, What.TABLE, Effect.END, each.slug, "", "", each.since, each.until,
                each.becomes, each.why,
            )  # fmt: skip
