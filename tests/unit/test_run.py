"""The run loop on the in-memory ports: what it writes, and what it refuses to lose."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from harvesters.fakes import FakeClock, FakeStore, FakeWeb, fake_ports
from harvesters.identity import RecordState
from harvesters.model import Config, Dataset, Issue, Record, Source
from harvesters.report import Report, RunState
from harvesters.run import Options, dataset_id_of, run_source
from tests.unit.toy_source import START, TOY, items, page

TWO = "https://source.example/2"
OPTIONS = Options("s1")
ISSUE = Issue("TER-MAP-002", "Jeu 0", "ftp://a")


class World:
    """A source, a store and a clock, run again and again."""

    def __init__(self) -> None:
        self.web, self.store, self.clock = FakeWeb(), FakeStore(), FakeClock()

    def run(
        self, *bodies: bytes | Issue, options: Options = OPTIONS, source: Source = TOY
    ) -> Report:
        self.web.pages = dict(zip((START, TWO), bodies, strict=False))
        return run_source(
            source, Config(START), fake_ports(self.web, self.store, self.clock), options
        )

    def states(self) -> list[RecordState]:
        return [k.state for k in self.store.known.values()]


@pytest.fixture
def world() -> World:
    return World()


def test_a_first_run_creates_every_dataset(world: World) -> None:
    report = world.run(page(*items(3), next=TWO, total=4), page(*items(1, 3)))
    assert report.counts["created"] == 4
    assert report.is_complete
    assert set(world.store.datasets) == {dataset_id_of("s1", f"d{i}") for i in range(4)}


def test_an_unchanged_source_costs_no_write(world: World) -> None:
    world.run(page(*items(20)))
    before = world.store.writes
    report = world.run(page(*items(20)))
    assert world.store.writes == before
    assert report.counts["kept"] == 20


def test_a_record_that_comes_back_as_it_was_is_not_mapped_again(world: World) -> None:
    world.run(page(*items(3)))
    mapped: list[str] = []

    def count(record: Record, config: Config) -> Dataset | Issue:
        mapped.append(record.remote_id)
        return TOY.to_dataset(record, config)

    changed = [*items(2), {"id": "d2", "title": "Autre titre"}]
    report = world.run(page(*changed), source=replace(TOY, to_dataset=count))
    assert report.counts["kept"] == 2
    assert mapped == ["d2"]


def test_a_record_that_was_cleaned_is_mapped_and_told_at_each_run(world: World) -> None:
    def clean(record: Record, config: Config) -> Dataset | Issue:
        mapped = TOY.to_dataset(record, config)
        assert isinstance(mapped, Dataset)
        return replace(mapped, issues=(ISSUE,))

    cleaned = replace(TOY, to_dataset=clean)
    world.run(page(*items(1)), source=cleaned)
    report = world.run(page(*items(1)), source=cleaned)
    assert report.counts["kept"] == 1
    assert report.issues == (ISSUE,)


def test_a_changed_record_is_updated_alone(world: World) -> None:
    world.run(page(*items(3)))
    changed = [*items(2), {"id": "d2", "title": "Autre titre"}]
    report = world.run(page(*changed))
    assert (report.counts["updated"], report.counts["kept"]) == (1, 2)


def test_an_empty_source_is_held_and_loses_nothing(world: World) -> None:
    world.run(page(*items(3)))
    report = world.run(page(total=0))
    assert report.state is RunState.HELD
    assert len(world.store.datasets) == 3
    assert report.issues[0].code == "TER-PUB-001"


def test_a_repeated_page_stops_the_reading_and_retires_nothing(world: World) -> None:
    world.run(page(*items(4)))
    report = world.run(page(*items(2), next=TWO), page(*items(2)))
    assert not report.is_complete
    assert world.states() == [RecordState.LIVE] * 4
    assert "TER-VAL-044" in {i.code for i in report.issues}


def test_a_loop_of_pages_ends(world: World) -> None:
    report = world.run(page(*items(2), next=START))
    assert report.issues[0].code == "TER-VAL-041"
    assert report.counts["created"] == 2


def test_fewer_records_than_declared_retires_nothing(world: World) -> None:
    world.run(page(*items(4)))
    report = world.run(page(*items(2), total=4))
    assert world.states() == [RecordState.LIVE] * 4
    assert report.issues[0].code == "TER-VAL-045"


def test_a_fault_at_page_two_keeps_page_one_and_retires_nothing(world: World) -> None:
    world.run(page(*items(4)))
    report = world.run(page(*items(6, 0), next=TWO), Issue("TER-FET-007", where=TWO))
    assert report.counts["created"] == 2
    assert world.states().count(RecordState.LIVE) == 6


def test_an_unreachable_source_fails_without_any_write(world: World) -> None:
    world.run(page(*items(4)))
    before = world.store.writes
    report = world.run(Issue("TER-FET-007", where=START))
    assert (report.state, world.store.writes) == (RunState.FAILED, before)


def test_a_bad_record_is_reported_and_the_others_land(world: World) -> None:
    report = world.run(page({"id": "x", "title": ""}, *items(2)))
    assert report.counts["created"] == 2
    assert [i.where for i in report.issues] == ["fiche x"]


def test_a_record_that_turns_bad_keeps_its_last_good_copy(world: World) -> None:
    world.run(page(*items(10)))
    world.run(page({"id": "d0", "title": ""}, *items(9, 1)))
    assert len(world.store.datasets) == 10
    assert world.states() == [RecordState.LIVE] * 10


def test_a_vanished_record_waits_its_grace_before_it_is_retired(world: World) -> None:
    world.run(page(*items(20)))
    first = world.run(page(*items(19)))
    assert (first.counts["missing"], first.counts["retired"]) == (1, 0)
    world.clock.time += timedelta(days=6)
    assert world.run(page(*items(19))).counts["retired"] == 0
    world.clock.time += timedelta(days=1)
    assert world.run(page(*items(19))).counts["retired"] == 1
    assert len(world.store.datasets) == 19


def test_a_record_back_in_its_grace_is_live_again(world: World) -> None:
    world.run(page(*items(20)))
    world.run(page(*items(19)))
    world.run(page(*items(20)))
    assert world.states() == [RecordState.LIVE] * 20


def test_a_retired_record_comes_back_with_its_dataset_id(world: World) -> None:
    options = Options("s1", grace_days=0)
    world.run(page(*items(20)))
    world.run(page(*items(19)), options=options)
    report = world.run(page(*items(20)), options=options)
    assert report.counts["reactivated"] == 1
    assert dataset_id_of("s1", "d19") in world.store.datasets


def test_the_brake_holds_a_large_loss_until_an_officer_accepts_just_that(world: World) -> None:
    world.run(page(*items(40)))
    held = world.run(page(*items(30)))
    assert held.state is RunState.HELD
    assert world.states() == [RecordState.LIVE] * 40
    other = world.run(page(*items(20)), options=Options("s1", accepted=held.digest))
    assert other.state is RunState.HELD
    done = world.run(page(*items(30)), options=Options("s1", accepted=held.digest))
    assert (done.state, done.counts["missing"]) == (RunState.FINISHED, 10)


def test_ids_moved_to_https_keep_their_datasets(world: World) -> None:
    old = [{"id": f"http://a.fr/{i}/", "title": f"Jeu {i}"} for i in range(30)]
    new = [{"id": f"https://a.fr/{i}", "title": f"Jeu {i}"} for i in range(30)]
    world.run(page(*old))
    ids = set(world.store.datasets)
    report = world.run(page(*new))
    assert (report.state, report.counts["renamed"]) == (RunState.FINISHED, 30)
    assert set(world.store.datasets) == ids


def test_a_retired_record_that_is_back_with_a_last_slash_has_its_dataset_id(world: World) -> None:
    quick = replace(OPTIONS, grace_days=0)
    moved = [{"id": f"https://a.example/{n}", "title": f"Jeu {n}"} for n in range(20)]
    world.run(page(*moved), options=quick)
    before = set(world.store.datasets)
    world.run(page(*moved[1:]), options=quick)
    back = {"id": "http://a.example/0/", "title": "Jeu 0"}
    report = world.run(page(back, *moved[1:]), options=quick)
    assert (report.counts["reactivated"], report.counts["created"]) == (1, 0)
    assert report.counts["kept"] == 19
    assert set(world.store.datasets) == before


def test_a_renamed_record_is_known_by_its_file(world: World) -> None:
    world.run(page(*items(20)))
    ids = set(world.store.datasets)
    renamed = {"id": "neuf", "title": "Jeu 0", "urls": ["https://source.example/d0.csv"]}
    report = world.run(page(renamed, *items(19, 1)))
    assert (report.counts["renamed"], report.counts["kept"]) == (1, 19)
    assert set(world.store.datasets) == ids


def test_a_rename_seen_in_an_incomplete_run_waits(world: World) -> None:
    world.run(page(*items(20)))
    renamed = {"id": "neuf", "title": "Jeu 0", "urls": ["https://source.example/d0.csv"]}
    report = world.run(page(renamed, *items(10, 1), total=20))
    assert report.counts["created"] == report.counts["renamed"] == 0
    assert "TER-PUB-006" in {i.code for i in report.issues}


def test_a_double_id_is_reported_and_the_first_wins(world: World) -> None:
    report = world.run(page({"id": "a", "title": "Un"}, {"id": "a", "title": "Deux"}))
    assert [d.title for d in world.store.datasets.values()] == ["Un"]
    assert [i.code for i in report.issues] == ["TER-PUB-002"]


def test_a_claim_of_another_source_is_known_and_not_published_twice(world: World) -> None:
    world.store.claims = {"//a.fr/1": "Portail du département"}
    found = page({"id": "https://a.fr/1", "title": "Un"}, *items(1))
    report = world.run(found)
    assert report.counts == report.counts | {"created": 1, "elsewhere": 1, "refused": 0}
    assert [(i.code, i.where) for i in report.issues] == [("TER-PUB-120", "Portail du département")]
    writes = world.store.writes
    again = world.run(found)
    assert again.counts == again.counts | {"kept": 1, "elsewhere": 1, "created": 0}
    assert (world.store.writes, again.issues) == (writes, ())


def test_a_preview_writes_nothing_and_tells_its_plan(world: World) -> None:
    report = world.run(page(*items(5)), options=Options("s1", is_preview=True))
    assert world.store.writes == 0
    assert report.counts["created"] == 5
    assert report.sentence.startswith("Aperçu")


def test_a_run_past_its_deadline_stops_reading(world: World) -> None:
    report = world.run(page(*items(2)), options=Options("s1", deadline_s=0))
    assert report.state is RunState.FAILED
    assert report.issues[0].code == "TER-VAL-042"


def test_a_refused_write_leaves_the_others(world: World) -> None:
    bad = dataset_id_of("s1", "d1")
    world.store.refuse = lambda w: (
        Issue("TER-PUB-005", w.remote_id) if w.dataset_id == bad else None
    )
    report = world.run(page(*items(3)))
    assert (report.counts["created"], report.counts["refused"]) == (2, 1)


def test_every_issue_has_its_french_sentence(world: World) -> None:
    report = world.run(page({"id": "x"}, *items(2), next=START)).to_json()
    assert report["issue_count"] == 2
    assert all(i["sentence"].startswith(i["code"]) for i in report["issues"])
