"""Names and values in the text of a statement. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ckanext.territoire.api.columns import Column


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement in psycopg2's style, and its values by name."""

    text: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Values:
    """The values of a statement, named in the order they are added."""

    held: dict[str, Any] = field(default_factory=dict)

    def add(self, value: Any) -> str:
        """Keep a value; answer how the statement names it."""
        name = f"v{len(self.held)}"
        self.held[name] = value
        return f"%({name})s"


def quoted(name: str) -> str:
    """Write a name as PostgreSQL and psycopg2 take it.

    >>> quoted('a"b%s')
    '"a""b%%s"'
    """
    if "\0" in name:
        raise ValueError("no name holds a NUL")
    return '"' + name.replace('"', '""').replace("%", "%%") + '"'


def named(column: Column) -> str:
    """Name a column of the table `t`."""
    return f"t.{quoted(column.stored or column.name)}"


def turned(shape: str) -> str:
    """A geometry whose rings turn as RFC 7946 says; lines keep their direction, which PostGIS's
    function would reverse."""
    return f"CASE WHEN ST_Dimension({shape}) = 2 THEN ST_ForcePolygonCCW({shape}) ELSE {shape} END"
