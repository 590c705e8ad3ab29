"""`/api/territoire/v1/reuses`: what people make of the data, for programs."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, jsonify, request

from ckanext.territoire.api.edge import guard
from ckanext.territoire.api.error import open_to_all, refuse
from ckanext.territoire.api.given import cut
from ckanext.territoire.api.operation import Operation, Param
from ckanext.territoire.community.words import TYPES
from ckanext.territoire.logic.reuse import LISTED, MAX_LISTED
from harvesters.model import Issue

PATH = "/api/territoire/v1/reuses"
reuses = guard(Blueprint("territoire_reuses_api", __name__, url_prefix=PATH))
MAX_OFFSET = 1_000_000
_TEXT = {"type": "string"}
_PICTURE = {
    "type": ["object", "null"],
    "required": ["url", "width", "height", "alt"],
    "properties": {
        "url": {"type": "string", "format": "uri"},
        "width": {"type": "integer"},
        "height": {"type": "integer"},
        "alt": _TEXT,
        "version": {"type": "string", "description": "Change avec l’image."},
    },
}
REUSE = {
    "type": "object",
    "title": "Réutilisation",
    "required": ["slug", "title", "body", "author", "url", "page", "type", "datasets"],
    "properties": {
        "slug": _TEXT,
        "title": _TEXT,
        "body": {"type": "string", "description": "Ce que c’est, en Markdown."},
        "author": _TEXT,
        "url": {"type": "string", "description": "Où on la voit."},
        "page": {"type": "string", "format": "uri", "description": "Sa page sur ce portail."},
        "type": {"enum": list(TYPES)},
        "theme": _TEXT,
        "commune": {"type": ["string", "null"], "description": "Code Insee ; null : partout."},
        "datasets": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "title"],
                "properties": {"name": _TEXT, "title": _TEXT},
            },
        },
        "picture": _PICTURE,
        "thumbnail": _PICTURE,
        "published_at": {"type": ["string", "null"], "format": "date-time"},
    },
}
REUSED = Operation(
    "reuses", PATH, "Lister les réutilisations",
    "Ce que l’on a fait des données, lu par l’intercommunalité ; la plus récente d’abord.",
    (
        Param("type", "Genre de réutilisation.", {"enum": list(TYPES)}),
        Param("theme", "Thème, tel que le vocabulaire du portail le nomme."),
        Param("commune", "Code Insee ou nom ; celles de tout le territoire suivent."),
        Param("dataset", "Nom ou identifiant d’un jeu de données."),
        Param("limit", f"Nombre de réutilisations ({LISTED} sans précision).",
              {"type": "integer", "minimum": 1, "maximum": MAX_LISTED}),
        Param("offset", "Nombre de réutilisations à passer.",
              {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET}),
    ),
    {"application/json": {
        "type": "object",
        "required": ["total", "reuses"],
        "properties": {
            "total": {"type": "integer", "minimum": 0},
            "reuses": {"type": "array", "maxItems": MAX_LISTED, "items": REUSE},
        },
    }},
    (400,),
    tag="Réutilisations",
)  # fmt: skip


@reuses.route("")
def index() -> Response:
    """List the accepted reuses."""
    asked: dict[str, Any] = {name: request.args.get(name, "") for name in
                             ("type", "theme", "commune", "dataset")}  # fmt: skip
    if asked["type"] and asked["type"] not in TYPES:
        issue = Issue("TER-API-254", "type", cut(asked["type"]))
        return refuse(400, issue, "type", tuple(TYPES))
    for name, least, most in (("limit", 1, MAX_LISTED), ("offset", 0, MAX_OFFSET)):
        told = request.args.get(name)
        if told is None:
            continue
        if not told.isascii() or not told.isdigit() or not least <= int(told[:9]) <= most:
            issue = Issue("TER-API-257", name, cut(told), f"{least} à {most}")
            return refuse(400, issue, name, (f"{least} à {most}",))
        asked[name] = told
    answer = jsonify(toolkit.get_action("territoire_reuse_list")({}, asked))
    answer.headers["Cache-Control"] = "public, no-cache"
    answer.add_etag(weak=True)
    return open_to_all(answer.make_conditional(request))
