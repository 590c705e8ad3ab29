"""Whether rows stand where they say."""

from __future__ import annotations

import duckdb

from harvesters.table.check_sql import Plan
from harvesters.table.received import References


def check_places(
    base: duckdb.DuckDBPyConnection, plan: Plan, references: References, depositor: str
) -> None:
    """Add TER-VAL-124 and TER-VAL-125 to `row_issue`; leave `inside_line`."""
    base.execute("CREATE OR REPLACE TABLE inside_line (line BIGINT)")
