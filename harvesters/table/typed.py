"""Type the columns of a table and write its rows for `COPY`: DuckDB reads, checks and converts.

csv-detective is not asked: it takes 49 s where this takes 2 on a million rows, and it answers by
sample, where a type given here holds for every row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from harvesters.table.reading import Column, Type
from harvesters.table.typing_rules import (
    FIXED_DIGITS,
    LADDER,
    WEAKER,
    announces_identifier,
    rule,
)

AT_ONCE = 60
SAMPLE = 300


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows kept, and lines that are none: empty, or the header again."""

    rows: int
    empty: int
    repeated: int


def open_database(folder: Path) -> duckdb.DuckDBPyConnection:
    """Open a database in memory that spills to a folder and loads nothing from outside."""
    base = duckdb.connect(
        config={
            "memory_limit": "600MB",  # it takes more beside: 1 GB for the whole process
            "threads": "2",
            "temp_directory": str(folder),
            "autoinstall_known_extensions": "false",
            "TimeZone": "UTC",
        }
    )
    base.execute("SET enable_progress_bar = false")  # it would be printed
    return base


def drop_empty(base: duckdb.DuckDBPyConnection, headers: Sequence[str]) -> Counts:
    """Take out the lines that are no rows, and count them."""
    width = len(headers)
    is_empty = "coalesce(" + ", ".join(f"c{i}" for i in range(width)) + ") IS NULL"
    if width == 1:
        is_empty = "c0 IS NULL"
    known = [(i, header) for i, header in enumerate(headers) if header]
    same = " AND ".join(f"c{i} IS NOT DISTINCT FROM ?" for i, _ in known) or "false"
    values = [header for _, header in known]
    found = _row(
        base,
        f"SELECT count(*), count(*) FILTER (WHERE {is_empty}), "
        f"count(*) FILTER (WHERE {same}) FROM t",
        values,
    )
    if found[1] or found[2]:
        base.execute(f"DELETE FROM t WHERE {is_empty} OR ({same})", values)
    return Counts(found[0] - found[1] - found[2], found[1], found[2])


def _row(base: duckdb.DuckDBPyConnection, sql: str, values: Sequence[Any] = ()) -> tuple[Any, ...]:
    found = base.execute(sql, list(values)).fetchone()
    assert found is not None
    return found


def find_types(base: duckdb.DuckDBPyConnection, columns: Sequence[Column]) -> tuple[Column, ...]:
    """Give each column the strongest type that every one of its cells has."""
    types = _wished(base, [column.label for column in columns])
    doubtful = [i for i, type_ in enumerate(types) if type_ is not Type.TEXT]
    while doubtful:
        refused = _refused(base, {i: types[i] for i in doubtful})
        for i in refused:
            types[i] = WEAKER.get(types[i], Type.TEXT)
        doubtful = [i for i in refused if types[i] is not Type.TEXT]
    for i in _identifiers(base, [i for i, t in enumerate(types) if t is Type.INTEGER]):
        types[i] = Type.TEXT
    return tuple(replace(c, type=t) for c, t in zip(columns, types, strict=True))


def _wished(base: duckdb.DuckDBPyConnection, labels: Sequence[str]) -> list[Type]:
    """The type that the first cells of each column have: all columns under each other, so that
    the rules of a type are prepared once."""
    types = [Type.TEXT] * len(labels)
    asked = [i for i, label in enumerate(labels) if not announces_identifier(label)]
    tests = ", ".join(f"bool_and(({rule(type_, 'v')}) IS NOT NULL)" for type_ in LADDER)
    for start in range(0, len(asked), AT_ONCE):
        samples = " UNION ALL ".join(
            f"(SELECT {i} AS i, c{i} AS v FROM t WHERE c{i} IS NOT NULL LIMIT {SAMPLE})"
            for i in asked[start : start + AT_ONCE]
        )
        for i, *found in base.execute(f"SELECT i, {tests} FROM ({samples}) GROUP BY i").fetchall():
            types[i] = next((t for t, is_so in zip(LADDER, found, strict=True) if is_so), Type.TEXT)
            if types[i] is Type.INTEGER and announces_identifier(labels[i], is_whole=True):
                types[i] = Type.TEXT
    return types


def _refused(base: duckdb.DuckDBPyConnection, types: dict[int, Type]) -> list[int]:
    """The columns of which a cell is not of the wished type, over all rows."""
    refused: list[int] = []
    wanted = list(types)
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        tests = ", ".join(
            f"count(*) FILTER (WHERE c{i} IS NOT NULL AND ({rule(types[i], f'c{i}')}) IS NULL)"
            for i in some
        )
        found = _row(base, f"SELECT {tests} FROM t")
        refused += [i for i, count in zip(some, found, strict=True) if count]
    return refused


def _identifiers(base: duckdb.DuckDBPyConnection, whole: Sequence[int]) -> list[int]:
    """Whole numbers that are all of one length, nine digits or more, are identifiers."""
    found: list[int] = []
    for start in range(0, len(whole), AT_ONCE):
        some = whole[start : start + AT_ONCE]
        lengths = ", ".join(f"min(length(c{i})), max(length(c{i}))" for i in some)
        row = _row(base, f"SELECT {lengths} FROM t")
        for n, i in enumerate(some):
            low, high = row[2 * n : 2 * n + 2]
            if low is not None and low == high and low >= FIXED_DIGITS:
                found.append(i)
    return found


def write_rows(base: duckdb.DuckDBPyConnection, columns: Sequence[Column], target: Path) -> None:
    """Write the rows in PostgreSQL's notation, in their order."""
    cells = ", ".join(f"{rule(c.type, f'c{i}')} AS c{i}" for i, c in enumerate(columns))
    base.execute(f"COPY (SELECT {cells} FROM t) TO '{target}' (FORMAT csv, HEADER false)")
