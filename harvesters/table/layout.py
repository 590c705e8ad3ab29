"""Find the separator, the header row and the width of a table, from its first rows."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

SEPARATORS = ";\t,|"
SAMPLE_ROWS = 200
MAX_TITLE_ROWS = 40
MAX_COLUMNS = 1_500  # PostgreSQL holds 1,600, the DataStore takes some
TITLE_LINES = 12  # so many lines of one cell may stand above a table
_NUMBER = re.compile(r"^[+-]?\d[\d\s\u00a0\u202f]*([.,]\d+)?\s*[%€]?$")
_DATE = re.compile(r"^(\d{4}-\d\d-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{4})([ T]\d\d:\d\d.*)?$")
_YEAR = re.compile(r"^(19|20)\d\d$")


@dataclass(frozen=True, slots=True)
class Layout:
    """`header` is the index of the header row among the rows, `None` without header; data begin
    at `first`."""

    headers: tuple[str, ...]
    header: int | None
    first: int


def find_separator(lines: Sequence[str]) -> str:
    """Choose the separator under which most lines have the same width, the widest first."""

    unquoted = [line.replace('"', "") for line in lines]
    try:
        for each in (lines, unquoted):  # a quote left open may hide every separator
            scores = {separator: _score(each, separator) for separator in SEPARATORS}
            if any(scores.values()):
                return max(scores, key=lambda separator: scores[separator])
    except csv.Error:  # a cell over the limit of the reader: the longest line decides
        return max(SEPARATORS, key=lines[0].count)
    return ","


def _score(lines: Sequence[str], separator: str) -> float:
    """How regular and how wide the lines are under a separator, 0 when it cuts none."""
    widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator) if row)
    wide = {width: n for width, n in widths.items() if width > 1}
    if not wide:
        return 0
    width, count = max(wide.items(), key=lambda item: (item[1] * min(item[0], 20), item[0]))
    return count / sum(widths.values()) * (1 + min(width, 20) / 10)


def is_value(cell: str) -> bool:
    """Say whether a cell is a number or a date, which no header is, but for a year."""
    cell = cell.strip()
    return bool(_NUMBER.match(cell) or _DATE.match(cell)) and not _YEAR.match(cell)


def find_layout(rows: Sequence[Sequence[str]]) -> Layout:
    """Find the header among the first rows: the first that is nearly as wide as the table.

    Rows above it are titles. A first full row made of values is data: the file has no header.
    """
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    width = _common_width(rows, filled)
    for index, row in enumerate(rows[:MAX_TITLE_ROWS]):
        named = filled[index]
        if not named or named < _enough(width):
            continue
        values = sum(1 for cell in row if cell.strip() and is_value(cell))
        if values * 2 >= named:
            return Layout(tuple("" for _ in range(width)), None, index)
        return Layout(tuple(cell.strip() for cell in row), index, index + 1)
    first = next((i for i, count in enumerate(filled) if count), 0)
    headers = tuple(cell.strip() for cell in rows[first]) if rows else ()
    return Layout(headers, first, first + 1)


def _enough(width: int) -> int:
    """How many named cells make a header of a table of this width."""
    return width if width <= 2 else max(2, (width + 1) // 2)


def _common_width(rows: Sequence[Sequence[str]], filled: Sequence[int]) -> int:
    """The width of most rows, without the empty cells at their end."""
    widths: Counter[int] = Counter()
    for row, count in zip(rows, filled, strict=True):
        if count:
            last = max(i for i, cell in enumerate(row) if cell.strip())
            widths[last + 1] += 1
    if len(widths) > 1 and widths[1] <= max(TITLE_LINES, sum(widths.values()) // 2):
        del widths[1]
    most = max(widths.values(), default=0)
    return max((width for width, n in widths.items() if n * 2 > most), default=0)
