"""The API for people who program: every operation on one page, with a form that tries it.

The page needs no script: an example is a link to a real answer, and a form leads to the address
that its answers make. With scripts the answer is shown below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ckan.plugins import toolkit
from flask import Blueprint, redirect, request

from ckanext.territoire.api.actions import ACTIONS
from ckanext.territoire.api.columns import OPERATORS, columns_of
from ckanext.territoire.api.documents import served_schemas
from ckanext.territoire.api.examples import examples_of
from ckanext.territoire.api.openapi import all_operations
from ckanext.territoire.api.operation import Operation, Param
from ckanext.territoire.api.operations import ROOT, operations_on
from ckanext.territoire.api.sample import sample_of
from ckanext.territoire.portal.api_request import OPERATORS as COMPARISONS
from ckanext.territoire.portal.api_request import missing, to_path
from ckanext.territoire.portal.typography import number
from schemas.model import Schema

api_pages = Blueprint("territoire_api_pages", __name__)
_WORDS = {"integer": "un nombre entier", "number": "un nombre", "boolean": "true ou false"}


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column of a table as the page lists it."""

    name: str
    title: str
    kind: str
    operators: tuple[str, ...]


@api_pages.route("/developpeurs/api")
def index() -> str:
    """List the operations, on the table that is chosen."""
    served = served_schemas()
    schema = _chosen(served, request.args.get("table", ""))
    shown = {
        "tables": served,
        "schema": schema,
        "general": _general(),
        "operations": _on_table(schema),
        "columns": _columns(schema) if schema else (),
        "comparisons": COMPARISONS,
        "examples": examples_of(schema, sample_of(schema)) if schema else (),
        "actions": ACTIONS,
        "site": toolkit.config["ckan.site_url"],
        "collection": schema.slug if schema and schema.position else "",
        "expected": expected,
    }
    return toolkit.render("territoire/api.html", shown)


@api_pages.route("/developpeurs/api/essayer")
def try_it() -> Any:
    """Lead to the address that a form of the page makes."""
    typed = request.args.to_dict()
    schema = _chosen(served_schemas(), typed.get("table", ""))
    known = {each.id: each for each in (*_general(), *_on_table(schema), *ACTIONS)}
    operation = known.get(typed.get("demande", ""))
    if operation is None:
        toolkit.abort(404, "Cette demande n’existe pas.")
    lacking = missing(operation, typed)
    if lacking:
        toolkit.abort(400, f"Il manque une réponse\u00a0: {', '.join(lacking)}.")
    return redirect(to_path(operation, typed))


@api_pages.route("/api/documentation")
def former() -> Any:
    """Where the explorer of this site was."""
    asked = f"?{urlencode(list(request.args.items(multi=True)))}" if request.args else ""
    return redirect(toolkit.url_for("territoire_api_pages.index") + asked, code=301)


def expected(param: Param) -> str:
    """Say what a parameter takes.

    >>> expected(Param("limit", "", {"type": "integer", "maximum": 5000}))
    'un nombre entier, 5\\u202f000 au plus'
    """
    schema: Mapping[str, Any] = param.schema
    if "enum" in schema:
        return ", ".join(schema["enum"])
    told = _WORDS.get(str(schema.get("type")), "un texte")
    most = schema.get("maximum")
    return f"{told}, {number(most)} au plus" if most else told


def _general() -> tuple[Operation, ...]:
    """The operations of ours that name no table."""
    found = all_operations(())
    return tuple(each for each in found if "{" not in each.path and each not in ACTIONS)


def _on_table(schema: Schema | None) -> tuple[Operation, ...]:
    return operations_on(f"{ROOT}/{schema.slug}", {}, None, ()) if schema else ()


def _chosen(served: Sequence[Schema], slug: str) -> Schema | None:
    """The table asked, else the first one."""
    return next((each for each in served if each.slug == slug), served[0] if served else None)


def _columns(schema: Schema) -> tuple[ShownColumn, ...]:
    return tuple(
        ShownColumn(c.name, c.title, c.kind.value, tuple(op.value for op in OPERATORS[c.kind]))
        for c in columns_of(schema).values()
    )
