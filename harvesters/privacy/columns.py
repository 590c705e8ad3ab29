"""The columns of a table as the gate looks at them: their words, their type, what a schema says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import duckdb

from harvesters.privacy.words import header_words, of_headers
from schemas.model import Check, Field, FieldType, Personal, Schema

WHOLE = ("BIGINT", "INTEGER", "HUGEINT", "UBIGINT", "SMALLINT", "TINYINT", "UINTEGER")
# what these hold has been checked to be something else
HARMLESS_CHECKS = {Check.INSEE, Check.POSTCODE, Check.SIREN, Check.SIRET, Check.SIREN_OR_SIRET,
                   Check.RNA, Check.WEB, Check.UUID, Check.OPENING_HOURS}  # fmt: skip
HARMLESS_TYPES = {FieldType.BOOLEAN, FieldType.GEOPOINT, FieldType.GEOJSON, FieldType.TIME}


class Holds(Enum):
    """What a column holds, as far as the gate cares."""

    TEXT = "text"
    WHOLE = "whole"
    DAY = "day"


class Named(Protocol):
    """Anything with the name of a column and the header that people know."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Watched:
    """One column. `cell` is its SQL text; `words` those of its name and header; it is harmless when
    its schema has checked that it holds something else."""

    name: str
    label: str
    holds: Holds
    words: frozenset[str]
    field: Field | None = None
    is_harmless: bool = False

    @property
    def cell(self) -> str:
        quoted = '"' + self.name.replace('"', '""') + '"'
        return quoted if self.holds is Holds.TEXT else f"CAST({quoted} AS VARCHAR)"

    def says(self, group: str) -> bool:
        """Whether the header holds a word of a group of `words.yaml`."""
        return not self.words.isdisjoint(of_headers(group))

    def allows(self, schema: Schema | None, personal: Personal) -> str:
        """Say, in French, that the schema lets this sort of datum through; `""` otherwise."""
        if schema is None or self.field is None or personal not in self.field.personal:
            return ""
        title = self.field.title or self.name
        return f"Le schéma « {schema.title} » prévoit cette donnée dans la colonne « {title} »."


def watched_columns(
    database: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[Named],
    schema: Schema | None,
) -> list[Watched]:
    """Say what each column of text, whole numbers or days holds; the others tell of nobody."""
    types = {str(row[0]): str(row[1]) for row in database.sql(f"DESCRIBE {relation}").fetchall()}
    fields = {field.name: field for field in schema.fields} if schema else {}
    watched = []
    for column in columns:
        field = fields.get(column.name)
        holds = _holds(types[column.name])
        if holds is not None:
            words = frozenset(header_words(column.name, column.label))
            harmless = field is not None and _is_harmless(field)
            watched.append(Watched(column.name, column.label, holds, words, field, harmless))
    return watched


def _holds(sql_type: str) -> Holds | None:
    if sql_type == "VARCHAR":
        return Holds.TEXT
    if sql_type in WHOLE:
        return Holds.WHOLE
    return (
        Holds.DAY
        if sql_type.startswith(("DATE", "TIMESTAMP")) and not sql_type.endswith("]")
        else None
    )


def _is_harmless(field: Field) -> bool:
    return bool(field.enum) or field.check in HARMLESS_CHECKS or field.type in HARMLESS_TYPES
