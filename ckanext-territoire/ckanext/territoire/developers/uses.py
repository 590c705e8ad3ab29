"""Read who uses what: how many keys use each column of a table, how often a key calls.

Numbers only: which key, or whose, is read for its owner and for the mails on changes alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.developers.columns_used import ALL
from ckanext.territoire.developers.scope import EXTRA
from ckanext.territoire.portal.typography import PARIS

DAYS = 90
# a key that has ended, or whose owner has left, breaks no more
LIVE = f"""
    FROM territoire_column_use c
    LEFT JOIN (api_token t JOIN "user" u ON u.id = t.user_id AND u.state = 'active')
           ON t.id = c.key_id
          AND coalesce((t.plugin_extras->'{EXTRA}'->>'expires_at')::timestamp
                       > timezone('utc', now()), true)
   WHERE c.slug = :slug AND c.day > :since
"""
COLUMNS = f"""
    SELECT c.column_name AS column, count(DISTINCT t.id) AS keys,
           coalesce(sum(c.calls) FILTER (WHERE t.id IS NOT NULL), 0)::bigint AS calls,
           coalesce(sum(c.calls) FILTER (WHERE c.key_id = ''), 0)::bigint AS others
    {LIVE} GROUP BY c.column_name
"""
TOUCHED = f"""
    {LIVE} AND t.id IS NOT NULL
       AND (cast(:columns AS text[]) IS NULL OR c.column_name = ANY(cast(:columns AS text[])))
"""
KEYS = f"SELECT count(DISTINCT t.id) {TOUCHED}"
OWNERS = f"SELECT DISTINCT t.user_id {TOUCHED}"
CALLS = """
    SELECT day, calls FROM territoire_key_call
     WHERE key_id = :key AND day > :since ORDER BY day
"""

OF_KEY = """
    SELECT slug, column_name, sum(calls) AS calls FROM territoire_column_use
     WHERE key_id = :key GROUP BY slug, column_name ORDER BY slug, column_name
"""


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """How a column is used: how many keys, in how many calls; `others` are calls without key."""

    column: str
    keys: int = 0
    calls: int = 0
    others: int = 0


@dataclass(frozen=True, slots=True)
class TableUse:
    """How the columns of a table are used. `whole` are the calls that name no column."""

    columns: dict[str, ColumnUse]
    whole: ColumnUse
    days: int = DAYS

    def of(self, column: str) -> ColumnUse:
        """The use of a column; nothing when it has none."""
        return self.columns.get(column) or ColumnUse(column)


def use_of_table(slug: str) -> TableUse:
    """Count the uses of a table in the last days, by column."""
    rows = _connected(COLUMNS, slug=slug, since=_since(DAYS))
    found = {row.column: ColumnUse(**row._mapping) for row in rows}
    whole = found.pop(ALL, None) or ColumnUse(ALL)
    return TableUse(found, whole)


def keys_using(slug: str, column: str = "") -> int:
    """Count the keys that use a column, or any; who takes the rows whole may use it."""
    return int(_connected(KEYS, **_touched(slug, column))[0][0])


def owners_using(slug: str, column: str = "") -> list[str]:
    """Name the owners (ids of accounts) of the keys that use a column, or any; who takes the rows
    whole may use it."""
    return sorted(row.user_id for row in _connected(OWNERS, **_touched(slug, column)))


def calls_of_key(key_id: str, days: int) -> list[tuple[date, int]]:
    """Count the calls of a key day by day, the oldest first; a day without call is 0."""
    found = {row.day: row.calls for row in _connected(CALLS, key=key_id, since=_since(days))}
    today = datetime.now(PARIS).date()
    listed = (today - timedelta(days=back) for back in range(days - 1, -1, -1))
    return [(day, int(found.get(day, 0))) for day in listed]


def columns_of_key(key_id: str) -> list[dict[str, Any]]:
    """Count the calls of a key by table and column, as its owner may read them."""
    rows = _connected(OF_KEY, key=key_id)
    return [{"table": row.slug, "colonne": row.column_name, "appels": int(row.calls)}
            for row in rows]  # fmt: skip


def _touched(slug: str, column: str) -> dict[str, Any]:
    return {"slug": slug, "since": _since(DAYS), "columns": [column, ALL] if column else None}


def _since(days: int) -> date:
    return datetime.now(PARIS).date() - timedelta(days=days)


def _connected(query: str, **values: Any) -> Sequence[Any]:
    with model.meta.engine.connect() as connection:
        return connection.execute(sa.text(query), values).all()
