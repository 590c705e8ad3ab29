"""`/api/territoire/v1/sandbox/tables`: the API on tables of fixed rows, and its refusals on demand.

The views are those of the real tables. `simulate` gives an answer that a client must live through:
429, 503, 410, or the headers of a table that will go.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from ckanext.territoire.api import documents, rows, tables
from ckanext.territoire.api.edge import guard
from ckanext.territoire.api.error import open_to_all, refuse
from ckanext.territoire.api.given import cut
from ckanext.territoire.api.open_table import add_headers, open_table
from ckanext.territoire.delivery import figures
from ckanext.territoire.developers.announced_headers import deprecation, sunset
from ckanext.territoire.developers.sandbox import BLUEPRINT, MADE_AT, PATH, SIMULATE
from ckanext.territoire.portal.typography import day
from harvesters.model import Issue
from schemas.load import latest, slugs
from schemas.vocabulary import plain

sandbox = guard(Blueprint(BLUEPRINT, __name__, url_prefix=PATH))
RETRY_S = 2
DEPRECATION = "deprecation"
SINCE, LAST = date(2026, 1, 2), date(2999, 12, 31)
# refusals of the real API, as it would write them
REFUSALS: dict[str, Issue] = {
    "429": Issue("TER-API-179", found="0", expected=str(RETRY_S)),
    "503": Issue("TER-API-176"),
    "410": Issue("TER-API-174", where="sandbox", found=day(SINCE), expected="aucune"),
}
ANSWERS = (*REFUSALS, DEPRECATION)


@sandbox.before_request
def simulate() -> Response | None:
    """Refuse as the real API would, when it is asked for."""
    asked = request.args.get(SIMULATE, "")
    if asked and asked not in ANSWERS:
        issue = Issue("TER-API-162", where=SIMULATE, found=cut(asked), expected=", ".join(ANSWERS))
        return refuse(400, issue, SIMULATE, ANSWERS)
    if asked not in REFUSALS:
        return None
    answer = refuse(int(asked), REFUSALS[asked])
    if asked != "410":
        answer.headers["Retry-After"] = str(RETRY_S)
    return answer


@sandbox.after_request
def announce(answer: Any) -> Response:
    """Say that the table will go, when it is asked for."""
    if request.args.get(SIMULATE) == DEPRECATION and answer.status_code < 400:
        answer.headers["Deprecation"] = deprecation(SINCE)
        answer.headers["Sunset"] = sunset(LAST)
    told: Response = answer
    return told


@sandbox.route("")
def index() -> Response:
    """List the tables of the sandbox: one for each schema."""
    schemas = sorted((latest(slug) for slug in slugs()), key=lambda each: plain(each.title))
    told = [
        {"slug": each.slug, "title": each.title, "schema_id": each.id,
         "read": f"{request.base_url}/{each.slug}/rows"}
        for each in schemas
    ]  # fmt: skip
    answer = jsonify({"tables": told})
    answer.headers["Cache-Control"] = "public, no-cache"
    answer.add_etag(weak=True)
    return open_to_all(answer.make_conditional(request))


@sandbox.route("/<slug>")
def show(slug: str) -> Response:
    """Describe a table: its rows are counted, no commune is said to be absent."""
    table = open_table(slug)
    told = figures.of_fixed_rows(table.schema, table.merged, datetime.fromisoformat(MADE_AT))
    answer = jsonify(figures.to_dict(told, table.address) | {"announcement": None})
    answer.add_etag(weak=True)
    return add_headers(answer.make_conditional(request), table)


SHARED = {
    "/<slug>/rows": rows.page,
    "/<slug>/rows.<ending>": rows.page,
    "/<slug>/rows/<path:key>": rows.one,
    "/<slug>.<ending>": tables.file,
    "/<slug>/changes": tables.changes,
    "/<slug>/schema": tables.schema,
    "/<slug>/openapi.json": documents.of_table,
}
for rule, view in SHARED.items():
    sandbox.add_url_rule(rule, view_func=view, merge_slashes=rule != "/<slug>/rows/<path:key>")
