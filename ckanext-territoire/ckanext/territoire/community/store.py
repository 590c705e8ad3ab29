"""Keep, read, decide and forget contributions: `territoire_contribution`. Times are UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.community import datasets
from ckanext.territoire.community.model import (
    PUBLIC,
    Contribution,
    Decision,
    Kind,
    NewContribution,
    State,
    Writer,
)

COLUMNS = (
    "c.id::text, c.kind, c.state, c.former_state, c.org_id, c.title, c.body, c.author, c.url, "
    "c.email, c.user_id, c.challenge_id::text, c.answer, c.told, c.made_at, c.changed_at, "
    "c.decided_at, c.decided_by"
)
NOW = "timezone('utc', now())"
ADD = sa.text("""
    INSERT INTO territoire_contribution
           (kind, state, org_id, title, body, author, url, email, user_id, challenge_id, told)
    VALUES (:kind, :state, :org_id, :title, :body, :author, :url, :email, :user_id,
            cast(:challenge_id AS uuid), :told)
    RETURNING id::text
""")
AMEND = sa.text(f"""
    UPDATE territoire_contribution
       SET title = :title, body = :body, author = :author, url = :url, former_state = '',
           state = CASE state WHEN 'unconfirmed' THEN state ELSE 'waiting' END,
           told = CASE state WHEN 'unconfirmed' THEN told ELSE 'waiting' END, changed_at = {NOW}
     WHERE id = cast(:id AS uuid) AND state IN ('unconfirmed', 'waiting', 'changes', 'accepted')
""")
SET_DATA = sa.text(
    datasets.SET_DATA.format(link="territoire_contribution_data", key="contribution_id")
)
CONFIRM = sa.text(f"""
    UPDATE territoire_contribution SET state = 'waiting', told = 'waiting', changed_at = {NOW}
     WHERE id = cast(:id AS uuid) AND state = 'unconfirmed'
""")
DECIDE = sa.text(f"""
    UPDATE territoire_contribution
       SET former_state = state, former_answer = answer, state = :state, answer = :answer,
           decided_at = {NOW}, decided_by = :by, changed_at = {NOW}
     WHERE id = cast(:id AS uuid) AND state = :seen
""")
UNDO = sa.text(f"""
    UPDATE territoire_contribution
       SET state = former_state, answer = former_answer, former_state = '', former_answer = '',
           decided_at = CASE WHEN former_state = 'waiting' THEN NULL ELSE decided_at END,
           decided_by = CASE WHEN former_state = 'waiting' THEN '' ELSE :by END, changed_at = {NOW}
     WHERE id = cast(:id AS uuid) AND state = :seen AND former_state <> ''
""")
LEAVE = sa.text(f"""
    UPDATE territoire_contribution
       SET former_state = '', state = 'withdrawn', told = 'withdrawn', email = '',
           changed_at = {NOW}
     WHERE id = cast(:id AS uuid) AND state NOT IN ('refused', 'withdrawn', 'dropped')
""")
FORGET_ADDRESSES = sa.text(f"""
    UPDATE territoire_contribution SET email = ''
     WHERE email <> '' AND (
           (state IN ('answered', 'closed', 'refused', 'withdrawn', 'dropped')
            AND (told = state OR changed_at < {NOW} - make_interval(days => :days)))
           OR (kind = 'question' AND made_at < {NOW} - make_interval(days => :days)))
""")
FORGET_UNCONFIRMED = sa.text(f"""
    DELETE FROM territoire_contribution
     WHERE state = 'unconfirmed' AND made_at < {NOW} - make_interval(hours => :hours)
""")
FORGET_UNSEEN = sa.text(f"""
    DELETE FROM territoire_contribution
     WHERE state IN ('refused', 'withdrawn', 'dropped')
       AND changed_at < {NOW} - make_interval(days => :days)
""")
# a question is shown with its dataset, while somebody may see it
SEEN = f"""c.kind = 'question' AND c.state IN ({", ".join(f"'{each.value}'" for each in PUBLIC)})
    AND (NOT EXISTS (SELECT 1 FROM territoire_contribution_data d WHERE d.contribution_id = c.id)
         OR EXISTS (SELECT 1 FROM territoire_contribution_data d
                      JOIN package p ON p.id = d.dataset_id AND p.state = 'active'
                       AND NOT p.private WHERE d.contribution_id = c.id))"""
UNTOLD = "told <> state AND email <> '' AND state <> 'dropped'"


def add(connection: Any, new: NewContribution, writer: Writer) -> str:
    """Keep what somebody wrote; answer its id. What an account writes needs no confirmation."""
    state = State.WAITING if writer.user_id else State.UNCONFIRMED
    names = ("org_id", "title", "body", "author", "url", "challenge_id")
    values: dict[str, Any] = {name: getattr(new, name) for name in names}
    values |= {"kind": new.kind.value, "state": state.value, "email": writer.email}
    # a confirmation has still to leave; an account needs none
    values |= {"user_id": writer.user_id, "told": state.value if writer.user_id else ""}
    made = str(connection.execute(ADD, values).scalar_one())
    connection.execute(SET_DATA, {"id": made, "ids": list(new.datasets)})
    return made


def amend(connection: Any, contribution_id: str, new: NewContribution) -> bool:
    """Write anew what an author changes: it is read again. `False` when it is over."""
    values = {"id": contribution_id, "title": new.title, "body": new.body}
    values |= {"author": new.author, "url": new.url}
    is_done = connection.execute(AMEND, values).rowcount > 0
    if is_done:
        connection.execute(SET_DATA, {"id": contribution_id, "ids": list(new.datasets)})
    return is_done


def keep(new: NewContribution, writer: Writer) -> str:
    """Keep a question or an attempt, in a transaction of its own."""
    with model.meta.engine.begin() as connection:
        return add(connection, new, writer)


def load(contribution_id: str) -> Contribution | None:
    """Read a contribution; any text may be asked."""
    rows = _read(
        f"SELECT {COLUMNS} FROM territoire_contribution c WHERE c.id::text = :id",
        {"id": contribution_id},
    )
    return rows[0] if rows else None


def confirm(contribution_id: str) -> bool:
    """Let a contribution be read: its address of mail is that of who wrote it."""
    return _do(CONFIRM, {"id": contribution_id})


def decide(contribution_id: str, decision: Decision) -> bool:
    """Decide of a contribution; `False` when it is no longer in the state in which it was read."""
    values = {"id": contribution_id, "seen": decision.seen.value, "state": decision.state.value}
    return _do(DECIDE, values | {"answer": decision.answer, "by": decision.by_id})


def undo(contribution_id: str, seen: State, by_id: str) -> bool:
    """Put back what the last decision has changed; `False` when there is nothing to put back."""
    return _do(UNDO, {"id": contribution_id, "seen": seen.value, "by": by_id})


def leave(contribution_id: str) -> bool:
    """Withdraw a contribution, as its author asks; its address of mail is erased."""
    return _do(LEAVE, {"id": contribution_id})


def questions_of(dataset_id: str, limit: int, offset: int = 0) -> tuple[list[Contribution], int]:
    """Read the public questions on a dataset, on all when `""`, the newest first; and how many."""
    where = SEEN
    values: dict[str, Any] = {"limit": limit, "offset": offset}
    if dataset_id:
        values["dataset"] = dataset_id
        where += """ AND EXISTS (SELECT 1 FROM territoire_contribution_data d
                                  WHERE d.contribution_id = c.id AND d.dataset_id = :dataset)"""
    query = f"SELECT {COLUMNS}, count(*) OVER () AS whole FROM territoire_contribution c"
    query += f" WHERE {where} ORDER BY c.changed_at DESC, c.id LIMIT :limit OFFSET :offset"
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(query), values).mappings().all()
    found = [to_contribution({k: v for k, v in row.items() if k != "whole"}) for row in rows]
    return found, int(rows[0]["whole"]) if rows else 0


def question(question_id: str) -> Contribution | None:
    """Read a public question; any text may be asked."""
    rows = _read(
        f"SELECT {COLUMNS} FROM territoire_contribution c WHERE c.id::text = :id AND {SEEN}",
        {"id": question_id},
    )
    return rows[0] if rows else None


def datasets_of(contribution_id: str) -> list[str]:
    """Read the ids of the datasets that a contribution names."""
    query = """SELECT dataset_id FROM territoire_contribution_data
                WHERE contribution_id::text = :id ORDER BY dataset_id"""
    with model.meta.engine.connect() as connection:
        return list(connection.execute(sa.text(query), {"id": contribution_id}).scalars())


def datasets_of_all(ids: Sequence[str]) -> Mapping[str, list[str]]:
    """Read the ids of the datasets that these contributions name, by contribution."""
    query = """SELECT contribution_id::text AS id,
                      array_agg(dataset_id ORDER BY dataset_id) AS named
                 FROM territoire_contribution_data WHERE contribution_id::text = ANY(:ids)
                GROUP BY contribution_id"""
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(query), {"ids": list(ids)}).all()
    return {row.id: list(row.named) for row in rows}


def attempts_of(challenge_id: str) -> list[Contribution]:
    """Read who takes a challenge up, as everybody sees it, the oldest first."""
    query = f"""SELECT {COLUMNS} FROM territoire_contribution c
                 WHERE c.challenge_id::text = :id AND c.kind = 'attempt' AND c.state = 'accepted'
                 ORDER BY c.made_at LIMIT 100"""
    return _read(query, {"id": challenge_id})


def of_user(user_id: str) -> list[Contribution]:
    """Read what an account has written."""
    query = f"""SELECT {COLUMNS} FROM territoire_contribution c WHERE c.user_id = :id
                 ORDER BY c.made_at DESC LIMIT 1000"""
    return _read(query, {"id": user_id})


def to_tell(limit: int = 100) -> list[Contribution]:
    """Read what became of contributions and has still to leave by mail."""
    query = f"""SELECT {COLUMNS} FROM territoire_contribution c WHERE {UNTOLD}
                 ORDER BY c.changed_at LIMIT :limit"""
    return _read(query, {"limit": limit})


def set_told(contribution_id: str, state: State) -> None:
    """Remember of which state an author has heard."""
    query = "UPDATE territoire_contribution SET told = :state WHERE id = cast(:id AS uuid)"
    _do(sa.text(query), {"id": contribution_id, "state": state.value})


def forget(days: int, hours: int) -> int:
    """Erase the addresses that have served, what nobody confirmed, and what is shown no more since
    so many days; answer how many contributions went."""
    with model.meta.engine.begin() as connection:
        connection.execute(FORGET_ADDRESSES, {"days": days})
        gone = connection.execute(FORGET_UNCONFIRMED, {"hours": hours}).rowcount
        return int(gone + connection.execute(FORGET_UNSEEN, {"days": days}).rowcount)


def to_contribution(row: Mapping[Any, Any]) -> Contribution:
    """Convert a row of `territoire_contribution`."""
    return Contribution(**{**row, "kind": Kind(row["kind"]), "state": State(row["state"])})


def _read(query: str, values: Mapping[str, Any]) -> list[Contribution]:
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(query), dict(values)).mappings().all()
    return [to_contribution(row) for row in rows]


def _do(statement: Any, values: Mapping[str, Any]) -> bool:
    with model.meta.engine.begin() as connection:
        return bool(connection.execute(statement, dict(values)).rowcount > 0)
