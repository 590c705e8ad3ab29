"""The columns of the merged table that a schema makes."""

from __future__ import annotations

import pytest

from schemas.load import find, table_schemas
from schemas.model import Field, FieldType
from schemas.to_columns import StoredColumn, stored_type, to_columns


@pytest.mark.parametrize(
    ("type_", "format_", "stored"),
    [
        ("string", "", "text"),
        ("string", "uri", "text"),
        ("integer", "", "int8"),
        ("number", "", "numeric"),
        ("boolean", "", "bool"),
        ("date", "", "date"),
        ("date", "default", "date"),
        ("date", "%Y-%m-%d", "date"),
        ("date", "%d/%m/%Y", "date"),
        ("date", "%Y", "text"),
        ("date", "%Y-%m", "text"),
        ("datetime", "", "timestamptz"),
        ("datetime", "%Y-%m-%dT%H:%M:%S%z", "timestamptz"),
        ("datetime", "%Y-%m-%dT%H:%M:%SZ", "timestamptz"),
        ("datetime", "%Y-%m-%dT%H:%M:%S", "timestamp"),
        ("time", "", "text"),
        ("year", "", "int4"),
        ("geopoint", "array", "text"),
        ("geojson", "", "text"),
        ("array", "", "text"),
    ],
)
def test_a_field_is_kept_in_the_type_that_holds_all_its_values(
    type_: str, format_: str, stored: str
) -> None:
    assert stored_type(Field("a", FieldType(type_), "A", "", format=format_)) == stored


def test_columns_stand_in_the_order_of_the_schema_under_its_names() -> None:
    schema = find("stationnement-hors-voirie/0.1.5")
    assert schema is not None
    columns = to_columns(schema)
    assert [column.name for column in columns] == [field.name for field in schema.fields]
    assert columns[0] == StoredColumn("id", "text")
    assert StoredColumn("Xlong", "numeric") in columns
    assert StoredColumn("nb_places", "int8") in columns


@pytest.mark.parametrize("schema_id", table_schemas())
def test_names_of_columns_fit_postgresql(schema_id: str) -> None:
    schema = find(schema_id)
    assert schema is not None
    for column in to_columns(schema):
        assert 0 < len(column.name.encode()) <= 63, column.name
        assert not column.name.startswith("_"), column.name
