"""The statements that check all rows at once, from the expressions of `schemas.to_check`.

Two passes. `doubtful_query` scans `arranged` once and keeps the rows that fail a cheap test, mostly
few. `marked_query` looks at those closely: cells rewritten step by step, values, and one bit for
each thing that can be wrong (`w0`, `w1`…) or was rewritten (`r0`…).

Columns of a doubtful row: `f<i>` the cell as received, `v<i>` its text once rewritten.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.model import Schema, Severity
from schemas.sql_rules import Cells, to_broken
from schemas.sql_text import TEXT, fill, name, quote
from schemas.sql_values import Test
from schemas.to_check import FieldChecks

BITS = 62  # of a signed word of 64, one to spare


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that can be wrong in a row: `wrong` and `found` are SQL over a doubtful row."""

    field: str
    code: str
    severity: Severity
    wrong: str
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class Touch:
    """A cell that can be rewritten: `number` is that of its field."""

    field: str
    number: int
    how: str
    changed: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is checked of the rows of a schema; `known` are the tables of codes at hand."""

    schema: Schema
    checks: tuple[FieldChecks, ...]
    known: frozenset[str]
    marks: tuple[Mark, ...]
    touches: tuple[Touch, ...]


def to_plan(schema: Schema, checks: tuple[FieldChecks, ...], known: frozenset[str]) -> Plan:
    """Number what can be wrong and what can be rewritten."""
    marks = [mark for i, each in enumerate(checks) for mark in _field_marks(i, each)]
    names = [each.name for each in schema.fields]
    cells = Cells(
        {n: f"v{i}" for i, n in enumerate(names)}, {n: f"t{i}" for i, n in enumerate(names)}
    )
    marks += _row_marks(schema)
    marks += [
        Mark(b.field, b.code, b.severity, b.breaks, b.found, b.expected)
        for b in to_broken(schema, cells, known)
    ]
    touches = [
        Touch(each.field.name, i, step.how, f"{_stage(i, k)} IS DISTINCT FROM {_stage(i, k - 1)}")
        for i, each in enumerate(checks)
        for k, step in enumerate(each.steps, 1)
        if step.how
    ]
    return Plan(schema, checks, known, tuple(marks), tuple(touches))


def doubtful_query(plan: Plan) -> str:
    """Select the rows that are not surely good as they are: `line, f0 … fN`."""
    tests = [fill(each.clean, f"f{i}") for i, each in enumerate(plan.checks)]
    names = [each.field.name for each in plan.checks]
    cells = Cells(
        {n: f"f{i}" for i, n in enumerate(names)},
        {n: f"({fill(each.quick_cast, f'f{i}')})"
         for i, (n, each) in enumerate(zip(names, plan.checks, strict=True))},
    )  # fmt: skip
    tests += [f"coalesce({cell}) IS NOT NULL" for cell in _needed_cells(plan.schema, "f")]
    broken = to_broken(plan.schema, cells, plan.known)
    tests += [f"NOT coalesce({each.breaks}, false)" for each in broken]
    columns = ", ".join(f"{name(n)} AS f{i}" for i, n in enumerate(names))
    clean = " AND ".join(tests)
    return (
        f"SELECT * FROM (SELECT line, {columns} FROM arranged) WHERE NOT coalesce({clean}, false)"
    )


def marked_query(plan: Plan, rows: str = "doubtful_row") -> str:
    """Look closely at rows `line, f0 … fN`: `line, f…, v…, w…, r…`."""
    clean = ", ".join(
        f"coalesce({fill(each.clean, f'f{i}')}, false) AS c{i}"
        for i, each in enumerate(plan.checks)
    )
    query = f"(SELECT *, {clean} FROM {rows})"
    for depth in range(1, max((len(each.steps) for each in plan.checks), default=0) + 1):
        stages = ", ".join(
            _unless_clean(i, _stage(i, depth - 1), each.steps[depth - 1].becomes, depth)
            for i, each in enumerate(plan.checks)
            if len(each.steps) >= depth
        )
        query = f"(SELECT *, {stages} FROM {query})"
    texts = ", ".join(f"{_stage(i, len(e.steps))} AS v{i}" for i, e in enumerate(plan.checks))
    casts = ", ".join(
        f"CASE WHEN c{i} THEN {fill(each.quick_cast, f'v{i}')} "
        f"ELSE {fill(each.cast, f'v{i}')} END AS t{i}"
        for i, each in enumerate(plan.checks)
    )
    query = f"(SELECT *, {casts} FROM (SELECT *, {texts} FROM {query}))"
    kept = ", ".join(f"f{i}, v{i}" for i in range(len(plan.checks)))
    words = _words("w", [mark.wrong for mark in plan.marks])
    words += _words("r", [touch.changed for touch in plan.touches])
    return f"SELECT line, {kept}, {', '.join(words)} FROM {query}"


def place_of(bit: int) -> tuple[int, int]:
    """The word and the value of a bit.

    >>> place_of(63)
    (1, 2)
    """
    return bit // BITS, 1 << bit % BITS


def word_count(bits: int) -> int:
    """How many words hold so many bits; at least one."""
    return max(1, -(-bits // BITS))


def _words(letter: str, tests: list[str]) -> list[str]:
    words = []
    for number in range(word_count(len(tests))):
        some = tests[number * BITS : (number + 1) * BITS]
        bits = [f"CASE WHEN {test} THEN {1 << b} ELSE 0 END" for b, test in enumerate(some)]
        words.append(f"CAST({' | '.join(bits) or '0'} AS BIGINT) AS {letter}{number}")
    return words


def _unless_clean(i: int, before: str, becomes: str, depth: int) -> str:
    """A step of a field; DuckDB works it out for the cells that need it alone."""
    return f"CASE WHEN c{i} THEN {before} ELSE {fill(becomes, before)} END AS {_stage(i, depth)}"


def _stage(i: int, depth: int) -> str:
    """The text of a field after so many steps."""
    return f"s{i}_{depth}" if depth else f"f{i}"


def _field_marks(i: int, checks: FieldChecks) -> list[Mark]:
    text, typed, told = f"v{i}", f"t{i}", checks.untyped.expected
    wrongs = []
    if checks.field.is_required:
        wrongs.append((Test("TER-VAL-101", "", told), f"{text} IS NULL"))
    if checks.cast != TEXT:
        wrongs.append((checks.untyped, f"{text} IS NOT NULL AND {typed} IS NULL"))
    wrongs += [
        (test, f"{typed} IS NOT NULL AND NOT ({fill(test.holds, text, typed)})")
        for test in checks.tests
    ]
    return [
        Mark(checks.field.name, test.code, test.severity,
             f"CASE WHEN c{i} THEN false ELSE {wrong} END", f"coalesce(f{i}, '')", test.expected)
        for test, wrong in wrongs
    ]  # fmt: skip


def _needed_cells(schema: Schema, letter: str) -> list[str]:
    """Cells of which one at least must be filled, where no field asks for it: those of the key, or
    all those of the row."""
    numbers = {each.name: i for i, each in enumerate(schema.fields)}
    names = schema.key or tuple(numbers)
    if any(schema.field(n).is_required for n in names):
        return []
    return [", ".join(f"{letter}{numbers[n]}" for n in names)]


def _row_marks(schema: Schema) -> list[Mark]:
    field = schema.key[0] if schema.key else schema.fields[0].name
    told = "l’identifiant de la ligne" if schema.key else "au moins une case remplie"
    return [
        Mark(field, "TER-VAL-101", Severity.ERROR, f"coalesce({cells}) IS NULL", "''", told)
        for cells in _needed_cells(schema, "v")
    ]


def row_key(schema: Schema, checks: tuple[FieldChecks, ...]) -> str:
    """The SQL of the key of a row over its `v<i>`: NULL when a part of it is missing; without key
    in the schema, a mark of the whole row."""
    numbers = {each.name: i for i, each in enumerate(schema.fields)}
    if not schema.key:
        cells = ", ".join(f"coalesce(v{i}, '')" for i in range(len(numbers)))
        return f"left(md5(concat_ws(chr(31), {cells})), 16)"
    parts = [_key_part(checks[numbers[n]], f"v{numbers[n]}") for n in schema.key]
    if len(parts) > 1:
        parts = [f"coalesce(replace({part}, '|', '\\|'), '')" for part in parts]
    return " || '|' || ".join(parts)


def _key_part(checks: FieldChecks, text: str) -> str:
    """A part of a key as its value is written: 007 and 7 are one number."""
    if checks.stored_as == "VARCHAR":
        return text
    return f"CAST(({fill(checks.cast, text)}) AS VARCHAR)"


def literal_of(mark: Mark) -> str:
    """The cells of an issue that do not depend on the row."""
    return f"{quote(mark.field)}, {quote(mark.code)}, {quote(mark.severity.value)}"
