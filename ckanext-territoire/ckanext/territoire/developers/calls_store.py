"""Bring the calls that were counted from Redis into PostgreSQL, each count exactly once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.developers.calls import KEY, calls_key
from ckanext.territoire.usage.batches import Batch, store_all

ADD_CALLS = sa.text("""
    INSERT INTO territoire_key_call (day, key_id, calls)
    SELECT :day, key_id, calls
      FROM unnest(cast(:keys AS text[]), cast(:calls AS bigint[])) AS told (key_id, calls)
    ON CONFLICT (key_id, day)
    DO UPDATE SET calls = territoire_key_call.calls + excluded.calls
""")
# what waits is a minute old at most: that is when the key was last used
TOUCH = sa.text("""
    UPDATE api_token SET last_access = timezone('utc', now()) WHERE id = ANY(:keys)
""")
ADD_USES = sa.text("""
    INSERT INTO territoire_column_use (day, slug, column_name, key_id, calls)
    SELECT :day, slug, column_name, key_id, calls
      FROM unnest(cast(:slugs AS text[]), cast(:keys AS text[]), cast(:columns AS text[]),
                  cast(:calls AS bigint[])) AS told (slug, key_id, column_name, calls)
    ON CONFLICT (slug, column_name, day, key_id)
    DO UPDATE SET calls = territoire_column_use.calls + excluded.calls
""")
FORGET = (
    "DELETE FROM territoire_key_call c WHERE day < current_date - cast(:days AS int)"
    " OR NOT EXISTS (SELECT 1 FROM api_token t WHERE t.id = c.key_id)",
    "DELETE FROM territoire_column_use c WHERE day < current_date - cast(:days AS int)"
    " OR (key_id <> '' AND NOT EXISTS (SELECT 1 FROM api_token t WHERE t.id = c.key_id))",
)


def store_calls() -> int:
    """Store all that waits; answer how many calls of keys. Without Redis it waits on. Commits."""
    return store_all(calls_key(), _store)


def forget_calls(days: int) -> int:
    """Erase what is older, and the counts of keys that are no more; answer how many."""
    with model.meta.engine.begin() as connection:
        return sum(connection.execute(sa.text(each), {"days": days}).rowcount for each in FORGET)


def _store(batch: Batch) -> int:
    calls, uses = _split(batch.hits.items())
    keys = [key for key, _ in calls]
    told: dict[str, Any] = {"day": batch.day, "keys": keys, "calls": [n for _, n in calls]}
    model.Session.execute(ADD_CALLS, told)
    model.Session.execute(TOUCH, {"keys": keys})
    names = zip(*(each[0] for each in uses), strict=True) if uses else ((), (), ())
    columns = dict(zip(("slugs", "keys", "columns"), map(list, names), strict=True))
    counts = [number for _, number in uses]
    model.Session.execute(ADD_USES, {"day": batch.day, "calls": counts} | columns)
    return sum(number for _, number in calls)


def _split(
    hits: Iterable[tuple[str, int]],
) -> tuple[list[tuple[str, int]], list[tuple[list[str], int]]]:
    """The calls by key, and the uses by slug, key and column."""
    calls, uses = [], []
    for name, number in hits:
        kind, rest = name.split("|", 1)
        if kind == KEY:
            calls.append((rest, number))
        else:
            uses.append((rest.split("|", 2), number))
    return calls, uses
