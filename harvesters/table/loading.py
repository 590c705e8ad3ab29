"""Load the rows of a UTF-8 delimited file as text into `t(c0 … cN)`, each with its number.

A regular file is read by DuckDB alone. One with uneven rows, stray quotes or blank lines among its
rows is written again first (`rows.write_even`); `t` then has two columns more, `line` and `mend`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

from harvesters.errors import TerritoireError
from harvesters.model import Issue
from harvesters.table.rows import Cut, Mend, write_even

BLANKS = "' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8239)"
CHUNK = 1 << 20
_BLANK_LINE = re.compile(rb"\n(?=\r?\n)|\r(?=\r)")
_CODES = {Mend.SHORT: "TER-TAB-007", Mend.LONG: "TER-TAB-008", Mend.QUOTE: "TER-TAB-009"}
_SAID_LINES = 5


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is in `t`: `width` columns, `line` is the SQL of a row's number; `blank` lines stand
    below the last row and are not in `t`."""

    width: int
    line: str
    is_mended: bool = False
    blank: int = 0


@dataclass(frozen=True, slots=True)
class Blanks:
    """The blank lines of a file: all of them, and those at its end."""

    count: int
    at_end: int


def load_rows(
    base: duckdb.DuckDBPyConnection, path: Path, cut: Cut, folder: Path, is_trimmed: bool = False
) -> Loaded:
    """Load the rows; raises `duckdb.Error` when even the mended ones cannot be read.

    An empty cell is NULL. The spaces around cells stay, unless `is_trimmed`.
    """
    try:
        _read_csv(base, path, cut, _columns(cut.width, is_trimmed))
        blank = _blank_at_end(base, path, cut)
    except duckdb.Error:
        blank = None  # uneven
    if blank is not None:
        return Loaded(cut.width, f"rowid + {cut.first}", blank=blank)
    even = folder / "even.csv"
    width, count = write_even(path, cut, even)
    columns = {"line": "BIGINT", "mend": "VARCHAR", **_columns(width, is_trimmed)}
    _read_csv(base, even, Cut(cut.separator, 1, width), columns, is_uneven=True)
    if _count(base, "count(*)") != count:
        raise TerritoireError("the rows written again were not read as they are")
    return Loaded(width, "line", is_mended=True)


def _blank_at_end(base: duckdb.DuckDBPyConnection, path: Path, cut: Cut) -> int | None:
    """Count the blank lines below the rows; `None` unless all other lines are in rows.

    DuckDB passes over blank lines, but in a table of one column; it takes the first line end of the
    file for that of the rows, be it in a cell, and may then lose rows without a word.
    """
    if cut.lines_above is None:
        return None
    missing = count_lines(path) - cut.lines_above - _count(base, "count(*)")
    if not missing:
        return 0
    blanks = find_blanks(path) if cut.width > 1 else Blanks(cut.blank_above, 0)
    if blanks.count != cut.blank_above + blanks.at_end:
        return None
    text = f"concat({', '.join(f'c{i}' for i in range(cut.width))})"
    ends = f"sum(length({text}) - length(replace({text}, chr(10), '')))"
    return blanks.at_end if missing == blanks.at_end + _count(base, ends) else None


def _count(base: duckdb.DuckDBPyConnection, what: str) -> int:
    found = base.execute(f"SELECT {what} FROM t").fetchone()
    assert found is not None
    return int(found[0] or 0)


def _columns(width: int, is_trimmed: bool) -> dict[str, str]:
    return dict.fromkeys((f"c{i}" for i in range(width)), "trimmed" if is_trimmed else "VARCHAR")


def _read_csv(
    base: duckdb.DuckDBPyConnection,
    path: Path,
    cut: Cut,
    columns: dict[str, str],
    is_uneven: bool = False,
) -> None:
    padding = "null_padding = false"
    if is_uneven:  # written by us; a line end in a cell must not pass for that of the rows
        padding = "null_padding = true, parallel = false, new_line = '\\n'"
    cells = ", ".join(
        f"nullif(trim({name}, {BLANKS}), '') AS {name}" if kind == "trimmed" else name
        for name, kind in columns.items()
    )
    types = ", ".join(
        f"'{name}': '{'VARCHAR' if kind == 'trimmed' else kind}'" for name, kind in columns.items()
    )
    base.execute(
        f"CREATE OR REPLACE TABLE t AS SELECT {cells} FROM read_csv(?, delim = ?, quote = '\"', "
        f"escape = '\"', header = false, auto_detect = false, skip = {cut.first - 1}, "
        f"strict_mode = true, {padding}, max_line_size = 8000000, nullstr = '', "
        f"columns = {{{types}}})",
        [str(path), cut.separator],
    )


def count_lines(path: Path) -> int:
    """Count the lines of a file that end with LF or CRLF, quickly."""
    count, last = 0, b"\n"
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            count, last = count + chunk.count(b"\n"), chunk[-1:]
    return count + (last != b"\n")


def find_blanks(path: Path) -> Blanks:
    """Count the blank lines of a file."""
    count, end = 0, b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK) + file.readline(CHUNK):
            count += len(_BLANK_LINE.findall(b"\n" + chunk))
            end = (end + chunk)[-CHUNK:]
    tail = end[len(end.rstrip(b"\r\n")) :]
    return Blanks(count, len(_BLANK_LINE.findall(tail)))


def mend_issues(base: duckdb.DuckDBPyConnection, relation: str, width: int) -> list[Issue]:
    """Say which rows of a mended relation were uneven or had a stray quote."""
    found = base.execute(
        f"SELECT mend, count(*), list_sort(min(line, {_SAID_LINES})) FROM {relation} "
        f"WHERE mend IS NOT NULL GROUP BY mend"
    ).fetchall()
    by_mend = {Mend(mend): (count, lines) for mend, count, lines in found}
    return [
        Issue(code, _lines(by_mend[mend][1], by_mend[mend][0]), str(by_mend[mend][0]), str(width))
        for mend, code in _CODES.items()
        if mend in by_mend
    ]


def _lines(lines: list[int], count: int) -> str:
    told = ", ".join(str(line) for line in lines)
    return f"{told}…" if count > len(lines) else told
