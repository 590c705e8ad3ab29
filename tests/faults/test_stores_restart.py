"""Real servers that are stopped, killed, flushed or full in mid job: rows 13, 14 and 15.

Only the servers of this copy are touched, the ones that `make test` started.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from ckan import model
from ckan.common import config
from ckan.lib import jobs as ckan_jobs
from ckan.lib.redis import connect_to_redis
from redis.exceptions import BusyLoadingError
from sqlalchemy import text

from ckanext.territoire import index_outbox
from ckanext.territoire.harvest_adapter import jobs, runner
from deployment import pids, services
from deployment.layout import Layout, layout, server_user
from deployment.postgres import cluster
from deployment.redis import server as redis
from harvesters.border import Border, watching
from tests.faults.platform_state import snapshot, told_apart
from tests.faults.stories import Town, a_year_of_changes, town
from tests.faults.test_broken_lines import TAGS, catalogue, in_peace_after
from tests.patience import wait_until

pytestmark = pytest.mark.usefixtures("started_once")


@pytest.fixture(scope="module")
def here() -> Layout:
    """The servers of this copy; those of somebody else are left alone."""
    found = layout()
    if Path(config["__file__"]).resolve() != found.ini("test").resolve():
        pytest.skip("the servers of these settings are not those of TERRITOIRE_HOME")
    return found


@pytest.fixture
def place() -> Iterator[Town]:
    with town(next(TAGS)) as made:
        a_year_of_changes(made)
        jobs.open_job(made.source)
        yield made


def at(border: Border, act: Callable[[], None]) -> Callable[[Border], None]:
    """Do something once, at the first passage of a border."""
    left = [act]

    def watcher(reached: Border) -> None:
        if reached is border and left:
            left.pop()()

    return watcher


def turns(count: int) -> Callable[[], bool]:
    """Let the service turn so many times."""
    found = iter([False] * count + [True])
    return lambda: next(found)


def is_whole(place: Town) -> None:
    """Nothing waits, search is as the database, and all is as if nothing had happened."""
    runner.work(turns(2), pause_s=0.1)
    assert jobs.waiting_jobs() == []
    assert index_outbox.drift().count == 0
    apart = told_apart(in_peace_after(a_year_of_changes), catalogue(place))
    assert not apart, apart


def crash_postgresql(here: Layout) -> None:
    """Stop without a checkpoint, as a power cut does, and start again: it replays its journal."""
    control = [*server_user(), cluster.BIN / "pg_ctl", "-D", here.postgres_data]
    subprocess.run([*control, "-m", "immediate", "-w", "stop"], check=True, cwd="/",
                   capture_output=True)  # fmt: skip
    services.start_servers(here)


@pytest.mark.fault(14)
@pytest.mark.parametrize(
    "border", [Border.PAGE_READ, Border.ROWS_WRITTEN, Border.OUTBOX_WRITTEN, Border.REPORT_WRITTEN]
)
def test_postgresql_that_crashes_in_mid_job_leaves_all_or_nothing(
    here: Layout, place: Town, border: Border
) -> None:
    with watching(at(border, lambda: crash_postgresql(here))):
        runner.work(turns(1), pause_s=0)  # its own connections die too, and it goes on
    is_whole(place)


FULL = """
    CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
    CREATE TRIGGER no_space BEFORE INSERT ON {table} EXECUTE FUNCTION no_space();
"""


@pytest.mark.fault(14)
@pytest.mark.parametrize("table", ["resource", "territoire_change", "territoire_index_outbox"])
def test_a_full_disk_refuses_a_batch_and_loses_nothing(place: Town, table: str) -> None:
    _sql(FULL.format(table=table))
    try:
        runner.work(turns(1), pause_s=0)
        assert [s for _, s in jobs.waiting_jobs()] == [place.source.id]
        active = [row for row in snapshot(place.tag)["package"] if " | active | " in row]
        assert len(active) == 8
    finally:
        _sql("DROP FUNCTION no_space CASCADE")
    is_whole(place)


def _sql(statement: str) -> None:
    model.Session.execute(text(statement))
    model.Session.commit()


@pytest.mark.fault(14)
def test_a_deadlock_is_lost_by_the_run_which_is_done_again(here: Layout, place: Town) -> None:
    def fight() -> None:
        """Hold what the run will want, and want what it holds."""
        is_held = threading.Event()

        def other() -> None:
            with cluster.cursor_of(here, "ckan_test") as cursor:
                cursor.execute("SET deadlock_timeout = '30s'")
                cursor.execute("BEGIN")
                cursor.execute("LOCK TABLE territoire_index_outbox IN ACCESS EXCLUSIVE MODE")
                is_held.set()
                cursor.execute("UPDATE package SET state = state WHERE type = 'dataset'")
                cursor.execute("ROLLBACK")

        threading.Thread(target=other, daemon=True).start()
        assert is_held.wait(10)

    with watching(at(Border.ROWS_WRITTEN, fight)):
        runner.work(turns(1), pause_s=0)
    assert [s for _, s in jobs.waiting_jobs()] == [place.source.id]
    is_whole(place)


def flush(here: Layout) -> None:
    """Empty Redis, once it has read what it kept."""
    wait_until(is_flushed, "Redis does not read what it kept")


def is_flushed() -> bool:
    with suppress(BusyLoadingError):
        connect_to_redis().flushdb()
        return True
    return False


def restart_redis(here: Layout) -> None:
    redis.stop(here)
    services.start_servers(here)


@pytest.mark.fault(13)
@pytest.mark.parametrize("lose", [flush, restart_redis, redis.stop])
@pytest.mark.parametrize("border", [Border.BATCH_COMMITTED, Border.SEARCH_REFRESHED])
def test_what_redis_forgets_in_mid_job_is_asked_again_from_postgresql(
    here: Layout, place: Town, lose: Callable[[Layout], None], border: Border
) -> None:
    try:
        with watching(at(border, lambda: lose(here))):
            runner.work(turns(1), pause_s=0)
    finally:
        services.start_servers(here)
    flush(here)
    is_whole(place)
    asked = [job.meta.get("title") for job in ckan_jobs.get_queue().get_jobs()]
    assert "territoire: tables" in asked


@pytest.mark.fault(15)
@pytest.mark.parametrize("border", [Border.BATCH_SENT, Border.OUTBOX_CLEARED])
def test_solr_killed_in_mid_job_has_all_after_its_restart(
    here: Layout, place: Town, border: Border
) -> None:
    def kill() -> None:
        pid = pids.pid_of(here, "solr")
        assert pid
        os.kill(pid, signal.SIGKILL)

    with watching(at(border, kill)):
        runner.work(turns(1), pause_s=0)
    services.start_servers(here)
    runner.work(turns(1), pause_s=0)
    # it answers while it still replays its journal
    wait_until(lambda: not index_outbox.drift().count, "search does not catch up")
    is_whole(place)
