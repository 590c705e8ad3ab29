"""Read a file that somebody calls a table: bytes → text → rows → types → rows for `COPY`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import duckdb

from harvesters.model import Issue
from harvesters.table.geometry import find_geometry
from harvesters.table.kind import GEOPACKAGE, JSON, ZIP, kind_of
from harvesters.table.layout import MAX_COLUMNS, SAMPLE_ROWS, Layout, find_layout
from harvesters.table.loading import load_rows, mend_issues
from harvesters.table.names import to_names
from harvesters.table.one_point import to_one_point
from harvesters.table.reading import Column, Geometry, Shape, Table
from harvesters.table.received import Choice
from harvesters.table.rows import Cut, iter_rows, to_cut
from harvesters.table.text import GEOJSON, SHAPEFILE, Text, to_origin, to_text
from harvesters.table.typed import Counts, drop_empty, find_types, open_database, write_rows

OTHERS = {JSON: "du JSON", ZIP: "une archive ZIP"}
LAYERS = (SHAPEFILE, GEOPACKAGE)
ADDRESS_CODES = {
    "TER-TAB-022": "TER-TAB-001",
    "TER-TAB-026": "TER-TAB-003",
    "TER-TAB-027": "TER-TAB-002",
    "TER-TAB-028": "TER-TAB-004",
}
Found = tuple[Text, int, Layout, Cut]
_TOTAL = re.compile(r"^(sous[- ]?)?tota(l|ux)\b", re.I)


def read_table(source: Path, folder: Path) -> Table | Issue:
    """Read and type a file; `folder` takes the files made on the way and the rows at the end."""
    kind = kind_of(source)
    if isinstance(kind, Issue):
        return _at_an_address(kind)
    text = to_text(source, kind, folder, Choice())
    if kind == JSON and (isinstance(text, Issue) or text.format != GEOJSON):
        return Issue("TER-TAB-002", found=OTHERS[kind])
    if isinstance(text, Issue):
        return _at_an_address(text)
    if kind == ZIP and text.format not in LAYERS:
        return Issue("TER-TAB-002", found=OTHERS[kind])
    found = _features(text, folder) if text.headers is not None else _titled(text)
    if isinstance(found, Issue):
        return found
    text, header_line, layout, cut = found
    try:
        return _type(text, header_line, layout, cut, folder)
    except duckdb.Error as fault:
        return Issue("TER-TAB-003", found=str(fault).splitlines()[0][:200])


def _features(text: Text, folder: Path) -> Found | Issue:
    """The features of a GeoJSON or of a layer as rows, each with one point; their titles are
    known."""
    placed = to_one_point(text, folder / "points.csv")
    headers = placed.headers or ()
    if len(headers) > MAX_COLUMNS:
        return Issue("TER-TAB-005", found=str(len(headers)), expected=str(MAX_COLUMNS))
    return placed, 0, Layout(headers, None, 0), Cut(placed.separator, 1, len(headers))


def _titled(text: Text) -> Found | Issue:
    """Find the titles of a text, and where its rows begin."""
    sample = list(islice(iter_rows(text.path, text.separator), SAMPLE_ROWS))
    if not any(row.cells for row in sample):
        return Issue("TER-TAB-001")
    layout = find_layout([row.cells for row in sample])
    if len(layout.headers) > MAX_COLUMNS:
        return Issue("TER-TAB-005", found=str(len(layout.headers)), expected=str(MAX_COLUMNS))
    after = sample[layout.first : layout.first + 1]
    if not after:
        return Issue("TER-TAB-006")
    header_line = sample[layout.header].line if layout.header is not None else 0
    cut = to_cut(text.separator, sample, after[0].line, len(layout.headers))
    return text, header_line, layout, cut


def _at_an_address(issue: Issue) -> Issue:
    """Say to who typed an address what is said to who deposited a file."""
    code = ADDRESS_CODES.get(issue.code, issue.code)
    return replace(issue, code=code, expected="" if code == "TER-TAB-002" else issue.expected)


def _type(text: Text, header_line: int, layout: Layout, cut: Cut, folder: Path) -> Table | Issue:
    """Load as text, then type and write."""
    headers = list(layout.headers)
    issues = list(text.issues)
    if text.sheets:
        issues.append(Issue("TER-TAB-017", where=text.sheet, found=str(len(text.sheets))))
    with open_database(folder) as base:
        loaded = load_rows(base, text.path, cut, folder, is_trimmed=True)
        if loaded.is_mended:
            issues += mend_issues(base, "t", len(headers))
        headers += [""] * (loaded.width - len(headers))
        counts = drop_empty(base, headers)
        if not counts.rows:
            return Issue("TER-TAB-006")
        names = to_names(headers)
        columns = find_types(base, [Column(n, h or n) for n, h in zip(names, headers, strict=True)])
        geometry = find_geometry(base, columns)
        issues += [*_row_issues(base, counts, headers, columns), *_place_issues(geometry)]
        write_rows(base, columns, folder / "rows.csv")
    origin = to_origin(text, header_line)
    return Table(origin, columns, counts.rows, folder / "rows.csv", geometry, tuple(issues))


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
    cells = ", ".join(f"c{i}" for i in range(len(headers)))
    last = base.execute(f"SELECT {cells} FROM t ORDER BY rowid DESC LIMIT 1").fetchone() or ()
    first = next((cell for cell in last if cell), "")
    if _TOTAL.match(first):
        found.append(Issue("TER-TAB-015", found=first[:60]))
    return found


def _place_issues(geometry: Geometry | None) -> list[Issue]:
    if geometry and geometry.is_swapped and geometry.shape is Shape.LONGITUDE_LATITUDE:
        return [Issue("TER-TAB-016", found=", ".join(geometry.columns))]
    return []
