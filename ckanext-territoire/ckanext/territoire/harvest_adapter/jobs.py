"""The jobs of ckanext-harvest: PostgreSQL is their queue, an advisory lock their guard.

A job is `New`, `Running` or `Finished`. A `Running` job whose lock is free was
killed: the next runner takes it again and finishes the work.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from ckan import model
from ckanext.harvest.model import HarvestJob
from sqlalchemy import text

from ckanext.territoire.harvest_adapter.sources import StoredSource
from harvesters.border import Border, reach
from harvesters.errors import Refused
from harvesters.model import Issue
from harvesters.ports import Progress
from harvesters.registry import SOURCES
from harvesters.report import Report, RunState

MAX_ERRORS = 1_000
KEPT_RUNS = 100


def utc_now() -> datetime:
    """The clock of the runner."""
    return datetime.now(UTC)


def naive(moment: datetime) -> datetime:
    """The form in which CKAN and ckanext-harvest store moments: UTC without zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


@contextmanager
def source_lock(source_id: str) -> Iterator[None]:
    """Hold the only right to run a source; freed when the process dies. Raises `Refused`."""
    key = f"territoire:source:{source_id}"
    with model.meta.engine.connect() as connection:
        taken = connection.execute(
            text("SELECT pg_try_advisory_lock(hashtextextended(:key, 0))"), {"key": key}
        ).scalar()
        if not taken:
            raise Refused(Issue("TER-SRC-066"))
        connection.commit()
        try:
            yield
        finally:
            connection.execute(
                text("SELECT pg_advisory_unlock(hashtextextended(:key, 0))"), {"key": key}
            )
            connection.commit()


def waiting_jobs() -> list[tuple[str, str]]:
    """Read the jobs to run, oldest first: (job id, source id)."""
    query = text("""
        SELECT j.id, j.source_id FROM harvest_job j JOIN harvest_source s ON s.id = j.source_id
         WHERE j.status IN ('New', 'Running') AND s.active AND s.type = ANY(:kinds)
         ORDER BY j.created
    """)
    rows = model.Session.execute(query, {"kinds": list(SOURCES)}).all()
    model.Session.rollback()
    return [(row.id, row.source_id) for row in rows]


def open_job(source: StoredSource) -> str:
    """Answer the waiting job of a source, or make one. Commits."""
    job_id = ask_job(source.id)
    model.Session.commit()
    return job_id


def ask_job(source_id: str) -> str:
    """Answer the waiting job of a source, or make one, in the transaction that needs it."""
    query = text("""
        SELECT id FROM harvest_job WHERE source_id = :id AND status IN ('New', 'Running')
         ORDER BY created LIMIT 1
    """)
    found = model.Session.execute(query, {"id": source_id}).scalar()
    if found:
        return str(found)
    job = HarvestJob(source_id=source_id)
    model.Session.add(job)
    model.Session.flush()
    return str(job.id)


def start_job(job_id: str, source_id: str) -> None:
    """Mark a job as running, from the first time or again after it was killed: then what it had
    planned is planned anew. One run serves every job that waits for its source. Commits."""
    now = naive(utc_now())
    model.Session.execute(
        text("""UPDATE harvest_job SET status = 'Running',
                gather_started = coalesce(gather_started, :now) WHERE id = :id"""),
        {"id": job_id, "now": now},
    )
    is_again = model.Session.execute(
        text("""INSERT INTO territoire_run (job_id, source_id, state, started_at)
                VALUES (:id, :source, 'running', :now)
                ON CONFLICT (job_id) DO UPDATE SET state = 'running', started_at = :now
                RETURNING xmax <> 0"""),
        {"id": job_id, "source": source_id, "now": now},
    ).scalar_one()
    if is_again:
        model.Session.execute(
            text("DELETE FROM territoire_change WHERE job_id = :id AND state = 'planned'"),
            {"id": job_id},
        )
    model.Session.execute(
        text("""UPDATE harvest_job SET status = 'Finished', finished = :now
                 WHERE source_id = :source AND id <> :id AND status = 'New'"""),
        {"id": job_id, "source": source_id, "now": now},
    )
    model.Session.commit()


def tell_progress(job_id: str, progress: Progress) -> None:
    """Store how far a run is, for the officer's screen. Commits."""
    value = {"step": progress.step, "done": progress.done, "total": progress.total}
    model.Session.execute(
        text("UPDATE territoire_run SET progress = cast(:value AS jsonb) WHERE job_id = :id"),
        {"id": job_id, "value": json.dumps(value)},
    )
    model.Session.commit()


_STATES = {RunState.FINISHED: "finished", RunState.HELD: "held", RunState.FAILED: "failed"}


def finish_job(job_id: str, report: Report) -> None:
    """Close a job with its report; issues become its errors, so that their screens show them."""
    now = naive(utc_now())
    body = report.to_json()
    values: dict[str, Any] = {"id": job_id, "now": now, "state": _STATES[report.state]}
    model.Session.execute(
        text("""UPDATE territoire_run SET state = :state, finished_at = :now,
                report = cast(:report AS jsonb) WHERE job_id = :id"""),
        values | {"report": json.dumps(body)},
    )
    model.Session.execute(
        text("DELETE FROM harvest_gather_error WHERE harvest_job_id = :id"), values
    )
    model.Session.execute(
        text("""INSERT INTO harvest_gather_error (id, harvest_job_id, message, created)
                SELECT gen_random_uuid()::text, :id, told, :now
                  FROM unnest(cast(:messages AS text[])) AS told"""),
        values | {"messages": [issue["sentence"] for issue in body["issues"][:MAX_ERRORS]]},
    )
    model.Session.execute(
        text("""UPDATE harvest_job SET status = 'Finished', finished = :now,
                gather_finished = :now WHERE id = :id"""),
        values,
    )
    reach(Border.REPORT_WRITTEN)
    model.Session.commit()


FORGET = text("""
    WITH idle AS (
        SELECT j.id, row_number() OVER (PARTITION BY j.source_id ORDER BY j.created DESC) AS rank
          FROM harvest_job j JOIN harvest_source s ON s.id = j.source_id
         WHERE s.type = ANY(:kinds) AND j.status = 'Finished'
           AND NOT EXISTS (SELECT 1 FROM harvest_object o WHERE o.harvest_job_id = j.id)
           AND NOT EXISTS (SELECT 1 FROM territoire_run r
                            WHERE r.job_id = j.id AND r.state NOT IN ('finished', 'failed'))
    ), old AS (SELECT id FROM idle WHERE rank > :kept)
    , errors AS (DELETE FROM harvest_gather_error e USING old WHERE e.harvest_job_id = old.id)
    , runs AS (DELETE FROM territoire_run r USING old WHERE r.job_id = old.id)
    DELETE FROM harvest_job j USING old WHERE j.id = old.id
""")


def forget_old_runs(kept: int = KEPT_RUNS) -> None:
    """Drop the oldest runs of each source that wrote no dataset: a live source is read every
    minute. Commits."""
    model.Session.execute(FORGET, {"kinds": list(SOURCES), "kept": kept})
    model.Session.commit()


def last_runs(source_id: str, limit: int = 20) -> list[dict[str, Any]]:
    """Read the last runs of a source, newest first."""
    query = text("""
        SELECT job_id, state, started_at, finished_at, progress, report FROM territoire_run
         WHERE source_id = :id AND state <> 'preview' ORDER BY started_at DESC LIMIT :limit
    """)
    rows = model.Session.execute(query, {"id": source_id, "limit": limit}).mappings()
    return [dict(row) for row in rows]


def accepted_digest(source_id: str) -> str:
    """Answer the digest of the last held plan if an officer accepted it, else an empty text.

    An acceptance serves once: a run that was finished since has applied it.
    """
    query = text("""
        SELECT state, report->>'digest' AS digest FROM territoire_run
         WHERE source_id = :id
           AND state IN ('held', 'accepted', 'refused', 'finished', 'rolled_back')
         ORDER BY started_at DESC LIMIT 1
    """)
    row = model.Session.execute(query, {"id": source_id}).first()
    return str(row.digest) if row and row.state == "accepted" else ""
