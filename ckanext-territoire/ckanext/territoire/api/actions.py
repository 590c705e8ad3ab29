"""The actions of CKAN that we promise: they stay, with these parameters, as long as version 3 does.

Those of reading that a program needs to find a dataset and to read its files: nothing that writes,
and no action that only our pages use.
"""

from __future__ import annotations

from typing import Any

from ckanext.territoire.api.operation import Operation, Param

TAG = "Catalogue (CKAN)"
_ID = "Identifiant ou nom dans l’adresse"
_COUNT = {"type": "integer", "minimum": 0, "maximum": 1000}
_START = {"type": "integer", "minimum": 0, "maximum": 1_000_000}
_OBJECT: dict[str, Any] = {"type": "object"}
_NAMES = {"type": "array", "items": {"type": "string"}}
_DATASET = {
    "type": "object",
    "required": ["id", "name", "title", "resources"],
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "title": {"type": "string"},
        "notes": {"type": ["string", "null"]},
        "license_id": {"type": ["string", "null"]},
        "metadata_modified": {"type": "string"},
        "resources": {"type": "array", "items": _OBJECT},
    },
}
_RECORDS = {
    "type": "object",
    "required": ["fields", "records", "resource_id"],
    "properties": {
        "resource_id": {"type": "string"},
        "total": {"type": "integer"},
        "fields": {"type": "array", "items": _OBJECT},
        "records": {"type": "array", "items": _OBJECT},
    },
}
_FOUND = {
    "type": "object",
    "required": ["count", "results"],
    "properties": {
        "count": {"type": "integer", "minimum": 0},
        "results": {"type": "array", "items": _DATASET},
    },
}


def _action(name: str, title: str, params: tuple[Param, ...], result: dict[str, Any]) -> Operation:
    answer = {
        "type": "object",
        "required": ["success", "result"],
        "properties": {"help": {"type": "string"}, "success": {"const": True}, "result": result},
    }
    return Operation(
        name, f"/api/3/action/{name}", title, "Action de CKAN, version 3.", params,
        {"application/json": answer}, (400, 403, 404, 409), is_revalidated=False, tag=TAG,
    )  # fmt: skip


ACTIONS = (
    _action("package_search", "Chercher des jeux de données", (
        Param("q", "Mots cherchés.", example="parking"),
        Param("fq", "Filtre, comme organization:acigne ou res_format:CSV."),
        Param("rows", "Nombre de jeux de la page.", _COUNT, "10"),
        Param("start", "Rang du premier jeu de la page.", _START),
        Param("sort", "Tri, comme metadata_modified desc."),
    ), _FOUND),
    _action("package_list", "Lister les noms des jeux de données", (
        Param("limit", "Nombre de noms.", _COUNT, "10"),
        Param("offset", "Rang du premier.", _START),
    ), _NAMES),
    _action("package_show", "Lire un jeu de données", (Param("id", _ID + "."),), _DATASET),
    _action("resource_show", "Lire un fichier d’un jeu", (Param("id", "Identifiant."),), _OBJECT),
    _action("organization_list", "Lister les communes et partenaires qui publient", (
        Param("limit", "Nombre de noms.", _COUNT, "10"),
        Param("offset", "Rang du premier.", _START),
    ), _NAMES),
    _action("organization_show", "Lire une commune ou un partenaire",
            (Param("id", _ID + "."),), _OBJECT),
    _action("datastore_search", "Lire les lignes d’un fichier du DataStore", (
        Param("resource_id", "Identifiant du fichier."),
        Param("q", "Mots cherchés."),
        Param("filters", "Filtre en JSON, comme {\"gratuit\": true}."),
        Param("fields", "Colonnes, séparées par des virgules."),
        Param("sort", "Tri, comme nom desc."),
        Param("limit", "Nombre de lignes.", _COUNT, "10"),
        Param("offset", "Rang de la première.", _START),
    ), _RECORDS),
)  # fmt: skip
