"""What happened in a month and what there is to do, for all communes: one statement a fact,
whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ckan import model
from sqlalchemy import text

from ckanext.territoire import publishers
from ckanext.territoire.delivery.coverage_facts import read_matrix
from ckanext.territoire.delivery.database import read
from ckanext.territoire.notices import facts, month_tasks
from ckanext.territoire.notices.model import Kind
from ckanext.territoire.notices.month import Month
from ckanext.territoire.notices.month_model import Event, Happened, Task, Told
from ckanext.territoire.notices.month_rank import first_tasks
from ckanext.territoire.notices.month_usage import read_usage
from ckanext.territoire.territory import members
from schemas.load import table_schemas

DATASETS = text("""
    SELECT p.owner_org AS org_id, count(*) AS n, (p.metadata_created >= :since) AS is_new,
           (r.dataset_id IS NOT NULL) AS is_harvest
      FROM package p LEFT JOIN territoire_source_record r
                            ON r.dataset_id = p.id AND r.state <> 'retired'
     WHERE p.type = 'dataset' AND p.state = 'active' AND NOT p.private
       AND p.metadata_created < :until
       AND (p.metadata_created >= :since OR (r.changed_at >= :since AND r.changed_at < :until))
     GROUP BY p.owner_org, is_new, is_harvest ORDER BY is_new DESC, is_harvest
""")
RETIRED = text("""
    SELECT p.owner_org AS org_id, count(*) AS n
      FROM territoire_source_record r JOIN package p ON p.id = r.dataset_id
     WHERE r.state = 'retired' AND r.changed_at >= :since AND r.changed_at < :until
       AND NOT EXISTS (SELECT FROM territoire_source_record o
                        WHERE o.dataset_id = r.dataset_id AND o.state <> 'retired')
     GROUP BY p.owner_org
""")
# the last whole reading of each source; a record that is refused is so at each reading
SKIPPED = text("""
    SELECT last.org_id, last.name, last.job_id, last.title, skipped.n FROM (
           SELECT DISTINCT ON (r.source_id) p.owner_org AS org_id, p.name, r.job_id, r.report,
                  coalesce(nullif(p.title, ''), p.name) AS title
             FROM territoire_run r JOIN package p ON p.id = r.source_id AND p.state = 'active'
            WHERE r.state IN ('finished', 'accepted')
              AND r.finished_at >= :since AND r.finished_at < :until
            ORDER BY r.source_id, r.finished_at DESC) last
      CROSS JOIN LATERAL (
           SELECT count(DISTINCT issue ->> 'where') AS n
             FROM jsonb_array_elements(coalesce(last.report -> 'issues', '[]')) issue
            WHERE issue ->> 'consequence' = 'skip') skipped
     WHERE skipped.n > 0 ORDER BY last.title
""")
# the last measure of each dataset without a licence
LICENCES = text("""
    SELECT p.owner_org AS org_id, count(*) AS n FROM package p
      JOIN LATERAL (SELECT facts FROM territoire_score s WHERE s.resource_id = p.id
                     ORDER BY day DESC LIMIT 1) last ON true
     WHERE p.type = 'dataset' AND p.state = 'active' AND NOT p.private
       AND last.facts ->> 'licence' = 'none' GROUP BY p.owner_org
""")
PUBLISHED = """
    SELECT DISTINCT ON (d.feed_id) d.id::text, f.org_id, d.schema_id, d.good, d.by_way
      FROM territoire.delivery d JOIN territoire.feed f ON f.id = d.feed_id
     WHERE d.published_at >= %(since)s AND d.published_at < %(until)s
       AND d.state IN ('live', 'replaced') ORDER BY d.feed_id, d.published_at DESC
"""
ASIDE = """
    SELECT d.id::text, f.org_id, d.schema_id, d.state, d.by_way, coalesce(d.bad, 0) AS bad,
           d.received_at FROM territoire.delivery d JOIN territoire.feed f ON f.id = d.feed_id
     WHERE d.state = 'held' OR (d.state = 'live' AND d.bad > 0)
        OR (d.state = 'refused' AND d.ended_at >= %(since)s AND d.ended_at < %(until)s)
        OR (d.state = 'failed' AND d.received_at >= %(since)s AND d.received_at < %(until)s
            AND NOT EXISTS (SELECT FROM territoire.delivery n WHERE n.feed_id = d.feed_id
                               AND n.number > d.number AND n.state = 'live'))
     ORDER BY d.received_at
"""
HARVESTED = """
    SELECT DISTINCT f.org_id, f.slug FROM territoire.feed f
      JOIN territoire.delivery d ON d.feed_id = f.id
     WHERE d.state = 'live' AND d.by_way = 'harvest'
"""
STATES = {"held": Event.HELD, "live": Event.BAD, "refused": Event.REFUSED, "failed": Event.UNREAD}
Row = Mapping[str, Any]
By = defaultdict[str, list[Any]]


@dataclass(slots=True)
class Found:
    """What was read, by organisation."""

    happened: By = field(default_factory=lambda: defaultdict(list))
    tasks: By = field(default_factory=lambda: defaultdict(list))


def read_month(month: Month, now: datetime) -> dict[str, Told]:
    """Read what there is to tell of each member commune, by the id of its organisation."""
    found, towns = Found(), members.members()
    usage = read_usage(month, [each.organization_id for each in towns])
    for org_id, happened in (*_of_catalogue(month), *_of_sources(month)):
        found.happened[org_id].append(happened)
    _of_deliveries(month, found)
    _of_standing(now, found)
    for org_id, task in (*_of_matrix(), *_of_quality()):
        found.tasks[org_id].append(task)
    told: dict[str, Told] = {}
    for each in towns:
        id_ = each.organization_id
        first, more = first_tasks(found.tasks[id_])
        happened = sorted(found.happened[id_], key=lambda one: list(Event).index(one.event))
        told[id_] = Told(tuple(happened), first, more, usage.get(id_))
    return told


def _of_catalogue(month: Month) -> Iterator[tuple[str, Happened]]:
    """Datasets that are new, that a harvest changed, that left."""
    for row in _rows(DATASETS, month):
        event = Event.NEW if row["is_new"] else Event.UPDATED
        way = "harvest" if row["is_harvest"] else "form"
        yield row["org_id"], Happened(event, count=row["n"], way=way)
    for row in _rows(RETIRED, month):
        yield row["org_id"], Happened(Event.RETIRED, count=row["n"])


def _of_sources(month: Month) -> Iterator[tuple[str, Happened]]:
    for row in _rows(SKIPPED, month):
        path = f"/moissons/{row['name']}/{row['job_id']}"
        title = " ".join(row["title"].split())
        yield row["org_id"], Happened(Event.SKIPPED, title, row["n"], path=path)


def _of_deliveries(month: Month, found: Found) -> None:
    """Rows that are online, in one line a theme and a way; then what waits or was refused."""
    span = {"since": month.start, "until": month.end}
    online: dict[tuple[str, str, str], Happened] = {}
    for row in read(PUBLISHED, span):
        key = (row["org_id"], row["schema_id"].split("/")[0], row["by_way"])
        before = online.get(key)
        total = (before.count if before else 0) + (row["good"] or 0)
        path = f"/depots/{row['id']}"
        online[key] = Happened(Event.ROWS, _theme(row), total, row["by_way"], path)
    for (org_id, _, _), happened in online.items():
        found.happened[org_id].append(happened)
    for row in read(ASIDE, span):
        path, event = f"/depots/{row['id']}", STATES[row["state"]]
        happened = Happened(event, _theme(row), row["bad"], row["by_way"], path)
        found.happened[row["org_id"]].append(happened)
        if task := month_tasks.of_delivery(row, _theme(row)):
            found.tasks[row["org_id"]].append(task)


def _of_standing(now: datetime, found: Found) -> None:
    """What the sources ask for, and the runs that are held."""
    for standing in facts.read_standing(now).standing:
        if task := month_tasks.of_standing(standing):
            found.tasks[standing.org_id].append(task)
            if standing.kind is Kind.HELD:
                held = Happened(Event.HELD, task.title, way="run", path=task.path)
                found.happened[standing.org_id].append(held)


def _of_matrix() -> Iterator[tuple[str, Task]]:
    known, matrix = publishers.publishers(), read_matrix()
    harvested = {(row["org_id"], row["slug"]) for row in read(HARVESTED)}
    for line in matrix.rows:
        id_, owner = line.town.organization_id, known.get(line.town.organization_id)
        name = owner.name if owner else line.town.slug
        for column, square in zip(matrix.columns, line.squares, strict=True):
            if task := month_tasks.of_square(column.schema, square, name):
                is_harvest = (id_, column.schema.slug) in harvested
                yield id_, month_tasks.at_source(task, square) if is_harvest else task


def _of_quality() -> Iterator[tuple[str, Task]]:
    known = publishers.publishers()
    for row in model.Session.execute(LICENCES).mappings():
        if owner := known.get(row["org_id"]):
            yield row["org_id"], month_tasks.of_licences(row["n"], owner.name)


def _rows(query: Any, month: Month) -> Sequence[Any]:
    span = {
        name: moment.astimezone(UTC).replace(tzinfo=None)
        for name, moment in (("since", month.start), ("until", month.end))
    }
    return model.Session.execute(query, span).mappings().all()


def _theme(row: Row) -> str:
    return table_schemas().get(row["schema_id"]) or "tableau à reconnaître"
