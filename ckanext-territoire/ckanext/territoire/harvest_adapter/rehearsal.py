"""Run a source without writing any dataset, and keep what it would change, to be read page by page.

One rehearsal a source is kept: its job id is `essai-` and the id of the source.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from ckan import model
from sqlalchemy import text

from ckanext.territoire.harvest_adapter import jobs
from ckanext.territoire.harvest_adapter.sources import StoredSource
from harvesters.report import Report

VALUES = """INSERT INTO territoire_run (job_id, source_id, state, started_at, finished_at, report)
            VALUES (:job, :source, 'preview', :started, :now, cast(:report AS jsonb))"""


def rehearse(source: StoredSource, plan: Callable[[str], Report]) -> str:
    """Plan a run by `plan(job id)` and keep it; answer the job id. Raises `Refused` when busy."""
    job_id = f"essai-{source.id}"
    with jobs.source_lock(source.id):
        started = jobs.naive(jobs.utc_now())
        for table in ("territoire_change", "territoire_run"):
            query = text(f"DELETE FROM {table} WHERE job_id = :job")
            model.Session.execute(query, {"job": job_id})
        model.Session.commit()
        report = plan(job_id)
        now = jobs.naive(jobs.utc_now())
        values = {"job": job_id, "source": source.id, "started": started, "now": now}
        body = json.dumps(report.to_json())
        model.Session.execute(text(VALUES), values | {"report": body})
        model.Session.commit()
    return job_id
