"""The merged tables that everybody may read: their schema, where their rows are, their dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.api.gone_columns import open_schema
from ckanext.territoire.delivery.columns import quoted
from ckanext.territoire.delivery.database import read
from schemas.load import find
from schemas.model import Schema

MERGED = "SELECT slug, schema_id, dataset_id, resource_id FROM territoire.merged ORDER BY slug"
PUBLIC = sa.text(
    "SELECT id, name FROM package WHERE id = ANY(:ids) AND state = 'active' AND NOT private"
)


@dataclass(frozen=True, slots=True)
class PublicTable:
    """A merged table: its rows stand in `table` (quoted), its page is that of `dataset`."""

    schema: Schema
    table: str
    resource_id: str
    dataset: str

    def has(self, *names: str) -> bool:
        """Say whether the schema of the table has these columns."""
        return {each.name for each in self.schema.fields}.issuperset(names)


def public_tables() -> Mapping[str, PublicTable]:
    """Read the merged tables that are public, by slug: two statements."""
    rows = read(MERGED)
    found = model.Session.execute(PUBLIC, {"ids": [row["dataset_id"] for row in rows]}).all()
    names = {row.id: row.name for row in found}
    tables = {}
    for row in rows:
        schema = find(row["schema_id"])
        if schema and row["dataset_id"] in names:
            tables[row["slug"]] = PublicTable(
                open_schema(schema.id),
                quoted(row["resource_id"]),
                row["resource_id"],
                names[row["dataset_id"]],
            )
    return tables
