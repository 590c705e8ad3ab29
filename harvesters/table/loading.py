"""Load the rows of a UTF-8 delimited file as text into `t(c0 … cN)`, each with its number.

A regular file is read by DuckDB alone. One with uneven rows, stray quotes or blank lines among its
rows is written again first (`rows.write_even`); `t` then has two columns more, `line` and `mend`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

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
    width = write_even(path, cut, even)
    columns = {"line": "BIGINT", "mend": "VARCHAR", **_columns(width, is_trimmed)}
    _read_csv(base, even, Cut(cut.separator, 1, width), columns, is_uneven=True)
    return Loaded(width, "line", is_mended=True)


def _blank_at_end(base: duckdb.DuckDBPyConnection, path: Path, cut: Cut) -> int | None:
    """Count the blank lines below the rows; `None` when others shift the numbers of rows.

    DuckDB passes over blank lines, but in a table of one column.
    """
    if cut.lines_above is None or cut.width == 1:
        return 0
    found = base.execute("SELECT count(*) FROM t").fetchone()
    rows = found[0] if found else 0
    if count_lines(path) - cut.lines_above == rows:
        return 0
    blanks = find_blanks(path)
    return blanks.at_end if blanks.count == cut.blank_above + blanks.at_end else None


def _columns(width: int, is_trimmed: bool) -> dict[str, str]:
    return dict.fromkeys((f"c{i}" for i in range(width)), "trimmed" if is_trimmed else "VARCHAR")


def _read_csv(
    base: duckdb.DuckDBPyConnection,
    path: Path,
    cut: Cut,
    columns: dict[str, str],
    is_uneven: bool = False,
) -> None:
    padding = "null_padding = true, parallel = false" if is_uneven else "null_padding = false"
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
