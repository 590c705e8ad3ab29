"""Run a job of ckanext-harvest with our engine, and keep running those that wait, side by side."""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Callable
from typing import Any

from ckan import model
from ckan.plugins import toolkit

from ckanext.territoire import config, index_outbox
from ckanext.territoire.archive.worker import build_later
from ckanext.territoire.catalogue import RunContext
from ckanext.territoire.catalogue.form import compiled_form
from ckanext.territoire.delivery.visibility import is_late
from ckanext.territoire.developers.calls_store import store_calls
from ckanext.territoire.harvest_adapter import (
    hosts,
    jobs,
    listening,
    moderation,
    rehearsal,
    schedule,
    versions,
)
from ckanext.territoire.harvest_adapter.pages_memory import StoredPages
from ckanext.territoire.harvest_adapter.pool import Pool
from ckanext.territoire.harvest_adapter.sources import (
    StoredSource,
    config_of,
    kind_of,
    load_source,
)
from ckanext.territoire.harvest_adapter.store import CkanStore
from ckanext.territoire.index_courier import Courier
from ckanext.territoire.notices.worker import look_later
from ckanext.territoire.security.retention import keep_house
from ckanext.territoire.table import queue
from ckanext.territoire.usage.store import store_waiting
from ckanext.territoire.webhooks.worker import deliver_later
from harvesters.border import Border, reach
from harvesters.errors import Refused
from harvesters.fetch import Fetcher, Limits
from harvesters.ports import Ports, Progress
from harvesters.report import Report
from harvesters.run import Options, run_source
from harvesters.seen import mapping_digest
from harvesters.turns import Turn
from schemas.vocabulary import load_vocabulary

log = logging.getLogger(__name__)
Tell = Callable[[Progress], None]
SCHEDULE_EVERY_S = 60
STOP_S = 20
VOCABULARIES = ("formats", "frequencies", "licences", "themes")
LATE_S = 600  # a run that has not ended so long after its deadline is killed


def fetcher(limits: Limits | None = None) -> Fetcher:
    """The way out, with the hosts that the operator allowed; until the deadline of a run, or
    within tighter limits when a person waits for the answer."""
    return hosts.way_out(limits or Limits(run_s=config.run_deadline_s()))


def _ports(source: StoredSource, job_id: str, tell: Tell, courier: Courier | None = None) -> Ports:
    run = RunContext(
        source_id=source.id,
        source_title=source.title,
        job_id=job_id,
        organization_id=source.organization_id,
        is_reviewed_first=moderation.is_reviewed_first(source.id, source.organization_id),
        courier=courier,
    )
    pages = StoredPages(source.id)
    return Ports(listening.told(fetcher().fetch), CkanStore(run), jobs.utc_now, tell, pages)


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
    reach(Border.JOB_STARTED)

    def told(progress: Progress) -> None:
        tell(progress)
        if progress.step != "lecture":
            jobs.tell_progress(job_id, progress)

    options = _options(source)
    with Courier() as courier:
        ports = _ports(source, job_id, told, courier)
        report = run_source(kind_of(source), config_of(source), ports, options)
    has_written = versions.is_undoable(source.id, job_id)  # before it was killed, too
    if has_written:
        index_outbox.queue([source.id])  # its counts are in search
    jobs.finish_job(job_id, report)
    reach(Border.JOB_FINISHED)
    schedule.plan_next(source.id)
    reach(Border.NEXT_RUN_PLANNED)
    refresh_search()
    reach(Border.SEARCH_REFRESHED)
    if has_written:
        read_tables_later()
    return job_id, report


def refresh_search() -> None:
    """Let search catch up; when Solr is away, the outbox keeps what is late."""
    if not index_outbox.waiting(1):
        model.Session.rollback()
        return
    outcome = index_outbox.drain(beside_runs=True)
    if outcome.is_late:
        log.warning("search is late by %s datasets", outcome.left)


def read_tables_later() -> None:
    """Have the job worker read the tables that wait, and rows follow their datasets."""
    if queue.waiting(1) or is_late():
        queue.ask_for_work()


def _run_turn(turn: Turn) -> bool:
    """Do one run that waits; answer whether it was done. A fault leaves its job to a next turn."""
    try:
        with jobs.source_lock(turn.source_id):
            source = load_source(turn.source_id)
            log.info("harvest of %s begins (job %s)", source.name, turn.job_id)
            _, report = _run_locked(source, turn.job_id, lambda _: None)
            log.info("harvest of %s: %s", source.name, report.sentence)
            return True
    except Refused as fault:
        log.info("job %s waits: %s", turn.job_id, fault)
    except Exception:  # one run leaves the others; the cause is logged, the job waits
        log.exception("the run of job %s was cut", turn.job_id)
        model.Session.rollback()
    finally:
        model.Session.remove()
    return False


def read_ahead() -> None:
    """Read once, before runs are forked, what each of them would read again."""
    mapping_digest()
    compiled_form()
    for name in VOCABULARIES:
        load_vocabulary(name)


def leave_loaded_alone() -> None:
    """Leave what is loaded out of the collections of garbage, which would copy all of it into each
    run that is forked. Said once, by a process that only serves: what dies later stays."""
    read_ahead()
    gc.collect()
    gc.freeze()


def _pool() -> Pool:
    read_ahead()
    return Pool(_run_turn, config.runs_at_once(), config.run_deadline_s() + LATE_S)


def run_waiting() -> int:
    """Run every waiting job once, some at once; answer how many ran."""
    pool = _pool()
    waiting = schedule.waiting_turns()
    while waiting or pool.is_busy:
        begun = pool.fill(waiting)
        waiting = [turn for turn in waiting if turn not in begun]
        pool.wait(1)
    return pool.done


def make_scheduled_jobs() -> None:
    """Create the jobs that are due: ours, then those of other kinds as ckanext-harvest does."""
    made = schedule.make_due_jobs()
    if made:
        log.info("%s harvests are due", made)
    context: Any = {"ignore_auth": True, "model": model, "session": model.Session}
    toolkit.get_action("harvest_jobs_run")(context, {})


def work(is_over: Callable[[], bool], pause_s: float = 2) -> None:
    """Serve until told to stop: schedule, run, and let search catch up."""
    pool = _pool()
    due = 0.0
    while not is_over():
        try:
            if time.monotonic() >= due:
                make_scheduled_jobs()
                read_tables_later()
                look_later()
                store_waiting()
                store_calls()
                keep_house()
                build_later()
                deliver_later()
                due = time.monotonic() + SCHEDULE_EVERY_S
            pool.fill(schedule.waiting_turns())
            refresh_search()
        except Exception:  # the service outlives a lost connection; the cause is logged
            log.exception("the runner goes on after a fault")
            model.Session.rollback()
        finally:
            model.Session.remove()
        time.sleep(pause_s)
    if not pool.stop(STOP_S):
        log.warning("stopped in the middle of a harvest: the next start takes it up again")
