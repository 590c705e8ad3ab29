"""Find the titles of the columns among the first rows, when they stand on one row or on two.

| above the rows | what is made of it |
|---|---|
| a row of merged cells, then the titles | « Groupe – Titre » |
| titles whose empty cells the next row fills | « Groupe – Titre » |
| labels, then a row of names in the manner of `nb_places` | the names are the titles |
| titles, then units or explanations | the first row gives the titles |

Every row above the first data row is told in `Heading.aside`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harvesters.table.layout import Layout, find_layout, is_value
from harvesters.table.received import Why
from harvesters.table.rows import Row

JOINT = " – "
_UNIT = re.compile(
    r"[(\[]?\s*(en |unité ?:? ?)?(€|euros?|k€|%|mm|cm|d?m|km|m²|m2|m³|m3|ha|kg|t|tonnes?|h|min|s|"
    r"kwh?|mwh|l|litres?|nombre|nb|texte|date|entier|décimal|booléen|oui ?/ ?non|"
    r"jj/mm/aaaa|aaaa-mm-jj|m[eè]tres?|degrés?|°c?)( ?(ttc|ht))?\s*[)\]]?",
    re.I,
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")
_DIGIT = re.compile(r"\d")
MOST = 0.9


@dataclass(frozen=True, slots=True)
class Heading:
    """`line` is the row of the titles (0: none), `first` that of the first data; `title_rows` are
    the rows of the titles as they stand, which may come again below."""

    headers: tuple[str, ...]
    line: int
    first: int
    aside: tuple[tuple[int, Why, str], ...] = ()
    title_rows: tuple[tuple[str, ...], ...] = ()


def find_heading(rows: Sequence[Row], header_line: int | None = None) -> Heading:
    """Read the titles among the first rows; `header_line` is the row that somebody chose, and then
    the only one."""
    cells = [[" ".join(cell.split()) for cell in row.cells] for row in rows]
    layout = find_layout(cells) if header_line is None else _chosen(rows, cells, header_line)
    if layout.header is None or header_line is not None:
        heading = range(layout.first if layout.header is None else layout.header, layout.first)
        return _heading(rows, layout.headers, layout.header, layout.first, heading)
    top, head = layout.header, layout.header
    titles = list(layout.headers)
    first = layout.first
    if head and _is_group(cells[head - 1]):
        titles = _joined(cells[head - 1], titles)
        top = head - 1
    elif first < len(cells) and _fills(titles, cells[first]):
        below = cells[first]
        is_whole = all(below) and len(below) >= len(titles)
        if is_whole and not _is_group(titles):
            titles, top = below, first  # what stands above is one more title of the file
        else:
            titles = _joined(titles, below)
        head, first = first if is_whole else head, first + 1
    if first < len(cells) and _is_names(titles, cells[first]):
        titles, head, first = cells[first], first, first + 1
    elif first < len(cells) and _is_explained(cells[first], cells[first + 1 :]):
        first += 1
    return _heading(rows, titles, head, first, range(top, first))


def _chosen(rows: Sequence[Row], cells: list[list[str]], line: int) -> Layout:
    """Take the row that somebody chose for the titles; 0 says that there is none."""
    for index, row in enumerate(rows):
        if row.line == line:
            return Layout(tuple(cells[index]), index, index + 1)
    return Layout(("",) * max(map(len, cells), default=0), None, 0)


def _heading(
    rows: Sequence[Row],
    titles: Sequence[str],
    head: int | None,
    first: int,
    heading: Sequence[int],
) -> Heading:
    while first < len(rows) and not rows[first].cells:
        first += 1
    aside = []
    for index, row in enumerate(rows[:first]):
        text = to_sample(row.cells)
        why = Why.HEADER if index in heading else Why.TITLE if text else Why.BLANK
        aside.append((row.line, why, text))
    line = rows[first].line if first < len(rows) else rows[-1].line + 1
    named = rows[head].line if head is not None else 0
    title_rows = tuple(tuple(cell.strip() for cell in rows[i].cells) for i in heading)
    return Heading(unique(titles), named, line, tuple(aside), title_rows)


def to_sample(cells: Sequence[str]) -> str:
    """Tell a row in a few words."""
    return " | ".join(cell.strip() for cell in cells if cell.strip())[:200]


def _is_group(row: list[str]) -> bool:
    """Say whether a row is made of merged cells: texts with empty cells among them."""
    filled = [i for i, cell in enumerate(row) if cell]
    if not filled or any(is_value(row[i]) or row[i].endswith(":") for i in filled):
        return False
    return filled[0] > 0 or filled[-1] - filled[0] >= len(filled)


def _fills(titles: list[str], below: list[str]) -> bool:
    """Say whether the next row gives the titles that this one lacks, and no value."""
    empty = [i for i, title in enumerate(titles) if not title]
    while empty and empty[-1] >= len(below):
        empty.pop()
    if not empty or any(is_value(cell) or _DIGIT.fullmatch(cell) for cell in below):
        return False
    filled = [cell for cell in below if cell]
    return all(below[i] for i in empty) and len({*filled}) == len(filled)


def _joined(groups: Sequence[str], titles: Sequence[str]) -> list[str]:
    """Spread each group over the empty cells to its right, and join it to the titles below."""
    found, group = [], ""
    for i in range(max(len(groups), len(titles))):
        group = groups[i] if i < len(groups) and groups[i] else group
        title = titles[i] if i < len(titles) else ""
        own = groups[i] if i < len(groups) else ""
        found.append(f"{group}{JOINT}{title}" if group and title else title or own)
    return found


def _is_names(titles: list[str], below: list[str]) -> bool:
    """Say whether the row under the labels is one of names made for machines."""
    names = [cell for cell in below if cell]
    if len(names) < len([t for t in titles if t]) or len({*names}) < len(names):
        return False
    if all(_NAME.fullmatch(title) for title in titles if title):
        return False
    return sum("_" in name for name in names) >= 2 and all(_NAME.fullmatch(n) for n in names)


def _is_explained(row: list[str], below: list[list[str]]) -> bool:
    """Say whether the row under the titles is one of units, or of words above numbers."""
    filled = [i for i, cell in enumerate(row) if cell]
    if not filled:
        return False
    if all(_UNIT.fullmatch(row[i]) for i in filled):
        return True
    if any(_DIGIT.search(row[i]) for i in filled):
        return False
    return sum(_holds_values(below, i) for i in filled) >= 2


def _holds_values(rows: list[list[str]], column: int) -> bool:
    values = [row[column] for row in rows if column < len(row) and row[column]]
    return len(values) > 1 and sum(map(is_value, values)) >= MOST * len(values)


def unique(titles: Sequence[str]) -> tuple[str, ...]:
    """Name what has no title as a spreadsheet does, and number what stands twice.

    >>> unique(["nom", "", "nom"])
    ('nom', 'colonne B', 'nom (2)')
    """
    taken: dict[str, None] = {}
    for i, title in enumerate(titles):
        wished = name = title or column_name(i)
        copy = 1
        while name in taken:
            copy += 1
            name = f"{wished} ({copy})"
        taken[name] = None
    return tuple(taken)


def column_name(index: int) -> str:
    """Name a column without title as a spreadsheet does.

    >>> column_name(0), column_name(25), column_name(26)
    ('colonne A', 'colonne Z', 'colonne AA')
    """
    letters, rest = "", index + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"colonne {letters}"
