"""Keep and read challenges: `territoire_challenge`."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.community import datasets
from ckanext.territoire.community.model import Challenge, ChallengeState, NewChallenge
from ckanext.territoire.community.reuse_store import DATA
from ckanext.territoire.community.store import NOW

COLUMNS = ("h.id::text, h.slug, h.org_id, h.state, h.former_state, h.title, h.body, h.contact, "
           "h.prize, h.until, h.made_at, h.changed_at")  # fmt: skip
COUNTS = """
    (SELECT count(*) FROM territoire_contribution c WHERE c.challenge_id = h.id
        AND c.kind = 'attempt' AND c.state = 'accepted') AS attempts,
    (SELECT count(*) FROM territoire_contribution c WHERE c.challenge_id = h.id
        AND c.kind = 'reuse' AND c.state = 'accepted') AS reuses
"""
SELECT = f"""
    SELECT {COLUMNS}, {COUNTS},
           {DATA.format(link="territoire_challenge_data", key="challenge_id", of="h.id")}
      FROM territoire_challenge h
"""
ADD = sa.text("""
    INSERT INTO territoire_challenge
           (slug, org_id, state, title, body, contact, prize, until, made_by)
    VALUES (:slug, :org_id, 'draft', :title, :body, :contact, :prize, :until, :by)
    ON CONFLICT (slug) DO NOTHING RETURNING id::text, slug
""")
AMEND = sa.text(f"""
    UPDATE territoire_challenge SET title = :title, body = :body, contact = :contact,
           prize = :prize, until = :until, changed_at = {NOW}
     WHERE id = cast(:id AS uuid)
""")
SET_DATA = sa.text(datasets.SET_DATA.format(link="territoire_challenge_data", key="challenge_id"))
MOVE = sa.text(f"""
    UPDATE territoire_challenge SET former_state = state, state = :state, changed_at = {NOW}
     WHERE id = cast(:id AS uuid) AND state = :seen AND state <> :state
""")
UNDO = sa.text(f"""
    UPDATE territoire_challenge SET state = former_state, former_state = '', changed_at = {NOW}
     WHERE id = cast(:id AS uuid) AND state = :seen AND former_state <> ''
""")


@dataclass(frozen=True, slots=True)
class Listed:
    """A challenge with its public datasets (name, title), and how many took it up, and ended it."""

    challenge: Challenge
    data: tuple[tuple[str, str], ...]
    attempts: int
    reuses: int


def add(new: NewChallenge, slug: str, by_id: str) -> tuple[str, str]:
    """Keep a challenge as a draft; answer its id and its address."""
    with model.meta.engine.begin() as connection:
        values = _values(new) | {"org_id": new.org_id, "slug": slug, "by": by_id}
        row = connection.execute(ADD, values).first()
        if row is None:  # the address is taken
            other = f"{slug}-{uuid.uuid4().hex[:8]}"
            row = connection.execute(ADD, values | {"slug": other}).one()
        connection.execute(SET_DATA, {"id": row.id, "ids": list(new.datasets)})
    return str(row.id), str(row.slug)


def amend(challenge_id: str, new: NewChallenge) -> None:
    """Write a challenge anew; its address and its state stay."""
    with model.meta.engine.begin() as connection:
        connection.execute(AMEND, _values(new) | {"id": challenge_id})
        connection.execute(SET_DATA, {"id": challenge_id, "ids": list(new.datasets)})


def move(challenge_id: str, seen: ChallengeState, state: ChallengeState) -> bool:
    """Publish or withdraw a challenge; `False` when it is no longer as it was seen."""
    return _do(MOVE, {"id": challenge_id, "seen": seen.value, "state": state.value})


def undo(challenge_id: str, seen: ChallengeState) -> bool:
    """Put back the state from before; `False` when there is none."""
    return _do(UNDO, {"id": challenge_id, "seen": seen.value})


def load(slug_or_id: str) -> Listed | None:
    """Read a challenge, whatever its state."""
    found = _read("h.slug = :value OR h.id::text = :value", {"value": slug_or_id})
    return found[0] if found else None


def of_ids(ids: Collection[str]) -> list[Listed]:
    """Read these challenges, whatever their state."""
    return _read("h.id::text = ANY(:ids)", {"ids": list(ids)}) if ids else []


def public(today: date, limit: int = 200) -> list[Listed]:
    """Read the challenges that are shown: the open ones, soonest over first, then the past ones."""
    order = "h.until < :today, CASE WHEN h.until >= :today THEN h.until END, h.until DESC"
    return _read("h.state = 'open'", {"today": today, "limit": limit}, f"{order} LIMIT :limit")


def of_dataset(dataset_id: str, today: date) -> list[Listed]:
    """Read the open challenges that name a dataset."""
    where = """h.state = 'open' AND h.until >= :today AND EXISTS (
        SELECT 1 FROM territoire_challenge_data d
         WHERE d.challenge_id = h.id AND d.dataset_id = :dataset)"""
    return _read(where, {"today": today, "dataset": dataset_id}, "h.until")


def of_organizations(org_ids: Sequence[str] | None) -> list[Listed]:
    """Read the challenges of these organisations, of all when `None`, the newest first."""
    where = "(:all OR h.org_id = ANY(:orgs))"
    values = {"all": org_ids is None, "orgs": list(org_ids or ())}
    return _read(where, values, "h.made_at DESC LIMIT 200")


def _values(new: NewChallenge) -> dict[str, Any]:
    return {name: getattr(new, name) for name in ("title", "body", "contact", "prize", "until")}


def _read(condition: str, values: Mapping[str, Any], order: str = "h.made_at") -> list[Listed]:
    query = f"{SELECT} WHERE {condition} ORDER BY {order}"
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(query), dict(values)).mappings().all()
    return [_to_listed(row) for row in rows]


def _to_listed(row: Mapping[Any, Any]) -> Listed:
    told = {name: row[name] for name in Challenge.__slots__}
    challenge = Challenge(**told | {"state": ChallengeState(row["state"])})
    data = tuple((each["name"], each["title"]) for each in row["data"])
    return Listed(challenge, data, row["attempts"], row["reuses"])


def _do(statement: Any, values: Mapping[str, Any]) -> bool:
    with model.meta.engine.begin() as connection:
        return bool(connection.execute(statement, dict(values)).rowcount > 0)
