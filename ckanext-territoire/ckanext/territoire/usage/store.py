"""Bring what was counted from Redis into PostgreSQL: each count exactly once.

The counts of a day are taken whole by one process (`batches`), then stored in one transaction with
the name of their batch. Killed in between, the next pass finds the batch: stored already, it is
dropped; not stored, it is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.delivery.database import read
from ckanext.territoire.usage.batches import Batch, store_all
from ckanext.territoire.usage.count import waiting_key

# A use of what is no more in the database is dropped.
ADD = sa.text("""
    WITH told AS (
        SELECT * FROM unnest(cast(:acts AS text[]), cast(:agents AS text[]), cast(:kinds AS text[]),
                             cast(:names AS text[]), cast(:hits AS bigint[]))
               AS u (act, agent, kind, name, hits)
    ), found AS (
        SELECT act, agent, p.id AS dataset_id, '' AS resource_id, '' AS page, hits
          FROM told JOIN package p ON p.id = told.name OR p.name = told.name
         WHERE kind = 'dataset'
        UNION ALL
        SELECT act, agent, r.package_id, r.id, '', hits
          FROM told JOIN resource r ON r.id = told.name WHERE kind = 'resource'
        UNION ALL
        SELECT act, agent, '', '', kind || ':' || name, hits
          FROM told WHERE kind IN ('page', 'commune')
    )
    INSERT INTO territoire_usage (day, act, agent, dataset_id, resource_id, page, hits)
    SELECT :day, act, agent, dataset_id, resource_id, page, sum(hits)
      FROM found GROUP BY act, agent, dataset_id, resource_id, page
    ON CONFLICT (day, act, agent, dataset_id, resource_id, page)
    DO UPDATE SET hits = territoire_usage.hits + excluded.hits
""")


def store_waiting() -> int:
    """Store all that waits; answer how many uses. Without Redis it waits on. Commits."""
    return store_all(waiting_key(), _store)


def _store(batch: Batch) -> int:
    model.Session.execute(ADD, {"day": batch.day} | _columns(batch.hits))
    return sum(batch.hits.values())


def _columns(hits: Mapping[str, int]) -> dict[str, list[Any]]:
    """Each use as columns; a merged table counts as the dataset that shows it."""
    columns: dict[str, list[Any]] = {n: [] for n in ("acts", "agents", "kinds", "names", "hits")}
    datasets = _merged_datasets() if any("|table:" in key for key in hits) else {}
    for key, number in hits.items():
        act, agent, about = key.split("|", 2)
        kind, name = about.split(":", 1)
        if kind == "table":
            kind, name = "dataset", datasets.get(name, "")
        for column, value in zip(columns, (act, agent, kind, name, number), strict=True):
            columns[column].append(value.replace("\x00", "") if isinstance(value, str) else value)
    return columns


def _merged_datasets() -> dict[str, str]:
    return {row["slug"]: row["dataset_id"] for row in read("SELECT * FROM territoire.merged")}
