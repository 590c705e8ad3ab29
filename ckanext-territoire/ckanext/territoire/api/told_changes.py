"""The messages that subscribed addresses get, as the `webhooks` of OpenAPI 3.1. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckanext.territoire.api.operations import changes_of

_TEXT = {"type": "string"}
_MOMENT = {"type": "string", "format": "date-time"}
_HEADERS = {
    "webhook-id": "Nom de l’envoi : le même à chaque nouvel essai.",
    "webhook-timestamp": "Moment de l’essai, en secondes depuis 1970.",
    "webhook-signature": "« v1, » et la signature HMAC-SHA256 en base64 de"
    " « id.timestamp.corps » ; plusieurs, séparées par une espace, après un changement de secret.",
}
DATASET: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name", "title", "url", "organization"],
    "properties": {
        "id": _TEXT,
        "name": _TEXT,
        "title": _TEXT,
        "url": {"type": "string", "format": "uri"},
        "organization": {"type": ["string", "null"]},
        "metadata_created": _MOMENT,
        "metadata_modified": _MOMENT,
    },
}
_CHANGE = {
    "type": "object",
    "required": ["op", "id", "dataset"],
    "properties": {
        "op": {"enum": ["added", "changed", "removed"]},
        "id": _TEXT,
        "dataset": {"anyOf": [DATASET, {"type": "null"}]},
    },
}
_PAGE = {"since": _TEXT, "cursor": _TEXT, "has_more": {"type": "boolean"}}


def to_webhooks(row: Mapping[str, Any]) -> dict[str, Any]:
    """Describe every message; `row` is the schema of a row of any table."""
    changes = {"type": "array", "items": _CHANGE}
    of_table = changes_of(row)["properties"] | _PAGE | {"table": _TEXT, "schema": _TEXT}
    return {
        "webhook.challenge": _message(
            "webhook.challenge", "Un essai : renvoyez la valeur de « challenge ».",
            {"challenge": _TEXT},
        ),
        "table.changed": _message(
            "table.changed", "Les changements d’une table réunie, comme « /changes ».", of_table
        ),
        "table.removed": _message(
            "table.removed", "Une table n’est plus publique.", {"table": _TEXT}
        ),
        "datasets.changed": _message(
            "datasets.changed", "Les changements du catalogue.", _PAGE | {"changes": changes}
        ),
    }  # fmt: skip


def _message(name: str, text: str, data: Mapping[str, Any]) -> dict[str, Any]:
    body = {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": name},
            "timestamp": _MOMENT,
            "data": {"type": "object", "required": sorted(data), "properties": dict(data)},
        },
    }
    headers = [
        {"name": header, "in": "header", "required": True, "description": said, "schema": _TEXT}
        for header, said in _HEADERS.items()
    ]
    return {
        "post": {
            "operationId": name,
            "summary": text,
            "tags": ["Abonnements"],
            "parameters": headers,
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": {
                "2XX": {"description": "Accepté."},
                "410": {"description": "Plus rien n’est envoyé."},
            },
        }
    }
