"""Announce, withdraw: `territoire_announcement`. What concerns a table is checked before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from ckan import model

from ckanext.territoire import minute
from ckanext.territoire.developers.announced import COLUMNS, Announced, Effect, What, to_announced

ADD = sa.text(f"""
    INSERT INTO territoire_announcement (kind, effect, slug, column_name, address, since, at,
                                         becomes, why, made_by)
    VALUES (:kind, :effect, :slug, :column, :address, :since, :at, :becomes, :why, :by)
    ON CONFLICT (kind, slug, column_name, address) WHERE withdrawn_at IS NULL DO NOTHING
    RETURNING {COLUMNS}
""")
WITHDRAW = sa.text(f"""
    UPDATE territoire_announcement SET withdrawn_at = timezone('utc', now())
     WHERE id = :id AND withdrawn_at IS NULL RETURNING {COLUMNS}
""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to announce; `by` is the id of their account."""

    what: What
    effect: Effect
    slug: str
    column: str
    address: str
    at: date
    becomes: str
    why: str
    by: str


def announce(wanted: Wanted, today: date) -> Announced | None:
    """Keep an announcement; `None` when there is one already of the same thing. Commits."""
    values = {name: getattr(wanted, name) for name in Wanted.__slots__} | {"since": today}
    values |= {"kind": wanted.what.value, "effect": wanted.effect.value}
    return _changed(ADD, values)


def withdraw(announcement_id: int) -> Announced | None:
    """Take an announcement back; `None` when none stands under this number. Commits."""
    return _changed(WITHDRAW, {"id": announcement_id})


def _changed(query: sa.TextClause, values: dict[str, object]) -> Announced | None:
    with model.meta.engine.begin() as connection:
        row = connection.execute(query, values).first()
    minute.forget()
    return to_announced(row) if row else None
