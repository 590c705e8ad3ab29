"""What changed between two states of the rows of a table: counted by the database, with examples.

Rows are compared by a column that names each of them, in both states, when there is one; else whole
rows are, and none can be said to have changed. All in a few statements of the size of the tables,
within a savepoint: what takes too long is left untold, and never makes a load fail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg2

from ckanext.territoire.delivery.columns import quoted
from schemas.vocabulary import plain

TIMEOUT_S = 20
MAX_ROWS = 500_000
CANDIDATES, SHOWN, SHOWN_COLUMNS, CHARS = 10, 5, 6, 120
KEYS = ("id", "identifiant", "code", "ref", "reference", "numero", "siret", "uuid", "cle", "insee")
Told = dict[str, Any]

SIDES = """
    WITH b AS (SELECT {key} AS k, {cells} AS c FROM {before}),
         a AS (SELECT {key} AS k, {cells} AS c FROM {after})
"""
KEYED = f"""{SIDES}
    SELECT count(*) FILTER (WHERE b.k IS NULL) AS added, count(*) FILTER (WHERE a.k IS NULL)
           AS removed, count(*) FILTER (WHERE a.c <> b.c) AS changed
      FROM b FULL JOIN a ON a.k = b.k
"""
KEYED_SHOWN = f"""{SIDES}
    (SELECT 'added' AS op, a.k, NULL::text[] AS old, a.c AS new FROM a
      WHERE NOT EXISTS (SELECT FROM b WHERE b.k = a.k) ORDER BY a.k LIMIT {SHOWN})
    UNION ALL
    (SELECT 'removed', b.k, b.c, NULL FROM b
      WHERE NOT EXISTS (SELECT FROM a WHERE a.k = b.k) ORDER BY b.k LIMIT {SHOWN})
    UNION ALL
    (SELECT 'changed', a.k, b.c, a.c FROM a JOIN b ON a.k = b.k AND a.c <> b.c
      ORDER BY a.k LIMIT {SHOWN})
"""
COUNTED = f"""{SIDES},
    n AS (SELECT c, sum(was) AS was, sum(now) AS now
            FROM (SELECT c, 1 AS was, 0 AS now FROM b UNION ALL SELECT c, 0, 1 FROM a) e GROUP BY c)
"""
WHOLE = f"""{COUNTED}
    SELECT coalesce(sum(greatest(now - was, 0)), 0), coalesce(sum(greatest(was - now, 0)), 0), 0
      FROM n
"""
WHOLE_SHOWN = f"""{COUNTED}
    (SELECT 'added' AS op, NULL AS k, NULL::text[] AS old, c AS new FROM n WHERE now > was
      ORDER BY c LIMIT {SHOWN})
    UNION ALL
    (SELECT 'removed', NULL, c, NULL FROM n WHERE was > now ORDER BY c LIMIT {SHOWN})
"""


@dataclass(frozen=True, slots=True)
class Named:
    """A column of a table: its name in the database, its header, its type."""

    name: str
    label: str
    type: str


def compare_columns(before: Sequence[Named], after: Sequence[Named]) -> Told:
    """Name the columns that came, went, or hold another type of values; `{}` for none."""
    was, now = {c.name: c for c in before}, {c.name: c for c in after}
    told = {
        "came": [c.label for c in after if c.name not in was],
        "went": [c.label for c in before if c.name not in now],
        "retyped": [c.label for c in after if c.name in was and was[c.name].type != c.type],
    }
    return {kind: labels for kind, labels in told.items() if labels}


def compare(
    cursor: Any, tables: tuple[str, str], before: Sequence[Named], after: Sequence[Named]
) -> Told:
    """Compare two tables (before, after; named as PostgreSQL takes them), of these columns."""
    was = {c.name for c in before}
    shared = [c for c in after if c.name in was]
    told: Told = {"columns": compare_columns(before, after)}
    cursor.execute("SAVEPOINT compared")
    try:
        cursor.execute(f"SET LOCAL statement_timeout = '{TIMEOUT_S}s'")
        if shared and not _is_large(cursor, tables):
            told |= _rows(cursor, tables, shared)
        else:
            told["is_untold"] = bool(shared)
    except psycopg2.Error:
        cursor.execute("ROLLBACK TO SAVEPOINT compared")
        told["is_untold"] = True
    cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    cursor.execute("RELEASE SAVEPOINT compared")
    return told


def _is_large(cursor: Any, tables: tuple[str, str]) -> bool:
    counts = ", ".join(
        f"(SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT {MAX_ROWS + 1}) n)" for table in tables
    )
    cursor.execute(f"SELECT greatest({counts})")
    return bool(cursor.fetchone()[0] > MAX_ROWS)


def _rows(cursor: Any, tables: tuple[str, str], shared: Sequence[Named]) -> Told:
    key = _find_key(cursor, tables, shared)
    cells = ", ".join(f"coalesce({_text(column)}, '')" for column in shared)
    parts = {"before": tables[0], "after": tables[1], "cells": f"ARRAY[{cells}]"}
    parts["key"] = _text(key) if key else "NULL"
    cursor.execute((KEYED if key else WHOLE).format(**parts))
    counts = dict(zip(("added", "removed", "changed"), map(int, cursor.fetchone()), strict=True))
    examples: Told = {}
    if any(counts.values()):
        cursor.execute((KEYED_SHOWN if key else WHOLE_SHOWN).format(**parts))
        for op, k, old, new in cursor.fetchall():
            examples.setdefault(op, []).append(_example(k or "", old, new, shared))
    return {"key": key.label if key else "", **counts, "examples": examples}


def _example(
    key: str, old: list[str] | None, new: list[str] | None, shared: Sequence[Named]
) -> Told:
    if old is None or new is None:
        return {"key": key[:CHARS], "values": _values(old or new or [], shared)}
    changed = [
        {"field": c.label, "old": a[:CHARS], "new": b[:CHARS]}
        for c, a, b in zip(shared, old, new, strict=True)
        if a != b
    ]
    return {
        "key": key[:CHARS],
        "fields": changed[:SHOWN_COLUMNS],
        "more": max(len(changed) - SHOWN_COLUMNS, 0),
    }


def _values(cells: Sequence[str], shared: Sequence[Named]) -> list[list[str]]:
    """The first cells of a row that hold something, with their headers."""
    pairs = zip(shared, cells, strict=True)
    return [[c.label, cell[:CHARS]] for c, cell in pairs if cell][:SHOWN_COLUMNS]


def _find_key(cursor: Any, tables: tuple[str, str], shared: Sequence[Named]) -> Named | None:
    """The first column that names each row, in both tables; likely names first."""
    likely = sorted(shared, key=_unlikely)[:CANDIDATES]
    checks = ", ".join(f"count(*) = count(DISTINCT {_text(column)})" for column in likely)
    found = []
    for table in tables:
        cursor.execute(f"SELECT {checks} FROM {table}")
        found.append(cursor.fetchone())
    return next((c for c, was, now in zip(likely, *found, strict=True) if was and now), None)


def _unlikely(column: Named) -> bool:
    return not set(re.findall(r"[a-z]+", plain(column.name))) & set(KEYS)


def _text(column: Named) -> str:
    return f"{quoted(column.name)}::text"
