"""When our sources are read: we create the jobs of our kinds, ckanext-harvest those of the others.

The next run of a source stands in `territoire_source_rhythm`; absent, it is made again from the
runs of the source. The `next_run` of ckanext-harvest is put far away for our kinds, so that a
`harvester run` started by somebody's cron leaves them to us. One pass at a time makes jobs, and
only for a source that has none: two schedulers make one run.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ckan import model
from ckanext.harvest.model import HarvestJob
from sqlalchemy import text

from ckanext.territoire import config
from ckanext.territoire.harvest_adapter import sources
from ckanext.territoire.harvest_adapter.hosts import failing, hosts
from ckanext.territoire.harvest_adapter.jobs import naive, utc_now
from ckanext.territoire.harvest_adapter.sources import StoredSource
from harvesters.fetch.polite import host_of
from harvesters.registry import SOURCES
from harvesters.rhythm import Frequency, Reading, Wish, is_believable, next_run, read_quiet
from harvesters.turns import Turn

HISTORY = 30
LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended('territoire:schedule', 0))")
PARK = text("""
    UPDATE harvest_source SET next_run = '9999-01-01'
     WHERE type = ANY(:kinds) AND frequency <> 'MANUAL'
       AND (next_run IS NULL OR next_run < '9000-01-01')
""")
READINGS = text("""
    SELECT started_at, state <> 'failed' AND coalesce((report->>'is_complete')::boolean, false)
               AS is_whole,
           coalesce((SELECT sum(value::bigint) FROM jsonb_each_text(report)
                      WHERE key IN ('created', 'updated', 'renamed', 'reactivated', 'retired',
                                    'missing', 'observations')), 0) > 0 AS has_changed
      FROM territoire_run
     WHERE source_id = :id AND state NOT IN ('running', 'interrupted', 'preview')
     ORDER BY started_at DESC LIMIT :limit
""")
STATE = text("""
    SELECT s.id, r.next_run, EXISTS (
           SELECT 1 FROM harvest_job j WHERE j.source_id = s.id AND j.status IN ('New', 'Running')
           ) AS is_busy
      FROM harvest_source s LEFT JOIN territoire_source_rhythm r ON r.source_id = s.id
     WHERE s.active AND s.type = ANY(:kinds)
""")
KEEP_NEXT = text("""
    INSERT INTO territoire_source_rhythm (source_id, next_run) VALUES (:id, :next)
    ON CONFLICT (source_id) DO UPDATE SET next_run = excluded.next_run
""")
KEEP_WISH = text("""
    INSERT INTO territoire_source_rhythm (source_id, is_auto, quiet) VALUES (:id, :is_auto, :quiet)
    ON CONFLICT (source_id) DO UPDATE SET is_auto = excluded.is_auto, quiet = excluded.quiet,
                                          next_run = NULL
""")
WAITING = text("""
    SELECT j.id AS job_id, j.source_id, coalesce(p.owner_org, '') AS owner, s.url, s.type
      FROM harvest_job j JOIN harvest_source s ON s.id = j.source_id
      JOIN package p ON p.id = s.id
     WHERE j.status IN ('New', 'Running') AND s.active AND s.type = ANY(:kinds)
     ORDER BY j.created, j.id
""")


@dataclass(frozen=True, slots=True)
class Coming:
    """A source and its next run; `None`: only an officer starts it. `stored` is what stands in the
    table, if anything."""

    source: StoredSource
    at: datetime | None
    stored: datetime | None
    is_busy: bool


def is_live(kind: str) -> bool:
    """Whether sources of this kind give values of sensors."""
    return SOURCES[kind].to_observations is not None


def wish_of(source: StoredSource) -> Wish:
    """Put together what an officer asked of a source. Quiet hours of all are not for sensors."""
    live = is_live(source.kind)
    quiet = source.quiet or ("" if live else config.quiet_hours())
    return Wish(Frequency(source.frequency), read_quiet(quiet), live)


def readings_of(source_id: str) -> list[Reading]:
    """Read the last runs of a source."""
    rows = model.Session.execute(READINGS, {"id": source_id, "limit": HISTORY})
    return [
        Reading(row.started_at.replace(tzinfo=UTC), row.is_whole, row.has_changed) for row in rows
    ]


def compute_next(source: StoredSource, now: datetime) -> datetime | None:
    """Answer when a source is read next; never before the end of the rest of its server."""
    wish, chance = wish_of(source), random.random()
    at = next_run(readings_of(source.id), wish, now, chance)
    rest = hosts().resting_until(source.url)
    if at is None or rest is None or rest <= at:
        return at
    later = rest + timedelta(minutes=2) * chance
    return wish.quiet.after(later) if wish.quiet else later


def keep_wish(source_id: str, frequency: str, quiet: str) -> None:
    """Store what an officer asked; the next run is computed again. Does not commit."""
    is_auto = Frequency(frequency) is Frequency.AUTO
    values = {"id": source_id, "is_auto": is_auto, "quiet": quiet}
    model.Session.execute(KEEP_WISH, values)


def plan_next(source_id: str) -> None:
    """Store the next run of a source, after one has ended. Commits."""
    source = sources.load_source(source_id)
    _keep_next(source_id, compute_next(source, utc_now()))
    model.Session.commit()


def coming(now: datetime) -> list[Coming]:
    """Say when each active source is read next, soonest first."""
    states = _states()
    found = []
    for source in sources.list_sources():
        if source.is_active and source.id in states:
            state = states[source.id]
            at = _next_of(source, state, now)
            found.append(Coming(source, at, _stored(state), state["is_busy"]))
    far = datetime.max.replace(tzinfo=UTC)
    return sorted(found, key=lambda each: each.at or far)


def next_of(source: StoredSource, now: datetime) -> datetime | None:
    """Answer when one source is read next, as it is stored, else as it would be."""
    state = _states().get(source.id)
    return _next_of(source, state, now) if state else None


def _states() -> dict[str, Mapping[str, Any]]:
    rows = model.Session.execute(STATE, {"kinds": list(SOURCES)}).mappings()
    return {row["id"]: dict(row) for row in rows}


def _stored(state: Mapping[str, Any]) -> datetime | None:
    return state["next_run"].replace(tzinfo=UTC) if state["next_run"] else None


def _next_of(source: StoredSource, state: Mapping[str, Any], now: datetime) -> datetime | None:
    """The stored next run, or a new one when there is none that can be believed."""
    stored = _stored(state)
    if Frequency(source.frequency) is Frequency.MANUAL:
        return None
    if stored and is_believable(stored, wish_of(source), now):
        return stored
    return compute_next(source, now)


def make_due_jobs() -> int:
    """Create the jobs that are due, unless another scheduler does; answer how many. Commits."""
    if not model.Session.execute(LOCK).scalar():
        model.Session.rollback()
        return 0
    model.Session.execute(PARK, {"kinds": list(SOURCES)})
    now, made = utc_now(), 0
    for each in coming(now):
        if each.at is None or each.is_busy:
            continue
        at = each.at if each.at > now else hosts().resting_until(each.source.url)
        if at is None:
            model.Session.add(HarvestJob(source_id=each.source.id))
            made += 1
        if at != each.stored:
            _keep_next(each.source.id, at)
    model.Session.commit()
    return made


def _keep_next(source_id: str, at: datetime | None) -> None:
    values = {"id": source_id, "next": naive(at) if at else None}
    model.Session.execute(KEEP_NEXT, values)


def waiting_turns() -> list[Turn]:
    """Read the runs that wait, oldest first, one a source."""
    rows = model.Session.execute(WAITING, {"kinds": list(SOURCES)}).all()
    model.Session.rollback()
    turns: dict[str, Turn] = {}
    doubtful = failing() if rows else frozenset()
    for row in rows:
        host = host_of(row.url)
        is_doubtful = host in doubtful
        turn = Turn(row.job_id, row.source_id, row.owner, host, is_live(row.type), is_doubtful)
        turns.setdefault(row.source_id, turn)
    return list(turns.values())
