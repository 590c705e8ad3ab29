"""From a schema to the OpenAPI 3.1 component of a row of its merged table (JSON Schema 2020-12).

A row is told as the API gives it: typed, absent values `null`, with the columns that say where it
comes from. Names are for machines: `StationnementHorsVoirie_0_1_5`, and `StationnementHorsVoirie`
for the newest version.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from schemas.load import version_key
from schemas.model import Field, Schema
from schemas.to_columns import stored_type
from schemas.typed_value import to_typed

DIALECT = "https://spec.openapis.org/oas/3.1/dialect/base"
_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "int8": {"type": "integer", "format": "int64"},
    "int4": {"type": "integer", "format": "int32"},
    "numeric": {"type": "number"},
    "bool": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "timestamp": {"type": "string"},
    "timestamptz": {"type": "string", "format": "date-time"},
}
_NUMBERS = ("int8", "int4", "numeric")
PROVENANCE: dict[str, dict[str, Any]] = {
    "_id": {"type": "integer", "description": "Numéro de la ligne dans la table du territoire."},
    "territoire_commune": {"type": ["string", "null"], "pattern": "^[0-9][0-9AB][0-9]{3}$",
        "description": "Code INSEE de la commune de la ligne."},
    "territoire_commune_nom": {"type": ["string", "null"],
        "description": "Nom de la commune de la ligne."},
    "territoire_jeu": {"type": "string", "description": "Jeu de données d’où vient la ligne."},
    "territoire_ressource": {"type": "string", "description": "Fichier d’où vient la ligne."},
    "territoire_livraison": {"type": "string",
        "description": "Livraison qui a apporté cet état de la ligne."},
    "territoire_ligne": {"type": "integer", "minimum": 1,
        "description": "Numéro de la ligne dans le fichier livré."},
    "territoire_maj": {"type": "string", "format": "date-time",
        "description": "Dernier changement de la ligne."},
    "territoire_hors_epci": {"type": "boolean",
        "description": "Vrai quand la ligne est hors du territoire."},
    "territoire_doublon": {"type": ["string", "null"],
        "description": "Pourquoi une autre ligne de même identifiant est préférée ; nul sinon."},
}  # fmt: skip

READ: dict[str, dict[str, Any]] = {
    "territoire_cle": {"type": "string", "description": "Identifiant de la ligne dans la table."},
    "territoire_distance_m": {"type": ["number", "null"], "minimum": 0,
        "description": "Distance au point de « near », en mètres."},
}  # fmt: skip


def to_document(schemas: Iterable[Schema], title: str) -> dict[str, Any]:
    """Write one OpenAPI document that holds the row of every schema, and no path."""
    listed = sorted(schemas, key=lambda each: (each.slug, version_key(each.version)))
    components = {component_name(each): to_component(each) for each in listed}
    newest = {_pascal(each.slug): component_name(each) for each in listed}
    aliases = {alias: {"$ref": f"#/components/schemas/{name}"} for alias, name in newest.items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "jsonSchemaDialect": DIALECT,
        "components": {"schemas": dict(sorted((components | aliases).items()))},
    }


def component_name(schema: Schema) -> str:
    """Name the component of one version.

    >>> from schemas.load import find
    >>> component_name(find("stationnement-hors-voirie/0.1.5"))
    'StationnementHorsVoirie_0_1_5'
    """
    return f"{_pascal(schema.slug)}_{schema.version.replace('.', '_')}"


def to_component(schema: Schema) -> dict[str, Any]:
    """Write the component of a row: every column is there, filled or `null`."""
    properties = {field.name: _property(field) for field in schema.fields} | PROVENANCE
    return {
        "title": schema.title,
        "description": schema.description,
        "type": "object",
        "required": list(properties),
        "properties": properties,
    }


def to_row(schema: Schema) -> dict[str, Any]:
    """Write the component of a row as it is read one page at a time: those of its columns that
    are asked, its key, where it comes from and how far it is on demand; nothing else."""
    hidden = ("_id", "territoire_doublon")
    told = {field.name: _property(field) for field in schema.fields} | READ
    told |= {name: each for name, each in PROVENANCE.items() if name not in hidden}
    return {
        "title": schema.title,
        "description": schema.description,
        "type": "object",
        "additionalProperties": False,
        "properties": told,
    }


def _pascal(slug: str) -> str:
    return "".join(word.capitalize() for word in slug.split("-"))


def _property(field: Field) -> dict[str, Any]:
    stored = stored_type(field)
    told = {"title": field.title, "description": field.description, **_TYPES[stored]}
    told |= _limits(field, stored)
    if field.example:
        told["examples"] = [to_typed(field, field.example)]
    if not field.is_required:
        told["type"] = [told["type"], "null"]
        if "enum" in told:
            told["enum"] = [*told["enum"], None]
    return told


def _limits(field: Field, stored: str) -> dict[str, Any]:
    """Tell the constraints that hold for the stored value."""
    told: dict[str, Any] = {}
    if stored in _NUMBERS:
        bounds = {"minimum": field.minimum, "maximum": field.maximum}
        told |= {key: to_typed(field, text) for key, text in bounds.items() if text is not None}
    is_array = field.type.value == "array"
    if field.enum and not is_array:
        told["enum"] = [to_typed(field, value) for value in field.enum]
    if stored == "text" and not is_array:
        if field.pattern:
            told["pattern"] = _whole(field.pattern)
        lengths = {"minLength": field.min_length, "maxLength": field.max_length}
        told |= {key: length for key, length in lengths.items() if length is not None}
    return told


def _whole(pattern: str) -> str:
    """Anchor a pattern: Table Schema matches the whole value, JSON Schema any part of it.

    >>> _whole("[A-Z]|[0-9]"), _whole("^[0-9]$")
    ('^(?:[A-Z]|[0-9])$', '^[0-9]$')
    """
    is_anchored = re.fullmatch(r"\^[^|]*\$", pattern) is not None
    return pattern if is_anchored else f"^(?:{pattern})$"
