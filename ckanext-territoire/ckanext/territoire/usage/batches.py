"""Take what was counted in Redis: whole, by one process, under a name that is stored once.

A key of counts ends with its day (`…:2026-11-30`). It is renamed before it is read, so that what is
counted meanwhile begins another one. Killed in between, the next pass finds the batch again.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.lib.redis import connect_to_redis
from redis.exceptions import RedisError, ResponseError

log = logging.getLogger(__name__)
TAKEN = ":taken:"
KEEP_BATCH = sa.text("""
    INSERT INTO territoire_usage_batch (id) VALUES (:id) ON CONFLICT DO NOTHING
""")
FORGET_BATCHES = sa.text("""
    DELETE FROM territoire_usage_batch WHERE stored_at < timezone('utc', now()) - interval '7 days'
""")


@dataclass(frozen=True, slots=True)
class Batch:
    """Counts of one day, taken from Redis: name to how many."""

    key: str
    day: date
    hits: Mapping[str, int]


def take(pattern: str) -> list[Batch]:
    """Take all counts whose key matches, and those that a process took and has not stored."""
    redis: Any = connect_to_redis()
    for raw in redis.scan_iter(pattern):
        key = raw.decode()
        if TAKEN not in key:
            try:
                redis.rename(key, f"{key}{TAKEN}{uuid.uuid4().hex}")
            except ResponseError:  # another process has just taken it
                continue
    taken = [raw.decode() for raw in redis.scan_iter(f"{pattern}{TAKEN}*")]
    return [_read(redis, key) for key in taken]


def store_all(pattern: str, store: Callable[[Batch], int]) -> int:
    """Store all that waits, each batch once: in one transaction with its name, then it leaves
    Redis. Answer the sum of what `store` counts; without Redis it waits on. Commits."""
    try:
        return sum(_store_once(batch, store) for batch in take(pattern))
    except (RedisError, OSError) as fault:
        log.warning("counts wait in Redis: %s", type(fault).__name__)
        return 0


def _store_once(batch: Batch, store: Callable[[Batch], int]) -> int:
    count = store(batch) if _is_new(batch) else 0
    model.Session.commit()
    connect_to_redis().delete(batch.key)
    return count


def _is_new(batch: Batch) -> bool:
    """Note in this transaction that a batch is stored; `False` when it was before."""
    kept: Any = model.Session.execute(KEEP_BATCH, {"id": batch.key})
    if kept.rowcount:
        model.Session.execute(FORGET_BATCHES)
    return bool(kept.rowcount)


def _read(redis: Any, key: str) -> Batch:
    day = date.fromisoformat(key.split(TAKEN, maxsplit=1)[0].rsplit(":", 1)[1])
    told = {name.decode(errors="replace"): int(n) for name, n in redis.hgetall(key).items()}
    return Batch(key, day, told)
