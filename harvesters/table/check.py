"""Check every row of `arranged` against its schema, at once: which are good, why others are not.

`arranged(line, "<field>" VARCHAR …)` in; `good`, `bad`, `row_issue` out (see `received.Checked`).
Two rows of the same key: the first is kept, the others are bad (TER-VAL-110 names the first line);
rows of a schema without key that are alike are all kept, numbered `#2`, `#3`…
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import duckdb

from harvesters.table.check_keys import check_unique
from harvesters.table.check_lookups import load_known, load_refused
from harvesters.table.check_places import check_places
from harvesters.table.check_repair import propose_repairs
from harvesters.table.check_report import to_causes, to_rewritten
from harvesters.table.check_sql import (
    Plan,
    doubtful_query,
    literal_of,
    marked_query,
    place_of,
    to_plan,
    word_count,
)
from harvesters.table.check_views import leave_views, row_text_view
from harvesters.table.composed import compose_identifiers
from harvesters.table.received import Checked, References
from schemas.model import Schema
from schemas.sql_text import quote
from schemas.to_check import to_checks


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """`depositor` is the INSEE code of who sends the file; `is_strict` rewrites nothing and checks
    nothing but what Table Schema says; `max_samples` bounds the lines told for each cause."""

    depositor: str = ""
    is_strict: bool = False
    max_samples: int = 5


BY_DEFAULT = CheckOptions()


def check_rows(
    base: duckdb.DuckDBPyConnection,
    schema: Schema,
    references: References,
    options: CheckOptions = BY_DEFAULT,
) -> Checked:
    """Check all rows; an issue of a row is TER-VAL-101 to -128, in `row_issue`."""
    if options.is_strict:
        schema = replace(schema, rules=())
    known = load_known(base, schema, references)
    checks = to_checks(schema, known, options.is_strict)
    plan = to_plan(schema, checks, known)
    load_refused(base, plan)
    base.execute(f"CREATE OR REPLACE TABLE doubtful_row AS {doubtful_query(plan)}")
    base.execute(f"CREATE OR REPLACE TABLE marked_row AS {marked_query(plan)}")
    base.execute("DROP TABLE doubtful_row")
    row_text_view(base, plan)
    _write_issues(base, plan)
    check_unique(base, plan)
    base.execute("CREATE OR REPLACE TABLE inside_line (line BIGINT)")
    if not options.is_strict:
        check_places(base, plan, references, options.depositor)
        propose_repairs(base, plan, references, options.depositor)
        compose_identifiers(base, plan, options.depositor)
    leave_views(base, plan, options.depositor)
    return _to_checked(base, plan, options.max_samples)


def _write_issues(base: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Write an issue for each bit that is set in a row."""
    base.execute(
        "CREATE OR REPLACE TABLE row_issue (line BIGINT, field VARCHAR, code VARCHAR, "
        "severity VARCHAR, found VARCHAR, expected VARCHAR, repair VARCHAR)"
    )
    words = ", ".join(f"bit_or(w{i})" for i in range(word_count(len(plan.marks))))
    union = row(base, f"SELECT {words} FROM marked_row")
    queries = []
    for bit, mark in enumerate(plan.marks):
        word, value = place_of(bit)
        if union[word] is not None and union[word] & value:
            queries.append(
                f"SELECT line, {literal_of(mark)}, {mark.found}, {quote(mark.expected)}, NULL "
                f"FROM marked_row WHERE (w{word} & {value}) <> 0"
            )
    if queries:
        base.execute(f"INSERT INTO row_issue {' UNION ALL '.join(queries)}")


def row(base: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    """The one row of a query."""
    found = base.execute(query).fetchone()
    assert found is not None
    return found


def _to_checked(base: duckdb.DuckDBPyConnection, plan: Plan, max_samples: int) -> Checked:
    rows, bad, warned = row(
        base,
        "SELECT (SELECT count(*) FROM arranged), (SELECT count(*) FROM bad_line), (SELECT "
        "count(DISTINCT line) FROM row_issue WHERE line NOT IN (SELECT line FROM bad_line))",
    )
    return Checked(
        good=rows - bad,
        bad=bad,
        warned=warned,
        causes=to_causes(base, max_samples),
        rewritten=to_rewritten(base, plan),
    )
