"""The table schemas: a list, a help page for each, and their files at permanent addresses.

`/modeles/<slug>` shows the newest version; whatever names a version never changes its meaning.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import groupby
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Response
from flask import Blueprint, make_response, request

from ckanext.territoire.logic.schema import find
from schemas.load import load, table_schemas
from schemas.model import Schema
from schemas.to_openapi import to_document
from schemas.to_table_schema import to_table_schema
from schemas.to_template import to_csv, to_xlsx
from schemas.vocabulary import plain

schemas = Blueprint("territoire_schemas", __name__)
JSON = "application/json"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@schemas.route("/modeles")
def index() -> str:
    """List the schemas by theme; `q` searches them."""
    query = request.args.get("q", "").strip()
    listed = toolkit.get_action("territoire_schema_list")({}, {"q": query})
    by_theme = sorted(listed, key=lambda each: plain(each["theme_label"]))
    groups = [(label, list(each)) for label, each in groupby(by_theme, _theme)]
    shown = {"groups": groups, "query": query, "count": len(listed)}
    return toolkit.render("territoire/schema_list.html", shown)


def _theme(schema: dict[str, Any]) -> str:
    return str(schema["theme_label"])


@schemas.route("/modeles/<slug>")
@schemas.route("/modeles/<slug>/<version>")
def show(slug: str, version: str = "") -> str:
    """Show the help page of a schema."""
    try:
        asked = {"id": f"{slug}/{version}" if version else slug}
        shown = toolkit.get_action("territoire_schema_show")({}, asked)
    except toolkit.ObjectNotFound as fault:
        toolkit.abort(404, str(fault.message))
    may_see_use = toolkit.h.check_access("territoire_column_use_show")
    told = {"schema": shown, "doc": shown["doc"], "may_see_use": may_see_use}
    return toolkit.render("territoire/schema_show.html", told)


@schemas.route("/modeles/openapi.json")
def openapi() -> Response:
    """Describe a row of every merged table, for programs."""
    every = [load(*schema_id.split("/")) for schema_id in table_schemas()]
    title = f"{toolkit.config.get('ckan.site_title')} – lignes des tables du territoire"
    return _send(_json(to_document(every, title)), JSON)


@schemas.route("/modeles/<slug>/<version>/schema.json")
def table_schema(slug: str, version: str) -> Response:
    """Give the standard Table Schema."""
    address = toolkit.url_for(
        "territoire_schemas.table_schema", slug=slug, version=version, qualified=True
    )
    return _send(_json(to_table_schema(_schema(slug, version), address)), JSON)


@schemas.route("/modeles/<slug>/<version>/modele.csv")
def template_csv(slug: str, version: str) -> Response:
    """Give the blank file to fill, for any tool."""
    return _send_template(slug, version, (to_csv, "text/csv; charset=utf-8", "csv"))


@schemas.route("/modeles/<slug>/<version>/modele.xlsx")
def template_xlsx(slug: str, version: str) -> Response:
    """Give the blank workbook to fill."""
    return _send_template(slug, version, (to_xlsx, XLSX, "xlsx"))


def _send_template(
    slug: str, version: str, kind: tuple[Callable[[Schema], bytes], str, str]
) -> Response:
    write, media_type, extension = kind
    answer = _send(write(_schema(slug, version)), media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{slug}-{version}.{extension}"'
    return answer


def _schema(slug: str, version: str) -> Schema:
    try:
        return find(f"{slug}/{version}")
    except toolkit.ObjectNotFound as fault:
        return toolkit.abort(404, str(fault.message))


def _json(told: dict[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, indent=2).encode()


def _send(body: bytes, media_type: str) -> Response:
    """Answer a file that any site may read, and that is not sent twice to the same reader."""
    answer: Any = make_response(body)
    answer.headers["Content-Type"] = media_type
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = "public, no-cache"
    answer.add_etag()
    return answer.make_conditional(request)
