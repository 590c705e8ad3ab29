"""The demo sources through the real fetcher, over HTTP on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from deployment.demo.server import DemoServer, load_sources
from harvesters.fakes import FakeStore
from harvesters.fetch import Fetcher, Limits
from harvesters.model import Config
from harvesters.ports import Ports
from harvesters.registry import SOURCES
from harvesters.report import Report, RunState
from harvesters.run import Options, run_source
from tests.contract.cases import NOW

NAMES = [source["name"] for source in load_sources()["sources"]]


@pytest.fixture(scope="module")
def served() -> Iterator[DemoServer]:
    with DemoServer(("127.0.0.1", 0), has_faults=True) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def run(server: DemoServer, name: str, store: FakeStore) -> Report:
    told = next(source for source in load_sources()["sources"] if source["name"] == name)
    config = Config(server.site + told["path"], told.get("settings", {}))
    allowed = frozenset({server.site.removeprefix("http://")})
    fetcher = Fetcher(allowed, Limits(tries=1))
    ports = Ports(fetcher.fetch, store, lambda: NOW)
    return run_source(SOURCES[told["kind"]], config, ports, Options(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_demo_source_is_harvested_whole(served: DemoServer, name: str) -> None:
    store = FakeStore()
    report = run(served, name, store)
    assert report.state is RunState.FINISHED
    assert report.is_complete
    assert report.counts["created"] == report.read == len(store.datasets) > 0


@pytest.mark.parametrize("fault", ["cut", "down", "maintenance", "truncated", "error-500"])
def test_an_ill_server_is_told_and_nothing_is_lost(served: DemoServer, fault: str) -> None:
    store = FakeStore()
    run(served, "portail-demo", store)
    published = set(store.datasets)
    served.set_fault(fault)
    try:
        report = run(served, "portail-demo", store)
    finally:
        served.set_fault("none")
    assert not report.is_complete
    assert set(store.datasets) == published
    assert report.issues


def test_a_portal_can_be_narrowed_to_one_organisation(served: DemoServer) -> None:
    config = Config(f"{served.site}/portail", {"organization": "betton"})
    fetcher = Fetcher(frozenset({served.site.removeprefix("http://")}), Limits(tries=1))
    store = FakeStore()
    ports = Ports(fetcher.fetch, store, lambda: NOW)
    run_source(SOURCES["ckan_portal"], config, ports, Options("betton"))
    assert {dataset.communes for dataset in store.datasets.values()} == {("35024",)}
