"""Set aside the lines that are no rows: blank, titles again, totals, notes below the table.

`every_row(line, c0 … cN)` in; `set_aside(line, why, text)` out. Only a line that says so in its
first cell and holds nothing but numbers besides is a total; only a line that stands below the last
row is a note.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb

from harvesters.table.heading import Heading, to_sample
from harvesters.table.loading import BLANKS, Loaded
from harvesters.table.received import Aside, Why

SAID_LINES = 3
FOOT_ROWS = 40
LONG_NOTE = 4  # so many words in one cell, and nothing beside it, are a sentence
_NUMBER = "[+-]?[\\d\\s\u00a0\u202f]+([.,]\\d+)?[\\s\u00a0\u202f]*[%€]?"  # read by DuckDB too
_TOTAL = (
    r"(?i)(sous[- ]?|s/)?tota(l|ux)( g[ée]n[ée]r(al|aux))?( de l.année)?( \d{4})?( ?\(.*\))?\s*:?"
)
_ANY_TOTAL = re.compile(r"(sous[- ]?|s/)?tota(l|ux)\b", re.I)
_NOTE = re.compile(
    r"(sources?|notes?|nb|n\.b\.|l[ée]gende|champ|lecture|avertissement|remarques?|licence|"
    r"crédits?|mise? à jour|(données|fichier|document|tableau|liste) |"
    r"(édité|fait|établi|extrait) (le|à|par)|\*|©|\(\*|\(\d\)|nombre (total )?(de|d.))",
    re.I,
)


def set_aside(base: duckdb.DuckDBPyConnection, heading: Heading, loaded: Loaded) -> None:
    """Leave `set_aside` for the rows of `every_row` and for what stands above them."""
    base.execute("CREATE OR REPLACE TABLE set_aside (line BIGINT, why VARCHAR, text VARCHAR)")
    if heading.aside:
        rows = [(line, why.value, text.strip()) for line, why, text in heading.aside]
        base.executemany("INSERT INTO set_aside VALUES (?, ?, ?)", rows)
    base.execute(_everywhere(heading.title_rows, loaded.width))
    if loaded.width > 1:
        _set_foot_aside(base, loaded.width)
    base.execute(
        f"INSERT INTO set_aside SELECT last + i, 'blank', '' "
        f"FROM range(1, {loaded.blank + 1}) r(i), "
        f"(SELECT coalesce(max(line), {heading.first} - 1) AS last FROM every_row)"
    )


def _everywhere(title_rows: Sequence[Sequence[str]], width: int) -> str:
    """The SQL that finds blank lines, titles again and plain totals.

    `lead` is the first cell of a row: it leaves few rows to look at closely.
    """
    cells = ", ".join(f"c{i}" for i in range(width))
    trimmed = f"list_transform([{cells}], lambda x: coalesce(trim(x, {BLANKS}), ''))"
    titles = [[cell for cell in row if cell] for row in title_rows]
    is_title = " OR ".join(f"filled = [{', '.join(map(_literal, row))}]" for row in titles if row)
    may_be_title = "".join(f" OR starts_with(lead, {_literal(row[0])})" for row in titles if row)
    total = (
        f"regexp_full_match(filled[1], '{_TOTAL}') AND len(filled) > 1 AND "
        f"len(list_filter(filled[2:], lambda x: NOT regexp_full_match(x, '{_NUMBER}'))) = 0"
    )
    return (
        f"INSERT INTO set_aside SELECT * FROM (SELECT line, CASE WHEN len(filled) = 0 THEN 'blank' "
        f"WHEN {is_title or 'false'} THEN 'header' WHEN {total} THEN 'total' END AS why, "
        f"array_to_string(filled, ' | ')[:200] AS text FROM ("
        f"SELECT line, list_filter({trimmed}, lambda x: x <> '') AS filled FROM ("
        f"SELECT *, coalesce({cells}, '') AS lead FROM every_row) "
        f"WHERE ascii(lead) IN (0, 9, 10, 13, 32, 160, 8239) "
        f"OR ascii(lead) IN (83, 84, 115, 116) AND contains(lower(lead), 'tota')"
        f"{may_be_title})) WHERE why IS NOT NULL"
    )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _set_foot_aside(base: duckdb.DuckDBPyConnection, width: int) -> None:
    """Go up from the last row as long as lines are no rows."""
    cells = ", ".join(f"c{i}" for i in range(width))
    found = base.execute(
        f"SELECT line, {cells} FROM every_row ORDER BY line DESC LIMIT {FOOT_ROWS}"
    ).fetchall()
    known = {line for (line,) in base.execute("SELECT line FROM set_aside").fetchall()}
    for line, *row in found:
        if line in known:
            continue
        why = _why_at_foot([cell or "" for cell in row])
        if why is None:
            return
        base.execute("INSERT INTO set_aside VALUES (?, ?, ?)",
                     [line, why.value, to_sample([c or "" for c in row])])  # fmt: skip


def _why_at_foot(row: list[str]) -> Why | None:
    filled = [cell.strip() for cell in row if cell.strip()]
    if _ANY_TOTAL.match(filled[0]) and all(re.fullmatch(_NUMBER, cell) for cell in filled[1:]):
        return Why.TOTAL
    is_alone = len(filled) == 1 and len(row) > 2
    if is_alone and (_NOTE.match(filled[0]) or len(filled[0].split()) >= LONG_NOTE):
        return Why.NOTE
    return None


def to_asides(base: duckdb.DuckDBPyConnection) -> tuple[Aside, ...]:
    """Count what was set aside, with the first lines of each kind."""
    found = base.execute(
        f"SELECT why, count(*), min({{'line': line, 'text': text}}, {SAID_LINES}) "
        f"FROM set_aside GROUP BY why"
    ).fetchall()
    by_why = {
        Why(why): Aside(Why(why), count, tuple((said["line"], said["text"]) for said in first))
        for why, count, first in found
    }
    return tuple(by_why[why] for why in Why if why in by_why)
