"""Pages that came back as they were: nothing is read twice, and nothing that went is overlooked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.utils import format_datetime

import pytest

from harvesters.fakes import FakeClock, FakePages, FakeStore
from harvesters.identity import RecordState
from harvesters.model import (
    Config,
    Dataset,
    Issue,
    Observation,
    Page,
    Record,
    Request,
    Response,
    Series,
)
from harvesters.pages import TRUSTED, KeptPage, conditions
from harvesters.ports import Ports
from harvesters.report import Report, RunState
from harvesters.run import Options, run_source
from tests.unit.toy_source import START, TOY, items, page

TWO = "https://source.example/2"
FILE = "https://source.example/catalogue.json"
OPTIONS = Options("s1", grace_days=0)


@dataclass
class Server:
    """Pages with or without validators. `asked` holds what reached it, `sent` the bodies given."""

    clock: FakeClock
    pages: dict[str, bytes] = field(default_factory=dict)
    etags: bool = True
    dated: bool = False
    is_lying: bool = False
    asked: list[Request] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    landing: Callable[[str], str] = lambda url: url

    def fetch(self, request: Request) -> Response | Issue:
        self.asked.append(request)
        body = self.pages.get(request.url)
        if body is None:
            return Issue("TER-FET-007", request.url)
        told = {name.lower(): value for name, value in request.headers}
        headers = {"date": format_datetime(self.clock.time, usegmt=True)}
        if self.etags:
            headers["etag"] = f'"{hash(body)}"'
        if self.dated:
            headers["last-modified"] = "Mon, 23 Nov 2026 06:00:00 GMT"
        same_tag = self.etags and told.get("if-none-match") == headers["etag"]
        same_date = self.dated and told.get("if-modified-since") == headers["last-modified"]
        is_same = same_tag or same_date or (self.is_lying and "if-none-match" in told)
        url = self.landing(request.url)
        if is_same:
            return Response(request, url, 304, headers, b"")
        self.sent.append(request.url)
        return Response(request, url, 200, headers, body)


class World:
    """A source, a server, a store and a memory of pages, run again and again."""

    def __init__(self) -> None:
        self.clock, self.store, self.memory = FakeClock(), FakeStore(), FakePages()
        self.server = Server(self.clock)
        self.read: list[str] = []
        self.mapped: list[str] = []
        self.source = replace(TOY, read=self._read, to_dataset=self._map)
        self.options = OPTIONS

    def _read(self, response: Response, config: Config) -> Page:
        self.read.append(response.request.url)
        return TOY.read(response, config)

    def _map(self, record: Record, config: Config) -> Dataset | Issue:
        self.mapped.append(record.remote_id)
        return TOY.to_dataset(record, config)

    def run(self, *bodies: bytes, start: str = START, **settings: str) -> Report:
        if bodies:
            self.server.pages = dict(zip((start, TWO), bodies, strict=False))
        self.clock.time += timedelta(hours=1)
        for seen in (self.read, self.mapped, self.server.asked, self.server.sent):
            seen.clear()
        ports = Ports(self.server.fetch, self.store, self.clock.now, pages=self.memory)
        return run_source(self.source, Config(start, settings), ports, self.options)

    def states(self) -> dict[str, RecordState]:
        return {k.remote_id: k.state for k in self.store.known.values()}


@pytest.fixture
def world() -> World:
    return World()


def test_a_page_that_did_not_change_is_neither_read_mapped_nor_written(world: World) -> None:
    world.run(page(*items(20)))
    writes, saves = world.store.writes, world.memory.saves
    report = world.run()
    assert (world.read, world.mapped, world.server.sent) == ([], [], [])
    assert (world.store.writes, world.memory.saves) == (writes, saves)
    assert (report.is_complete, report.read, report.counts["kept"]) == (True, 20, 20)


def test_the_same_body_is_enough_where_the_server_has_no_validator(world: World) -> None:
    world.server.etags = False
    world.run(page(*items(20)))
    saves = world.memory.saves
    report = world.run()
    assert (world.read, world.mapped, world.server.sent) == ([], [], [START])
    assert (report.counts["kept"], world.memory.saves) == (20, saves)


def test_every_page_is_asked_and_only_the_changed_one_is_read(world: World) -> None:
    second = page(*items(2, 2))
    world.run(page(*items(2), next=TWO, total=4), second)
    changed = page({"id": "d0", "title": "Autre"}, *items(1, 1), next=TWO, total=4)
    report = world.run(changed, second)
    assert [r.url for r in world.server.asked] == [START, TWO]
    assert (world.read, world.mapped) == ([START], ["d0"])
    assert (report.counts["updated"], report.counts["kept"], report.is_complete) == (1, 3, True)


def test_a_removal_on_the_second_page_is_seen_beside_an_unchanged_first_one(world: World) -> None:
    first = page(*items(8), next=TWO)
    world.run(first, page(*items(3, 8)))
    report = world.run(first, page(*items(2, 8)))
    assert world.read == [TWO]
    assert report.counts["missing"] + report.counts["retired"] == 1
    assert world.states()["d10"] is not RecordState.LIVE


def test_a_removal_is_seen_where_only_bodies_tell(world: World) -> None:
    world.server.etags = False
    world.run(page(*items(10)))
    world.run(page(*items(9)))
    assert world.states()["d9"] is not RecordState.LIVE


def test_fewer_records_than_an_unchanged_page_declares_still_retire_nothing(world: World) -> None:
    first = page(*items(8), next=TWO, total=10)
    world.run(first, page(*items(2, 8)))
    report = world.run(first, page(*items(1, 8)))
    assert not report.is_complete
    assert set(world.states().values()) == {RecordState.LIVE}


def test_an_unchanged_empty_source_is_held_again(world: World) -> None:
    world.run(page(*items(3)))
    world.run(page(total=0))
    assert world.run().state is RunState.HELD
    assert len(world.store.datasets) == 3


def test_a_held_run_hides_nothing_from_the_next_one(world: World) -> None:
    world.run(page(*items(20)))
    held = world.run(page(*items(5)))
    assert held.state is RunState.HELD
    again = world.run()
    assert (again.state, again.digest) == (RunState.HELD, held.digest)


def test_what_was_refused_is_read_and_told_again(world: World) -> None:
    world.store.refuse = lambda write: Issue("TER-PUB-005", write.remote_id)
    world.run(page(*items(2)))
    report = world.run()
    assert (world.read, report.counts["refused"]) == ([START], 2)


def test_a_record_that_cannot_be_mapped_is_told_without_reading_it_again(world: World) -> None:
    first = world.run(page({"id": "x", "title": ""}, *items(2)))
    again = world.run()
    assert world.read == []
    assert [i.where for i in again.issues] == [i.where for i in first.issues] == ["fiche x"]


def test_a_dataset_changed_here_makes_its_page_be_read(world: World) -> None:
    world.run(page(*items(2)))
    before = world.store.known["d1"]
    world.store.known["d1"] = replace(before, content_hash=b"other", seen_hash=b"")
    report = world.run()
    assert (world.read, report.counts["updated"]) == ([START], 1)


def test_a_dataset_that_is_missing_here_makes_its_page_be_read(world: World) -> None:
    world.run(page(*items(2)))
    before = world.store.known["d1"]
    world.store.known["d1"] = replace(before, state=RecordState.MISSING)
    world.run()
    assert world.read == [START]
    assert world.states()["d1"] is RecordState.LIVE


def test_other_settings_make_every_page_be_read(world: World) -> None:
    world.run(page(*items(2)))
    world.run(filter="tags:velo")
    assert world.read == [START]
    assert all(not dict(r.headers) for r in world.server.asked)


def test_an_answer_from_another_address_is_never_taken_for_the_page(world: World) -> None:
    world.run(page(*items(2)))
    world.server.landing = lambda url: "https://autre.example/1"
    world.run()
    assert world.read == [START]
    assert [bool(r.headers) for r in world.server.asked] == [True, False]


def test_a_server_that_says_unchanged_without_end_is_read_whole_once_a_week(world: World) -> None:
    world.run(page(*items(10)))
    world.server.is_lying = True
    world.run(page(*items(9)))
    assert world.states()["d9"] is RecordState.LIVE
    world.clock.time += TRUSTED
    world.run()
    assert world.states()["d9"] is not RecordState.LIVE


def test_trust_starts_again_when_the_same_body_was_read(world: World) -> None:
    world.run(page(*items(2)))
    world.clock.time += TRUSTED
    world.run()
    assert world.server.sent == [START]
    world.run()
    assert world.server.sent == []


@pytest.mark.parametrize(("start", "is_trusted"), [(FILE, True), (START, False)])
def test_a_date_alone_is_trusted_for_a_file_only(
    world: World, start: str, is_trusted: bool
) -> None:
    world.server.etags, world.server.dated = False, True
    world.run(page(*items(2)), start=start)
    world.run(start=start)
    assert (world.server.sent == []) is is_trusted


def test_a_page_that_no_longer_exists_is_forgotten(world: World) -> None:
    world.run(page(*items(2), next=TWO), page(*items(2, 2)))
    assert set(world.memory.kept) == {START, TWO}
    world.run(page(*items(4)))
    assert set(world.memory.kept) == {START}


def test_a_run_that_was_cut_forgets_no_page(world: World) -> None:
    world.run(page(*items(2), next=TWO), page(*items(2, 2)))
    world.run(page(*items(2)[:1], next="https://source.example/3", total=4))
    assert TWO in world.memory.kept


def test_a_page_with_a_double_of_another_page_is_always_read(world: World) -> None:
    pages = page(*items(3), next=TWO), page(*items(3, 2))
    world.run(*pages)
    report = world.run()
    assert world.read == [TWO]
    assert "TER-PUB-002" in {issue.code for issue in report.issues}


def test_a_repeated_page_is_still_noticed(world: World) -> None:
    world.run(page(*items(2), next=TWO), page(*items(2)))
    report = world.run()
    assert "TER-VAL-044" in {issue.code for issue in report.issues}
    assert not report.is_complete


def test_live_values_are_read_at_each_run(world: World) -> None:
    def measured(record: Record, config: Config) -> tuple[Observation, ...]:
        return (Observation("s", world.clock.time.isoformat(), 1.0),)

    world.source = replace(
        world.source, to_observations=measured, to_series=lambda r, c: (Series("s"),)
    )
    world.run(page(*items(1)))
    report = world.run()
    assert (world.read, world.memory.kept) == ([START], {})
    assert report.counts["observations"] == 1


def test_a_preview_keeps_no_page(world: World) -> None:
    world.options = replace(OPTIONS, is_preview=True)
    world.run(page(*items(2)))
    assert world.memory.saves == 0


def test_a_header_that_may_be_a_secret_is_never_kept(world: World) -> None:
    def secret(response: Response, config: Config) -> Page:
        following = Request(TWO, headers=(("Authorization", "jeton-secret"),))
        read = TOY.read(response, config)
        return replace(read, next_requests=(following,) if read.next_requests else ())

    world.source = replace(world.source, read=secret)
    world.run(page(*items(2), next=TWO), page(*items(2, 2)))
    assert set(world.memory.kept) == {TWO}
    assert b"jeton-secret" not in b"".join(p.held for p in world.memory.kept.values())


def test_a_page_read_in_the_future_is_asked_whole(world: World) -> None:
    now = world.clock.time
    kept = KeptPage(START, b"", b"", START, '"a"', "", now + timedelta(days=1), b"{}")
    assert conditions(kept, now) == ()
    assert conditions(replace(kept, read_at=now), now) == (("If-None-Match", '"a"'),)
