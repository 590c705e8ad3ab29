"""Keep, read, answer and forget flags: `territoire.flag`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ckanext.territoire.delivery.database import read, transaction
from ckanext.territoire.flags.model import Answer, Flag, FlagKind, FlagState, NewFlag

FLAG = (
    "id::text, slug, row_key, feed_id, org_id, insee, label, kind, field, found, proposed, "
    "remark, email, state, answer, is_text_shown, made_at, answered_at, answered_by"
)
NEW = """
    INSERT INTO territoire.flag (slug, row_key, feed_id, org_id, insee, label, kind, field, found,
                                 proposed, remark, email)
    SELECT %(slug)s, %(row_key)s, %(feed_id)s, %(org_id)s, %(insee)s, %(label)s, %(kind)s,
           %(field)s, %(found)s, %(proposed)s, %(remark)s, %(email)s
     WHERE (SELECT count(*) FROM territoire.flag
             WHERE slug = %(slug)s AND row_key = %(row_key)s AND state = 'open') < %(most)s
    RETURNING id::text
"""
ANSWER = """
    UPDATE territoire.flag SET state = %(state)s, answer = %(text)s, is_text_shown = %(is_shown)s,
           answered_at = now(), answered_by = %(by)s,
           proposed = CASE WHEN %(is_dropped)s THEN '' ELSE proposed END,
           remark = CASE WHEN %(is_dropped)s THEN '' ELSE remark END,
           email = CASE WHEN %(is_dropped)s THEN '' ELSE email END
     WHERE id::text = %(id)s AND state = 'open' RETURNING id
"""
REOPEN = """
    UPDATE territoire.flag SET state = 'open', answer = '', is_text_shown = false,
           answered_at = NULL, answered_by = ''
     WHERE id::text = %s AND state NOT IN ('open', 'dropped') RETURNING id
"""
FORGET = """
    UPDATE territoire.flag SET email = ''
     WHERE email <> '' AND made_at < now() - make_interval(days => %s)
"""


def add(flag: NewFlag, most_open: int) -> str | None:
    """Keep a flag and answer its id; `None` when so many of its row wait already."""
    values: dict[str, Any] = {name: getattr(flag, name) for name in NewFlag.__slots__}
    with transaction() as cursor:
        cursor.execute(NEW, values | {"kind": flag.kind.value, "most": most_open})
        made = cursor.fetchone()
    return str(made[0]) if made else None


def load(flag_id: str) -> Flag | None:
    """Read a flag; any text may be asked."""
    rows = read(f"SELECT {FLAG} FROM territoire.flag WHERE id::text = %s", (flag_id,))
    return to_flag(rows[0]) if rows else None


def of_row(slug: str, row_key: str, limit: int = 20) -> list[Flag]:
    """Read what is shown of a row: all but what was dropped, newest first."""
    rows = read(
        f"SELECT {FLAG} FROM territoire.flag WHERE slug = %s AND row_key = %s "
        "AND state <> 'dropped' ORDER BY made_at DESC LIMIT %s",
        (slug, row_key, limit),
    )
    return [to_flag(row) for row in rows]


def of_organizations(org_ids: Sequence[str] | None, limit: int = 200) -> list[Flag]:
    """List the flags of these organisations, of all when `None`: those that wait first."""
    rows = read(
        f"SELECT {FLAG} FROM territoire.flag WHERE (%(all)s OR org_id = ANY(%(orgs)s)) "
        "ORDER BY state <> 'open', CASE WHEN state = 'open' THEN made_at END, made_at DESC "
        "LIMIT %(limit)s",
        {"all": org_ids is None, "orgs": list(org_ids or ()), "limit": limit},
    )
    return [to_flag(row) for row in rows]


def of_commune(insee: str, limit: int = 5) -> list[Flag]:
    """List what was answered of the rows of a commune, newest first."""
    rows = read(
        f"SELECT {FLAG} FROM territoire.flag WHERE insee = %s "
        "AND state IN ('fixed', 'answered', 'refused') ORDER BY answered_at DESC LIMIT %s",
        (insee, limit),
    )
    return [to_flag(row) for row in rows]


def waiting(org_ids: Sequence[str] | None) -> tuple[int, datetime | None]:
    """Count the flags that wait, of these organisations or of all; and since when the oldest."""
    [row] = read(
        "SELECT count(*) AS n, min(made_at) AS since FROM territoire.flag WHERE state = 'open' "
        "AND (%(all)s OR org_id = ANY(%(orgs)s))",
        {"all": org_ids is None, "orgs": list(org_ids or ())},
    )
    return int(row["n"]), row["since"]


def set_answer(flag_id: str, answer: Answer) -> bool:
    """Answer a flag that waits; `False` when somebody else just has."""
    values = {
        "id": flag_id,
        "state": answer.state.value,
        "text": answer.text,
        "is_shown": answer.is_text_shown,
        "is_dropped": answer.state is FlagState.DROPPED,
        "by": answer.by_id,
    }
    with transaction() as cursor:
        cursor.execute(ANSWER, values)
        return cursor.fetchone() is not None


def reopen(flag_id: str) -> bool:
    """Take an answer back: the flag waits again; `False` when it waits, or its texts are erased."""
    with transaction() as cursor:
        cursor.execute(REOPEN, (flag_id,))
        return cursor.fetchone() is not None


def to_mail(limit: int = 100) -> list[Flag]:
    """Read the flags whose answer has still to leave by mail."""
    rows = read(
        f"SELECT {FLAG} FROM territoire.flag WHERE email <> '' AND state <> 'open' "
        "ORDER BY answered_at LIMIT %s",
        (limit,),
    )
    return [to_flag(row) for row in rows]


def forget_email(flag_id: str) -> None:
    """Erase the address of who asked: the answer has left, or cannot."""
    with transaction() as cursor:
        cursor.execute("UPDATE territoire.flag SET email = '' WHERE id::text = %s", (flag_id,))


def forget_emails(days: int) -> int:
    """Erase the addresses that are older than so many days; answer how many."""
    with transaction() as cursor:
        cursor.execute(FORGET, (days,))
        return int(cursor.rowcount)


def to_flag(row: Mapping[str, Any]) -> Flag:
    """Convert a row of `territoire.flag`."""
    return Flag(**dict(row) | {"kind": FlagKind(row["kind"]), "state": FlagState(row["state"])})
