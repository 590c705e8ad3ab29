"""The operations of the sandbox: those of the tables, and a word that asks for a refusal. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ckanext.territoire.api.operation import Operation, Param
from ckanext.territoire.api.operations import operations_on

ROOT = "/api/territoire/v1/sandbox/tables"
TAG = "Bac à sable"
WORD = Param(
    "simulate",
    "Réponse à essayer : 429, 503 ou 410 telles que l’API les donnerait, ou les en-têtes d’une"
    " table qui va disparaître (deprecation).",
    {"enum": ["429", "503", "410", "deprecation"]},
)
_TEXT = {"type": "string"}
LISTED = Operation(
    "sandbox_list", ROOT, "Lister les tables du bac à sable",
    "Une pour chaque modèle : quelques lignes, toujours les mêmes.", (WORD,),
    {"application/json": {
        "type": "object",
        "required": ["tables"],
        "properties": {"tables": {"type": "array", "items": {
            "type": "object",
            "required": ["slug", "title", "schema_id", "read"],
            "properties": {"slug": _TEXT, "title": _TEXT, "schema_id": _TEXT,
                           "read": {"type": "string", "format": "uri"}},
        }}},
    }},
    (400, 410, 503), tag=TAG,
)  # fmt: skip


def sandbox_operations() -> tuple[Operation, ...]:
    """The operations on any table of the sandbox."""
    slug = {"type": "string", "pattern": "^[a-z0-9-]+$"}
    named = Param("slug", "Nom de la table : celui de son modèle.", slug, "arbres", "path")
    return (LISTED, *sandbox_operations_on(f"{ROOT}/{{slug}}", {"type": "object"}, named, ()))


def sandbox_operations_on(
    path: str, row: Mapping[str, Any], slug: Param | None, filters: tuple[Param, ...]
) -> tuple[Operation, ...]:
    """The operations on one table of the sandbox, whose address is `path`."""
    return tuple(
        replace(
            each, id=f"sandbox_{each.id}", tag=TAG, params=(*each.params, WORD),
            refusals=tuple(sorted({*each.refusals, 400, 410, 503})),
        )
        for each in operations_on(path, row, slug, filters)
    )  # fmt: skip
