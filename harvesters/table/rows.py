"""Cut a text file into rows, however broken: no row is lost, a repair is counted.

A quote that is not closed within `MAX_OPEN_LINES` lines is taken as a letter, so that it cannot
swallow the rows below it. Lines end with LF, CRLF or CR.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_OPEN_LINES = 200
MAX_EXTRA_COLUMNS = 50
csv.field_size_limit(20_000_000)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line on which it begins, its cells, and whether a quote had to be mended."""

    line: int
    cells: list[str]
    is_repaired: bool = False


def iter_rows(path: Path, separator: str, width: int = 0) -> Iterator[Row]:
    """Read the rows of a UTF-8 file one after the other; empty lines are passed over.

    `width` is the number of headers, when it is known: a row that is too short although its first
    line has enough cells hides a stray quote.
    """
    with path.open(encoding="utf-8", newline="") as file:
        yield from _cut(file, separator, width)


def _cut(lines: Iterable[str], separator: str, width: int) -> Iterator[Row]:
    source, waiting = iter(lines), deque[str]()
    pending: list[str] = []
    begin = 1
    while True:
        line = waiting.popleft() if waiting else next(source, None)
        if line is None and not pending:
            return
        if line is not None:
            if not pending and not line.strip():
                begin += 1
                continue
            pending.append(line)
        cells = _parse("".join(pending), separator, is_last=line is None)
        is_stuck = cells is None and (line is None or len(pending) >= MAX_OPEN_LINES)
        if is_stuck or (cells is not None and _hides_rows(pending, cells, separator, width)):
            yield Row(begin, _literal(pending[0], separator), is_repaired=True)
            waiting.extendleft(reversed(pending[1:]))
            begin, pending = begin + 1, []
        elif cells is not None:
            yield Row(begin, cells)
            begin, pending = begin + len(pending), []


def _hides_rows(lines: list[str], cells: list[str], separator: str, width: int) -> bool:
    """Say whether a row that is too short has swallowed cells, or the rows below it."""
    if len(cells) >= width or not any('"' in line for line in lines):
        return False
    return len(_literal(lines[0], separator)) >= width


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


def _is_open(text: str, separator: str) -> bool:
    try:
        list(csv.reader([text], delimiter=separator, strict=True))
    except csv.Error as fault:
        return "unexpected end" in str(fault)
    return False


def _literal(line: str, separator: str) -> list[str]:
    """Cut a line at every separator; the quotes around or before a cell are dropped."""
    return [cell.strip('"') for cell in line.rstrip("\r\n").split(separator)]


@dataclass(frozen=True, slots=True)
class Repair:
    """What was mended while rows were written again: counts, and the first lines of each kind."""

    width: int
    short: int = 0
    long: int = 0
    quotes: int = 0
    short_lines: tuple[int, ...] = ()
    long_lines: tuple[int, ...] = ()
    quote_lines: tuple[int, ...] = ()


def widest(path: Path, separator: str, first_line: int, headers: int) -> int:
    """Find how many columns the data need; the cells of a much too long row share the last one."""
    width = headers
    for row in iter_rows(path, separator, headers):
        if row.line >= first_line and len(row.cells) > width:
            last = max((i for i, cell in enumerate(row.cells) if cell.strip()), default=0) + 1
            width = max(width, min(last, headers + MAX_EXTRA_COLUMNS))
    return width


def write_even(source: Path, separator: str, first_line: int, headers: int, target: Path) -> Repair:
    """Write the data rows again, all as wide as the widest, and say what was mended."""
    width = widest(source, separator, first_line, headers)
    short: list[int] = []
    long: list[int] = []
    quotes: list[int] = []
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
        for row in iter_rows(source, separator, headers):
            if row.line < first_line:
                continue
            cells = row.cells
            if row.is_repaired:
                quotes.append(row.line)
            if len(cells) < headers:
                short.append(row.line)
            elif any(cell.strip() for cell in cells[headers:]):
                long.append(row.line)
            if len(cells) > width:
                cells = [*cells[: width - 1], separator.join(cells[width - 1 :]).rstrip(separator)]
            writer.writerow([*cells, *[""] * (width - len(cells))])
    return Repair(width, len(short), len(long), len(quotes),
                  tuple(short[:5]), tuple(long[:5]), tuple(quotes[:5]))  # fmt: skip
