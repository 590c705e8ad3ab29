"""Run a statement with the role of the DataStore that may only read, within a time limit.

The role sees the tables of the DataStore and nothing else: neither deliveries nor quarantine. Each
request is one transaction that PostgreSQL itself cuts at the limit, so that none weighs on the
others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ckan.plugins import toolkit
from ckanext.datastore.backend import postgres
from psycopg2 import Error, OperationalError
from psycopg2.errors import InsufficientPrivilege, QueryCanceled, UndefinedTable
from psycopg2.extras import NamedTupleCursor
from sqlalchemy.exc import DBAPIError

from ckanext.territoire.api.sql_text import Statement
from harvesters.errors import TerritoireError

SETTINGS = """
    SELECT set_config('statement_timeout', %s, true), set_config('TimeZone', 'UTC', true),
           set_config('transaction_read_only', 'on', true), set_config('jit', 'off', true)
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an answer: its JSON, its geometry as GeoJSON, its key, where it stands in the
    sort."""

    row: str
    shape: str | None
    key: str | None
    place: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The rows found; `total` is `None` when it was not asked."""

    rows: tuple[Row, ...]
    total: int | None = None


class TooSlow(TerritoireError):
    """The statement did not end within the limit, and was cut."""


class Unreachable(TerritoireError):
    """The database does not answer."""


class Vanished(TerritoireError):
    """The table is no longer there."""


def read_rows(statement: Statement) -> Found:
    """Read the rows of a statement of `to_sql`."""
    found = _run(statement)
    total = found[0].total if found and hasattr(found[0], "total") else None
    rows = (
        Row(each.row, each.shape, each.key, tuple(getattr(each, "place", ())))
        for each in found
        if each.row is not None
    )
    return Found(tuple(rows), total)


def read_keys(statement: Statement) -> tuple[str, ...]:
    """Read the keys of a statement of `to_neighbours`."""
    return tuple(each.key for each in _run(statement))


def timeout_ms() -> int:
    """Answer the limit of one request, in milliseconds."""
    return max(int(toolkit.config["ckanext.territoire.api.timeout_ms"]), 1)


def _run(statement: Statement) -> list[Any]:
    try:
        connection: Any = postgres.get_read_engine().raw_connection()
    except (Error, DBAPIError) as cause:
        raise Unreachable from cause
    try:
        with connection.cursor(cursor_factory=NamedTupleCursor) as cursor:
            cursor.execute(SETTINGS, (str(timeout_ms()),))
            cursor.execute(statement.text, statement.values)
            return list(cursor.fetchall())
    except QueryCanceled as cause:
        raise TooSlow from cause
    except (UndefinedTable, InsufficientPrivilege) as cause:
        raise Vanished from cause
    except OperationalError as cause:
        raise Unreachable from cause
    finally:
        _give_back(connection)


def _give_back(connection: Any) -> None:
    """End the transaction; a connection that is lost leaves the pool."""
    try:
        connection.rollback()
    except Error:
        connection.invalidate()
    connection.close()
