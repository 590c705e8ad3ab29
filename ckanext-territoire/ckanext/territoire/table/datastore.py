"""Put the rows of a table into CKAN's DataStore by `COPY`, in one transaction.

The new rows go to a table of another name that takes the place of the former one at the end, so
that readers see all the former rows or all the new ones, and a failed load leaves what was there.
The columns `_id` and `_full_text`, the trigger, the comments and the name of the search index are
those of ckanext-datastore 2.12, whose actions go on working on the table.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from ckan.plugins import toolkit
from ckanext.datastore.backend import postgres

from harvesters.table.reading import Column, Table

Look = Callable[[Any, str, str], None]
WORDS = 90  # PostgreSQL takes at most 100 arguments
MAX_SEARCHED = 200_000  # characters of a row that full-text search reads; a tsvector holds 1 MB
LOCK_TIMEOUT = "60s"


def replace_rows(resource_id: str, table: Table, look: Look | None = None) -> int:
    """Make the table of a resource hold these rows and no others; answer how many. `look` sees
    both tables, named as PostgreSQL takes them, before the new one takes the place of the other."""
    connection: Any = postgres.get_write_engine().raw_connection()
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            count = _load(cursor, resource_id, table, look)
        connection.commit()
        return count
    except BaseException:
        connection.rollback()
        raise
    finally:
        connection.close()


def drop_table(resource_id: str) -> None:
    """Drop the table of a resource that is gone."""
    connection: Any = postgres.get_write_engine().raw_connection()
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {_quoted(resource_id)} CASCADE")
            cursor.execute("DELETE FROM _table_stats WHERE resource_id = %s", (resource_id,))
        connection.commit()
    finally:
        connection.close()


def has_table(resource_id: str) -> bool:
    """Say whether the DataStore has a table for a resource."""
    connection: Any = postgres.get_read_engine().raw_connection()
    try:
        with connection.cursor() as cursor:
            return _is_there(cursor, resource_id)
    finally:
        connection.close()


def _is_there(cursor: Any, resource_id: str) -> bool:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", (f"public.{_quoted(resource_id)}",))
    return bool(cursor.fetchone()[0])


def _quoted(name: str) -> str:
    return str(postgres.identifier(name))


def _load(cursor: Any, resource_id: str, table: Table, look: Look | None) -> int:
    draft = _quoted(f"_draft_{uuid.uuid4().hex}")
    typed = ", ".join(f"{_quoted(c.name)} {c.type.value}" for c in table.columns)
    names = ", ".join(_quoted(c.name) for c in table.columns)
    cursor.execute(f"CREATE TEMP TABLE received ({typed}) ON COMMIT DROP")
    with table.rows.open("rb") as rows:
        cursor.copy_expert(f"COPY received ({names}) FROM STDIN (FORMAT csv)", rows)
    cursor.execute(f"CREATE TABLE {draft} (_id serial PRIMARY KEY, _full_text tsvector, {typed})")
    cursor.execute(
        f"INSERT INTO {draft} (_full_text, {names}) "
        f"SELECT to_tsvector({words_of([_quoted(c.name) for c in table.columns])}), {names} "
        "FROM received"
    )
    count = cursor.rowcount
    cursor.execute(
        f"CREATE TRIGGER zfulltext BEFORE INSERT OR UPDATE ON {draft} "
        "FOR EACH ROW EXECUTE PROCEDURE populate_full_text_trigger()"
    )
    cursor.execute(_comments(cursor, resource_id, draft, table.columns).replace("%", "%%"), ())
    if look and _is_there(cursor, resource_id):
        look(cursor, _quoted(resource_id), draft)
    _swap(cursor, resource_id, draft)
    index = hashlib.sha1(f'{resource_id}"_full_text"'.encode()).hexdigest()
    cursor.execute(f'CREATE INDEX "{index}" ON {_quoted(resource_id)} USING gin (_full_text)')
    cursor.execute(f"ANALYZE {_quoted(resource_id)}")
    cursor.execute(
        "INSERT INTO _table_stats VALUES (%s, jsonb_build_object('rows', %s)) "
        "ON CONFLICT (resource_id) DO UPDATE SET stats = excluded.stats",
        (resource_id, count),
    )
    return int(count)


def words_of(names: Sequence[str]) -> str:
    """The expression of all cells of a row as one text, as far as full-text search reads it."""
    cells = [f"{name}::text" for name in names]
    while len(cells) > 1:
        cells = [
            f"concat_ws(' ', {', '.join(cells[start : start + WORDS])})"
            for start in range(0, len(cells), WORDS)
        ]
    return f"left(concat_ws(' ', {cells[0]}), {MAX_SEARCHED})"


def _comments(cursor: Any, resource_id: str, draft: str, columns: Sequence[Column]) -> str:
    """The data dictionary: the received headers, unless somebody has written one already."""
    cursor.execute(
        "SELECT a.attname, d.description FROM pg_attribute a JOIN pg_description d "
        "ON d.objoid = a.attrelid AND d.objsubid = a.attnum "
        "WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0",
        (f"public.{_quoted(resource_id)}",),
    )
    written = dict(cursor.fetchall())
    told = []
    for column in columns:
        info = {"_info": {"label": column.label, "notes": ""}}
        fresh = " " + json.dumps(info, ensure_ascii=False, separators=(",", ":"))
        text = postgres.literal_string(written.get(column.name, fresh))
        told.append(f"COMMENT ON COLUMN {draft}.{_quoted(column.name)} IS {text}")
    return ";".join(told)


def _swap(cursor: Any, resource_id: str, draft: str) -> None:
    """Put the draft in the place of the former table, with the aliases of the former one."""
    cursor.execute("SELECT name FROM _table_metadata WHERE alias_of = %s", (resource_id,))
    aliases = [row[0] for row in cursor.fetchall()]
    cursor.execute(f"DROP TABLE IF EXISTS {_quoted(resource_id)} CASCADE")
    cursor.execute(f"ALTER TABLE {draft} RENAME TO {_quoted(resource_id)}")
    for alias in aliases:
        cursor.execute(f"CREATE VIEW {_quoted(alias)} AS SELECT * FROM {_quoted(resource_id)}")


def is_search_by_sql_off() -> bool:
    """Say whether the SQL search of the DataStore is off, as it must be."""
    return not toolkit.asbool(toolkit.config["ckan.datastore.sqlsearch.enabled"])
