"""Kill -9 at every named border, take the work up again: the platform is as if nothing happened."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

import pytest

from ckanext.territoire import index_outbox
from ckanext.territoire.harvest_adapter import jobs, runner
from harvesters.border import Border, watching
from harvesters.errors import Refused
from tests.ckan.child import die_at, start_child
from tests.faults.platform_state import snapshot, told_apart
from tests.faults.stories import STORIES, Town, town
from tests.patience import PATIENCE_S, wait_until

pytestmark = [pytest.mark.fault(12), pytest.mark.usefixtures("started_once")]

# (story, border, which passage): a story stands here for each border it is the best proof of
CUTS = [
    ("first run", Border.JOB_STARTED, 1),
    ("first run", Border.PAGE_READ, 2),
    ("first run", Border.SOURCE_READ, 1),
    ("first run", Border.PLANNED, 1),
    ("first run", Border.BATCH_BEGINS, 2),
    ("first run", Border.ROWS_WRITTEN, 2),
    ("first run", Border.OUTBOX_WRITTEN, 1),
    ("first run", Border.BATCH_COMMITTED, 1),
    ("first run", Border.BATCH_SENT, 2),
    ("first run", Border.BATCH_DONE, 2),
    ("first run", Border.PAGES_WRITTEN, 1),
    ("first run", Border.PAGES_KEPT, 1),
    ("first run", Border.REPORT_WRITTEN, 1),
    ("first run", Border.JOB_FINISHED, 1),
    ("first run", Border.NEXT_RUN_PLANNED, 1),
    ("first run", Border.SEARCH_REFRESHED, 1),
    ("changes", Border.CORRECTIONS_NOTED, 2),
    ("changes", Border.VERSIONS_WRITTEN, 1),
    ("changes", Border.BATCH_COMMITTED, 1),
    ("changes", Border.BATCH_COMMITTED, 2),
    ("changes", Border.RETIRE_BEGINS, 1),
    ("changes", Border.RETIRED, 1),
    ("changes", Border.OUTBOX_SENT, 1),
    ("changes", Border.OUTBOX_CLEARED, 1),
    ("vanished", Border.MARKS_BEGIN, 1),
    ("vanished", Border.MARKED, 1),
    ("back again", Border.BATCH_COMMITTED, 1),
    ("second route", Border.JOINING_WRITTEN, 1),
    ("second route", Border.JOINING_KEPT, 1),
    ("second route", Border.JOINING_KEPT, 2),
    ("another follows", Border.JOINING_KEPT, 1),
    ("another follows", Border.BATCH_DONE, 1),
    ("place taken", Border.JOINING_KEPT, 1),
    ("place taken", Border.BATCH_COMMITTED, 1),
    ("place refused", Border.JOINING_KEPT, 1),
    ("place refused", Border.PLACES_GIVEN_BACK, 1),
    ("emptied", Border.BATCH_REHEARSED, 2),
    ("emptied", Border.REPORT_WRITTEN, 1),
    ("sensors", Border.LIVE_KEPT, 1),
    ("read first", Border.REVIEWS_WRITTEN, 1),
    ("read first", Border.BATCH_COMMITTED, 1),
    ("accept", Border.RUN_SETTLED, 1),
    ("accept", Border.RUN_DECIDED, 1),
    ("refuse", Border.RUN_SETTLED, 1),
    ("refuse", Border.RUN_DECIDED, 1),
    ("roll back", Border.ROLLBACK_WRITTEN, 1),
    ("roll back", Border.ROLLBACK_KEPT, 1),
    ("roll back", Border.ROLLED_BACK, 1),
    ("publish", Border.REVIEW_WRITTEN, 1),
    ("publish", Border.REVIEW_KEPT, 1),
    ("reject", Border.REVIEW_KEPT, 1),
    ("choice", Border.CHOICE_WRITTEN, 1),
    ("choice", Border.CHOICE_KEPT, 1),
    ("merge", Border.ORIGINS_WRITTEN, 1),
    ("merge", Border.ORIGINS_KEPT, 1),
    ("separate", Border.ORIGINS_WRITTEN, 1),
    ("separate", Border.ORIGINS_KEPT, 1),
    ("choose", Border.ORIGINS_KEPT, 1),
]
TAGS = (f"zone{n:03d}" for n in itertools.count())
in_peace: dict[str, Mapping[str, list[str]]] = {}


@pytest.fixture
def place() -> Iterator[Town]:
    with town(next(TAGS)) as made:
        yield made


# a person whose act was cut before its commit does it again; after it nobody needs to
AGAIN = {
    Border.RUN_SETTLED, Border.ROLLBACK_WRITTEN, Border.ROLLBACK_KEPT, Border.REVIEW_WRITTEN,
    Border.CHOICE_WRITTEN, Border.ORIGINS_WRITTEN,
}  # fmt: skip


def test_every_border_is_tried() -> None:
    assert {border for _, border, _ in CUTS} == set(Border)


@pytest.mark.parametrize(
    ("story", "border", "passage"), CUTS, ids=[f"{s}-{b.value}-{n}" for s, b, n in CUTS]
)
def test_what_is_killed_at_a_border_ends_as_if_it_had_not_been(
    story: str, border: Border, passage: int, place: Town
) -> None:
    if story not in in_peace:
        with town(next(TAGS)) as quiet:
            in_peace[story] = told(story, quiet)
    STORIES[story].arrange(place)

    def child() -> None:
        with watching(die_at(border, passage)):
            STORIES[story].act(place)

    process = start_child(child)
    process.join(PATIENCE_S)
    assert process.exitcode == -signal.SIGKILL
    wait_for_free_lock(place)
    if border in AGAIN:
        STORIES[story].act(place)
    apart = told_apart(in_peace[story], what_stands(place))
    assert not apart, apart


def told(story: str, place: Town) -> Mapping[str, list[str]]:
    """Tell a story in peace, and say what stands."""
    STORIES[story].arrange(place)
    STORIES[story].act(place)
    return what_stands(place)


def what_stands(place: Town) -> Mapping[str, list[str]]:
    """Let the service turn once: it takes up the job that was cut; then say what stands."""
    runner.work(once(), pause_s=0)
    assert jobs.waiting_jobs() == []
    assert index_outbox.drift().count == 0
    return snapshot(place.tag)


def once() -> Callable[[], bool]:
    turns = iter([False, True])
    return lambda: next(turns)


def wait_for_free_lock(place: Town) -> None:
    """PostgreSQL takes a moment to see that a process is dead."""
    for source in (place.source, place.second):
        wait_until(lambda key=source.id: is_free(key), "the lock of a dead process stays")


def is_free(source_id: str) -> bool:
    with suppress(Refused), jobs.source_lock(source_id):
        return True
    return False
