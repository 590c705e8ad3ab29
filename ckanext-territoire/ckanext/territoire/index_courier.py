"""Sends a batch to search from a thread, while the next batch is validated and written.

Solr is another process: waiting for it is lost time. What was sent is settled (its marks leave the
outbox) by the thread of the run, between two of its transactions. A run that is killed or fails in
between leaves the marks: the next drain sends again.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType


class Courier:
    """Carries one batch at a time. A context: at its end the last batch is settled."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "search")
        self._under_way: tuple[Future[bool], Callable[[], None]] | None = None

    def carry(self, post: Callable[[], bool], settle: Callable[[], None]) -> None:
        """Begin to post, once the batch before is settled; `settle` follows a post that answers
        true, in the thread that calls this. `post` touches no session of the database."""
        self.settle()
        self._under_way = (self._thread.submit(post), settle)

    def settle(self) -> None:
        """Wait for the batch under way, and settle it."""
        if self._under_way is None:
            return
        posted, settle = self._under_way
        self._under_way = None
        if posted.result():
            settle()

    def __enter__(self) -> Courier:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        try:
            if fault is None:
                self.settle()
        finally:
            self._thread.shutdown()
