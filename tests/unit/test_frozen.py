"""What an officer refused of a record stays as it is, until the source says something else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harvesters.identity import ABSENT, RecordState, draft_of
from harvesters.model import Dataset, Resource
from harvesters.report import RunState
from tests.unit.test_run import OPTIONS, World
from tests.unit.toy_source import items, page


@pytest.fixture
def world() -> World:
    made = World()
    made.run(page(*items(12)))
    return made


def changed(title: str) -> list[dict[str, str]]:
    return [{"id": "d0", "title": title}, *items(11, 1)]


def freeze(world: World, remote_id: str, frozen: bytes) -> None:
    world.store.known[remote_id] = replace(world.store.known[remote_id], frozen=frozen)


def content_hash(title: str, remote_id: str = "d0") -> bytes:
    file = Resource(f"https://source.example/{remote_id}.csv")
    return draft_of(Dataset(remote_id, title, resources=(file,))).content_hash


def test_a_refused_content_is_not_taken_again(world: World) -> None:
    freeze(world, "d0", content_hash("Refusé"))
    report = world.run(page(*changed("Refusé")))
    assert (report.counts["updated"], report.counts["frozen"], report.counts["kept"]) == (0, 1, 11)
    assert "1 figé par décision" in report.sentence


def test_another_content_is_taken(world: World) -> None:
    freeze(world, "d0", content_hash("Refusé"))
    report = world.run(page(*changed("Autre")))
    assert (report.counts["updated"], report.counts["frozen"]) == (1, 0)
    assert world.store.known["d0"].frozen is None


def test_a_refused_creation_comes_only_when_it_changes(world: World) -> None:
    freeze(world, "d0", content_hash("Jeu 0"))
    world.store.known["d0"] = replace(world.store.known["d0"], state=RecordState.RETIRED)
    assert world.run(page(*items(12))).counts["frozen"] == 1
    assert world.run(page(*changed("Autre"))).counts["reactivated"] == 1


def test_a_refused_absence_marks_nothing_and_holds_nothing(world: World) -> None:
    for n in range(12):
        freeze(world, f"d{n}", ABSENT)
    report = world.run(page())
    assert report.state is RunState.FINISHED
    assert (report.counts["missing"], report.counts["frozen"]) == (0, 12)
    assert world.states() == [RecordState.LIVE] * 12


def test_a_record_that_is_back_is_frozen_no_more(world: World) -> None:
    freeze(world, "d0", ABSENT)
    world.run(page(*items(12)))
    assert world.store.known["d0"].frozen is None
    assert world.run(page(*items(11, 1))).counts["missing"] == 1


def test_a_refused_renaming_leaves_the_record_as_it_is(world: World) -> None:
    renamed = [{"id": "nouveau", "title": "Jeu 0"}, *items(11, 1)]
    freeze(world, "d0", content_hash("Jeu 0", "nouveau"))
    report = world.run(page(*renamed))
    assert (report.counts["renamed"], report.counts["missing"], report.counts["created"]) == (
        0, 0, 0,
    )  # fmt: skip
    assert report.counts["frozen"] == 1


def test_a_held_run_and_a_preview_tell_every_step(world: World) -> None:
    assert world.run(page(*items(1))).state is RunState.HELD
    assert len(world.store.rehearsed) == 11
    world.store.rehearsed.clear()
    world.run(page(*items(14)), options=replace(OPTIONS, is_preview=True))
    assert [write.dataset.title for write in world.store.rehearsed if write.dataset] == [
        "Jeu 12",
        "Jeu 13",
    ]
