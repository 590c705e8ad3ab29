"""`/api/territoire/v1/tables`: the merged tables, whole in each format, and their changes."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, jsonify, request, send_file

from ckanext.territoire.api.edge import COMPRESSED, accepts_gzip, guard
from ckanext.territoire.api.error import open_to_all, refuse
from ckanext.territoire.api.given import cut
from ckanext.territoire.api.open_table import (
    Table,
    add_headers,
    audience,
    is_shown,
    open_table,
    to_notice,
)
from ckanext.territoire.delivery import delta, exports, figures
from ckanext.territoire.delivery.page_size import MAX_CHANGES
from ckanext.territoire.developers.calls import note_columns
from ckanext.territoire.developers.columns_used import ALL
from harvesters.errors import Refused
from harvesters.model import Issue

tables = guard(Blueprint("territoire_tables", __name__, url_prefix="/api/territoire/v1/tables"))
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@tables.route("")
def index() -> Response:
    """List the tables that the reader may see, with their figures."""
    told = [figures.to_dict(each) for each in figures.all_figures() if is_shown(each.dataset_id)]
    answer = jsonify({"tables": told})
    answer.headers["Cache-Control"] = f"{audience()}, no-cache"
    answer.add_etag(weak=True)
    return open_to_all(answer.make_conditional(request))


@tables.route("/<slug>")
def show(slug: str) -> Response:
    """Describe a table: figures, formats, schema, address of its rows and of its changes."""
    table = open_table(slug)
    told = figures.figures_of(table.schema.slug)
    assert told is not None
    shown = figures.to_dict(told, table.address) | {"announcement": to_notice(table.announcement)}
    answer = jsonify(shown)
    answer.add_etag(weak=True)
    return add_headers(answer.make_conditional(request), table)


@tables.route("/<slug>.<ending>")
def file(slug: str, ending: str) -> Response:
    """Serve the whole table in a format."""
    table = open_table(slug)
    if ending not in TYPES or (ending == "geojson" and table.schema.position is None):
        accepted = tuple(e for e in TYPES if e != "geojson" or table.schema.position)
        issue = Issue("TER-API-151", found=cut(ending), expected=", ".join(accepted))
        return refuse(400, issue, "format", accepted)
    try:
        path = exports.export(table.schema, table.merged, ending)
    except Refused as fault:
        return refuse(422, fault.issue, "format")
    _note_whole(table)
    is_compressed = TYPES[ending].partition(";")[0] in COMPRESSED and accepts_gzip()
    sent = exports.compressed(path) if is_compressed else path
    answer: Any = send_file(
        sent, mimetype=TYPES[ending], as_attachment=ending in ("xlsx", "parquet"),
        download_name=f"{slug}.{ending}", etag=sent.name, conditional=True, last_modified=None,
    )  # fmt: skip
    if is_compressed and answer.status_code == 200:
        answer.headers["Content-Encoding"] = "gzip"
    return add_headers(answer, table)


@tables.route("/<slug>/changes")
def changes(slug: str) -> Response:
    """Tell what was added, changed or removed since a cursor."""
    table = open_table(slug)
    merged = table.merged
    asked = request.args.get("since", "")
    since = delta.read_cursor(asked)
    if since is None or since.number > merged.cursor:
        told = (str(merged.cursor),)
        return refuse(400, Issue("TER-API-152", found=cut(asked)), "since", told)
    limit = request.args.get("limit", "1000")
    if not limit.isascii() or not limit.isdigit() or not 0 < int(limit[:9]) <= MAX_CHANGES:
        most = str(MAX_CHANGES)
        return refuse(400, Issue("TER-API-153", found=cut(limit), expected=most), "limit", (most,))
    page = delta.read_changes(table.schema, merged, since, int(limit))
    _note_whole(table)
    answer = jsonify(
        {"changes": list(page.changes), "cursor": page.cursor, "has_more": page.has_more}
    )
    columns = len(table.schema.fields)  # a column that ends changes the answer
    answer.set_etag(f"{merged.resource_id}-{merged.cursor}-{columns}-{asked}-{limit}", weak=True)
    return add_headers(answer.make_conditional(request), table)


def _note_whole(table: Table) -> None:
    """Remember that all columns were given, and none named."""
    if not table.is_sandbox:
        note_columns(table.slug, (ALL,))


@tables.route("/<slug>/schema")
def schema(slug: str) -> Any:
    """Lead to the schema that the rows of a table follow."""
    table = open_table(slug)
    return open_to_all(toolkit.redirect_to(f"/modeles/{table.schema.id}/schema.json"))
