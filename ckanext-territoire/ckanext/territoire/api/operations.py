"""Our operations on the tables of the territory: what each takes and gives.

A table is named in the path (`{slug}`) in the general document, and by its own slug in that of one
table, where its columns are parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckanext.territoire.api.asked import DEFAULT_LIMIT, DEFAULT_RADIUS_M, MAX_LIMIT, MAX_RADIUS_M
from ckanext.territoire.api.operation import Operation, Param
from ckanext.territoire.api.page import TYPES as PAGE_TYPES
from ckanext.territoire.delivery.page_size import MAX_CHANGES

ROOT = "/api/territoire/v1/tables"
BINARY: dict[str, Any] = {}
TEXT = {"type": "string"}
WHOLE = {
    "csv": "text/csv",
    "geojson": "application/geo+json",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_LIST = {"type": "string"}
_TRUTH = {"type": "boolean"}
FIELDS = Param("fields", "Colonnes voulues, séparées par des virgules ; toutes sinon.", _LIST)
ORIGIN = Param("provenance", "true : dit d’où vient chaque ligne, et de quand elle est.",
               _TRUTH)  # fmt: skip
WORDS = (
    FIELDS,
    ORIGIN,
    Param("sort", "Colonnes de tri, séparées par des virgules ; un tiret devant renverse l’ordre."
          " Les valeurs vides viennent en dernier.", _LIST),
    Param("limit", f"Nombre de lignes de la page ({DEFAULT_LIMIT} sans précision).",
          {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}),
    Param("after", "Curseur de la page suivante, tel que « next » le donne."),
    Param("total", "true : compte toutes les lignes (ou tous les groupes) qui répondent.", _TRUTH),
    Param("q", "Mots à trouver n’importe où dans la ligne.", {"type": "string", "maxLength": 200}),
    Param("commune", "Code Insee, numéro SIREN ou nom ; plusieurs avec des virgules."),
    Param("bbox", "Cadre : ouest,sud,est,nord en degrés (WGS 84)."),
    Param("near", "Point : longitude,latitude en degrés (WGS 84). Les lignes viennent de la plus"
          " proche à la plus lointaine."),
    Param("radius", f"Distance au point, en mètres ({DEFAULT_RADIUS_M:.0f} sans précision).",
          {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_RADIUS_M}),
    Param("group_by", "Colonnes par lesquelles grouper : une ligne par groupe.", _LIST),
    Param("sum", "Colonnes de nombres à additionner dans chaque groupe.", _LIST),
    Param("avg", "Colonnes de nombres dont on veut la moyenne.", _LIST),
    Param("min", "Colonnes dont on veut la plus petite valeur.", _LIST),
    Param("max", "Colonnes dont on veut la plus grande valeur.", _LIST),
)  # fmt: skip
NEXT = {"type": ["string", "null"], "format": "uri", "description": "Page suivante, s’il y en a."}
GROUP = {
    "type": "object",
    "title": "Groupe",
    "description": "Les colonnes de « group_by », le nombre de lignes et les calculs demandés.",
    "required": ["count"],
    "properties": {"count": {"type": "integer", "minimum": 0}},
}
GEOMETRY = {
    "description": "Géométrie GeoJSON (RFC 7946), en degrés WGS 84, longitude d’abord.",
    "type": ["object", "null"],
    "required": ["type", "coordinates"],
    "properties": {"type": {"type": "string"}, "coordinates": {"type": "array"}},
}


def page_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A page of rows, or of groups."""
    return {
        "type": "object",
        "required": ["rows", "next"],
        "additionalProperties": False,
        "properties": {
            "rows": {"type": "array", "maxItems": MAX_LIMIT, "items": {"anyOf": [row, GROUP]}},
            "next": NEXT,
            "total": {"type": "integer", "minimum": 0},
        },
    }


def feature_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as a feature of GeoJSON."""
    return {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "string"},
            "geometry": GEOMETRY,
            "properties": row,
        },
    }


def collection_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A page of rows as GeoJSON."""
    return {
        "type": "object",
        "required": ["type", "features", "next"],
        "properties": {
            "type": {"const": "FeatureCollection"},
            "features": {"type": "array", "items": feature_of(row)},
            "next": NEXT,
            "total": {"type": "integer", "minimum": 0},
        },
    }


def changes_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A page of changes."""
    change = {
        "type": "object",
        "required": ["op", "key", "row"],
        "properties": {
            "op": {"enum": ["added", "changed", "removed"]},
            "key": {"type": "string"},
            "row": {"anyOf": [row, {"type": "null"}]},
        },
    }
    return {
        "type": "object",
        "required": ["changes", "cursor", "has_more"],
        "properties": {
            "changes": {"type": "array", "items": change},
            "cursor": {"type": "string"},
            "has_more": {"type": "boolean"},
        },
    }


def operations_on(
    path: str, row: Mapping[str, Any], slug: Param | None, filters: tuple[Param, ...]
) -> tuple[Operation, ...]:
    """The operations on one table, whose address is `path`."""
    named = (slug,) if slug else ()
    pages = {
        PAGE_TYPES["json"]: page_of(row),
        PAGE_TYPES["geojson"]: collection_of(row),
        "text/csv": TEXT,
        PAGE_TYPES["parquet"]: BINARY,
    }
    key = Param("key", "Identifiant de la ligne : sa colonne territoire_cle.", where="path")
    ends = Param("format", "Format de la page.", {"enum": list(PAGE_TYPES)}, "csv", "path")
    whole = Param("format", "Format du fichier.", {"enum": list(WHOLE)}, "csv", "path")
    since = (
        Param("since", "Curseur de la dernière lecture ; sans lui, toute la table est donnée."),
        Param("limit", "Nombre de changements de la page.",
              {"type": "integer", "minimum": 1, "maximum": MAX_CHANGES}),
    )  # fmt: skip
    asked = {"has_open_filters": True, "refusals": (400, 404, 406, 410, 503)}
    return (
        Operation("show", path, "Décrire une table",
                  "Ses chiffres, les communes qui manquent, ses adresses.", named,
                  {"application/json": {"$ref": "#/components/schemas/Table"}}, (404, 410)),
        Operation("rows", f"{path}/rows", "Lire les lignes",
                  "Filtrées, triées, groupées, page après page. Toute colonne est un filtre :"
                  " « colonne=valeur » ou « colonne__opérateur=valeur ».",
                  (*named, *WORDS, *filters), pages, **asked),
        Operation("rows_in", f"{path}/rows.{{format}}", "Lire les lignes dans un format",
                  "Comme « /rows », le format dans l’adresse.",
                  (*named, ends, *WORDS, *filters), pages, **asked),
        Operation("row", f"{path}/rows/{{key}}", "Lire une ligne", "Par son identifiant.",
                  (*named, key, FIELDS, ORIGIN),
                  {PAGE_TYPES["json"]: row, PAGE_TYPES["geojson"]: feature_of(row)},
                  (400, 404, 406, 410, 503)),
        Operation("file", f"{path}.{{format}}", "Prendre la table entière",
                  "Un fichier, refait seulement quand la table a changé.", (*named, whole),
                  {type_: TEXT if "csv" in type_ else BINARY for type_ in WHOLE.values()},
                  (400, 404, 410, 422)),
        Operation("changes", f"{path}/changes", "Suivre les changements",
                  "Ce qui a été ajouté, changé ou retiré depuis un curseur.", (*named, *since),
                  {"application/json": changes_of(row)}, (400, 404, 410)),
        Operation("schema", f"{path}/schema", "Lire le modèle de la table",
                  "Mène au Table Schema que suivent les lignes.", named, {}, (404, 410),
                  redirects=True, is_revalidated=False),
    )  # fmt: skip
