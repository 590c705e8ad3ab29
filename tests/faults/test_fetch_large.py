"""Answers and archives made to fill the memory or the disk: refused early, in bounded memory."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harvesters.errors import Consequence, consequence
from harvesters.fakes import FakeStore
from harvesters.fetch import FetchedFile, Fetcher, Limits
from harvesters.model import Config, Issue, Request, Role
from harvesters.ports import Ports
from harvesters.run import Options, run_source
from harvesters.sources.gtfs_feed import SOURCE
from tests.unit.loopback import Send, http, serving

MEGA = 1_000_000
CAPS = dict.fromkeys(Role, 5 * MEGA)
FEED = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\n"
    "1,Bus,https://a.fr,Europe/Paris\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\ns1,Mairie,48.1,-1.6\ns2,Gare,48.2,-1.7\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_long_name,route_type\n"
    "r1,1,A,Ligne A,3\n",
    "trips.txt": "route_id,service_id,trip_id\nr1,c1,t1\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "t1,08:00:00,08:00:00,s1,1\nt1,08:10:00,08:10:00,s2,2\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,"
    "start_date,end_date\nc1,1,1,1,1,1,0,0,20260101,20261231\n",
}


@contextmanager
def within(max_bytes: int) -> Iterator[None]:
    """Fail when Python took more memory than this."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < max_bytes
    finally:
        tracemalloc.stop()


def bomb(megabytes: int) -> bytes:
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb") as packer:
        for _ in range(megabytes):
            packer.write(bytes(MEGA))
    return out.getvalue()


def endless(send: Send) -> None:
    send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        send(b"x" * 65_536)


def endless_chunk(send: Send) -> None:
    send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n")
    while True:
        send(b"x" * 65_536)


LARGE: dict[str, Callable[[Send], None]] = {
    "declared": lambda send: send(http(b"", length=100 * MEGA)),
    "endless": endless,
    "chunk": endless_chunk,
    "bomb": lambda send: send(http(bomb(200), "Content-Encoding: gzip")),
    "double bomb": lambda send: send(http(bomb(3) * 100, "Content-Encoding: gzip")),
}


@pytest.mark.fault(16)
@pytest.mark.parametrize("kind", LARGE)
def test_an_answer_without_end_is_refused_in_bounded_memory(kind: str) -> None:
    with serving(lambda ask, send: LARGE[kind](send)) as host, within(25 * MEGA):
        fetcher = Fetcher(frozenset({host}), Limits(max_bytes=CAPS, tries=2))
        answer = fetcher.fetch(Request(f"http://{host}/"))
    assert isinstance(answer, Issue)
    assert (answer.code, answer.expected) == ("TER-FET-011", "5\u00a0Mo")


@pytest.mark.fault(16)
def test_headers_without_end_are_refused_in_bounded_memory() -> None:
    def headers(send: Send) -> None:
        send(b"HTTP/1.1 200 OK\r\n")
        while True:
            send(b"X-More: " + b"y" * 60_000 + b"\r\n")

    with serving(lambda ask, send: headers(send)) as host, within(25 * MEGA):
        answer = Fetcher(frozenset({host}), Limits(tries=1)).fetch(Request(f"http://{host}/"))
    assert isinstance(answer, Issue)
    assert answer.code == "TER-FET-001"


@pytest.mark.fault(16)
def test_a_large_file_goes_to_disk_in_bounded_memory(tmp_path: Path) -> None:
    body = bomb(150)
    with serving(lambda ask, send: send(http(body, "Content-Encoding: gzip"))) as host:
        fetcher = Fetcher(frozenset({host}))
        with within(12 * MEGA):
            request = Request(f"http://{host}/", Role.FILE)
            found = fetcher.fetch_to_file(request, tmp_path / "f")
    assert isinstance(found, FetchedFile)
    assert found.size_bytes == found.path.stat().st_size == 150 * MEGA


def feed(folder: str = "", **more: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in FEED.items():
            archive.writestr(folder + name, content)
        for name, body in more.items():
            archive.writestr(name.replace("__", "../").replace("_txt", ".txt"), body)
    return out.getvalue()


def holding(*bodies: bytes) -> bytes:
    """An archive that only holds archives, as the one that holds itself does."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, body in enumerate(bodies):
            archive.writestr(f"r/r{number}.zip", body)
    return out.getvalue()


BAD_FEEDS = {
    "bomb": (lambda: feed(shapes_txt=bytes(50 * MEGA)), "TER-FET-021"),
    "leaves": (lambda: feed(__shapes_txt=b"x"), "TER-FET-021"),
    "nested": (lambda: holding(feed()), "TER-FET-021"),
    "cut": (lambda: feed()[:-40], "TER-FET-020"),
    "page": (lambda: b"<!doctype html><title>Maintenance</title>", "TER-FET-020"),
}


@pytest.mark.fault(17)
@pytest.mark.parametrize("kind", BAD_FEEDS)
def test_a_trapped_archive_is_refused_and_the_last_good_feed_stays(kind: str) -> None:
    make, code = BAD_FEEDS[kind]
    bodies, store = [feed(), make()], FakeStore()
    with serving(lambda ask, send: send(http(bodies.pop(0)))) as host:
        fetcher = Fetcher(frozenset({host}))
        ports = Ports(fetcher.fetch, store, lambda: datetime(2026, 11, 24, tzinfo=UTC))
        config = Config(f"http://{host}/gtfs.zip")
        first = run_source(SOURCE, config, ports, Options("s1"))
        before = dict(store.datasets)
        second = run_source(SOURCE, config, ports, Options("s1"))
    assert first.counts["created"] == 1
    assert not second.is_complete
    assert code in {i.code for i in second.issues if consequence(i) is Consequence.STOP_SOURCE}
    assert store.datasets == before


@pytest.mark.fault(17)
def test_a_feed_in_a_folder_is_read_and_the_folder_told() -> None:
    store = FakeStore()
    with serving(lambda ask, send: send(http(feed("export/gtfs/")))) as host:
        ports = Ports(
            Fetcher(frozenset({host})).fetch, store, lambda: datetime(2026, 11, 24, tzinfo=UTC)
        )
        report = run_source(SOURCE, Config(f"http://{host}/gtfs.zip"), ports, Options("s1"))
    assert report.counts["created"] == 1
    assert ("TER-FET-024", "export/gtfs") in {(i.code, i.found) for i in report.issues}
