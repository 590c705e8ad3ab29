"""Cut a text file into rows, however broken: no row is lost, a repair is said.

A row is what a spreadsheet shows as one: a cell may hold line ends, and a blank line is a row
without cells. A quote that is not closed within `MAX_OPEN_LINES` lines is taken as a letter, so
that it cannot swallow the rows below it. Lines end with LF, CRLF or CR.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NamedTuple

MAX_OPEN_LINES = 200
MAX_EXTRA_COLUMNS = 50
csv.field_size_limit(20_000_000)


class Row(NamedTuple):
    """One row: its number as a spreadsheet shows it, its cells, and whether a quote was mended;
    `is_plain` when its line has no quote at all."""

    line: int
    cells: list[str]
    is_repaired: bool = False
    is_plain: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """How a text is cut: its separator, the number of the first data row, how many headers.

    `lines_above` counts the lines above that row, `blank_above` the blank ones among them; `None`
    when a stray quote there makes any count but ours doubtful.
    """

    separator: str
    first: int
    width: int
    lines_above: int | None = 0
    blank_above: int = 0


def to_cut(separator: str, sample: Sequence[Row], first: int, width: int) -> Cut:
    """Say where the rows begin; `sample` are the first rows of the file."""
    above = [row for row in sample if row.line < first]
    if any(row.is_repaired for row in above):
        return Cut(separator, first, width, None)
    lines = sum(1 + sum(cell.count("\n") for cell in row.cells) for row in above)
    return Cut(separator, first, width, lines, sum(1 for row in above if not row.cells))


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
            yield Row(number, text.split(separator) if text.strip() else [], is_plain=True)
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


def write_even(source: Path, cut: Cut, target: Path) -> tuple[int, int]:
    """Write the data rows again; answer how wide the widest is, and how many they are.

    Two cells go before those of a row: its number, and what was mended in it. Short rows stay
    short; the cells of a row much too long share the last one.
    """
    widest, count = cut.width, 0
    limit = cut.width + MAX_EXTRA_COLUMNS
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(
            out, delimiter=cut.separator, lineterminator="\n", quoting=csv.QUOTE_ALL
        )
        for row in iter_rows(source, cut.separator, cut.width):
            if row.line < cut.first:
                continue
            count += 1
            cells, mend = row.cells, ""
            if len(cells) != cut.width or row.is_repaired:
                cells = _without_empty_end(cells, cut.width)
                mend = _mend(row, len(cells), cut.width)
                if len(cells) > limit:
                    cells = [*cells[: limit - 1], cut.separator.join(cells[limit - 1 :])]
                widest = max(widest, len(cells))
            if row.is_plain and len(cells) < limit:
                out.write(cut.separator.join((str(row.line), mend, *cells)) + "\n")
            else:
                writer.writerow([row.line, mend, *cells])
    return widest, count


def _without_empty_end(cells: list[str], width: int) -> list[str]:
    end = len(cells)
    while end > width and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def _mend(row: Row, size: int, width: int) -> str:
    if row.is_repaired:
        return Mend.QUOTE.value
    if row.cells and size < width:
        return Mend.SHORT.value
    return Mend.LONG.value if size > width else ""
