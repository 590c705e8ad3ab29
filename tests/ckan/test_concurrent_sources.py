"""Sources run side by side on the real tables: none starves another, nothing is lost or doubled."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from ckan import model
from sqlalchemy import text

from ckanext.territoire import index_outbox
from ckanext.territoire.catalogue.form import compiled_form
from ckanext.territoire.harvest_adapter import hosts, jobs, runner, schedule, sources
from ckanext.territoire.harvest_adapter.pool import Pool
from harvesters import turns
from harvesters.fetch import Rest
from harvesters.seen import mapping_digest
from harvesters.turns import Turn
from schemas.vocabulary import load_vocabulary
from tests.ckan.child import start_child
from tests.ckan.conftest import act
from tests.ckan.portal_server import Portal, package, portal_of
from tests.patience import PATIENCE_S, wait_until

pytestmark = pytest.mark.usefixtures("organization")


@pytest.fixture
def portals(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Portal]]:
    """Four portals with datasets of their own, and tags that they share."""
    with ExitStack() as stack:
        served = [
            stack.enter_context(portal_of(*(_package(p, n) for n in range(20)))) for p in range(4)
        ]
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", " ".join(p.host for p in served))
        yield served


def _package(portal: int, number: int) -> dict[str, Any]:
    tags = [{"name": f"mot {(portal + number) % 7}"}, {"name": "école"}]
    files = [{"url": f"https://p{portal}.example/{number}.pdf", "name": "Fichier"}]
    return package(
        number, id=f"p{portal}-{number}", name=f"p{portal}-jeu-{number}",
        title=f"Portail {portal}, jeu {number}", tags=tags, resources=files,
    )  # fmt: skip


def add(portal: Portal, **changes: Any) -> sources.StoredSource:
    made = act("territoire_source_create", kind="ckan_portal", url=portal.url,
               organization="acigne", title=portal.host, **changes)  # fmt: skip
    return sources.load_source(made["id"])


def asked(portals: list[Portal]) -> list[sources.StoredSource]:
    added = [add(portal) for portal in portals]
    for source in added:
        jobs.open_job(source)
    return added


def states(source: sources.StoredSource) -> list[str]:
    model.Session.rollback()
    return [run["state"] for run in jobs.last_runs(source.id)]


def hold(portal: Portal, until: threading.Event) -> threading.Event:
    """Have a portal hang until told; answer the moment it is asked."""
    reached, real = threading.Event(), portal.answer

    def answer(path: str, send: Any) -> None:
        reached.set()
        until.wait(PATIENCE_S)
        real(path, send)

    portal.answer = answer  # type: ignore[method-assign]
    return reached


def test_sources_that_run_together_store_the_same_as_one_after_the_other(
    portals: list[Portal],
) -> None:
    added = asked(portals)
    assert runner.run_waiting() == 4
    assert [states(source) for source in added] == [["finished"]] * 4
    stored = model.Session.execute(
        text("SELECT count(*), count(DISTINCT name) FROM package WHERE type = 'dataset'")
    ).one()
    tags = model.Session.execute(text("SELECT count(*), count(DISTINCT name) FROM tag")).one()
    assert (tuple(stored), tuple(tags)) == ((80, 80), (8, 8))
    assert index_outbox.drift().count == 0
    assert act("package_search", rows=0)["count"] == 80


def test_a_source_that_hangs_delays_no_other(portals: list[Portal]) -> None:
    added = asked(portals)
    free = threading.Event()
    reached = hold(portals[0], free)
    worker = start_child(runner.run_waiting)
    try:
        assert reached.wait(PATIENCE_S)
        wait_until(lambda: all(states(source) == ["finished"] for source in added[1:]))
        assert states(added[0]) == ["running"]
    finally:
        free.set()
        worker.join(PATIENCE_S)
    assert states(added[0]) == ["finished"]


def test_two_that_hang_let_the_others_begin_after_their_slot(
    portals: list[Portal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "SLOT_S", 1)
    added = asked(portals)
    free = threading.Event()
    for portal in portals[:2]:
        hold(portal, free)
    worker = start_child(runner.run_waiting)
    try:
        wait_until(lambda: all(states(source) == ["finished"] for source in added[2:]))
    finally:
        free.set()
        worker.join(PATIENCE_S)
    assert [states(source) for source in added] == [["finished"]] * 4


def test_mute_servers_more_than_the_places_let_the_others_be_read_at_once(
    portals: list[Portal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "MUTE_S", 1)
    monkeypatch.setenv("CKANEXT__TERRITOIRE__HARVEST__RUNS_AT_ONCE", "1")
    added = asked(portals)
    free = threading.Event()
    for portal in portals[:3]:
        hold(portal, free)
    worker = start_child(runner.run_waiting)
    try:
        wait_until(lambda: states(added[3]) == ["finished"])
        assert [states(source) for source in added[:3]] == [["running"]] * 3
    finally:
        free.set()
        worker.join(PATIENCE_S)
    assert [states(source) for source in added] == [["finished"]] * 4


def test_a_source_whose_server_failed_the_last_time_is_told(portals: list[Portal]) -> None:
    added = asked(portals)
    hosts.StoredRests().save(portals[0].host, Rest(failures=4))
    told = {turn.source_id: turn.is_doubtful for turn in schedule.waiting_turns()}
    assert told == {source.id: source is added[0] for source in added}


def test_a_fault_of_one_run_leaves_the_others_and_is_taken_up_again(
    portals: list[Portal], monkeypatch: pytest.MonkeyPatch
) -> None:
    added = asked(portals)
    real = runner.run_source

    def broken(kind: Any, config: Any, *rest: Any) -> Any:
        if config.url == portals[0].url:
            raise RuntimeError("a defect of ours")
        return real(kind, config, *rest)

    monkeypatch.setattr(runner, "run_source", broken)
    assert runner.run_waiting() == 3
    assert states(added[0]) == ["running"]
    monkeypatch.setattr(runner, "run_source", real)
    assert runner.run_waiting() == 1
    assert [states(source) for source in added] == [["finished"]] * 4


def test_runs_killed_side_by_side_are_finished_exactly_once(
    portals: list[Portal], monkeypatch: pytest.MonkeyPatch
) -> None:
    added = asked(portals)

    def die(ids: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with monkeypatch.context() as patch:
        patch.setattr(index_outbox, "queue", die)
        assert runner.run_waiting() == 0
    for source in added:
        wait_until(lambda source=source: _is_free(source))
    assert runner.run_waiting() == 4
    assert [states(source)[0] for source in added] == ["finished"] * 4
    count = text("SELECT count(*) FROM package WHERE type = 'dataset'")
    assert model.Session.execute(count).scalar_one() == 80
    index_outbox.drain()
    assert index_outbox.drift().count == 0


def _is_free(source: sources.StoredSource) -> bool:
    try:
        with jobs.source_lock(source.id):
            return True
    except Exception:
        return False


def test_jobs_that_wait_for_one_source_are_one_run(portals: list[Portal]) -> None:
    source = add(portals[0])
    first = jobs.open_job(source)
    model.Session.execute(
        text("""INSERT INTO harvest_job (id, source_id, status, created)
                VALUES ('other', :id, 'New', now())"""),
        {"id": source.id},
    )
    model.Session.commit()
    assert runner.run_waiting() == 1
    assert [run["job_id"] for run in jobs.last_runs(source.id)] == [first]
    assert jobs.waiting_jobs() == []


def test_a_service_that_is_told_to_stop_cuts_a_run_that_hangs_and_takes_it_up_again(
    portals: list[Portal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "STOP_S", 0.2)
    [source] = asked(portals[:1])
    free = threading.Event()
    reached = hold(portals[0], free)
    is_over = iter([False, True])
    with monkeypatch.context() as patch:
        patch.setattr(runner.time, "sleep", lambda _: reached.wait(PATIENCE_S))
        runner.work(lambda: next(is_over))
    assert states(source) == ["running"]
    free.set()
    wait_until(lambda: _is_free(source))
    assert runner.run_waiting() == 1
    assert states(source) == ["finished"]


def _turns() -> list[Turn]:
    return [Turn(f"job {name}", name, name, name) for name in "abc"]


def _run_all(pool: Pool) -> int:
    waiting = _turns()
    while waiting or pool.is_busy:
        begun = pool.fill(waiting)
        waiting = [turn for turn in waiting if turn not in begun]
        pool.wait(1)
    return pool.done


def test_what_every_run_reads_is_read_before_runs_are_forked() -> None:
    readers = (compiled_form, mapping_digest, load_vocabulary)
    for reader in readers:
        reader.cache_clear()
    runner._pool()
    assert [reader.cache_info().currsize for reader in readers] == [1, 1, 4]


def test_a_pool_counts_the_runs_that_were_done() -> None:
    assert _run_all(Pool(lambda turn: turn.source_id != "b", 2, 60)) == 2


def test_a_run_that_outlives_its_deadline_is_killed_and_the_others_are_done() -> None:
    def run(turn: Turn) -> bool:
        return turn.source_id != "b" or threading.Event().wait(PATIENCE_S)

    assert _run_all(Pool(run, 2, 2)) == 2
