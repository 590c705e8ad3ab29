"""What the tests of the row checks share: a schema in a line, rows in a list, the verdict."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

from harvesters.table.check import CheckOptions, check_rows
from harvesters.table.received import Checked, Commune, References
from harvesters.table.typed import open_database
from schemas.model import Field, FieldType, Origin, Schema

Row = Mapping[str, str | None]
COMMUNES = (
    Commune("35001", "Acigné", True),
    Commune("35238", "Rennes", True),
    Commune("01004", "Ambérieu-en-Bugey", False),
    Commune("22050", "Dinan", False),
)
POSTCODES = frozenset({("35690", "35001"), ("35000", "35238"), ("35700", "35238"),
                       ("01500", "01004"), ("22100", "22050")})  # fmt: skip
REFERENCES = References(COMMUNES, POSTCODES)
NUMBERS = count()
BY_DEPOSITOR = CheckOptions(depositor="35238")


def field(name: str, type_: FieldType = FieldType.STRING, **told: Any) -> Field:
    """A field with no text for people."""
    return Field(name, type_, "", "", **told)


def schema(*fields: Field, **told: Any) -> Schema:
    """A schema of some fields."""
    return Schema("essai", "1.0", "", "", Origin("territoire", "1.0"), "", "", fields, **told)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict, and the database that holds its relations."""

    base: duckdb.DuckDBPyConnection
    checked: Checked

    def codes(self, line: int) -> list[str]:
        """The codes of the issues of a line, without their head."""
        query = "SELECT code[-3:] FROM row_issue WHERE line = ? ORDER BY code"
        return [code for (code,) in self.base.execute(query, [line]).fetchall()]

    def lines(self, relation: str) -> list[int]:
        return [
            n for (n,) in self.base.execute(f"SELECT line FROM {relation} ORDER BY line").fetchall()
        ]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.base.execute(query).fetchall()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return open_database(Path(tempfile.gettempdir()))


def new_database() -> duckdb.DuckDBPyConnection:
    """An empty database of `typed.open_database`, for less time than opening another."""
    base = _database().cursor()
    name = f"d{next(NUMBERS)}"
    base.execute(f"ATTACH ':memory:' AS {name}; USE {name}")
    return base


def check(
    told: Schema,
    rows: Sequence[Row],
    references: References = REFERENCES,
    options: CheckOptions = BY_DEPOSITOR,
) -> Verdict:
    """Check rows that stand from the line 2 on; an absent cell is empty."""
    base = new_database()
    columns = ", ".join('"{}" VARCHAR'.format(f.name.replace('"', '""')) for f in told.fields)
    base.execute(f"CREATE TABLE arranged (line BIGINT, {columns})")
    cells = [[line, *(row.get(f.name) for f in told.fields)] for line, row in enumerate(rows, 2)]
    if cells:
        marks = ", ".join("?" * (len(told.fields) + 1))
        base.executemany(f"INSERT INTO arranged VALUES ({marks})", cells)
    return Verdict(base, check_rows(base, told, references, options))
