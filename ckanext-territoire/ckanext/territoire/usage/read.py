"""Read the uses: of a dataset, of each publisher, of each day. Robots are told apart, never added.

Every question is one statement. What is not public (private, draft, removed) is left out of all
that is shown to the public.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from ckan import model

COUNTS = ("views", "downloads", "calls", "robots")
PUBLIC = "p.state = 'active' AND NOT p.private AND p.type = 'dataset'"
SUMS = """
    coalesce(sum(hits) FILTER (WHERE act = 'view' AND agent = 'person'), 0) AS views,
    coalesce(sum(hits) FILTER (WHERE act = 'download' AND agent <> 'robot'), 0) AS downloads,
    coalesce(sum(hits) FILTER (WHERE act = 'call' AND agent <> 'robot'), 0) AS calls,
    coalesce(sum(hits) FILTER (WHERE agent = 'robot'), 0) AS robots
"""
OF_DATASETS = f"""
    SELECT p.id AS key, p.name, p.title, {SUMS}
      FROM territoire_usage u JOIN package p ON p.id = u.dataset_id
     WHERE u.day BETWEEN :first AND :last AND {PUBLIC}
       AND (cast(:org AS text) IS NULL OR p.owner_org = :org)
     GROUP BY p.id, p.name, p.title
"""
OF_ORGANIZATIONS = f"""
    SELECT p.owner_org AS key, g.name, g.title, {SUMS}
      FROM territoire_usage u JOIN package p ON p.id = u.dataset_id
      JOIN "group" g ON g.id = p.owner_org
     WHERE u.day BETWEEN :first AND :last AND {PUBLIC}
     GROUP BY p.owner_org, g.name, g.title
"""
OF_MONTHS = f"""
    SELECT to_char(u.day, 'YYYY-MM') AS key, '' AS name, '' AS title, {SUMS}
      FROM territoire_usage u LEFT JOIN package p ON p.id = u.dataset_id
     WHERE u.day BETWEEN :first AND :last AND (u.dataset_id = '' OR ({PUBLIC}))
       AND (cast(:org AS text) IS NULL OR p.owner_org = :org)
     GROUP BY to_char(u.day, 'YYYY-MM')
"""
OF_ONE = f"""
    SELECT u.dataset_id AS key, '' AS name, '' AS title, {SUMS}
      FROM territoire_usage u
     WHERE u.day BETWEEN :first AND :last AND u.dataset_id = :dataset
     GROUP BY u.dataset_id
"""
SINCE = "SELECT min(day) FROM territoire_usage"
ROWS = f"""
    SELECT u.day, u.act, u.agent, p.name AS dataset, p.title, g.name AS publisher,
           u.resource_id, u.page, u.hits
      FROM territoire_usage u
      LEFT JOIN package p ON p.id = u.dataset_id LEFT JOIN "group" g ON g.id = p.owner_org
     WHERE u.day BETWEEN :first AND :last AND (u.dataset_id = '' OR ({PUBLIC}))
     ORDER BY u.day, dataset NULLS FIRST, u.page, u.resource_id, u.act, u.agent
"""


@dataclass(frozen=True, slots=True)
class Use:
    """Uses of one thing. `views` are by people; `downloads` and `calls` by people and programs;
    `robots` is all that robots did."""

    key: str
    name: str = ""
    title: str = ""
    views: int = 0
    downloads: int = 0
    calls: int = 0
    robots: int = 0

    @property
    def total(self) -> int:
        """All that was done for somebody."""
        return self.views + self.downloads + self.calls


def uses_of_datasets(first: date, last: date, org_id: str | None = None) -> list[Use]:
    """Count by public dataset, of one publisher or of all; the most used first."""
    found = _read(OF_DATASETS, first=first, last=last, org=org_id)
    return sorted(found, key=lambda use: (-use.total, use.title))


def uses_of_organizations(first: date, last: date) -> dict[str, Use]:
    """Count by publisher (id of the organisation); one that nobody used is absent."""
    return {use.key: use for use in _read(OF_ORGANIZATIONS, first=first, last=last)}


def uses_of_months(first: date, last: date, org_id: str | None = None) -> list[Use]:
    """Count by month (`2026-11`), oldest first; of all the site, or of one publisher."""
    return sorted(_read(OF_MONTHS, first=first, last=last, org=org_id), key=lambda use: use.key)


def use_of_dataset(dataset_id: str, first: date, last: date) -> Use:
    """Count the uses of one dataset."""
    found = _read(OF_ONE, first=first, last=last, dataset=dataset_id)
    return found[0] if found else Use(dataset_id)


def counted_since() -> date | None:
    """Answer the first day that was counted; `None` when none was: then nothing may be said."""
    found: date | None = _connected(SINCE, {})[0][0]
    return found


def rows(first: date, last: date) -> Sequence[Any]:
    """Read every count of public data, by day, as the open file shows them."""
    return _connected(ROWS, {"first": first, "last": last})


def _read(query: str, **values: Any) -> list[Use]:
    return [Use(**row._mapping) for row in _connected(query, values)]


def _connected(query: str, values: dict[str, Any]) -> Sequence[Any]:
    with model.meta.engine.connect() as connection:
        return connection.execute(sa.text(query), values).all()
