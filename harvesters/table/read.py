"""Read a file that somebody calls a table: bytes → text → rows → types → rows for `COPY`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb

from harvesters.model import Issue
from harvesters.table.encoding import Encoding, find_encoding, to_utf8
from harvesters.table.geometry import find_geometry
from harvesters.table.kind import kind_of
from harvesters.table.layout import SAMPLE_ROWS, Layout, find_layout, find_separator
from harvesters.table.names import to_names
from harvesters.table.reading import Column, Geometry, Origin, Shape, Table
from harvesters.table.rows import Repair, iter_rows, write_even
from harvesters.table.typed import (
    Counts,
    drop_empty,
    find_types,
    load_text,
    open_database,
    write_rows,
)
from harvesters.table.workbook import write_sheet

MAX_COLUMNS = 1_500  # PostgreSQL holds 1,600, the DataStore takes some
_TOTAL = re.compile(r"^(sous[- ]?)?tota(l|ux)\b", re.I)


@dataclass(frozen=True, slots=True)
class _Text:
    """A UTF-8 file, how it was written, and what was said on the way."""

    path: Path
    format: str
    encoding: str = ""
    sheet: str = ""
    separator: str = ""
    issues: tuple[Issue, ...] = ()


def read_table(source: Path, folder: Path) -> Table | Issue:
    """Read and type a file; `folder` takes the files made on the way and the rows at the end."""
    text = _to_text(source, folder)
    if isinstance(text, Issue):
        return text
    separator = text.separator or _separator(text.path)
    sample = list(islice(iter_rows(text.path, separator), SAMPLE_ROWS))
    if not sample:
        return Issue("TER-TAB-001")
    layout = find_layout([row.cells for row in sample])
    if len(layout.headers) > MAX_COLUMNS:
        return Issue("TER-TAB-005", found=str(len(layout.headers)), expected=str(MAX_COLUMNS))
    after = sample[layout.first : layout.first + 1]
    if not after:
        return Issue("TER-TAB-006")
    first_line = after[0].line
    header_line = sample[layout.header].line if layout.header is not None else 0
    origin = Origin(
        text.format, text.encoding, "" if text.sheet else separator, text.sheet, header_line
    )
    try:
        return _type(text, origin, layout, (separator, first_line), folder)
    except duckdb.Error as fault:
        return Issue("TER-TAB-003", found=str(fault).splitlines()[0][:200])


def _to_text(source: Path, folder: Path) -> _Text | Issue:
    kind = kind_of(source)
    if isinstance(kind, Issue):
        return kind
    target = folder / "text.csv"
    if kind != "csv":
        sheet = write_sheet(source, target)
        if isinstance(sheet, Issue):
            return sheet
        name, others = sheet
        said = (Issue("TER-TAB-017", where=name, found=str(others)),) if others else ()
        return _Text(target, kind, sheet=name, separator=",", issues=said)
    encoding = find_encoding(source)
    if encoding.is_plain:
        return _Text(source, kind, encoding.label)
    to_utf8(source, encoding, target)
    return _Text(target, kind, encoding.label, issues=tuple(_encoding_issues(encoding)))


def _encoding_issues(encoding: Encoding) -> list[Issue]:
    found = []
    if encoding.bad_bytes:
        found.append(Issue("TER-TAB-011", found=str(encoding.bad_bytes)))
    if encoding.nul_count:
        found.append(Issue("TER-TAB-012", found=str(encoding.nul_count)))
    return found


def _separator(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return find_separator([line for line in islice(file, SAMPLE_ROWS) if line.strip()])


def _type(
    text: _Text, origin: Origin, layout: Layout, cut: tuple[str, int], folder: Path
) -> Table | Issue:
    """Load as text, mend the rows when they are uneven, then type and write."""
    separator, first_line = cut
    headers = list(layout.headers)
    issues = list(text.issues)
    with open_database(folder) as base:
        try:
            load_text(base, text.path, separator, first_line - 1, len(headers))
        except duckdb.Error:
            even = folder / "even.csv"
            repair = write_even(text.path, separator, first_line, len(headers), even)
            issues += _repair_issues(repair, len(headers))
            headers += [""] * (repair.width - len(headers))
            load_text(base, even, ",", 0, repair.width)
        counts = drop_empty(base, headers)
        if not counts.rows:
            return Issue("TER-TAB-006")
        names = to_names(headers)
        columns = find_types(base, [Column(n, h or n) for n, h in zip(names, headers, strict=True)])
        geometry = find_geometry(base, columns)
        issues += [*_row_issues(base, counts, headers, columns), *_place_issues(geometry)]
        write_rows(base, columns, folder / "rows.csv")
    return Table(origin, columns, counts.rows, folder / "rows.csv", geometry, tuple(issues))


def _lines(lines: Sequence[int], count: int) -> str:
    told = ", ".join(str(line) for line in lines)
    return f"{told}…" if count > len(lines) else told


def _repair_issues(repair: Repair, width: int) -> list[Issue]:
    found = []
    for code, count, lines in (
        ("TER-TAB-007", repair.short, repair.short_lines),
        ("TER-TAB-008", repair.long, repair.long_lines),
        ("TER-TAB-009", repair.quotes, repair.quote_lines),
    ):
        if count:
            found.append(Issue(code, _lines(lines, count), str(count), str(width)))
    return found


def _row_issues(
    base: duckdb.DuckDBPyConnection,
    counts: Counts,
    headers: Sequence[str],
    columns: Sequence[Column],
) -> list[Issue]:
    found = []
    if counts.repeated:
        found.append(Issue("TER-TAB-013", found=str(counts.repeated)))
    if counts.empty:
        found.append(Issue("TER-TAB-014", found=str(counts.empty)))
    changed = [
        c.name for c, h in zip(columns, headers, strict=True) if c.name != " ".join(h.split())
    ]
    if changed:
        found.append(Issue("TER-TAB-010", found=str(len(changed)), expected=", ".join(changed[:5])))
    last = base.execute("SELECT * FROM t ORDER BY rowid DESC LIMIT 1").fetchone() or ()
    first = next((cell for cell in last if cell), "")
    if _TOTAL.match(first):
        found.append(Issue("TER-TAB-015", found=first[:60]))
    return found


def _place_issues(geometry: Geometry | None) -> list[Issue]:
    if geometry and geometry.is_swapped and geometry.shape is Shape.LONGITUDE_LATITUDE:
        return [Issue("TER-TAB-016", found=", ".join(geometry.columns))]
    return []
