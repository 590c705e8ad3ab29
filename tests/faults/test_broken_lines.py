"""Each way a line can break, to each store and to the source: mended, the platform is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest

from ckanext.territoire import index_outbox
from ckanext.territoire.harvest_adapter import jobs, runner, sources
from tests.faults.broken_lines import FAULTS, STORES, line_to
from tests.faults.hurried import hurry
from tests.faults.platform_state import snapshot, told_apart
from tests.faults.stories import COUNT, Town, a_year_of_changes, town
from tests.faults.test_killed_at_every_border import TAGS, once

pytestmark = [pytest.mark.usefixtures("started_once")]
ROWS = {"postgresql": 14, "redis": 13, "solr": 15, "source": 4}
# what a run that was cut and begun again may tell otherwise than one that was not
HISTORY = ("run", "job", "page", "change", "activity")
in_peace: dict[str, Mapping[str, list[str]]] = {}


@pytest.fixture
def place() -> Iterator[Town]:
    with town(next(TAGS)) as made:
        yield made


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    monkeypatch.setattr(index_outbox, "TIMEOUT_S", 5)


@pytest.mark.parametrize(
    ("store", "fault"),
    [
        pytest.param(store, fault, marks=pytest.mark.fault(ROWS[store]))
        for store in STORES
        for fault in FAULTS
    ],
)
def test_a_line_that_breaks_and_is_mended_leaves_the_platform_whole(
    store: str, fault: str, place: Town
) -> None:
    a_year_of_changes(place)
    jobs.open_job(place.source)
    with pytest.MonkeyPatch.context() as patch, line_to(store, place, patch) as proxy:
        proxy.play(FAULTS[fault])
        runner.work(once(), pause_s=0)
        proxy.play(None)
        nothing_is_lost(place)
        finish(place)
        assert proxy.connections
    assert jobs.waiting_jobs() == []
    assert index_outbox.drift().count == 0
    apart = told_apart(in_peace_after(a_year_of_changes), catalogue(place))
    assert not apart, apart


def nothing_is_lost(place: Town) -> None:
    """While it lasts, all that the source still gives is published."""
    names = {row.split(" | ")[0] for row in snapshot(place.tag)["package"] if "active" in row}
    assert names >= {f"jeu-TAG-{n}" for n in range(COUNT) if n not in (6, 7)}


def finish(place: Town) -> None:
    """The service goes on; a run that failed for its source is asked again, as the night does."""
    runner.work(once(), pause_s=0)
    [last, *_] = jobs.last_runs(place.source.id)
    if not (last["report"] or {}).get("is_complete"):
        runner.run_now(sources.load_source(place.source.id))
    runner.work(once(), pause_s=0)


def in_peace_after(arrange: Callable[[Town], None]) -> Mapping[str, list[str]]:
    """What the same changes make in peace; told once."""
    if arrange.__name__ not in in_peace:
        with town(next(TAGS)) as other:
            arrange(other)
            runner.run_now(other.source)
            in_peace[arrange.__name__] = catalogue(other)
    return in_peace[arrange.__name__]


def catalogue(place: Town) -> Mapping[str, list[str]]:
    return {name: rows for name, rows in snapshot(place.tag).items() if name not in HISTORY}
