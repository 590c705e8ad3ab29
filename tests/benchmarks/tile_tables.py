"""The tables of the tile benchmark: 500,000 addresses and 100,000 areas, in their own database.

They stand as deliveries leave them: the merged table, its indexes, its published view. Places are
drawn around Rennes, dense in the middle; most areas are small, some are wide.
"""

from __future__ import annotations

from typing import Any

from ckanext.territoire.delivery import table_of
from ckanext.territoire.delivery.columns import quoted
from deployment.ckan.tables import set_datastore_permissions, upgrade_datastore
from deployment.layout import Layout
from deployment.postgres import cluster
from schemas.load import latest
from schemas.model import Field
from schemas.to_columns import stored_type

DATABASE = "tiles_bench"
POINTS, AREAS = "base-adresse-locale", "jours-collecte"
PLACE = (
    "ST_SetSRID(ST_MakePoint(-1.68 + (random() + random() + random() - 1.5) * 0.25,"
    " 48.11 + (random() + random() + random() - 1.5) * 0.17), 4326)"
)
AREA = f"ST_Buffer({PLACE}, 0.00005 + 0.002 * power(random(), 6), 3)"
OWN = """
    _key, _mark, _feed, _cursor, _added, _geom, territoire_commune, territoire_commune_nom,
    territoire_jeu, territoire_ressource, territoire_ligne, territoire_maj, territoire_hors_epci
"""
OWN_VALUES = """
    'cle-' || i, md5(i::text), '00000000-0000-0000-0000-000000000001', 1, 1, {shape},
    '35' || lpad((i % 43)::text, 3, '0'), 'Commune ' || i % 43, md5('jeu' || i % 43),
    md5('fichier' || i % 43), i, now(), false
"""
# of each type, an expression over the number of the row
VALUES = {
    "int8": "i % 1000",
    "int4": "i % 1000",
    "numeric": "i % 1000 / 7.0",
    "bool": "i % 2 = 0",
    "date": "date '2026-01-01' + i % 300",
    "timestamp": "now()",
    "timestamptz": "now()",
}


def make_tables(layout: Layout, sizes: dict[str, int]) -> None:
    """Make the database anew, with so many rows a table."""
    with cluster.cursor_of(layout, "postgres") as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    cluster.make_database(layout, DATABASE)
    set_datastore_permissions(layout, DATABASE, "ckan_test")
    upgrade_datastore(layout, DATABASE)
    with cluster.cursor_of(layout, DATABASE) as cursor:
        cursor.execute("SET ROLE ckan; SELECT setseed(0.5)")
        for slug, count in sizes.items():
            _fill(cursor, slug, count)
        cursor.execute("RESET ROLE")
        cursor.execute("VACUUM ANALYZE")


def _words(field: Field) -> str:
    if not field.enum:
        return "left(md5((i * 7)::text), 12)"
    listed = ", ".join("'" + each.replace("'", "''") + "'" for each in field.enum)
    return f"(ARRAY[{listed}])[1 + i % {len(field.enum)}]"


def _fill(cursor: Any, slug: str, count: int) -> None:
    schema = latest(slug)
    table = f"bench-{slug}"
    table_of.make(cursor, table, schema)
    table_of.drop_indexes(cursor, table)
    cursor.execute(f"ALTER TABLE {quoted(table)} DISABLE TRIGGER USER")
    names = [quoted(field.name) for field in schema.fields]
    values = [VALUES.get(stored_type(field)) or _words(field) for field in schema.fields]
    shape = AREA if slug == AREAS else PLACE
    cursor.execute(
        f"INSERT INTO {quoted(table)} ({', '.join(names)}, {OWN}) "
        f"SELECT {', '.join(values)}, {OWN_VALUES.format(shape=shape)} "
        f"FROM generate_series(1, {count}) i"
    )
    table_of.make_indexes(cursor, table)
    cursor.execute(
        "INSERT INTO territoire.merged (slug, schema_id, dataset_id, resource_id, cursor) "
        "VALUES (%s, %s, '', %s, 1)", (slug, schema.id, table),
    )  # fmt: skip
    cursor.execute("SELECT territoire.publish(%s)", (slug,))
