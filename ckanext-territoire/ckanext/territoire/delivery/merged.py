"""The dataset of the EPCI that shows the merged table of a theme, at permanent addresses."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire import index_outbox, publishers
from ckanext.territoire.delivery import published, table_of
from ckanext.territoire.delivery.columns import PROVENANCE
from ckanext.territoire.delivery.database import read, transaction
from ckanext.territoire.territory.names import of
from schemas.model import Schema
from schemas.to_columns import to_columns

URL_TYPE = "territoire"  # the rows are ours: nothing is to be fetched
FORMATS = (
    ("csv", "CSV", "Tableur"),
    ("geojson", "GeoJSON", "Carte"),
    ("parquet", "Parquet", "Analyse de données"),
    ("xlsx", "XLSX", "Classeur Excel"),
    ("json", "JSON", "Programme"),
)
LOCK = "SELECT pg_advisory_lock(hashtext('territoire_merged'))"
UNLOCK = "SELECT pg_advisory_unlock(hashtext('territoire_merged'))"
ACTIVE = """
    SELECT count(*) FROM resource r JOIN package p ON p.id = r.package_id
     WHERE r.id = :id AND r.state = 'active' AND p.state = 'active'
"""
LEFT = """
    SELECT r.id, r.package_id FROM resource r JOIN package p ON p.id = r.package_id
     WHERE r.url = :url AND r.url_type = :type AND r.state = 'active' AND p.state = 'active'
     ORDER BY p.metadata_created LIMIT 1
"""
SHOW_TABLE = """
    INSERT INTO territoire_table (resource_id, dataset_id, state, row_count, reading, checked_at,
                                  loaded_at)
    VALUES (:id, :dataset, 'loaded', :rows, cast(:reading AS jsonb), timezone('utc', now()),
            timezone('utc', now()))
    ON CONFLICT (resource_id) DO UPDATE SET row_count = excluded.row_count, state = 'loaded',
       reading = excluded.reading, checked_at = excluded.checked_at, loaded_at = excluded.loaded_at
"""
TOUCH = """
    UPDATE package SET metadata_modified = timezone('utc', clock_timestamp()) WHERE id = :id
"""


@dataclass(frozen=True, slots=True)
class Merged:
    """Where the rows of a theme are: a dataset, and the resource that names their table."""

    slug: str
    schema_id: str
    dataset_id: str
    resource_id: str
    cursor: int


def address(slug: str, ending: str = "") -> str:
    """The permanent address of a theme, in a format when `ending` is one."""
    path = f"/api/territoire/v1/tables/{slug}"
    return f"{toolkit.config['ckan.site_url']}{path}{'.' + ending if ending else ''}"


def load_merged(slug: str) -> Merged | None:
    """Read where the merged table of a theme is; `None` before the first delivery."""
    rows = read(
        "SELECT slug, schema_id, dataset_id, resource_id, cursor FROM territoire.merged "
        "WHERE slug = %s",
        (slug,),
    )
    return Merged(**rows[0]) if rows else None


def ensure(schema: Schema, owner_id: str) -> Merged:
    """Find the merged table of a theme, or make its dataset and its table.

    The dataset belongs to the EPCI; `owner_id` serves where there is none.
    """
    with model.meta.engine.connect() as connection:
        connection.execute(sa.text(LOCK))
        try:
            found = load_merged(schema.slug)
            if found and _is_active(found.resource_id):
                return found if found.schema_id == schema.id else _follow(found, schema)
            return _make(schema, owner_id, found)
        finally:
            connection.execute(sa.text(UNLOCK))
            connection.commit()


def show_rows(schema: Schema, merged: Merged) -> None:
    """Say on the dataset how many rows there are now, and that it has just changed. Commits."""
    counted = read(
        "SELECT stats ->> 'rows' AS rows FROM _table_stats WHERE resource_id = %s",
        (merged.resource_id,),
    )
    rows = int(counted[0]["rows"]) if counted else 0
    values = {"id": merged.resource_id, "dataset": merged.dataset_id, "rows": rows}
    values["reading"] = json.dumps(_reading(schema))
    model.Session.execute(sa.text(SHOW_TABLE), values)
    model.Session.execute(sa.text(TOUCH), {"id": merged.dataset_id})
    index_outbox.queue([merged.dataset_id])
    model.Session.commit()
    published.follow_datasets()


def _is_active(resource_id: str) -> bool:
    found = model.Session.execute(sa.text(ACTIVE), {"id": resource_id}).scalar()
    model.Session.rollback()
    return bool(found)


def _follow(found: Merged, schema: Schema) -> Merged:
    """Bring the table to another version of the schema."""
    with transaction() as cursor:
        published.withdraw(cursor, schema.slug)
        table_of.make(cursor, found.resource_id, schema)
        cursor.execute(
            "UPDATE territoire.merged SET schema_id = %s WHERE slug = %s", (schema.id, schema.slug)
        )
        published.publish(cursor, schema.slug)
    return Merged(schema.slug, schema.id, found.dataset_id, found.resource_id, found.cursor)


def _make(schema: Schema, owner_id: str, former: Merged | None) -> Merged:
    left = None if former else _left(schema.slug)
    dataset_id, resource_id = left or _dataset(schema, owner_id, former)
    with transaction() as cursor:
        published.withdraw(cursor, schema.slug)
        table_of.make(cursor, resource_id, schema)
        cursor.execute(
            "INSERT INTO territoire.merged (slug, schema_id, dataset_id, resource_id) "
            "VALUES (%s, %s, %s, %s) ON CONFLICT (slug) DO UPDATE "
            "SET schema_id = excluded.schema_id, dataset_id = excluded.dataset_id, "
            "is_shown = true",
            (schema.slug, schema.id, dataset_id, resource_id),
        )
        published.publish(cursor, schema.slug)
    cursor_now = former.cursor if former else 0
    return Merged(schema.slug, schema.id, dataset_id, resource_id, cursor_now)


def _left(slug: str) -> tuple[str, str] | None:
    """The dataset of a making that ended before its table was there, in the other database."""
    found = model.Session.execute(sa.text(LEFT), {"url": address(slug, "csv"), "type": URL_TYPE})
    row = found.first()
    model.Session.rollback()
    return (row.package_id, row.id) if row else None


def _dataset(schema: Schema, owner_id: str, former: Merged | None) -> tuple[str, str]:
    """Make the dataset; answer its id, and that of the resource which names the table."""
    epci = next((p for p in publishers.publishers().values() if p.kind == "epci"), None)
    resource_id = former.resource_id if former else str(uuid.uuid4())
    package = _package(schema, epci.id if epci else owner_id, epci.title if epci else "")
    package["resources"] = _resources(schema, resource_id)
    user = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    made = toolkit.get_action("package_create")(
        Context(user=user["name"], ignore_auth=True), package
    )
    return made["id"], resource_id


def _package(schema: Schema, owner_id: str, epci: str) -> dict[str, Any]:
    where = f" {of(epci)}" if epci else ""
    return {
        "name": f"{schema.slug}-{uuid.uuid4().hex[:6]}" if _is_taken(schema.slug) else schema.slug,
        "title": f"{schema.title}\u00a0: toutes les communes{where}",
        "notes": (
            f"{schema.description}\n\nUne seule table pour tout le territoire, réunie à partir des"
            f" fichiers des communes et contrôlée ligne par ligne selon le modèle"
            f" [{schema.title} {schema.version}](/modeles/{schema.slug}). Chaque ligne dit de"
            f" quelle commune, de quel fichier et de quelle livraison elle vient."
        ),
        "owner_org": owner_id,
        "license_id": "lov2",
        "frequency": "continuous",
        "theme": [schema.theme],
        "language": "fr",
    }


def _is_taken(name: str) -> bool:
    found = model.Package.get(name) is not None
    model.Session.rollback()
    return found


def _resources(schema: Schema, resource_id: str) -> list[dict[str, Any]]:
    is_placed = schema.position is not None
    return [
        {
            "name": f"{schema.title} ({label})",
            "format": label,
            "description": use,
            "url": address(schema.slug, ending),
            "url_type": URL_TYPE,
            "table_schema": schema.id,
            # the rows are those of the first file: the DataStore serves them by its id
            **({"id": resource_id, "datastore_active": True} if ending == "csv" else {}),
        }
        for ending, label, use in FORMATS
        if is_placed or ending != "geojson"
    ]


def _reading(schema: Schema) -> dict[str, Any]:
    """What the preview needs to show the rows as a table and on the map."""
    columns = [
        {"name": column.name, "label": field.title, "type": column.type}
        for column, field in zip(to_columns(schema), schema.fields, strict=True)
    ]
    columns += [{"name": name, "label": notes, "type": kind} for name, kind, notes in PROVENANCE]
    return {
        "sentence": "table réunie des communes",
        "format": "csv",
        "columns": columns,
        "geometry": _geometry(schema),
    }


def _geometry(schema: Schema) -> dict[str, Any] | None:
    place = schema.position
    if place and place.longitude:
        names = [place.longitude, place.latitude]
        return {"shape": "lonlat", "columns": names, "is_swapped": False}
    if place and place.point:
        return {"shape": "latlon_text", "columns": [place.point], "is_swapped": True}
    return None
