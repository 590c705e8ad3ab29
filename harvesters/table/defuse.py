"""Make a text harmless for a spreadsheet, which would run it as a formula.

Source: OWASP, CSV injection. A cell that begins with `=`, `@`, a tab or an end of line, with a wide
form of these signs, or with `+` or `-` and is no number nor phone number, gets an apostrophe, which
spreadsheets do not show.
"""

from __future__ import annotations

import re

_RUNS = r"^([=@\t\r\n＝＠＋－]|[+-][^0-9(]|[+-][0-9(].*[^0-9 .,()\x{00A0}\x{202F}eE+-])"
_PATTERN = re.compile(_RUNS.replace(r"\x{00A0}\x{202F}", "\u00a0\u202f"), re.DOTALL)


def defuse(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run.

    >>> defuse("=1+1"), defuse("+33 2 99 01 02 03"), defuse("-1.5"), defuse("-2+cmd|' /C calc'!A0")
    ("'=1+1", '+33 2 99 01 02 03', '-1.5', "'-2+cmd|' /C calc'!A0")
    """
    return f"'{text}" if _PATTERN.match(text) else text


def defused(cell: str) -> str:
    """The same as a DuckDB expression over the expression of a text cell."""
    pattern = _RUNS.replace("'", "''")
    return f"CASE WHEN regexp_matches({cell}, '{pattern}', 's') THEN '''' || {cell} ELSE {cell} END"
