"""A transaction in the database of the DataStore, where merged tables and deliveries are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ckanext.datastore.backend import postgres
from psycopg2.extras import RealDictCursor, register_default_json, register_default_jsonb


@contextmanager
def transaction() -> Iterator[Any]:
    """Open a cursor; all that it writes is kept at the end, or nothing when something fails."""
    connection: Any = postgres.get_write_engine().raw_connection()
    try:
        with connection.cursor() as cursor:
            yield cursor
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
    finally:
        connection.close()


def read(query: str, values: Any = ()) -> list[dict[str, Any]]:
    """Read rows as dicts."""
    connection: Any = postgres.get_write_engine().raw_connection()
    try:
        with connection.cursor(cursor_factory=RealDictCursor) as cursor:
            # the DataStore leaves JSON as text, on all of its connections
            register_default_json(cursor)
            register_default_jsonb(cursor)
            cursor.execute(query, values)
            found = [dict(row) for row in cursor.fetchall()]
        connection.commit()
        return found
    except BaseException:
        connection.rollback()
        raise
    finally:
        connection.close()
