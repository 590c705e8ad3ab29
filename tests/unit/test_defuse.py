"""What a spreadsheet would run is made harmless, in Python and in DuckDB alike."""

from __future__ import annotations

import duckdb
import pytest

from harvesters.table.defuse import defuse, defused

RUNS = ("=cmd", "@SUM(A1)", "\t=1", "\r=1", "+cmd|' /C calc'!A0", "-2+3*cmd", "=1+1", "-A1")
HARMLESS = ("", "Rennes", "+33 2 99 01 02 03", "-1.5", "-1,5e3", "+33(0)299010203", "a=b", "'=x")


@pytest.mark.parametrize("text", RUNS)
def test_a_formula_is_defused(text: str) -> None:
    assert defuse(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_a_plain_value_stays_as_it_is(text: str) -> None:
    assert defuse(text) == text


def test_duckdb_says_the_same() -> None:
    with duckdb.connect() as base:
        for text in (*RUNS, *HARMLESS):
            found = base.execute(f"SELECT {defused('x')} FROM (SELECT ? AS x)", [text]).fetchone()
            assert found == (defuse(text),)
