"""The SQL that a test sends: all of it, what writes, what writes beyond the account of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from ckan import model

# what each run writes of itself, whatever the source says
OF_A_RUN = ("territoire_run", "territoire_source_rhythm", "harvest_job", "harvest_gather_error")


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the SQL that is sent to the database."""
    seen: list[str] = []

    def hear(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    sa.event.listen(model.meta.engine, "before_cursor_execute", hear)
    try:
        yield seen
    finally:
        sa.event.remove(model.meta.engine, "before_cursor_execute", hear)


def writes(seen: Iterable[str]) -> list[str]:
    """Keep the statements that write."""
    return [s for s in seen if s.split()[0].upper() in {"INSERT", "UPDATE", "DELETE", "TRUNCATE"}]


def writes_beyond_the_run(seen: Iterable[str]) -> list[str]:
    """Keep the statements that write something else than the account of a run."""
    return [s for s in writes(seen) if not any(table in s for table in OF_A_RUN)]
