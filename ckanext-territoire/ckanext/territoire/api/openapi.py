"""OpenAPI 3.1 of our API and of the actions of CKAN that we promise. Pure.

Rows are typed by the components of `schemas.to_openapi`. The general document names a table by
`{slug}`; that of one table has its columns as parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.territoire.api.actions import ACTIONS
from ckanext.territoire.api.announcements import ANNOUNCED
from ckanext.territoire.api.columns import OPERATORS, Column, Kind, Op, columns_of
from ckanext.territoire.api.components import ERROR, HEADERS, REFUSALS, TABLE
from ckanext.territoire.api.operation import Operation, Param
from ckanext.territoire.api.operations import ROOT, operations_on
from ckanext.territoire.api.reuses import REUSED
from ckanext.territoire.api.sandbox_operations import ROOT as SANDBOX
from ckanext.territoire.api.sandbox_operations import sandbox_operations, sandbox_operations_on
from ckanext.territoire.api.told_changes import to_webhooks
from schemas.model import Schema
from schemas.to_openapi import DIALECT, component_name, to_row

API = "/api/territoire/v1/"
A_TABLE = {"$ref": "#/components/schemas/Table"}
LISTED = Operation(
    "list", ROOT, "Lister les tables", "Celles du territoire, avec leurs chiffres.", (),
    {"application/json": {
        "type": "object",
        "required": ["tables"],
        "properties": {"tables": {"type": "array", "items": A_TABLE}},
    }},
)  # fmt: skip
_KINDS: dict[Kind, dict[str, Any]] = {
    Kind.INTEGER: {"type": "integer", "format": "int64"},
    Kind.NUMBER: {"type": "number"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.MOMENT: {"type": "string", "format": "date-time"},
}
_SAID = {
    Op.GTE: ("au moins", None),
    Op.LTE: ("au plus", None),
    Op.CONTAINS: ("contient, sans égard aux accents ni aux majuscules", {"type": "string"}),
    Op.HAS: ("la liste a cet élément", {"type": "string"}),
    Op.NULL: ("true : vide, false : remplie", {"type": "boolean"}),
}
OPEN_FILTERS = {
    "name": "filtres",
    "in": "query",
    "description": "Toute colonne de la table, seule ou suivie de « __ » et d’un opérateur.",
    "style": "form",
    "explode": True,
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
}


@dataclass(frozen=True, slots=True)
class About:
    """What a document says of the site."""

    title: str
    url: str
    text: str = ""


def all_operations(tables: Sequence[Schema]) -> tuple[Operation, ...]:
    """Every operation of the general document, on the tables that are served."""
    slug: dict[str, Any] = {"type": "string", "pattern": "^[a-z0-9-]+$"}
    if tables:
        slug["enum"] = [each.slug for each in tables]
    named = Param("slug", "Nom de la table, tel que la liste le donne.", slug, where="path")
    rows = [{"$ref": f"#/components/schemas/{component_name(each)}"} for each in tables]
    row = {"anyOf": rows} if rows else {"type": "object"}
    tables_ = operations_on(f"{ROOT}/{{slug}}", row, named, ())
    return (LISTED, *tables_, ANNOUNCED, REUSED, *sandbox_operations(), *ACTIONS)


def to_api_document(tables: Sequence[Schema], about: About) -> dict[str, Any]:
    """Write the general document."""
    rows = [{"$ref": f"#/components/schemas/{component_name(each)}"} for each in tables]
    told = to_webhooks({"anyOf": rows} if rows else {"type": "object"})
    return _document(all_operations(tables), tables, about) | {"webhooks": told}


def operations_of(schema: Schema, is_sandbox: bool = False) -> tuple[Operation, ...]:
    """The operations on one table, its columns as parameters."""
    row = {"$ref": f"#/components/schemas/{component_name(schema)}"}
    filters = tuple(each for column in columns_of(schema).values() for each in _filters(column))
    if is_sandbox:
        return sandbox_operations_on(f"{SANDBOX}/{schema.slug}", row, None, filters)
    return operations_on(f"{ROOT}/{schema.slug}", row, None, filters)


def to_table_document(schema: Schema, about: About, is_sandbox: bool = False) -> dict[str, Any]:
    """Write the document of one table."""
    return _document(operations_of(schema, is_sandbox), (schema,), about)


def _filters(column: Column) -> Iterable[Param]:
    """A column as parameters: equal, and the comparisons that are asked most."""
    able = OPERATORS[column.kind]
    kind = _KINDS.get(column.kind, {"type": "string"})
    if Op.EQ in able:
        others = ", ".join(f"__{op.value}" for op in able if op is not Op.EQ)
        yield Param(column.name, f"{column.title}. Autres opérateurs : {others}.", kind)
    for op, (said, schema) in _SAID.items():
        if op in able:
            yield Param(f"{column.name}__{op.value}", f"{column.title} : {said}.", schema or kind)


def _document(
    operations: Sequence[Operation], tables: Sequence[Schema], about: About
) -> dict[str, Any]:
    rows = {component_name(each): to_row(each) for each in tables}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": about.title,
            "version": "1",
            "description": about.text,
            "license": {"name": "Licence Ouverte 2.0",
                        "url": "https://www.etalab.gouv.fr/licence-ouverte-open-licence"},
        },
        "jsonSchemaDialect": DIALECT,
        "servers": [{"url": about.url}],
        "externalDocs": {"url": f"{about.url}/aide/developpeurs"},
        "security": [{}, {"key": []}],
        "tags": [{"name": name} for name in dict.fromkeys(each.tag for each in operations)],
        "paths": {each.path: {"get": _operation(each)} for each in operations},
        "components": {
            "schemas": {"Error": ERROR, "Table": TABLE, **dict(sorted(rows.items()))},
            "headers": HEADERS,
            "responses": dict(REFUSALS.values()),
            "securitySchemes": {"key": {
                "type": "http", "scheme": "bearer",
                "description": "Une clé d’API de votre compte. Sans elle, tout ce qui est public"
                               " reste lisible, avec un quota plus petit.",
            }},
        },
    }  # fmt: skip


def _operation(told: Operation) -> dict[str, Any]:
    params = [_param(each) for each in told.params]
    if told.has_open_filters:
        params.append(OPEN_FILTERS)
    return {
        "operationId": told.id,
        "summary": told.title,
        "description": told.text,
        "tags": [told.tag],
        "parameters": params,
        "responses": _responses(told),
    }


def _param(told: Param) -> dict[str, Any]:
    is_path = told.where == "path"
    example = {"example": told.example} if told.example else {}
    return {
        "name": told.name, "in": told.where, "description": told.text, "required": is_path,
        "schema": dict(told.schema), **example,
    }  # fmt: skip


def _responses(told: Operation) -> dict[str, Any]:
    is_ours = told.path.startswith(API)
    names = ("RateLimit", "RateLimit-Policy", "ETag", "Link") if is_ours else ()
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    answers: dict[str, Any] = {}
    if told.answers:
        content = {type_: {"schema": dict(schema)} for type_, schema in told.answers.items()}
        answers["200"] = {"description": "La réponse.", "headers": headers, "content": content}
    if told.redirects:
        answers["302"] = {"description": "Mène au modèle."}
    if told.is_revalidated:
        answers["304"] = {"description": "Rien n’a changé depuis la réponse que vous avez."}
    if told.path.startswith(f"{ROOT}/"):
        answers["308"] = {"description": "La table a un autre nom : l’adresse mène à lui."}
    always = (401, 429) if is_ours else ()
    for status in sorted((*told.refusals, *always)):
        answers[str(status)] = _refusal(status, is_ours)
    return answers


def _refusal(status: int, is_ours: bool) -> Mapping[str, Any]:
    if is_ours:
        return {"$ref": f"#/components/responses/{REFUSALS[status][0]}"}
    return {
        "description": "Refusé par CKAN, qui dit pourquoi.",
        "content": {"application/json": {}},
    }
