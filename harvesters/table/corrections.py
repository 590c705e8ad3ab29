"""Corrections accepted for a former file, applied to the next one before it is checked.

A correction says: in this row, where this field held `found`, it becomes `becomes`. The row is
known by its key, or by all of its cells where the schema has no key or the key itself is corrected;
the mark `*` stands for every row. Relation `arranged` in, `arranged` out (see `received.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from schemas.model import Schema
from schemas.sql_text import name as quoted

EVERY_ROW = "*"
ROUNDS = 5  # a row with several faults was corrected one after the other


@dataclass(frozen=True, slots=True)
class Correction:
    """`found` and `becomes` are `""` for an empty cell."""

    row_mark: str
    field: str
    found: str
    becomes: str


def row_mark(schema: Schema, table: str = "corrected") -> str:
    """The SQL of the mark of a whole row of `arranged`, under the name `table`."""
    cells = ", ".join(f"coalesce({table}.{quoted(each.name)}, '')" for each in schema.fields)
    return f"'r:' || md5(concat_ws(chr(31), {cells}))"


def key_mark(schema: Schema, table: str = "corrected") -> str:
    """The SQL of the mark by key; NULL where a part of the key is empty."""
    if not schema.key:
        return "CAST(NULL AS VARCHAR)"
    return "'k:' || " + " || '|' || ".join(f"{table}.{quoted(name)}" for name in schema.key)


def apply_corrections(
    base: duckdb.DuckDBPyConnection, schema: Schema, corrections: Sequence[Correction]
) -> int:
    """Correct the cells of `arranged`; answer how many cells were."""
    known = {each.name for each in schema.fields}
    wanted = [c for c in corrections if c.field in known]
    if not wanted:
        return 0
    base.execute("CREATE OR REPLACE TEMP TABLE corrected AS SELECT * FROM arranged")
    rows = [(c.row_mark, c.field, c.found, c.becomes) for c in wanted]
    base.execute(
        "CREATE OR REPLACE TEMP TABLE correction "
        "(mark VARCHAR, field VARCHAR, found VARCHAR, becomes VARCHAR)"
    )
    base.executemany("INSERT INTO correction VALUES (?, ?, ?, ?)", rows)
    done = 0
    for _ in range(ROUNDS):
        # the cells of a row are corrected together, whichever of them is the first
        base.execute(
            f"CREATE OR REPLACE TEMP TABLE row_marks AS SELECT line, {row_mark(schema)} "
            f"AS row_mark, {key_mark(schema)} AS key_mark FROM corrected"
        )
        changed = sum(_correct(base, name) for name in sorted({c.field for c in wanted}))
        done += changed
        if not changed:
            break
    kind = base.execute(
        "SELECT table_type FROM information_schema.tables WHERE table_name = 'arranged'"
    ).fetchone()
    assert kind is not None
    base.execute(f"DROP {'VIEW' if kind[0] == 'VIEW' else 'TABLE'} arranged")
    base.execute("CREATE TABLE arranged AS SELECT * FROM corrected ORDER BY line")
    return done


def _correct(base: duckdb.DuckDBPyConnection, field: str) -> int:
    """Correct one field in all rows at once."""
    name = quoted(field)
    found = base.execute(
        f"""UPDATE corrected SET {name} = nullif(wanted.becomes, '')
              FROM (SELECT c.line, min_by(k.becomes, k.mark = '{EVERY_ROW}') AS becomes
                      FROM corrected c JOIN row_marks m USING (line)
                      JOIN correction k ON k.field = ? AND k.found = coalesce(c.{name}, '')
                       AND k.mark IN ('{EVERY_ROW}', m.row_mark, m.key_mark)
                     WHERE k.becomes <> k.found GROUP BY c.line) wanted
             WHERE wanted.line = corrected.line""",
        [field],
    ).fetchone()
    return int(found[0]) if found else 0
