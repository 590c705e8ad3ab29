"""Read a file that a town hall sent: bytes → text → rows as text, each with its number.

Leaves `received(line, c0 … cN)` in the database, one column for each of `Received.headers`. Cells
are as they were received, spaces included; an empty one is NULL. What is no row is told in
`Received.aside`: rows + aside = lines of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import duckdb

from harvesters.model import Issue
from harvesters.table.aside import set_aside, to_asides
from harvesters.table.heading import Heading, column_name, find_heading, unique
from harvesters.table.kind import kind_of
from harvesters.table.layout import MAX_COLUMNS, SAMPLE_ROWS
from harvesters.table.loading import BLANKS, Loaded, load_rows, mend_issues
from harvesters.table.received import AS_FOUND, Choice, Received
from harvesters.table.rows import Cut, Row, iter_rows, to_cut
from harvesters.table.sentence import say_received
from harvesters.table.text import Text, to_origin, to_text


def read_received(
    base: duckdb.DuckDBPyConnection, source: Path, folder: Path, choice: Choice = AS_FOUND
) -> Received | Issue:
    """Read a file as text; `folder` takes the files made on the way. TER-TAB-001 to -049."""
    kind = kind_of(source)
    if isinstance(kind, Issue):
        return kind
    text = to_text(source, kind, folder, choice)
    if isinstance(text, Issue):
        return text
    cut = _cut(text, choice)
    if isinstance(cut, Issue):
        return cut
    heading, where = cut
    if len(heading.headers) > MAX_COLUMNS:
        return Issue("TER-TAB-005", found=str(len(heading.headers)), expected=str(MAX_COLUMNS))
    try:
        loaded = load_rows(base, text.path, where, folder)
    except duckdb.Error:
        return Issue("TER-TAB-026", found="texte illisible")
    return _receive(base, text, heading, loaded)


def _cut(text: Text, choice: Choice) -> tuple[Heading, Cut] | Issue:
    """Find the titles, and where the rows begin."""
    if text.headers is not None:
        heading = Heading(unique(text.headers), 0, 1)
        return heading, Cut(text.separator, 1, len(text.headers))
    wanted = SAMPLE_ROWS + (choice.header_line or 0)
    sample = list(islice(iter_rows(text.path, text.separator), wanted))
    if choice.header_line and choice.header_line not in [row.line for row in sample]:
        return Issue("TER-TAB-038", found=str(choice.header_line), expected=str(len(sample)))
    refusal = _no_table(sample)
    if refusal:
        return refusal
    heading = find_heading(sample, choice.header_line)
    return heading, to_cut(text.separator, sample, heading.first, len(heading.headers))


def _no_table(sample: list[Row]) -> Issue | None:
    """Say what a file without table is: empty, or only a title."""
    rows = [row.cells for row in sample if any(cell.strip() for cell in row.cells)]
    if not rows:
        return Issue("TER-TAB-022")
    is_alone = all(sum(1 for cell in row if cell.strip()) == 1 for row in rows)
    if is_alone and (len(rows) == 1 or max(map(len, rows)) > 1):
        return Issue("TER-TAB-024", found=next(c for c in rows[0] if c.strip()).strip()[:80])
    return None


def _receive(
    base: duckdb.DuckDBPyConnection, text: Text, heading: Heading, loaded: Loaded
) -> Received | Issue:
    """Set aside what is no row, then leave `received`."""
    cells = ", ".join(f"c{i}" for i in range(loaded.width))
    mend = ", mend" if loaded.is_mended else ""
    base.execute(
        f"CREATE OR REPLACE VIEW every_row AS SELECT {loaded.line} AS line{mend}, {cells} FROM t"
    )
    set_aside(base, heading, loaded)
    extra = range(len(heading.headers), loaded.width)
    headers = (*heading.headers, *(column_name(i) for i in extra))
    kept, dropped = _kept(base, headers)
    columns = ", ".join(f"c{i} AS c{n}" for n, i in enumerate(kept))
    is_whole = _count(base, f"set_aside WHERE line >= {heading.first}") == loaded.blank
    rest = "" if is_whole else " WHERE line NOT IN (SELECT line FROM set_aside)"
    base.execute(f"CREATE OR REPLACE VIEW received AS SELECT line, {columns} FROM every_row{rest}")
    count = _count(base, "received")
    if not count:
        return Issue("TER-TAB-023", found=", ".join(headers[:8]))
    issues = [*text.issues, *_choice_issues(text, dropped)]
    if loaded.is_mended:
        issues += mend_issues(base, f"(SELECT * FROM every_row{rest})", len(heading.headers))
    origin = to_origin(text, heading.line)
    return Received(
        origin,
        tuple(headers[i] for i in kept),
        count,
        say_received(text, heading.line, count),
        to_asides(base),
        tuple(issues),
        text.sheets,
    )


def _choice_issues(text: Text, dropped: Sequence[str]) -> list[Issue]:
    """Say what of the file was left out."""
    found = []
    if text.sheets:
        told = ", ".join(text.sheets)
        found.append(Issue("TER-TAB-034", text.sheet or text.member, expected=told))
    if dropped:
        found.append(Issue("TER-TAB-033", found=str(len(dropped)), expected=", ".join(dropped)))
    return found


def _kept(base: duckdb.DuckDBPyConnection, headers: Sequence[str]) -> tuple[list[int], list[str]]:
    """Tell the columns to keep, and the names of those that have neither title nor cell."""
    unnamed = [i for i, header in enumerate(headers) if header == column_name(i)]
    if not unnamed:
        return list(range(len(headers))), []
    filled = ", ".join(f"count(nullif(trim(c{i}, {BLANKS}), ''))" for i in unnamed)
    found = base.execute(f"SELECT {filled} FROM every_row").fetchone() or ()
    blank = {i for i, count in zip(unnamed, found, strict=True) if not count}
    return [i for i in range(len(headers)) if i not in blank], [headers[i] for i in sorted(blank)]


def _count(base: duckdb.DuckDBPyConnection, relation: str) -> int:
    found = base.execute(f"SELECT count(*) FROM {relation}").fetchone()
    assert found is not None
    return int(found[0])
