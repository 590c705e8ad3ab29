"""From a schema to the columns of its merged table: PostgreSQL's types, in the order of the schema.

What has no type of its own there, or is not whole (a date that is only a year and a month), stays
text: the check has read it, the reader gets it as it was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from schemas.model import Field, FieldType, Schema

_TYPES = {
    FieldType.INTEGER: "int8",
    FieldType.NUMBER: "numeric",
    FieldType.BOOLEAN: "bool",
    FieldType.YEAR: "int4",
}
_WHOLE_DATE = (re.compile("%[Yy]"), re.compile("%[mbB]"), re.compile("%d"))


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column of the merged table; `type` is PostgreSQL's name of it."""

    name: str
    type: str


def to_columns(schema: Schema) -> tuple[StoredColumn, ...]:
    """Name and type the columns, in the order of the schema."""
    return tuple(StoredColumn(field.name, stored_type(field)) for field in schema.fields)


def stored_type(field: Field) -> str:
    """Give the PostgreSQL type in which the values of a field are kept.

    >>> stored_type(Field("vu_le", FieldType.DATE, "", "", format="%Y-%m"))
    'text'
    """
    if field.type is FieldType.DATE:
        return "date" if is_whole_date(field.format) else "text"
    if field.type is FieldType.DATETIME:
        return "timestamptz" if _has_zone(field.format) else "timestamp"
    return _TYPES.get(field.type, "text")


def is_whole_date(format: str) -> bool:
    """Say whether a format of dates names a day; without a format it is ISO's."""
    return "%" not in format or all(part.search(format) for part in _WHOLE_DATE)


def _has_zone(format: str) -> bool:
    """Say whether a format of moments names a zone; Table Schema's own is in UTC."""
    return "%" not in format or format.endswith(("%z", "Z"))
