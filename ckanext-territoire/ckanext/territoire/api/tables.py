"""`/api/territoire/v1/tables`: the merged tables, whole in each format, and their changes."""

from __future__ import annotations

import difflib
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Context
from flask import Blueprint, Response, jsonify, request, send_file

from ckanext.territoire.api.error import open_to_all, refuse
from ckanext.territoire.delivery import delta, exports, figures
from ckanext.territoire.delivery.merged import Merged, load_merged
from harvesters.errors import Refused
from harvesters.model import Issue
from schemas.load import load, slugs
from schemas.model import Schema

tables = Blueprint("territoire_tables", __name__, url_prefix="/api/territoire/v1/tables")
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Shown = tuple[Schema, Merged]


@tables.route("")
def index() -> Response:
    """List the tables that the reader may see, with their figures."""
    told = [figures.to_dict(each) for each in figures.all_figures() if _is_shown(each.dataset_id)]
    return open_to_all(jsonify({"tables": told}))


@tables.route("/<slug>")
def show(slug: str) -> Response:
    """Describe a table: figures, formats, schema, address of its changes."""
    found = _find(slug)
    if isinstance(found, Response):
        return found
    told = figures.figures_of(found[0].slug)
    assert told is not None
    return open_to_all(jsonify(figures.to_dict(told)))


@tables.route("/<slug>.<ending>")
def file(slug: str, ending: str) -> Response:
    """Serve the whole table in a format."""
    found = _find(slug)
    if isinstance(found, Response):
        return found
    schema, merged = found
    if ending not in TYPES or (ending == "geojson" and schema.position is None):
        accepted = tuple(e for e in TYPES if e != "geojson" or schema.position)
        told = ", ".join(accepted)
        return refuse(404, Issue("TER-API-151", found=ending, expected=told), "format", accepted)
    try:
        path = exports.export(schema, merged, ending)
    except Refused as fault:
        return refuse(422, fault.issue, "format")
    name = f"{slug}.{ending}"
    answer: Any = send_file(
        path, mimetype=TYPES[ending], as_attachment=ending in ("xlsx", "parquet"),
        download_name=name, etag=path.stem, conditional=True, last_modified=None,
    )  # fmt: skip
    answer.headers["Cache-Control"] = "public, no-cache"
    return open_to_all(answer)


@tables.route("/<slug>/changes")
def changes(slug: str) -> Response:
    """Tell what was added, changed or removed since a cursor."""
    found = _find(slug)
    if isinstance(found, Response):
        return found
    schema, merged = found
    asked = request.args.get("since", "")
    since = delta.read_cursor(asked)
    if since is None or since.number > merged.cursor:
        return refuse(400, Issue("TER-API-152", found=asked[:60]), "since", (str(merged.cursor),))
    limit = request.args.get("limit", "1000")
    if not limit.isascii() or not limit.isdigit() or not 0 < int(limit) <= delta.MAX_CHANGES:
        told = str(delta.MAX_CHANGES)
        return refuse(400, Issue("TER-API-153", found=limit[:20], expected=told), "limit", (told,))
    page = delta.read_changes(schema, merged, since, int(limit))
    answer = jsonify(
        {"changes": list(page.changes), "cursor": page.cursor, "has_more": page.has_more}
    )
    answer.headers["Cache-Control"] = "public, no-cache"
    answer.set_etag(f"{merged.resource_id}-{merged.cursor}-{asked}-{limit}")
    return open_to_all(answer.make_conditional(request))


@tables.route("/<slug>/schema")
def schema(slug: str) -> Any:
    """Lead to the schema that the rows of a table follow."""
    found = _find(slug)
    if isinstance(found, Response):
        return found
    return toolkit.redirect_to(f"/modeles/{found[0].id}/schema.json")


def _find(slug: str) -> Shown | Response:
    merged = load_merged(slug)
    if merged is None or not _is_shown(merged.dataset_id):
        near = ", ".join(difflib.get_close_matches(slug, slugs(), n=3)) or "aucun"
        return refuse(404, Issue("TER-API-154", found=slug[:80], expected=near), "slug")
    return load(*merged.schema_id.split("/")), merged


def _is_shown(dataset_id: str) -> bool:
    """Say whether the reader may see the dataset of a table; what is hidden is as absent."""
    try:
        toolkit.check_access("package_show", Context(user=toolkit.g.user), {"id": dataset_id})
    except (toolkit.NotAuthorized, toolkit.ObjectNotFound):
        return False
    return True
