"""The columns of a merged table: those of the schema, then where each row comes from.

Columns whose name begins with `_` are ours; CKAN's DataStore shows none of them but `_id`.
"""

from __future__ import annotations

from ckanext.datastore.backend import postgres

from schemas.model import Schema
from schemas.to_columns import to_columns

# name, PostgreSQL type, what the data dictionary says
PROVENANCE = (
    ("territoire_commune", "text", "Code INSEE de la commune de la ligne"),
    ("territoire_commune_nom", "text", "Nom de la commune de la ligne"),
    ("territoire_jeu", "text", "Jeu de données d’où vient la ligne"),
    ("territoire_ressource", "text", "Fichier d’où vient la ligne"),
    ("territoire_livraison", "text", "Livraison qui a apporté cet état de la ligne"),
    ("territoire_ligne", "int8", "Numéro de la ligne dans le fichier livré"),
    ("territoire_maj", "timestamptz", "Dernier changement de la ligne"),
    ("territoire_hors_epci", "bool", "La ligne est hors du territoire"),
    ("territoire_doublon", "text", "Pourquoi une autre ligne de même identifiant est préférée"),
)
PRIVATE = (
    ("_key", "text NOT NULL"),
    ("_mark", "text NOT NULL"),
    ("_feed", "uuid NOT NULL"),
    ("_cursor", "bigint NOT NULL"),
    ("_added", "bigint NOT NULL"),
    ("_geom", "geometry(Geometry, 4326)"),
    # what maps draw of a line or an area from afar (migration 0008)
    ("_wide", "smallint GENERATED ALWAYS AS (territoire.wide_from(_geom)) STORED"),
    ("_far", "geometry(Geometry, 4326) GENERATED ALWAYS AS (territoire.far_shape(_geom)) STORED"),
)


def quoted(name: str) -> str:
    """Write a name as PostgreSQL takes it."""
    return str(postgres.identifier(name))


def own_names(schema: Schema) -> list[str]:
    """The columns of the schema, in its order, as PostgreSQL takes them."""
    return [quoted(column.name) for column in to_columns(schema)]


def typed(schema: Schema) -> str:
    """The columns of the schema with their types, for `CREATE TABLE`."""
    return ", ".join(f"{quoted(column.name)} {column.type}" for column in to_columns(schema))
