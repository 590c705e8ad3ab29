"""Read what stands: sources, runs, deliveries, flags, contributions; six statements whatever their
number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ckan import model
from sqlalchemy import text

from ckanext.territoire import publishers
from ckanext.territoire.delivery.database import read
from ckanext.territoire.harvest_adapter.overview import read_overview
from ckanext.territoire.notices import states
from ckanext.territoire.notices.model import Standing
from schemas.load import table_schemas

WINDOW = timedelta(days=7)  # how long a run that retired datasets is news
RUNS = text("""
    SELECT r.job_id, r.source_id, coalesce(p.owner_org, '') AS org_id, p.name,
           coalesce(nullif(p.title, ''), p.name) AS title, (r.report->>'retired')::int AS retired
      FROM territoire_run r JOIN package p ON p.id = r.source_id AND p.state = 'active'
     WHERE r.state = 'finished' AND r.finished_at > :since AND (r.report->>'retired')::int > 0
     ORDER BY r.finished_at
""")
DELIVERIES = """
    SELECT d.id::text, d.feed_id::text, f.org_id, d.schema_id, d.state,
           coalesce(d.good, 0) AS good, coalesce(d.bad, 0) AS bad
      FROM territoire.delivery d JOIN territoire.feed f ON f.id = d.feed_id
     WHERE d.state = 'held' OR (d.state = 'live' AND d.by_way = 'harvest' AND d.bad > 0)
     ORDER BY d.received_at
"""
FLAGS = """
    SELECT org_id, count(*) AS count, to_char(max(made_at), 'YYYY-MM-DD') AS newest
      FROM territoire.flag WHERE state = 'open' GROUP BY org_id ORDER BY org_id
"""


CONTRIBUTIONS = text("""
    SELECT org_id, count(*) AS count, to_char(max(changed_at), 'YYYY-MM-DD') AS newest
      FROM territoire_contribution WHERE state = 'waiting' GROUP BY org_id ORDER BY org_id
""")


@dataclass(frozen=True, slots=True)
class Found:
    """What stands; the sources that anything is told of, and those of them that are well."""

    standing: tuple[Standing, ...]
    served: frozenset[str]
    well: frozenset[str]


def read_standing(now: datetime) -> Found:
    """Read all that stands."""
    listed = read_overview(now - WINDOW)
    served = [each for each in listed if states.is_served(each)]
    since = (now - WINDOW).astimezone(UTC).replace(tzinfo=None)
    runs: Any = model.Session.execute(RUNS, {"since": since}).mappings().all()
    themes = table_schemas()
    deliveries = [
        {**row, "theme": themes.get(row["schema_id"]) or "tableau à reconnaître"}
        for row in read(DELIVERIES)
    ]
    ids = frozenset(each.source.id for each in served)
    standing = (
        *states.of_sources(served, now),
        *states.of_runs(row for row in runs if row["source_id"] in ids),
        *states.of_deliveries(deliveries),
        *states.of_flags(_named(read(FLAGS))),
        *states.of_contributions(_named(map(dict, _contributions()))),
    )
    well = frozenset(each.source.id for each in served if states.is_well(each))
    return Found(standing, ids, well)


def _contributions() -> Any:
    return model.Session.execute(CONTRIBUTIONS).mappings().all()


def _named(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add the names of the organisations; what is for none of them is told to nobody."""
    known = publishers.publishers()
    return [
        {**row, "name": known[row["org_id"]].name, "title": known[row["org_id"]].title}
        for row in rows
        if row["org_id"] in known
    ]
