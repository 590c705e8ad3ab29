"""From a file to the verdict on its rows: the whole chain of `received.py`, in one call.

The command line and the delivery call it with a database of `typed.open_database`; the relations
of the last step reached (`received`, `good`, `bad`, `row_issue`) stay in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from harvesters.model import Issue
from harvesters.table.arrange import arrange
from harvesters.table.check import CheckOptions, check_rows
from harvesters.table.commune_column import find_commune
from harvesters.table.corrections import Correction, apply_corrections
from harvesters.table.headers import match_headers
from harvesters.table.receive import read_received
from harvesters.table.received import (
    Candidate,
    Checked,
    Choice,
    HeaderMatch,
    Received,
    References,
    Rewritten,
)
from harvesters.table.recognise import recognise
from schemas.model import Schema
from schemas.near import near_slugs

CERTAIN = 0.8


@dataclass(frozen=True, slots=True)
class CheckAsk:
    """What is asked of a file. `schemas` are those it may follow; `schema_id` is the one that was
    declared, « slug/version » or « slug » (`""`: find out). `depositor` is an INSEE code;
    `corrections` are those accepted for former files."""

    schemas: tuple[Schema, ...]
    schema_id: str = ""
    choice: Choice = field(default_factory=Choice)
    references: References = field(default_factory=References)
    depositor: str = ""
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """What a file is worth. Without a certain schema, `schema`, `match` and `checked` are `None`
    and `candidates`, best first, are what to ask a person about. They are given beside a declared
    schema too: the file may be of another one. `rewritten` tells what was changed on the way,
    `corrected` how many cells were corrected as for a former file."""

    received: Received
    candidates: tuple[Candidate, ...]
    schema: Schema | None = None
    match: HeaderMatch | None = None
    checked: Checked | None = None
    rewritten: tuple[Rewritten, ...] = ()
    corrected: int = 0


def check_file(
    base: duckdb.DuckDBPyConnection, source: Path, folder: Path, ask: CheckAsk
) -> FileVerdict | Issue:
    """Read a file, find its schema, check every row; an `Issue` says why it cannot be read.

    A required column that is missing stands in `match.missing`, and its rows are bad. A declared
    schema that is not among `ask.schemas` is TER-CFG-100.
    """
    declared = _declared(ask)
    if ask.schema_id and declared is None:
        near = ", ".join(near_slugs(ask.schema_id, ask.schemas)) or "aucun"
        return Issue("TER-CFG-100", found=ask.schema_id, expected=near)
    received = read_received(base, source, folder, ask.choice)
    if isinstance(received, Issue):
        return received
    candidates = recognise(base, received, ask.schemas)
    schema = declared or _recognised(ask.schemas, candidates)
    if schema is None:
        return FileVerdict(received, candidates)
    match = match_headers(schema, received.headers, ask.choice)
    match = find_commune(base, schema, match, received.headers, (ask.choice, ask.references))
    rewritten = arrange(base, schema, match)
    corrected = apply_corrections(base, schema, ask.corrections)
    checked = check_rows(base, schema, ask.references, CheckOptions(depositor=ask.depositor))
    return FileVerdict(
        received, candidates, schema, match, checked, (*rewritten, *checked.rewritten), corrected
    )


def _declared(ask: CheckAsk) -> Schema | None:
    """Find the declared schema; a slug alone is the last of its versions."""
    named = [each for each in ask.schemas if ask.schema_id in (each.id, each.slug)]
    return named[-1] if named else None


def _recognised(schemas: tuple[Schema, ...], candidates: tuple[Candidate, ...]) -> Schema | None:
    """Take the best candidate when it is certain."""
    if not candidates or candidates[0].confidence < CERTAIN:
        return None
    return next(each for each in schemas if each.id == candidates[0].schema_id)
