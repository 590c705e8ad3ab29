"""A table of fixed rows for each schema, to test a client with: read by the code of the real ones.

The rows are the good ones that stand beside the schema. They are checked as a delivery is, and put
into a table of the DataStore that no dataset shows, at the first question. Its name follows from
the schema and its rows: another version is another table, and the former one goes.
"""

from __future__ import annotations

import hashlib
import uuid
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ckanext.territoire import files
from ckanext.territoire.delivery import apply, table_of
from ckanext.territoire.delivery.apply import Place, Staged
from ckanext.territoire.delivery.columns import quoted
from ckanext.territoire.delivery.database import transaction
from ckanext.territoire.delivery.inspect_file import stage_good_rows
from ckanext.territoire.delivery.merged import Merged
from ckanext.territoire.territory.names import spelling
from harvesters.model import Issue
from harvesters.table.check_file import CheckAsk, check_file
from harvesters.table.typed import open_database
from schemas.load import TABLES
from schemas.model import Schema

PATH = "/api/territoire/v1/sandbox/tables"
BLUEPRINT = "territoire_sandbox"
SIMULATE = "simulate"
CURSOR = 1
MADE_AT = "2026-01-01 00:00:00+00"
NAMESPACE = uuid.UUID("6f1f5d0e-8f39-4d0f-9c36-52f5c2a9e1b7")
# the communes that the good rows are of
COMMUNES = {
    "35001": "Acigné", "35024": "Betton", "35047": "Bruz", "35051": "Cesson-Sévigné",
    "35238": "Rennes", "35352": "Vern-sur-Seiche",
}  # fmt: skip
IS_MADE = "SELECT to_regclass(%s) IS NOT NULL"
COMMENT = "COMMENT ON TABLE {table} IS '{said}'"
FORMER = """
    SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.oid <> to_regclass(%s)
       AND obj_description(c.oid, 'pg_class') = %s
"""


def ensure(schema: Schema) -> Merged:
    """Answer the table of fixed rows of a schema; it is made when it is absent."""
    resource_id = table_name(schema)
    with transaction() as cursor:
        if not _is_made(cursor, resource_id):
            apply.lock(cursor, slug_of(schema))
            if not _is_made(cursor, resource_id):
                _make(cursor, schema, resource_id)
    return Merged(slug_of(schema), schema.id, "", resource_id, CURSOR)


def slug_of(schema: Schema) -> str:
    """How the table is named among those of the territory; no schema has such a slug."""
    return f"sandbox/{schema.slug}"


def table_name(schema: Schema) -> str:
    """Name the table of a version and of its rows."""
    return _name(schema.id, rows_file(schema))


def rows_file(schema: Schema) -> Path:
    """The good rows beside a schema."""
    return TABLES / schema.slug / schema.version / "valid.csv"


def communes() -> tuple[dict[str, str], tuple[str, ...]]:
    """Each way of writing a commune of the rows, to its INSEE code; and their names."""
    ways = {spelling(way): insee for insee, name in COMMUNES.items() for way in (insee, name)}
    return ways, tuple(COMMUNES.values())


@cache
def _name(schema_id: str, rows: Path) -> str:
    digest = hashlib.sha256(rows.read_bytes()).hexdigest()
    return str(uuid.uuid5(NAMESPACE, f"{schema_id} {digest}"))


def _is_made(cursor: Any, resource_id: str) -> bool:
    cursor.execute(IS_MADE, (f"public.{quoted(resource_id)}",))
    return bool(cursor.fetchone()[0])


def _make(cursor: Any, schema: Schema, resource_id: str) -> None:
    """Make the table and put the rows in, as a first delivery would be."""
    table, slug = quoted(resource_id), slug_of(schema)
    table_of.make(cursor, resource_id, schema)
    said = f"territoire {slug}"
    cursor.execute(COMMENT.format(table=table, said=said))
    with TemporaryDirectory(dir=files.draft_folder()) as name, open_database(Path(name)) as base:
        ask = CheckAsk((schema,), schema.id)
        verdict = check_file(base, rows_file(schema), Path(name), ask)
        assert not isinstance(verdict, Issue)
        staged: Staged = stage_good_rows(base, Path(name), schema, frozenset())
        apply.stage(cursor, staged)
    place = Place(slug, resource_id, str(uuid.uuid5(NAMESPACE, slug)), "")
    apply.add_rows(cursor, schema, place, (CURSOR, COMMUNES))
    cursor.execute(f"UPDATE {table} SET territoire_maj = %s", (MADE_AT,))
    cursor.execute(FORMER, (f"public.{table}", said))
    for (former,) in cursor.fetchall():
        cursor.execute(f"DROP TABLE {quoted(former)}")
