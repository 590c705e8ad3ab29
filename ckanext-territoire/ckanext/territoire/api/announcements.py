"""`/api/territoire/v1/announcements`: what will change or go in the API, for programs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from ckanext.territoire.api.edge import guard
from ckanext.territoire.api.error import open_to_all
from ckanext.territoire.api.operation import Operation
from ckanext.territoire.developers.announced import Announced, public
from ckanext.territoire.developers.announced_headers import page_of
from ckanext.territoire.developers.announced_words import headline

PREFIX = "/api/territoire/v1"
announcements = guard(Blueprint("territoire_announcements", __name__, url_prefix=PREFIX))
_TEXT = {"type": "string"}
_DAY = {"type": "string", "format": "date"}
ANNOUNCED = Operation(
    "announcements", f"{PREFIX}/announcements", "Lire ce qui va changer",
    "Les tables, les colonnes et les adresses qui vont changer ou disparaître, dans l’ordre des"
    " jours. Ce qui est passé reste dans la liste.", (),
    {"application/json": {
        "type": "object",
        "required": ["announcements"],
        "properties": {"announcements": {"type": "array", "items": {
            "type": "object",
            "required": ["kind", "effect", "table", "column", "address", "since", "at", "becomes",
                         "why", "is_over", "headline", "page"],
            "properties": {
                "kind": {"enum": ["table", "column", "address"]},
                "effect": {"enum": ["end", "change"]},
                "table": _TEXT, "column": _TEXT, "address": _TEXT, "since": _DAY,
                "at": {**_DAY, "description": "Le dernier jour de ce qui disparaît, le jour de ce"
                       " qui change."},
                "becomes": _TEXT, "why": _TEXT, "is_over": {"type": "boolean"},
                "headline": _TEXT, "page": {"type": "string", "format": "uri"},
            },
        }}},
    }},
    tag="Changements annoncés",
)  # fmt: skip


@announcements.route("/announcements")
def index() -> Response:
    """List what is announced."""
    answer = jsonify({"announcements": [to_dict(each) for each in public()]})
    answer.headers["Cache-Control"] = "public, no-cache"
    answer.add_etag(weak=True)
    return open_to_all(answer.make_conditional(request))


def to_dict(told: Announced) -> dict[str, Any]:
    """An announcement as everybody reads it: who made it is not said."""
    today = datetime.now(UTC).date()
    return {
        "kind": told.what.value, "effect": told.effect.value, "table": told.slug,
        "column": told.column, "address": told.address, "since": told.since.isoformat(),
        "at": told.at.isoformat(), "becomes": told.becomes, "why": told.why,
        "is_over": told.is_over(today), "headline": headline(told, today), "page": page_of(told),
    }  # fmt: skip
