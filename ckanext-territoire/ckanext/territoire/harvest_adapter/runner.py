"""Run a job of ckanext-harvest with our engine, and keep running those that wait."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.plugins import toolkit

from ckanext.territoire import config, index_outbox
from ckanext.territoire.catalogue import RunContext
from ckanext.territoire.harvest_adapter import jobs, moderation, rehearsal, versions
from ckanext.territoire.harvest_adapter.sources import (
    StoredSource,
    config_of,
    kind_of,
    load_source,
)
from ckanext.territoire.harvest_adapter.store import CkanStore
from ckanext.territoire.table import queue
from harvesters.errors import Refused
from harvesters.fetch import Fetcher, Limits
from harvesters.ports import Ports, Progress
from harvesters.report import Report
from harvesters.run import Options, run_source

log = logging.getLogger(__name__)
Tell = Callable[[Progress], None]
SCHEDULE_EVERY_S = 60


def fetcher(limits: Limits | None = None) -> Fetcher:
    """The way out, with the hosts that the operator allowed; until the deadline of a run, or
    within tighter limits when a person waits for the answer."""
    limits = limits or Limits(run_s=config.run_deadline_s())
    return Fetcher(config.allowed_private_hosts(), limits, config.user_agent())


def _ports(source: StoredSource, job_id: str, tell: Tell) -> Ports:
    run = RunContext(
        source_id=source.id,
        source_title=source.title,
        job_id=job_id,
        organization_id=source.organization_id,
        is_reviewed_first=moderation.is_reviewed_first(source.id, source.organization_id),
    )
    return Ports(fetcher().fetch, CkanStore(run), jobs.utc_now, tell)


def _options(source: StoredSource, is_preview: bool = False) -> Options:
    return Options(
        source.id,
        is_preview=is_preview,
        accepted=jobs.accepted_digest(source.id),
        grace_days=moderation.grace_days(source.id),
        deadline_s=config.run_deadline_s(),
    )


def rehearse(source: StoredSource) -> str:
    """Plan a run, write no dataset, and keep what would change; answer the job id to read it."""
    options = _options(source, is_preview=True)

    def plan(job_id: str) -> Report:
        ports = _ports(source, job_id, lambda _: None)
        return run_source(kind_of(source), config_of(source), ports, options)

    return rehearsal.rehearse(source, plan)


def run_now(source: StoredSource, tell: Tell = lambda _: None) -> tuple[str, Report]:
    """Run a source in this process; answer (job id, report). Raises `Refused` when it is busy."""
    with jobs.source_lock(source.id):
        return _run_locked(source, jobs.open_job(source), tell)


def _run_locked(source: StoredSource, job_id: str, tell: Tell) -> tuple[str, Report]:
    jobs.start_job(job_id, source.id)

    def told(progress: Progress) -> None:
        tell(progress)
        if progress.step != "lecture":
            jobs.tell_progress(job_id, progress)

    options = _options(source)
    report = run_source(kind_of(source), config_of(source), _ports(source, job_id, told), options)
    jobs.finish_job(job_id, report)
    jobs.forget_old_runs(source.id)
    versions.forget_old(source.id, config.undo_days(), config.undo_runs())
    refresh_search()
    _refresh_source(source)
    read_tables_later()
    return job_id, report


def refresh_search() -> None:
    """Let search catch up; when Solr is away, the outbox keeps what is late."""
    outcome = index_outbox.drain()
    if outcome.is_late:
        log.warning("search is late by %s datasets", outcome.left)


def read_tables_later() -> None:
    """Have the job worker read the tables that wait; the rows that wait are the truth."""
    if queue.waiting(1):
        queue.ask_for_work()


def _refresh_source(source: StoredSource) -> None:
    context: Any = {"ignore_auth": True, "model": model, "session": model.Session}
    toolkit.get_action("harvest_source_reindex")(context, {"id": source.id})


def run_waiting() -> int:
    """Run every waiting job once; answer how many ran. A fault of one leaves the others."""
    done = 0
    for job_id, source_id in jobs.waiting_jobs():
        try:
            source = load_source(source_id)
            with jobs.source_lock(source_id):
                _run_locked(source, job_id, lambda _: None)
                done += 1
        except Refused as fault:
            log.info("job %s waits: %s", job_id, fault)
        finally:
            model.Session.remove()
    return done


def make_scheduled_jobs() -> None:
    """Let ckanext-harvest create the jobs that are due."""
    context: Any = {"ignore_auth": True, "model": model, "session": model.Session}
    toolkit.get_action("harvest_jobs_run")(context, {})


def work(is_over: Callable[[], bool], pause_s: float = 2) -> None:
    """Serve until told to stop: schedule, run, and let search catch up."""
    due = 0.0
    while not is_over():
        try:
            if time.monotonic() >= due:
                make_scheduled_jobs()
                read_tables_later()
                due = time.monotonic() + SCHEDULE_EVERY_S
            run_waiting()
            refresh_search()
        except Exception:  # the service outlives a lost connection; the cause is logged
            log.exception("the runner goes on after a fault")
            model.Session.rollback()
        finally:
            model.Session.remove()
        time.sleep(pause_s)
