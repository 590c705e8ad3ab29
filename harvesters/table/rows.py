"""Cut a text file into rows, however broken: no row is lost, a repair is said.

A row is what a spreadsheet shows as one: a cell may hold line ends, and a blank line is a row
without cells. A quote that is not closed within `MAX_OPEN_LINES` lines is taken as a letter, so
that it cannot swallow the rows below it. Lines end with LF, CRLF or CR.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

MAX_OPEN_LINES = 200
MAX_EXTRA_COLUMNS = 50
csv.field_size_limit(20_000_000)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet shows it, its cells, and whether a quote was mended."""

    line: int
    cells: list[str]
    is_repaired: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """How a text is cut: its separator, the number of the first data row, how many headers.

    `lines_above` counts the line ends above that row, `blank_above` the blank lines among them;
    `None` when the numbers of rows do not matter to the caller.
    """

    separator: str
    first: int
    width: int
    lines_above: int | None = None
    blank_above: int = 0


def iter_rows(path: Path, separator: str, width: int = 0) -> Iterator[Row]:
    """Read the rows of a UTF-8 file one after the other; a blank line has no cells.

    `width` is the number of headers, when it is known: a row that is too short although its first
    line has enough cells hides a stray quote.
    """
    with path.open(encoding="utf-8", newline="") as file:
        yield from _cut(file, separator, width)


def _cut(lines: Iterable[str], separator: str, width: int) -> Iterator[Row]:
    source, waiting = iter(lines), deque[str]()
    pending: list[str] = []
    number = 1
    while True:
        line = waiting.popleft() if waiting else next(source, None)
        if line is None and not pending:
            return
        if line is not None and not pending and '"' not in line:
            text = line.rstrip("\r\n")
            yield Row(number, text.split(separator) if text.strip() else [])
            number += 1
            continue
        if line is not None:
            pending.append(line)
        cells = _parse("".join(pending), separator, is_last=line is None)
        is_stuck = cells is None and (line is None or len(pending) >= MAX_OPEN_LINES)
        if is_stuck or (cells is not None and _hides_rows(pending, cells, separator, width)):
            yield Row(number, _literal(pending[0], separator), is_repaired=True)
            waiting.extendleft(reversed(pending[1:]))
            number, pending = number + 1, []
        elif cells is not None:
            yield Row(number, cells)
            number, pending = number + 1, []


def _hides_rows(lines: list[str], cells: list[str], separator: str, width: int) -> bool:
    """Say whether a row whose first line has enough cells has swallowed some, or rows below it."""
    if not width or not any('"' in line for line in lines):
        return False
    is_doubtful = len(cells) < width or (
        len(lines) > 1 and not _is_strict("".join(lines), separator)
    )
    return is_doubtful and len(_literal(lines[0], separator)) >= width


def _parse(text: str, separator: str, is_last: bool) -> list[str] | None:
    """Parse one row; `None` when a quote is still open."""
    if text.count('"') % 2 and not is_last and _is_open(text, separator):
        return None
    try:
        rows = list(csv.reader([text], delimiter=separator, strict=True))
    except csv.Error as fault:
        if "unexpected end" in str(fault):
            return None
        rows = list(csv.reader([text], delimiter=separator))
    return rows[0] if len(rows) == 1 else None


def _is_strict(text: str, separator: str) -> bool:
    try:
        list(csv.reader([text], delimiter=separator, strict=True))
    except csv.Error:
        return False
    return True


def _is_open(text: str, separator: str) -> bool:
    try:
        list(csv.reader([text], delimiter=separator, strict=True))
    except csv.Error as fault:
        return "unexpected end" in str(fault)
    return False


def _literal(line: str, separator: str) -> list[str]:
    """Cut a line at every separator; the quotes around or before a cell are dropped."""
    return [cell.strip('"') for cell in line.rstrip("\r\n").split(separator)]


class Mend(Enum):
    """What was mended in a row that is written again."""

    SHORT = "short"
    LONG = "long"
    QUOTE = "quote"


def widest(path: Path, cut: Cut) -> int:
    """Find how many columns the data need; the cells of a much too long row share the last one."""
    width = cut.width
    for row in iter_rows(path, cut.separator, cut.width):
        if row.line >= cut.first and len(row.cells) > width:
            last = max((i for i, cell in enumerate(row.cells) if cell.strip()), default=0) + 1
            width = max(width, min(last, cut.width + MAX_EXTRA_COLUMNS))
    return width


def write_even(source: Path, cut: Cut, target: Path) -> int:
    """Write the data rows again, all as wide as the widest, and answer that width.

    Two cells go before those of a row: its number, and what was mended in it.
    """
    width = widest(source, cut)
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
        for row in iter_rows(source, cut.separator, cut.width):
            if row.line < cut.first:
                continue
            cells, mend = row.cells, _mend(row, cut.width)
            if len(cells) > width:
                rest = cut.separator.join(cells[width - 1 :]).rstrip(cut.separator)
                cells = [*cells[: width - 1], rest]
            told = mend.value if mend else ""
            writer.writerow([row.line, told, *cells, *[""] * (width - len(cells))])
    return width


def _mend(row: Row, width: int) -> Mend | None:
    if row.is_repaired:
        return Mend.QUOTE
    if row.cells and len(row.cells) < width:
        return Mend.SHORT
    return Mend.LONG if any(cell.strip() for cell in row.cells[width:]) else None
