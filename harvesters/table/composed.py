"""Propose an identifier to the rows whose file gives none, as the schema says (`Field.composed`).

It is made of what tells a row from the others, and of nothing else: the same rows get the same
identifiers at the next delivery, in whatever order they come. Rows that only other columns tell
apart are numbered behind (`…-2`); of rows that are wholly alike, the first alone gets one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from string import Formatter

import duckdb

from harvesters.table.check_repair import check_proposals
from harvesters.table.check_sql import Plan
from harvesters.table.check_views import insee_of, number_of
from schemas.model import Composed, Field
from schemas.sql_text import quote

MAX_COMPOSED = 100_000
NUMBERS = 999
EMPTY = "TER-VAL-101"


@dataclass(frozen=True, slots=True)
class Bare:
    """A row without identifier: `digest` is of what tells it from the others, `whole` of all its
    cells, `beside` of the rest of its key."""

    line: int
    digest: str
    whole: str
    beside: str
    text: str  # the identifier but for its number


def compose_identifiers(base: duckdb.DuckDBPyConnection, plan: Plan, depositor: str) -> None:
    """Fill `repair` in `row_issue` where an identifier is missing."""
    for field in plan.schema.fields:
        if field.composed is None or not field.composed.form:
            continue
        bare = _bare_rows(base, plan, field, depositor)
        given = assign(bare, _taken(base, plan, field, bare))
        passing = check_proposals(base, plan, [(field.name, text) for _, text in given])
        good = [(line, text) for line, text in given if (field.name, text) in passing]
        base.execute(
            "UPDATE row_issue SET repair = p.becomes FROM (SELECT unnest(?::BIGINT[]) AS line, "
            "unnest(?::VARCHAR[]) AS becomes) p WHERE p.line = row_issue.line "
            "AND row_issue.field = ? AND row_issue.code = ?",
            [[line for line, _ in good], [text for _, text in good], field.name, EMPTY],
        )


def assign(rows: Sequence[Bare], taken: AbstractSet[str]) -> list[tuple[int, str]]:
    """Give each row an identifier that no other has: `(line, text)`."""
    given, used, seen = [], set[tuple[str, str]](), set[tuple[str, ...]]()
    tries: dict[tuple[str, str], Iterator[str]] = {}
    for row in sorted(rows, key=lambda each: (each.digest, each.whole, each.line)):
        if (row.text, row.whole) in seen:
            continue
        seen.add((row.text, row.whole))
        texts = tries.setdefault((row.beside, row.text + row.digest), _texts(row))
        for text in texts:
            if text not in taken and (row.beside, text) not in used:
                used.add((row.beside, text))
                given.append((row.line, text))
                break
    return given


def _texts(row: Bare) -> Iterator[str]:
    """The identifiers that a row may have, in the order in which they are tried."""
    if "{number}" in row.text:
        start = int(row.digest[:12], 16)
        for step in range(NUMBERS):
            yield row.text.replace("{number}", f"{(start + step) % NUMBERS + 1:03}")
        return
    yield row.text
    for number in range(2, MAX_COMPOSED):
        yield f"{row.text}-{number}"


def _bare_rows(
    base: duckdb.DuckDBPyConnection, plan: Plan, field: Field, depositor: str
) -> list[Bare]:
    composed = field.composed
    assert composed is not None
    told = [cell for cell in (_cell(plan, name) for name in composed.cells) if cell]
    if not told:
        return []
    rest = [_cell(plan, name) for name in plan.schema.key if name != field.name]
    every = [f"v{i}" for i in range(len(plan.checks))]
    commune = f"coalesce(found.repair, {insee_of(plan, depositor)})"
    rows = base.execute(
        f"SELECT line, digest, whole, beside, {_text(composed, plan)} FROM (SELECT row_text.*, "
        f"md5({_joined(told)}) AS digest, md5({_joined(every)}) AS whole, "
        f"{_joined(rest)} AS beside, nullif({commune}, '') AS insee "
        f"FROM row_text SEMI JOIN (SELECT line FROM row_issue WHERE field = ? AND code = ?) "
        f"USING (line) LEFT JOIN (SELECT line, any_value(repair) AS repair FROM row_issue "
        f"WHERE field = ? AND repair IS NOT NULL GROUP BY line) found USING (line) "
        f"WHERE coalesce({', '.join(told)}) IS NOT NULL LIMIT {MAX_COMPOSED})",
        [field.name, EMPTY, plan.schema.commune],
    ).fetchall()
    if "{number}" in composed.form and len(rows) > NUMBERS:
        return []
    return [Bare(*row) for row in rows if row[-1] is not None]


def _text(composed: Composed, plan: Plan) -> str:
    """The SQL of an identifier, NULL where a part of it is missing; its number is left as it is."""
    parts = []
    for before, name, _, _ in Formatter().parse(composed.form):
        parts.append(quote(before))
        match name:
            case None:
                pass
            case "insee":
                parts.append("insee")
            case "digest":
                parts.append("left(digest, 10)")
            case "digits":
                number = "CAST('0x' || left(digest, 12) AS BIGINT) % 10000000000"
                parts.append(f"lpad(CAST({number} AS VARCHAR), 10, '0')")
            case "number":
                parts.append("'{number}'")
            case _:
                parts.append(_cell(plan, name) or "NULL")
    return " || ".join(parts)


def _taken(
    base: duckdb.DuckDBPyConnection, plan: Plan, field: Field, rows: Sequence[Bare]
) -> set[str]:
    """The identifiers of the file that might be given again."""
    cell = _cell(plan, field.name)
    if not rows or "{number}" in rows[0].text:
        found = base.execute(f"SELECT DISTINCT {cell} FROM row_text LIMIT {MAX_COMPOSED}")
    else:
        texts = sorted({row.text for row in rows})
        found = base.execute(
            f"SELECT DISTINCT {cell} FROM row_text WHERE {cell} IN (SELECT unnest(?::VARCHAR[]))",
            [texts],
        )
    return {text for (text,) in found.fetchall()}


def _cell(plan: Plan, name: str) -> str:
    """The cell of a column in `row_text`; `""` when the schema has it no more."""
    number = number_of(plan.schema, name)
    return "" if number is None else f"v{number}"


def _joined(cells: Sequence[str]) -> str:
    """The SQL of cells as one text, without what people vary: case, accents, spaces around."""
    folded = (f"lower(strip_accents(trim(coalesce({cell}, ''))))" for cell in cells)
    return f"concat_ws(chr(31), '', {', '.join((*folded, quote('')))})"
