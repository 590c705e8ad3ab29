"""The SQL that a test sends: all of it, what writes, what writes beyond the account of a run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from ckan import model

WRITTEN = re.compile(
    r"\b(?:INSERT INTO|(?<!FOR )(?<!DO )UPDATE|DELETE FROM|TRUNCATE)\s+\"?(\w+)", re.IGNORECASE
)
# what each run writes of itself, whatever the source says
OF_A_RUN = ("territoire_run", "territoire_source_rhythm", "harvest_job", "harvest_gather_error")


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the SQL that is sent to the database; what is sent row by row, as often as it is."""
    seen: list[str] = []

    def hear(_conn: Any, _cursor: Any, statement: str, values: Any, _: Any, is_many: bool) -> None:
        seen.extend([statement] * (len(values) if is_many else 1))

    sa.event.listen(model.meta.engine, "before_cursor_execute", hear)
    try:
        yield seen
    finally:
        sa.event.remove(model.meta.engine, "before_cursor_execute", hear)


def tables_written(statement: str) -> set[str]:
    """Name the tables that a statement writes, wherever it says so.

    >>> tables_written('WITH m AS (SELECT 1) INSERT INTO a SELECT 1 ON CONFLICT DO UPDATE SET x=1')
    {'a'}
    """
    return set(WRITTEN.findall(statement))


def writes(seen: Iterable[str]) -> list[str]:
    """Keep the statements that write."""
    return [s for s in seen if tables_written(s)]


def writes_beyond_the_run(seen: Iterable[str]) -> list[str]:
    """Keep the statements that write something else than the account of a run."""
    return [s for s in seen if not tables_written(s).issubset(OF_A_RUN)]
