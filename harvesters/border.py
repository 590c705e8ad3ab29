"""The borders of the steps of a harvest, by name: where a test may cut the power.

Code says `reach(Border.X)` where something has just become true, or is about to. Reaching costs a
call and does nothing: only `watching` gives it an effect. No setting, no environment variable and
no row of a table does, so that nothing outside the process can arm it; a house test holds that no
module of the product does either. What is forked from a process that watches watches too: that is
how a test kills a run of the pool. A border stands where a page, a batch or a run ends, never where
a record does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum


class Border(Enum):
    """Every place where a harvest, or what an officer decides of one, can be cut."""

    # a run: `harvesters.run`, `harvesters.gather`, `harvest_adapter.runner`
    JOB_STARTED = "job started"
    PAGE_READ = "page read"
    SOURCE_READ = "source read"
    PLANNED = "planned"
    BATCH_REHEARSED = "batch rehearsed"
    BATCH_BEGINS = "batch begins"
    BATCH_DONE = "batch done"
    MARKS_BEGIN = "marks begin"
    MARKED = "marked"
    LIVE_KEPT = "live values kept"
    PAGES_WRITTEN = "pages written"
    PAGES_KEPT = "pages kept"
    REPORT_WRITTEN = "report written"
    JOB_FINISHED = "job finished"
    NEXT_RUN_PLANNED = "next run planned"
    SEARCH_REFRESHED = "search refreshed"
    # a batch: `harvest_adapter.joining`, `catalogue.write`, inside its transaction, then after it
    JOINING_WRITTEN = "joining written"
    JOINING_KEPT = "joining kept"
    CORRECTIONS_NOTED = "corrections noted"
    ROWS_WRITTEN = "rows written"
    REVIEWS_WRITTEN = "reviews written"
    RETIRE_BEGINS = "retire begins"
    RETIRED = "retired"
    VERSIONS_WRITTEN = "versions written"
    OUTBOX_WRITTEN = "outbox written"
    BATCH_COMMITTED = "batch committed"
    BATCH_SENT = "batch sent"
    PLACES_GIVEN_BACK = "places given back"
    # search: `index_outbox.drain`
    OUTBOX_SENT = "outbox sent"
    OUTBOX_CLEARED = "outbox cleared"
    # decisions of officers: before and after their commit
    RUN_SETTLED = "held run settled"
    RUN_DECIDED = "held run decided"
    ROLLBACK_WRITTEN = "roll-back written"
    ROLLBACK_KEPT = "roll-back kept"
    ROLLED_BACK = "rolled back"
    REVIEW_WRITTEN = "review written"
    REVIEW_KEPT = "review kept"
    CHOICE_WRITTEN = "choice of a field written"
    CHOICE_KEPT = "choice of a field kept"
    ORIGINS_WRITTEN = "origins written"
    ORIGINS_KEPT = "origins kept"


_watchers: list[Callable[[Border], None]] = []


def reach(border: Border) -> None:
    """Say that a border is reached. Does nothing, unless a test watches."""
    for watcher in _watchers:
        watcher(border)


@contextmanager
def watching(watcher: Callable[[Border], None]) -> Iterator[None]:
    """Call this at every border reached by this process, and by those it forks. For tests."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)
