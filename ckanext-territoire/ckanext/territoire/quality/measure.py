"""Measure every resource and dataset in a few queries, whatever their number, and keep the day.

`territoire_score` has one row a day for each resource and each dataset (under its own id).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.delivery.database import read
from ckanext.territoire.quality.facts import (
    Delivered,
    Measured,
    measure_dataset,
    measure_resource,
    measured_from_dict,
    measured_to_dict,
    to_facts,
)
from schemas.reliability import score

KEPT_DAYS = 730
AT_ONCE = 2_000
WANTED = """
    p.state = 'active' AND p.type = 'dataset'
    AND (cast(:ids AS text[]) IS NULL OR p.id = ANY(cast(:ids AS text[])))
"""
PACKAGES = f"SELECT p.id, p.notes, p.license_id, p.extras FROM package p WHERE {WANTED}"
RESOURCES = f"""
    SELECT r.id, r.package_id, r.name, r.format, r.last_modified, t.checked_at,
           CASE t.state WHEN 'same' THEN 'loaded' ELSE t.state END AS table_state,
           t.issues -> 0 ->> 'code' AS code
      FROM resource r JOIN package p ON p.id = r.package_id
      LEFT JOIN territoire_table t ON t.resource_id = r.id
     WHERE r.state = 'active' AND {WANTED} ORDER BY r.package_id, r.position
"""
BEFORE = """
    SELECT DISTINCT ON (resource_id) resource_id, facts FROM territoire_score
     WHERE cast(:ids AS text[]) IS NULL OR resource_id = ANY(cast(:ids AS text[]))
     ORDER BY resource_id, day DESC
"""
# the rows of a commune's file, and those of the merged table, which all files feed
DELIVERED = """
    SELECT f.resource_id, sum(d.good)::bigint AS good, sum(d.bad)::bigint AS bad,
           max(d.published_at) AS published_at
      FROM territoire.delivery d JOIN territoire.feed f ON f.id = d.feed_id
     WHERE d.state = 'live' AND f.resource_id <> '' GROUP BY f.resource_id
     UNION ALL
    SELECT m.resource_id, sum(d.good)::bigint, sum(d.bad)::bigint, max(d.published_at)
      FROM territoire.delivery d JOIN territoire.feed f ON f.id = d.feed_id
      JOIN territoire.merged m ON m.slug = f.slug
     WHERE d.state = 'live' GROUP BY m.resource_id
"""
KEEP = """
    INSERT INTO territoire_score (resource_id, day, score, facts)
    SELECT id, :day, score, facts FROM unnest(cast(:ids AS text[]), cast(:scores AS int[]),
           cast(:facts AS jsonb[])) AS told(id, score, facts)
    ON CONFLICT (resource_id, day) DO UPDATE SET score = excluded.score, facts = excluded.facts
"""
HISTORY = """
    SELECT day, score, facts FROM territoire_score
     WHERE resource_id = :id AND day > :since ORDER BY day
"""


@dataclass(frozen=True, slots=True)
class Day:
    """What was measured on a day."""

    day: date
    score: int
    measured: Measured


def gather(dataset_ids: Collection[str] | None = None) -> dict[str, Measured]:
    """Measure the active datasets and their resources: all, or these. Answers by id."""
    ids = None if dataset_ids is None else list(dataset_ids)
    with model.meta.engine.connect() as connection:
        packages = {row.id: row for row in connection.execute(sa.text(PACKAGES), {"ids": ids})}
        resources = connection.execute(sa.text(RESOURCES), {"ids": ids}).all()
        asked = {"ids": None if ids is None else [row.id for row in resources]}
        before = {
            row.resource_id: measured_from_dict(row.facts)
            for row in connection.execute(sa.text(BEFORE), asked)
        }
    delivered = _delivered()
    found: dict[str, Measured] = {}
    of_dataset: dict[str, list[Measured]] = {}
    for dataset_id, rows in groupby(resources, key=lambda row: row.package_id):
        for row in rows:
            known = (delivered.get(row.id), before.get(row.id))
            found[row.id] = measure_resource(packages[dataset_id], row, *known)
            of_dataset.setdefault(dataset_id, []).append(found[row.id])
    for dataset_id, package in packages.items():
        found[dataset_id] = measure_dataset(package, of_dataset.get(dataset_id, ()))
    return found


def measure_all(today: date) -> int:
    """Measure everything and keep the day; measured again, a day is written over."""
    values = []
    for each_id, measured in gather().items():
        value = score(to_facts(measured, today)).value
        if value is not None:
            values.append((each_id, value, json.dumps(measured_to_dict(measured))))
    with model.meta.engine.begin() as connection:
        for start in range(0, len(values), AT_ONCE):
            ids, scores, facts = zip(*values[start : start + AT_ONCE], strict=True)
            connection.execute(
                sa.text(KEEP),
                {"day": today, "ids": list(ids), "scores": list(scores), "facts": list(facts)},
            )
        connection.execute(
            sa.text("DELETE FROM territoire_score WHERE day < cast(:today AS date) - :kept"),
            {"today": today, "kept": KEPT_DAYS},
        )
    return len(values)


def history(each_id: str, since: date) -> Sequence[Day]:
    """Read the days of a resource or a dataset after a day, oldest first."""
    with model.meta.engine.connect() as connection:
        rows = connection.execute(sa.text(HISTORY), {"id": each_id, "since": since}).all()
    return [Day(row.day, row.score, measured_from_dict(row.facts)) for row in rows]


def _delivered() -> Mapping[str, Delivered]:
    rows: list[dict[str, Any]] = read(DELIVERED)
    return {
        row["resource_id"]: Delivered(row["good"] or 0, row["bad"] or 0, row["published_at"])
        for row in rows
    }
