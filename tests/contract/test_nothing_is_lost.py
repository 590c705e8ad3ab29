"""A source read once, then ill: what it published stays, and it heals without a trace."""

from __future__ import annotations

import pytest

from deployment.demo.faults import FAULTS
from harvesters.errors import sentence
from harvesters.fakes import FakeStore
from harvesters.ports import Ports
from harvesters.report import Report, RunState
from harvesters.run import Options, run_source
from tests.contract.case import NOW, Case, Serve
from tests.contract.cases import ONE_A_KIND, demo_server


def run(case: Case, store: FakeStore, serve: Serve) -> Report:
    return run_source(case.source, case.config, Ports(serve, store, lambda: NOW), Options("s1"))


@pytest.mark.parametrize("fault", sorted(FAULTS))
@pytest.mark.parametrize("case", ONE_A_KIND)
def test_an_ill_server_loses_nothing_and_heals_without_a_write(case: Case, fault: str) -> None:
    store = FakeStore()
    run(case, store, case.serve)
    published = set(store.datasets)
    assert published

    ill = run(case, store, case.with_fault(fault))
    assert published <= set(store.datasets)
    assert ill.state is not RunState.FINISHED or ill.counts["retired"] == 0
    assert all(sentence(issue) for issue in ill.issues)

    run(case, store, case.serve)
    before = store.writes
    healed = run(case, store, case.serve)
    assert set(store.datasets) == published
    assert store.writes == before
    assert healed.is_complete


@pytest.mark.parametrize("fault", ["empty", "half"])
def test_a_portal_that_lost_its_datasets_is_held_by_the_brake(fault: str) -> None:
    case = next(p.values[0] for p in ONE_A_KIND if p.values[0].kind == "ckan_portal")
    store = FakeStore()
    run(case, store, case.serve)
    assert run(case, store, case.with_fault(fault)).state is RunState.HELD


@pytest.mark.parametrize("fault", ["maintenance", "down", "truncated", "refused"])
@pytest.mark.parametrize("case", ONE_A_KIND)
def test_a_first_reading_of_an_ill_server_publishes_nothing_and_says_why(
    case: Case, fault: str
) -> None:
    store = FakeStore()
    report = run(case, store, case.with_fault(fault))
    assert report.state is RunState.FAILED
    assert store.datasets == {}
    assert report.issues


@pytest.mark.parametrize("case", ONE_A_KIND)
def test_a_second_reading_writes_nothing(case: Case) -> None:
    store = FakeStore()
    run(case, store, case.serve)
    before = store.writes
    report = run(case, store, case.serve)
    assert store.writes == before
    assert report.counts["kept"] == len(store.datasets)


def test_sensors_give_new_values_and_no_new_version() -> None:
    case = next(p.values[0] for p in ONE_A_KIND if p.values[0].kind == "sensorthings")
    store = FakeStore()
    first = run(case, store, case.serve)
    before = store.writes
    report = run(case, store, demo_server(now=NOW.replace(hour=15)))
    assert first.counts["observations"] == report.counts["observations"] == 20
    assert store.writes == before
