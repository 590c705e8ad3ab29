"""The parts that the operations share in OpenAPI: the error, the refusals, headers, a table."""

from __future__ import annotations

from typing import Any

_FAULT: dict[str, Any] = {
    "code": {"type": "string", "pattern": "^TER-[A-Z]{3}-[0-9]{3}$"},
    "message": {"type": "string", "description": "Ce qui ne va pas, et que faire."},
    "field": {"type": "string", "description": "Le paramètre en cause, s’il y en a un."},
    "accepted": {"type": "array", "items": {"type": "string"},
                 "description": "Ce qui est accepté à sa place."},
    "help": {"type": "string", "format": "uri", "description": "La page qui l’explique."},
}  # fmt: skip
ERROR: dict[str, Any] = {
    "title": "Erreur",
    "type": "object",
    "required": ["error"],
    "additionalProperties": False,
    "properties": {
        "error": {
            "type": "object",
            "required": list(_FAULT),
            "additionalProperties": False,
            "properties": _FAULT
            | {
                "others": {
                    "type": "array",
                    "description": "Les autres paramètres en cause.",
                    "items": {"type": "object", "required": list(_FAULT), "properties": _FAULT},
                }
            },
        }
    },
}
_NAMES = {
    400: ("WrongRequest", "Un paramètre ne va pas."),
    401: ("WrongKey", "La clé n’est pas valable."),
    404: ("Unknown", "La table ou la ligne n’existe pas."),
    406: ("NoSuchFormat", "Aucun des formats demandés dans Accept n’existe."),
    410: ("Gone", "La table ou la ligne a été retirée."),
    422: ("NotPossible", "La table ne tient pas dans ce format."),
    429: ("TooMany", "Trop d’appels ; Retry-After dit quand revenir."),
    503: ("TooSlow", "La demande a été arrêtée : elle prenait trop de temps."),
}
_CONTENT = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
REFUSALS: dict[int, tuple[str, dict[str, Any]]] = {
    status: (name, {"description": said, "content": _CONTENT})
    for status, (name, said) in _NAMES.items()
}
_TEXT = {"type": "string"}
HEADERS: dict[str, Any] = {
    "ETag": {"description": "L’état de la réponse, pour If-None-Match.", "schema": _TEXT},
    "Link": {"description": "La page suivante (next), le modèle (describedby).", "schema": _TEXT},
    "RateLimit-Policy": {"description": "Le quota : q appels en w secondes.", "schema": _TEXT},
    "RateLimit": {"description": "r : appels qui restent ; t : secondes avant que tous soient"
                  " rendus.", "schema": _TEXT},
}  # fmt: skip
_COUNT = {"type": "integer", "minimum": 0}
_ADDRESS = {"type": "string", "format": "uri"}
TABLE: dict[str, Any] = {
    "title": "Table",
    "type": "object",
    "required": ["slug", "title", "schema_id", "rows", "files", "read", "changes", "schema"],
    "properties": {
        "slug": _TEXT,
        "schema_id": {"type": "string", "description": "Le modèle que suivent les lignes."},
        "title": _TEXT,
        "dataset_id": _TEXT,
        "resource_id": {"type": "string", "description": "Sa table dans le DataStore de CKAN."},
        "cursor": {"type": "integer", "description": "Numéro de son dernier changement."},
        "changed_at": {"type": ["string", "null"], "format": "date-time"},
        "rows": _COUNT,
        "duplicates": _COUNT,
        "outside": {**_COUNT, "description": "Lignes situées hors du territoire."},
        "waiting": {**_COUNT, "description": "Lignes qui attendent une correction."},
        "members": {**_COUNT, "description": "Communes du territoire."},
        "delivered": {**_COUNT, "description": "Communes qui ont livré."},
        "absent": {"type": "array", "items": _TEXT, "description": "Communes qui manquent."},
        "sentence": _TEXT,
        "files": {"type": "object", "additionalProperties": _ADDRESS},
        "read": _ADDRESS,
        "changes": _ADDRESS,
        "schema": _ADDRESS,
        "announcement": {
            "type": ["object", "null"],
            "description": "Ce qui est annoncé de la table : son dernier jour, celle qui la"
            " remplace, pourquoi.",
            "required": ["since", "until", "becomes", "why"],
            "properties": {
                "since": {"type": "string", "format": "date"},
                "until": {"type": "string", "format": "date"},
                "becomes": {"type": ["string", "null"]},
                "why": _TEXT,
            },
        },
    },
}
