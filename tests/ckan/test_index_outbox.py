"""The database is the truth and search follows: outbox, replay, drift, repair."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import requests
from ckan import model, plugins
from ckan.common import config
from sqlalchemy import text

from ckanext.territoire import index_outbox
from ckanext.territoire.catalogue import RunContext, apply_batch
from ckanext.territoire.catalogue.write import UnknownHook
from ckanext.territoire.harvest_adapter import jobs
from ckanext.territoire.index_courier import Courier
from harvesters.plan import Action
from harvesters.ports import Write
from tests.ckan.conftest import act
from tests.ckan.test_catalogue import differences, in_search, mixed, write

NOWHERE = "http://127.0.0.1:9/solr/none"


@pytest.fixture
def run(run_for: Callable[..., RunContext]) -> RunContext:
    return run_for()


def made(run: RunContext, *seeds: int) -> list[str]:
    """Write datasets and answer their ids."""
    return [o.dataset_id for o in apply_batch([write(mixed(s), run) for s in seeds], run)]


def found() -> int:
    return int(act("package_search", rows=0)["count"])


def test_datasets_written_while_search_is_away_are_found_when_it_is_back(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(config, "solr_url", NOWHERE)
    made(run, 1, 2, 3)
    assert index_outbox.drain().left == 3
    monkeypatch.undo()
    assert found() == 0
    assert index_outbox.drain() == index_outbox.Drained(3, 0)
    assert found() == 3
    assert index_outbox.drift().count == 0


def test_an_error_of_search_does_not_break_the_write(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = requests.Response()
    answer.status_code = 500
    monkeypatch.setattr(requests, "post", lambda *_, **__: answer)
    ids = made(run, 1)
    assert act("package_show", id=ids[0])["state"] == "active"
    assert index_outbox.waiting(10) == ids


def test_a_dataset_that_search_refuses_waits_and_leaves_the_others(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = made(run, 1, 2, 3)
    index_outbox.queue(ids)
    model.Session.commit()
    plugin = plugins.get_plugin("territoire")
    real = plugin.before_dataset_index

    def spoil(document: dict[str, Any]) -> dict[str, Any]:
        return real(document | ({"metadata_created": "hier"} if document["id"] == ids[1] else {}))

    monkeypatch.setattr(plugin, "before_dataset_index", spoil)
    assert index_outbox.drain() == index_outbox.Drained(2, 1)
    assert index_outbox.waiting(10) == [ids[1]]


def test_a_dataset_marked_again_while_it_is_sent_stays_in_the_outbox(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = index_outbox._post

    def post(body: bytes, params: dict[str, Any]) -> None:
        real(body, params)
        with model.meta.engine.begin() as other:
            other.execute(text("UPDATE territoire_index_outbox SET queued_at = queued_at + '1 s'"))

    monkeypatch.setattr(index_outbox, "_post", post)
    ids = made(run, 1)
    assert index_outbox.waiting(10) == ids


def test_a_dataset_edited_while_it_is_sent_stays_in_the_outbox(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = index_outbox._post

    def post(body: bytes, params: dict[str, Any]) -> None:
        real(body, params)
        with model.meta.engine.begin() as other:
            other.execute(text("UPDATE package SET metadata_modified = metadata_modified + '1 s'"))

    monkeypatch.setattr(index_outbox, "_post", post)
    ids = made(run, 1)
    assert index_outbox.waiting(10) == ids
    monkeypatch.undo()
    index_outbox.drain()
    assert index_outbox.drift().count == 0


def test_a_dataset_that_a_drain_has_sent_since_is_sent_again(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = index_outbox._post_all

    def late(bodies: list[bytes]) -> bool:
        """What the run sends comes after an edit, and after the drain that has sent the edit."""
        other = threading.Thread(target=edit_and_drain)
        other.start()
        other.join(20)
        return real(bodies)

    monkeypatch.setattr(index_outbox, "_post_all", late)
    ids = made(run, 1)
    assert index_outbox.waiting(10) == ids
    index_outbox.drain()
    assert index_outbox.drift().count == 0


def edit_and_drain() -> None:
    change(index_outbox.waiting(1)[0])
    drain_apart()


def test_a_batch_is_written_while_the_one_before_is_on_its_way_to_search(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, queue, written = index_outbox._post, index_outbox.queue, threading.Event()

    def post(body: bytes, params: dict[str, Any]) -> None:
        assert written.wait(60)
        real(body, params)

    def second(ids: list[str]) -> Any:
        written.set()
        return queue(ids)

    monkeypatch.setattr(index_outbox, "_post", post)
    with Courier() as courier:
        beside = replace(run, courier=courier)
        ids = made(beside, 1)
        assert index_outbox.waiting(10) == ids
        monkeypatch.setattr(index_outbox, "queue", second)
        made(beside, 2)
    assert index_outbox.waiting(10) == []
    index_outbox.drain()
    assert index_outbox.drift().count == 0


def test_what_a_courier_did_not_bring_stays_in_the_outbox(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(config, "solr_url", NOWHERE)
    with Courier() as courier:
        ids = made(replace(run, courier=courier), 1)
    assert index_outbox.waiting(10) == ids
    monkeypatch.undo()
    index_outbox.drain()
    assert index_outbox.drift().count == 0


def test_a_run_that_fails_leaves_its_last_batch_in_the_outbox(run: RunContext) -> None:
    def fail() -> None:
        with Courier() as courier:
            made(replace(run, courier=courier), 1)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert len(index_outbox.waiting(10)) == 1


def test_what_a_run_has_just_written_is_left_to_it_for_a_while(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.start_job(run.job_id, run.source_id)
    monkeypatch.setitem(config, "solr_url", NOWHERE)
    ids = made(run, 1)
    monkeypatch.undo()
    assert index_outbox.drain(beside_runs=True) == index_outbox.Drained(0, 1)
    monkeypatch.setattr(index_outbox, "OWN_S", -60)
    assert index_outbox.drain(beside_runs=True) == index_outbox.Drained(1, 0)
    assert in_search(ids[0])["id"] == ids[0]


def test_drift_tells_missing_ghost_and_stale_datasets_and_repair_ends_it(run: RunContext) -> None:
    missing, stale, _ = made(run, 1, 2, 3)
    index_outbox.drain()
    ghost = "00000000-0000-4000-8000-000000000000"
    document = in_search(missing)
    index_outbox._delete([missing])
    kept = {k: v for k, v in document.items() if k in ("name", "title", "state", "dataset_type",
            "site_id", "entity_type", "metadata_modified", "metadata_created")}  # fmt: skip
    index_outbox._post(
        index_outbox.orjson.dumps([{**kept, "id": ghost, "index_id": "ghost"}]), {"commit": "true"}
    )
    model.Session.execute(
        text("UPDATE package SET metadata_modified = metadata_modified + '1 s' WHERE id = :id"),
        {"id": stale},
    )
    model.Session.commit()
    assert index_outbox.drift() == index_outbox.Drift((missing,), (ghost,), (stale,))
    index_outbox.repair()
    assert index_outbox.drift().count == 0
    assert found() == 3


def test_the_replayed_document_is_the_one_that_was_sent_at_once(run: RunContext) -> None:
    ids = made(run, *range(12))
    index_outbox.drain()
    sent = {i: in_search(i) for i in ids}
    index_outbox.queue(ids)
    model.Session.commit()
    index_outbox.drain()
    for dataset_id in ids:
        again = in_search(dataset_id)
        for side in (sent[dataset_id], again):
            for key in ("data_dict", "validated_data_dict"):
                side[key] = index_outbox.orjson.loads(side[key])
            # CKAN itself lists extras by name when it creates, in the order of JSONB afterwards
            side["data_dict"]["extras"].sort(key=lambda extra: extra["key"])
        assert differences(again, sent[dataset_id]) == []


def test_a_retirement_decided_while_search_is_away_is_followed_later(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    [dataset_id] = made(run, 1)
    index_outbox.drain()
    monkeypatch.setitem(config, "solr_url", NOWHERE)
    apply_batch([Write(Action.RETIRE, dataset_id, "r1")], run)
    monkeypatch.undo()
    assert found() == 1
    index_outbox.drain()
    assert found() == 0


def test_a_plugin_that_must_see_each_dataset_stops_the_bulk_write(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = type(plugins.get_plugin("territoire"))
    monkeypatch.setattr(plugin, "create", lambda self, entity: None, raising=False)
    with pytest.raises(UnknownHook, match=r"IPackageController\.create"):
        apply_batch([write(replace(mixed(1), title="Refusé"), run)], run)
    assert found() == 0


def test_of_two_drains_the_older_answer_never_comes_last(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    (dataset_id,) = made(run, 1)
    has_read, may_send = threading.Event(), threading.Event()
    real = index_outbox.logic.package_show_default_and_custom_schemas

    def slowly(*asked: Any) -> Any:
        told = real(*asked)
        if not has_read.is_set():  # the first drain alone: it has read, and sends much later
            has_read.set()
            may_send.wait(20)
        return told

    monkeypatch.setattr(index_outbox.logic, "package_show_default_and_custom_schemas", slowly)
    change(dataset_id)
    first = threading.Thread(target=drain_apart)
    first.start()
    assert has_read.wait(20)
    change(dataset_id)
    second = threading.Thread(target=drain_apart)
    second.start()
    second.join(1)
    may_send.set()
    first.join(20)
    second.join(20)

    assert index_outbox.drain().left == 0
    assert index_outbox.drift().count == 0


def test_what_this_session_has_read_before_is_read_again(run: RunContext) -> None:
    (dataset_id,) = made(run, 1)
    held = model.Package.get(dataset_id)
    assert held.metadata_modified

    change(dataset_id)
    index_outbox.drain()

    assert index_outbox.drift().count == 0


def change(dataset_id: str) -> None:
    """Change a dataset, and say that search is late."""
    touch = (
        "UPDATE package SET metadata_modified = timezone('utc', clock_timestamp()) WHERE id = :id"
    )
    model.Session.execute(text(touch), {"id": dataset_id})
    index_outbox.queue([dataset_id])
    model.Session.commit()


def drain_apart() -> None:
    """Drain as another process does, with a session of its own."""
    try:
        index_outbox.drain()
    finally:
        model.Session.remove()
