"""Look at a received file: check it, stage its good rows, count what they would change.

Nothing is written but files of a temporary folder. The same look serves the report of a draft and
its publication, so that what was shown is what is published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from ckanext.territoire import files
from ckanext.territoire.delivery.apply import Staged
from ckanext.territoire.delivery.columns import quoted
from ckanext.territoire.delivery.corrections import load_corrections
from ckanext.territoire.delivery.model import Delivery, Feed
from ckanext.territoire.delivery.references import references
from harvesters.model import Issue
from harvesters.table.check_file import CheckAsk, FileVerdict, check_file
from harvesters.table.receive import read_received
from harvesters.table.received import Candidate, Choice, column
from harvesters.table.recognise import recognise
from harvesters.table.typed import open_database
from schemas.load import find, latest, slugs
from schemas.model import Schema


@dataclass(frozen=True, slots=True)
class Look:
    """A checked file. `base` holds its relations (`harvesters.table.received`); `staged` is `None`
    when no schema is certain."""

    base: duckdb.DuckDBPyConnection
    folder: Path
    verdict: FileVerdict
    staged: Staged | None


@contextmanager
def look_at(
    feed: Feed, delivery: Delivery, hidden: frozenset[str] = frozenset(), undone_id: str = ""
) -> Iterator[Any]:
    """Check the file of a delivery; give a `Look`, or the `Issue` that says why it is unreadable.

    `hidden` are columns that the privacy gate keeps out: they are emptied in the good rows. The
    corrections that came with the delivery `undone_id` are left out.
    """
    with TemporaryDirectory(dir=files.draft_folder()) as name:
        folder = Path(name)
        with open_database(folder) as base:
            ask = _ask(feed, delivery, undone_id)
            found = check_file(base, files.path_of(delivery.sha256), folder, ask)
            if isinstance(found, Issue):
                yield found
                return
            staged = stage_good_rows(base, folder, found.schema, hidden) if found.schema else None
            yield Look(base, folder, found, staged)


def recognise_file(sha256: str, choice: Mapping[str, Any] | None = None) -> tuple[Candidate, ...]:
    """Say which themes a kept file may be of, the best first; none when it is unreadable."""
    with TemporaryDirectory(dir=files.draft_folder()) as name, open_database(Path(name)) as base:
        received = read_received(base, files.path_of(sha256), Path(name), to_choice(choice or {}))
        if isinstance(received, Issue):
            return ()
        return recognise(base, received, tuple(latest(slug) for slug in slugs()))


def guess_slug(sha256: str, choice: Mapping[str, Any]) -> str:
    """Guess the theme of a kept file by its columns; `""` when it is like none."""
    found = recognise_file(sha256, choice)
    return found[0].schema_id.split("/", maxsplit=1)[0] if found else ""


def to_choice(told: Mapping[str, Any]) -> Choice:
    """Read the choices of a person, as they are stored with the delivery."""
    return Choice(
        sheet=str(told.get("sheet") or ""),
        header_line=int(told["header_line"]) if told.get("header_line") else None,
        encoding=str(told.get("encoding") or ""),
        separator=str(told.get("separator") or ""),
        columns={str(k): str(v) for k, v in (told.get("columns") or {}).items()},
    )


def _ask(feed: Feed, delivery: Delivery, undone_id: str) -> CheckAsk:
    """A declared version stands beside the newest of the other themes."""
    declared = find(delivery.schema_id)
    others = tuple(latest(slug) for slug in slugs() if not declared or slug != declared.slug)
    return CheckAsk(
        schemas=(declared, *others) if declared else others,
        schema_id=delivery.schema_id,
        choice=to_choice(delivery.choice),
        references=references(),
        depositor=feed.insee,
        corrections=load_corrections(feed.id, without=undone_id),
    )


def stage_good_rows(
    base: duckdb.DuckDBPyConnection, folder: Path, schema: Schema, hidden: frozenset[str]
) -> Staged:
    """Write the good rows of a checked file and the keys of the bad ones, for `COPY`."""
    rows, refused = folder / "good.csv", folder / "refused.csv"
    cells = ", ".join(
        "NULL" if each.name in hidden else quoted(column(each.name)) for each in schema.fields
    )
    base.execute(
        f"COPY (SELECT {cells}, row_key, insee, longitude, latitude, NOT in_territory, line "
        f"FROM good) TO '{rows}' (FORMAT csv, HEADER false)"
    )
    base.execute(
        f"COPY (SELECT DISTINCT row_key FROM bad WHERE row_key IS NOT NULL) "
        f"TO '{refused}' (FORMAT csv, HEADER false)"
    )
    return Staged(schema, rows, refused)
