"""A detector: an SQL condition over one row of a table, and the datum it finds there."""

from __future__ import annotations

from dataclasses import dataclass

from harvesters.privacy.findings import Certainty, Kind


@dataclass(frozen=True, slots=True)
class Test:
    """SQL over a cell: `condition` is true where the datum stands, `datum` is its text."""

    condition: str
    datum: str


@dataclass(frozen=True, slots=True)
class Detector:
    """What to look for in a column.

    A look-alike is told by its share: when fewer than `min_share` of the cells where `among` is
    true are found, the finding is only possible (`is_dropped`: is none). Where most of them are
    found, `wider` says what else is the same there.
    """

    kind: Kind
    column: str
    test: Test
    certainty: Certainty
    allowed_by: str = ""
    among: str = "false"
    min_share: float = 0.0
    is_dropped: bool = False
    wider: Test | None = None


def quoted(text: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def matched(cell: str, pattern: str, shortest: int, is_valid: str = "true") -> Test:
    """Look for group 1 of a pattern in cells of at least so many bytes; `is_valid` is an SQL
    condition over `x`, a text so found."""
    shape = quoted(pattern)
    valid = f"list_filter(regexp_extract_all({cell}, {shape}, 1), lambda x: {is_valid})"
    is_found = f"strlen({cell}) >= {shortest} AND regexp_matches({cell}, {shape})"
    if is_valid == "true":
        return Test(f"({is_found})", f"regexp_extract({cell}, {shape}, 1)")
    return Test(f"CASE WHEN {is_found} THEN len({valid}) > 0 ELSE false END", f"{valid}[1]")
