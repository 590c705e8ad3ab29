"""Uses of the demo territory: ninety days of them for its merged tables, the same each time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.portal.typography import PARIS

DAYS = 90
# act, agent: how many on an ordinary day
USUAL = {("view", "person"): 14, ("view", "robot"): 5, ("download", "person"): 3,
         ("download", "program"): 2, ("call", "program"): 40}  # fmt: skip
IS_EMPTY = sa.text("SELECT NOT EXISTS (SELECT 1 FROM territoire_usage WHERE day < :day)")
ADD = sa.text("""
    INSERT INTO territoire_usage (day, act, agent, dataset_id, resource_id, page, hits)
    SELECT t.day, t.act, t.agent, p.id, '', '', t.hits
      FROM unnest(cast(:days AS date[]), cast(:acts AS text[]), cast(:agents AS text[]),
                  cast(:names AS text[]), cast(:hits AS bigint[]))
           AS t (day, act, agent, name, hits)
      JOIN package p ON p.name = t.name
    ON CONFLICT DO NOTHING
""")


def count_uses(datasets: Sequence[str]) -> None:
    """Give these datasets (names) a past, unless the portal has one: real counts stay alone."""
    today = datetime.now(PARIS).date()
    with model.meta.engine.begin() as connection:
        if connection.execute(IS_EMPTY, {"day": today - timedelta(days=1)}).scalar():
            connection.execute(ADD, _columns(datasets, today))


def _columns(datasets: Sequence[str], today: date) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {n: [] for n in ("days", "acts", "agents", "names", "hits")}
    chance = random.Random("territoire")
    for rank, name in enumerate(datasets):
        for back in range(1, DAYS + 1):
            day = today - timedelta(days=back)
            growth = (1.4 - back / DAYS) * (0.5 if day.weekday() > 4 else 1) / (1 + rank / 3)
            for (act, agent), usual in USUAL.items():
                hits = round(usual * growth * chance.uniform(0.5, 1.5))
                for column, value in zip(
                    columns.values(), (day, act, agent, name, hits), strict=True
                ):
                    column.append(value)
    kept = [n for n, hits in enumerate(columns["hits"]) if hits]
    return {name: [values[n] for n in kept] for name, values in columns.items()}
