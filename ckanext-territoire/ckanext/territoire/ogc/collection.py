"""A published table as tipg knows it: tipg writes its SQL, we say which columns it has.

The columns are those that the API shows: the key, the schema's, where each row comes from. The time
of a row is that of its last change.
"""

from __future__ import annotations

from tipg.collections import Column as TipgColumn
from tipg.collections import PgCollection

from ckanext.territoire.api.columns import KEY, PROVENANCE, Column, own_columns
from ckanext.territoire.ogc.tables import Published

SHAPE, TIME = "geom", "territoire_maj"
TYPES = {"int8": "bigint", "int4": "integer", "bool": "boolean"}
JSON_TYPES = {"int8": "integer", "int4": "integer", "numeric": "number", "bool": "boolean"}
FORMATS = {"date": "date", "timestamptz": "date-time", "timestamp": "date-time"}


def columns_of(table: Published) -> tuple[Column, ...]:
    """The columns of the features; a tracing that stands in a column is their geometry."""
    position = table.schema.position
    shape = position.geojson if position else ""
    own = tuple(each for each in own_columns(table.schema) if each.name != shape)
    return (KEY, *own, *PROVENANCE)


def geometry_of(table: Published) -> str:
    """The type of the geometries, as far as the schema says it."""
    position = table.schema.position
    return "Geometry" if position and position.geojson else "Point"


def to_collection(table: Published) -> PgCollection:
    """Describe a table to tipg."""
    columns = [
        TipgColumn(name=each.name, type=TYPES.get(each.type, each.type))
        for each in columns_of(table)
    ]
    shape = TipgColumn(name=SHAPE, type="geometry", geometry_type=geometry_of(table), srid=4326)
    known = {each.name: each for each in columns}
    return PgCollection(
        type="Table",
        id=table.slug,
        table=table.slug,
        schema="published",
        title=table.schema.title,
        table_columns=[*columns, shape],
        properties=columns,
        id_column=known[KEY.name],
        datetime_column=known[TIME],
        geometry_column=shape,
    )


def queryables_of(table: Published) -> dict[str, object]:
    """What a filter may name, as JSON Schema with French titles."""
    told: dict[str, object] = {
        SHAPE: {
            "title": "Géométrie",
            "$ref": f"https://geojson.org/schema/{geometry_of(table)}.json",
        }
    }
    for each in columns_of(table):
        one = {"title": each.title or each.name, "type": JSON_TYPES.get(each.type, "string")}
        if each.type in FORMATS:
            one["format"] = FORMATS[each.type]
        told[each.name] = one
    return told
