"""Texts and names written into DuckDB's SQL, and the two marks that stand for a cell in it.

A fragment of SQL of `to_check` speaks of one cell: `TEXT` stands for the expression of its text,
`TYPED` for that of its value. `fill` puts them in.
"""

from __future__ import annotations

TEXT = "@text@"
TYPED = "@typed@"
# what people take for a space: ASCII's and the no-break ones
BLANKS = " \t\n\r\x0b\x0c\u00a0\u202f"
NO_BREAKS = ("\u00a0", "\u202f")


def quote(text: str) -> str:
    """Write a text as a literal.

    >>> quote("l'été")
    "'l''été'"
    """
    return "'" + text.replace("'", "''") + "'"


def name(column: str) -> str:
    """Write the name of a column."""
    return '"' + column.replace('"', '""') + '"'


def in_list(cell: str, values: tuple[str, ...]) -> str:
    """Say that a cell is one of some texts; none is none of them."""
    return f"{cell} IN ({', '.join(map(quote, values))})" if values else "false"


def fill(sql: str, text: str, typed: str = "") -> str:
    """Put the expressions of a cell where its marks stand."""
    return sql.replace(TYPED, typed).replace(TEXT, text)
