"""One row of a merged table: its values in words, where it comes from, whom it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from ckanext.territoire.delivery.columns import quoted
from ckanext.territoire.delivery.database import read
from ckanext.territoire.services.public_tables import PublicTable
from ckanext.territoire.table.page import to_cell
from schemas.model import FieldType, Schema
from schemas.to_columns import stored_type

ROW = """
    SELECT m.*, m._feed::text AS feed_id, f.org_id, ST_X(ST_PointOnSurface(m._geom)) AS longitude,
           ST_Y(ST_PointOnSurface(m._geom)) AS latitude
      FROM {table} m JOIN territoire.feed f ON f.id = m._feed
     WHERE {condition} AND m.territoire_doublon IS NULL LIMIT 1
"""
# a tracing of many corners is drawn with fewer, and not at all when they are still too many
MOST_CORNERS = 2_000
TRACING = """
    SELECT ST_AsGeoJSON(drawn, 6)::json AS shape FROM (
           SELECT CASE WHEN ST_NPoints(_geom) <= {most} THEN _geom ELSE
                  ST_Simplify(_geom, greatest(ST_XMax(_geom) - ST_XMin(_geom),
                                              ST_YMax(_geom) - ST_YMin(_geom)) / 500) END AS drawn
             FROM {table} WHERE _key = %s AND territoire_doublon IS NULL AND ST_Dimension(_geom) > 0
            LIMIT 1) t
     WHERE ST_NPoints(drawn) <= {most}
"""


@dataclass(frozen=True, slots=True)
class Value:
    """A cell that is filled: its column, the title of the column, the value as people read it."""

    field: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row. `label` is how people name it; `place` longitude and latitude; `source_*` the dataset
    and the file that brought it, `""` when they are gone."""

    key: str
    label: str
    values: tuple[Value, ...]
    insee: str
    commune: str
    place: tuple[float, float] | None
    changed_at: datetime
    line: int
    feed_id: str
    org_id: str
    source_dataset: str
    source_resource: str


def read_row(table: PublicTable, key: str) -> Row | None:
    """Read the row of a key, the preferred one when several organisations bring it."""
    return _one(table, "m._key = %s", key)


def read_numbered(table: PublicTable, number: int) -> Row | None:
    """Read a row by the number that the DataStore gives it (`_id`); of a double, the preferred."""
    return _one(table, f"m._key = (SELECT _key FROM {table.table} WHERE _id = %s)", number)


def read_tracing(table: PublicTable, key: str) -> dict[str, Any] | None:
    """Read the geometry of a row that is a line or an area; `None` when it is a point, or has too
    many corners to be drawn."""
    position = table.schema.position
    if position is None or not position.geojson:
        return None
    rows = read(TRACING.format(table=table.table, most=MOST_CORNERS), (key,))
    return rows[0]["shape"] if rows else None


def _one(table: PublicTable, condition: str, value: Any) -> Row | None:
    rows = read(ROW.format(table=table.table, condition=condition), (value,))
    return to_row(table.schema, rows[0]) if rows else None


def to_row(schema: Schema, found: Mapping[str, Any]) -> Row:
    """Convert a stored row; empty cells are left out."""
    values = to_values(schema, found)
    place = None if found["longitude"] is None else (found["longitude"], found["latitude"])
    return Row(
        key=found["_key"],
        label=label_of(schema, found),
        values=values,
        insee=found["territoire_commune"] or "",
        commune=found["territoire_commune_nom"] or "",
        place=place,
        changed_at=found["territoire_maj"],
        line=found["territoire_ligne"],
        feed_id=found["feed_id"],
        org_id=found["org_id"],
        source_dataset=found["territoire_jeu"] or "",
        source_resource=found["territoire_ressource"] or "",
    )


def to_values(schema: Schema, found: Mapping[str, Any]) -> tuple[Value, ...]:
    """The filled cells of a row, in the order of the schema."""
    told = (
        Value(field.name, field.title, _text(found[field.name], stored_type(field) == "date"))
        for field in schema.fields
        if field.type is not FieldType.GEOJSON and found.get(field.name) is not None
    )
    return tuple(value for value in told if value.text)


def _text(value: Any, is_date: bool) -> str:
    """Write a cell as the preview of tables does; PostgreSQL's numbers are not yet floats."""
    return to_cell(float(value) if isinstance(value, Decimal) else value, is_date)


def label_of(schema: Schema, found: Mapping[str, Any]) -> str:
    """How people name a row: the column of its name, else its key."""
    told = str(found.get(schema.label) or "") if schema.label else ""
    return " ".join(told.split()) or str(found["_key"])


def label_column(schema: Schema) -> str:
    """The SQL of the name of a row."""
    return quoted(schema.label) if schema.label else "_key"
