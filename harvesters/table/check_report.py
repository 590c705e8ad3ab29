"""What a check tells: the causes of its issues, counted, and the cells that were rewritten."""

from __future__ import annotations

from typing import Any

import duckdb

from harvesters.table.check_sql import Plan, Touch, place_of
from harvesters.table.received import Cause, Rewriting, Rewritten
from schemas.model import Severity


def to_causes(base: duckdb.DuckDBPyConnection, max_samples: int) -> tuple[Cause, ...]:
    """Count the issues of `row_issue` by code and field; errors first, then the most frequent."""
    found = base.execute(
        f"""SELECT code, field, severity, count(*), min(line, {max_samples}),
                   arg_min(found, line), arg_min(expected, line)
              FROM row_issue GROUP BY ALL ORDER BY severity, count(*) DESC, field, code"""
    ).fetchall()
    return tuple(
        Cause(code, field, Severity(severity), count, tuple(lines), value or "", expected or "")
        for code, field, severity, count, lines, value, expected in found
    )


def to_rewritten(base: duckdb.DuckDBPyConnection, plan: Plan) -> tuple[Rewritten, ...]:
    """Count the cells rewritten, by field and by way, with the first of each."""
    if not plan.touches:
        return ()
    tests = []
    for bit in range(len(plan.touches)):
        word, value = place_of(bit)
        tests.append(f"count(*) FILTER ((r{word} & {value}) <> 0)")
    counts = base.execute(f"SELECT {', '.join(tests)} FROM marked_row").fetchone() or ()
    return tuple(
        _rewritten(base, bit, touch, count)
        for bit, (touch, count) in enumerate(zip(plan.touches, counts, strict=True))
        if count
    )


def _rewritten(base: duckdb.DuckDBPyConnection, bit: int, touch: Touch, count: int) -> Rewritten:
    word, value = place_of(bit)
    i = touch.number
    found: Any = base.execute(
        f"SELECT f{i}, v{i} FROM marked_row WHERE (r{word} & {value}) <> 0 ORDER BY line LIMIT 1"
    ).fetchone()
    before, after = found
    return Rewritten(touch.field, Rewriting(touch.how), count, before or "", after or "")
