"""Run the gate over the corpus and compare it with the truth, cell by cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date

import duckdb
import pyarrow as pa

from harvesters.privacy.find import find_personal
from harvesters.privacy.findings import Kind, PrivacyContext
from harvesters.table.reading import Column
from tests.privacy_corpus import SMALL_VILLAGE, Table, corpus
from tests.privacy_words import Words

CONTEXT = PrivacyContext(
    date(2026, 11, 25), populations={SMALL_VILLAGE: 640, "35001": 6_900}, max_lines=10_000
)


@dataclass(slots=True)
class Measure:
    """Cells by kind: found and true, missed, found and false; `seen` counts all cells."""

    found: Counter[Kind] = field(default_factory=Counter)
    missed: Counter[Kind] = field(default_factory=Counter)
    false: Counter[Kind] = field(default_factory=Counter)
    traps: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)
    seen: int = 0


def measure(words: Words) -> Measure:
    """Judge every table: only what holds its publication counts as found."""
    told = Measure()
    for table in corpus(words):
        told.seen += len(table.rows) * len(table.columns)
        held = held_lines(table)
        for key in held.keys() | table.truth.keys():
            lines, true = held.get(key, set()), table.truth.get(key, set())
            told.found[key[0]] += len(lines & true)
            told.missed[key[0]] += len(true - lines)
            told.false[key[0]] += len(lines - true)
            _remember(told, table, key, lines - true)
    return told


def _remember(told: Measure, table: Table, key: tuple[Kind, str], lines: set[int]) -> None:
    place = table.columns.index(key[1])
    if lines:
        values = {str(table.rows[line - 2][place]) for line in lines}
        told.traps.setdefault((key[0].value, table.name, key[1]), set()).update(values)


def held_lines(table: Table) -> dict[tuple[Kind, str], set[int]]:
    """Answer the lines that hold the publication of a table, by kind and column."""
    cells = zip(table.columns, zip(*table.rows, strict=True), strict=True)
    lines = pa.array(range(2, len(table.rows) + 2), pa.int64())
    arrow = pa.table({"line": lines} | {name: pa.array(each, pa.string()) for name, each in cells})
    columns = [Column(name, name) for name in table.columns]
    context = replace(CONTEXT, title=table.name, insee=table.insee)
    with duckdb.connect() as database:
        database.register("rows_of_table", arrow)
        found = find_personal(database, "rows_of_table", columns, table.schema, context)
    assert all(each.count == len(each.lines) for each in found)
    return {(each.kind, each.column): set(each.lines) for each in found if each.is_holding}
