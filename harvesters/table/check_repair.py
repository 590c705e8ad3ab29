"""Propose what a bad cell should hold."""

from __future__ import annotations

import duckdb

from harvesters.table.check_sql import Plan
from harvesters.table.received import References


def propose_repairs(base: duckdb.DuckDBPyConnection, plan: Plan, references: References) -> None:
    """Fill `repair` of `row_issue`."""
