"""Make the DataStore table of a theme, and follow a new version of its schema.

The columns `_id` and `_full_text`, the trigger and the comments are those of ckanext-datastore
2.12, so that its actions work on the table.
"""

from __future__ import annotations

import json
from typing import Any

from ckanext.datastore.backend import postgres

from ckanext.territoire.delivery.columns import PRIVATE, PROVENANCE, quoted, typed
from schemas.model import Schema
from schemas.to_columns import to_columns

INDEXES = (
    ("key", "UNIQUE", "btree (_feed, _key)"),
    ("same", "", "btree (_key)"),
    ("commune", "", "btree (territoire_commune, _key)"),
    ("cursor", "", "btree (_cursor, _key)"),
    ("place", "", "gist (_geom)"),
    ("far", "", "gist (_far) WHERE _far IS NOT NULL"),
    ("words", "", "gin (_full_text)"),
)


def make(cursor: Any, resource_id: str, schema: Schema) -> None:
    """Make the table when it is absent; add the columns of a newer version."""
    cursor.execute("SELECT to_regclass(%s)", (f"public.{quoted(resource_id)}",))
    if cursor.fetchone()[0] is None:
        told = ", ".join(f"{name} {kind}" for name, kind, _ in PROVENANCE)
        private = ", ".join(f"{name} {kind}" for name, kind in PRIVATE)
        cursor.execute(
            f"CREATE TABLE {quoted(resource_id)} (_id serial PRIMARY KEY, _full_text tsvector, "
            f"{typed(schema)}, {told}, {private})"
        )
        cursor.execute(
            f"CREATE TRIGGER zfulltext BEFORE INSERT OR UPDATE ON {quoted(resource_id)} "
            "FOR EACH ROW EXECUTE PROCEDURE populate_full_text_trigger()"
        )
        make_indexes(cursor, resource_id)
    else:
        _follow(cursor, resource_id, schema)
    cursor.execute(_comments(resource_id, schema).replace("%", "%%"), ())


def make_indexes(cursor: Any, resource_id: str) -> None:
    """Make the indexes that are absent."""
    for name, kind, what in INDEXES:
        index = quoted(_index(resource_id, name))
        cursor.execute(
            f"CREATE {kind} INDEX IF NOT EXISTS {index} ON {quoted(resource_id)} USING {what}"
        )


def drop_indexes(cursor: Any, resource_id: str) -> None:
    """Drop them before a first load, which fills them faster at its end."""
    for name, _, _ in INDEXES:
        cursor.execute(f"DROP INDEX IF EXISTS {quoted(_index(resource_id, name))}")


def _index(resource_id: str, name: str) -> str:
    return f"{resource_id}_{name}"


def _follow(cursor: Any, resource_id: str, schema: Schema) -> None:
    """Add columns and change types; a column that the new version drops stays, and is empty."""
    cursor.execute(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
        "WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
        (f"public.{quoted(resource_id)}",),
    )
    known = dict(cursor.fetchall())
    for column in to_columns(schema):
        cursor.execute("SELECT format_type(to_regtype(%s), NULL)", (column.type,))
        wanted = cursor.fetchone()[0]
        name, table = quoted(column.name), quoted(resource_id)
        if column.name not in known:
            cursor.execute(f"ALTER TABLE {table} ADD COLUMN {name} {column.type}")
        elif known[column.name] != wanted:
            # every row is written again by the deliveries that follow a new version
            cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {name} TYPE {column.type} USING NULL")


def _comments(resource_id: str, schema: Schema) -> str:
    """The data dictionary that the DataStore shows."""
    told = [(each.name, each.title, each.description) for each in schema.fields]
    told += [(name, notes, "") for name, _, notes in PROVENANCE]
    lines = []
    for name, label, notes in told:
        info = {"_info": {"label": label, "notes": notes}}
        text = " " + json.dumps(info, ensure_ascii=False, separators=(",", ":"))
        literal = postgres.literal_string(text)
        lines.append(f"COMMENT ON COLUMN {quoted(resource_id)}.{quoted(name)} IS {literal}")
    return ";".join(lines)
