"""The description of the API for programs: one OpenAPI document, and one for each table."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Response, jsonify, request

from ckanext.territoire.api.elsewhere import elsewhere
from ckanext.territoire.api.error import open_to_all
from ckanext.territoire.api.open_table import add_headers, audience, is_shown, open_table
from ckanext.territoire.api.openapi import About, to_api_document, to_table_document
from ckanext.territoire.api.tables import tables
from ckanext.territoire.delivery.figures import merged_tables
from ckanext.territoire.portal.typography import spaced
from schemas.load import load
from schemas.model import Schema
from schemas.vocabulary import plain

TEXT = (
    "Les tables réunies des communes : une adresse par thème pour tout le territoire. Toute réponse"
    " dit ce qui reste du quota (RateLimit) et son état (ETag). Les erreurs ont une seule forme."
    " Le guide des développeurs est à l’adresse /aide/developpeurs."
)


@elsewhere.route("/openapi.json")
def general() -> Response:
    """Describe the whole API."""
    return _send(to_api_document(served_schemas(), about()))


@tables.route("/<slug>/openapi.json")
def of_table(slug: str) -> Response:
    """Describe the API of one table, its columns as parameters."""
    table = open_table(slug)
    document = to_table_document(table.schema, about(table.schema.title), table.is_sandbox)
    return add_headers(_send(document), table)


def served_schemas() -> tuple[Schema, ...]:
    """The schemas of the tables that the reader may see, in the order of their titles."""
    shown = [each for each in merged_tables() if is_shown(each.dataset_id)]
    found = (load(*each.schema_id.split("/")) for each in shown)
    return tuple(sorted(found, key=lambda each: plain(each.title)))


def about(title: str = "API des tables") -> About:
    """What a document says of this site."""
    config: Any = toolkit.config
    return About(
        f"{spaced(config.get('ckan.site_title'))} – {title}", config["ckan.site_url"], TEXT
    )


def _send(document: dict[str, Any]) -> Response:
    answer = jsonify(document)
    answer.headers["Cache-Control"] = f"{audience()}, no-cache"
    answer.add_etag(weak=True)
    return open_to_all(answer.make_conditional(request))
