"""Find personal data in the rows of a table, all rows at once, in SQL.

Names come first: they say which addresses are homes. Of each finding one datum is read, and masked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import duckdb

from harvesters.privacy.columns import Named, Watched, watched_columns
from harvesters.privacy.detector import Detector
from harvesters.privacy.findings import Certainty, Finding, Kind, PrivacyContext
from harvesters.privacy.identifiers import identifier_detectors
from harvesters.privacy.mask import mask
from harvesters.privacy.people import (
    birth_detectors,
    birth_mention_detectors,
    home_detectors,
    mention_detectors,
    people_detectors,
)
from harvesters.privacy.scan import Hit, scan, signed_rows
from harvesters.privacy.small_counts import small_count_detectors
from schemas.model import Schema


def find_personal(
    base: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[Named],
    schema: Schema | None,
    context: PrivacyContext,
) -> tuple[Finding, ...]:
    """Look through a relation that has a `line` and these columns; what holds comes first.

    With a schema, `columns` are named after its fields. What the law lets through is found too,
    with `allowed_by`. Cells of other types than text, whole numbers and days are not looked at.
    """
    known = watched_columns(base, relation, columns, schema)
    watched = [column for column in known if not column.is_harmless]
    many = context.max_lines
    people = scan(base, relation, list(people_detectors(watched, schema)), many)
    hits = [
        *people,
        *scan(
            base,
            relation,
            [
                *birth_detectors(watched, context.today),
                *home_detectors(watched, [hit.detector for hit in people], schema),
                *small_count_detectors(known, schema, context),
            ],
            many,
        ),
    ]
    for column, rows in signed_rows(base, relation, watched):
        hits += scan(base, rows, list(_inside(column, schema, context)), many)
    labels = {column.name: column.label for column in known}
    found = [_finding(base, relation, hit) for hit in _strongest(hits)]
    order = list(Kind)
    told = [replace(each, label=labels[each.column]) for each in found]
    return tuple(sorted(told, key=lambda f: (not f.is_holding, order.index(f.kind))))


def _inside(column: Watched, schema: Schema | None, context: PrivacyContext) -> Iterator[Detector]:
    """List what may stand anywhere in the cells of a column."""
    yield from identifier_detectors(column, schema)
    yield from mention_detectors(column, schema)
    yield from birth_mention_detectors(column, context.today)


def _strongest(hits: Sequence[Hit]) -> list[Hit]:
    """Keep one hit for a kind in a column: that which holds, then that which found most."""
    best: dict[tuple[Kind, str, bool], Hit] = {}
    for hit in hits:
        detector = hit.detector
        key = (detector.kind, detector.column, bool(detector.allowed_by))
        if key not in best or _rank(hit) > _rank(best[key]):
            best[key] = hit
    return list(best.values())


def _rank(hit: Hit) -> tuple[bool, int]:
    return hit.detector.certainty is not Certainty.POSSIBLE, hit.count


def _finding(base: duckdb.DuckDBPyConnection, relation: str, hit: Hit) -> Finding:
    """Read the first datum of a hit, and mask it."""
    detector = hit.detector
    rows = base.execute(
        f"SELECT {detector.test.datum} FROM {relation} WHERE line = ?", [hit.lines[0]]
    ).fetchall()
    return Finding(
        kind=detector.kind,
        column=detector.column,
        count=hit.count,
        lines=hit.lines,
        masked_sample=mask(detector.kind, str(rows[0][0])),
        certainty=detector.certainty,
        allowed_by=detector.allowed_by,
    )
