"""What changed in a merged table since a cursor: rows to write, keys to drop.

A cursor is the number of the last change read, and after a page that was cut, the key where it was
cut: `12` or `12.<key in base64url>`. Rows come in their state of today: a reader writes each by its
key, drops the removed ones, and asks again with the cursor of the answer.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

from ckanext.territoire.delivery.columns import quoted
from ckanext.territoire.delivery.database import read
from ckanext.territoire.delivery.exports import public_columns
from ckanext.territoire.delivery.merged import Merged
from schemas.model import Schema

CURSOR = re.compile(r"(\d{1,15})(?:\.([A-Za-z0-9_-]{1,4000}))?")
CHANGES = """
    SELECT cursor, key, op, row FROM (
        (SELECT m._cursor AS cursor, m._key AS key,
                CASE WHEN m._added > %(since)s THEN 'added' ELSE 'changed' END AS op,
                (SELECT row_to_json(p) FROM (SELECT {columns}) p) AS row
           FROM {table} m
          WHERE (m._cursor, m._key) > (%(from)s, %(key)s) AND m._cursor <= %(until)s
            AND m.territoire_doublon IS NULL
          ORDER BY m._cursor, m._key LIMIT %(limit)s)
        UNION ALL
        (SELECT g.cursor, g.row_key, 'removed', NULL FROM territoire.gone g
          WHERE g.slug = %(slug)s AND (g.cursor, g.row_key) > (%(from)s, %(key)s)
            AND g.cursor <= %(until)s AND %(since)s > 0
          ORDER BY g.cursor, g.row_key LIMIT %(limit)s)) changes
     ORDER BY cursor, key LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Since:
    """Where a reader stands: all changes up to `number`, or those of it up to `key`."""

    number: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of changes; `cursor` is what to ask with next, `has_more` whether it was cut."""

    changes: tuple[dict[str, Any], ...]
    cursor: str
    has_more: bool


def read_cursor(text: str) -> Since | None:
    """Read a cursor; `None` when it is none of ours.

    >>> read_cursor("12"), read_cursor("12.YQ"), read_cursor("hier")
    (Since(number=12, key=''), Since(number=12, key='a'), None)
    """
    if not text:
        return Since()
    match = CURSOR.fullmatch(text)
    if not match:
        return None
    try:
        told = match[2] or ""
        key = base64.urlsafe_b64decode(told + "=" * (-len(told) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    return Since(int(match[1]), key)


def write_cursor(since: Since) -> str:
    """Write a cursor.

    >>> write_cursor(Since(12)), write_cursor(Since(12, "a"))
    ('12', '12.YQ')
    """
    if not since.key:
        return str(since.number)
    return f"{since.number}.{base64.urlsafe_b64encode(since.key.encode()).decode().rstrip('=')}"


def read_changes(schema: Schema, merged: Merged, since: Since, limit: int) -> Changes:
    """Read a page of what changed since a cursor."""
    columns = ", ".join(f"m.{quoted(name)}" for name, _ in public_columns(schema))
    query = CHANGES.format(columns=columns, table=quoted(merged.resource_id))
    values = {
        "slug": merged.slug,
        # a whole change was read: the next one begins above every key of it
        "from": since.number if since.key else since.number + 1,
        "key": since.key,
        "since": since.number - 1 if since.key else since.number,
        "until": merged.cursor,
        "limit": limit + 1,
    }
    rows = read(query, values)
    has_more = len(rows) > limit
    shown = rows[:limit]
    end = Since(shown[-1]["cursor"], shown[-1]["key"]) if has_more else Since(merged.cursor)
    told = tuple({"op": row["op"], "key": row["key"], "row": row["row"]} for row in shown)
    return Changes(told, write_cursor(end), has_more)
