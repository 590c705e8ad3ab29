"""The preview of a table: its rows by pages, on a map, or as a chart, whichever its columns allow.

The three are equal: each has an address, and is a link of the others. A table opens on its rows,
one of lines or areas on its map. Without script all of it works; with it, pages of rows replace one
another in place.
"""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from ckan.types import Response
from flask import Blueprint, jsonify, make_response, request

from ckanext.territoire.logic.table import record_to_dict
from ckanext.territoire.portal import map_ground, map_rows
from ckanext.territoire.portal.chart_view import chart_of
from ckanext.territoire.portal.rows_map import rows_map
from ckanext.territoire.table.kept_shapes import read_kept_shapes
from ckanext.territoire.table.page import Asked, RowsPage, read_asked, read_page
from ckanext.territoire.table.points import to_geojson
from ckanext.territoire.table.record import Record, load_record

preview = Blueprint("territoire_preview", __name__)
FIRST_PAGE = Asked()
ROWS, MAP, CHART = "tableau", "carte", "graphique"
NAMES = {ROWS: "Tableau", MAP: "Carte", CHART: "Graphique"}
OF_ROWS = ("page", "tri", "sens", "q")  # an address that asks one of these asks the rows


@preview.route("/dataset/<id>/resource/<resource_id>/apercu")
def rows(id: str, resource_id: str) -> Response:
    """Show a page of rows, the map or the chart: whole, or only the preview for htmx."""
    package, resource = shown_resource(id, resource_id)
    view = request.args.get("vue", "")
    if not view and any(name in request.args for name in OF_ROWS):
        view = ROWS
    found = table_preview(resource, read_asked(request.args), view)
    if not found or not found["page"]:
        return toolkit.abort(404, "Ce tableau n’est pas encore chargé.")
    values = {"pkg": package, "package": package, "resource": resource, "preview": found}
    is_part = bool(request.headers.get("HX-Request"))
    name = "preview_table" if is_part else "preview_page"
    return make_response(toolkit.render(f"territoire/{name}.html", values))


@preview.after_app_request
def widen(response: Response) -> Response:
    """Let the pages on which a map of rows may stand ask the host of its base."""
    if request.endpoint in ("territoire_preview.rows", "dataset_resource.read"):
        return map_ground.widen(response)
    return response


@preview.route("/dataset/<id>/resource/<resource_id>/points.geojson")
def points(id: str, resource_id: str) -> Response:
    """Answer the rows of a table that have a place, 5,000 at most, with their lines and areas."""
    _, resource = shown_resource(id, resource_id)
    found = load_record(resource["id"])
    placed = map_rows.points_of(found) if found else None
    if not found or not placed:
        return toolkit.abort(404, "Ce tableau n’a pas de positions connues.")
    answer: Any = jsonify(to_geojson(placed, read_kept_shapes(found)))
    answer.mimetype = "application/geo+json"
    return answer


def shown_resource(id: str, resource_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Show with the rights of the visitor; what is hidden is as absent."""
    try:
        package = toolkit.get_action("package_show")({}, {"id": id})
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized):
        return toolkit.abort(404, "Ce jeu de données n’existe pas ou plus.")
    resource = next((r for r in package["resources"] if r["id"] == resource_id), None)
    if not resource:
        return toolkit.abort(404, "Ce fichier n’existe pas ou plus.")
    return package, resource


def table_preview(
    resource: dict[str, Any], asked: Asked = FIRST_PAGE, view: str = ""
) -> dict[str, Any] | None:
    """What a template shows of a resource; `None` when it is no table. A template helper."""
    found = load_record(resource["id"])
    if not found:
        return None
    page = _page(found, asked)
    merged = map_rows.merged_of(resource) if page else None
    is_traced = map_rows.has_tracings(merged)
    chart = chart_of(found) if page else None
    has_map = bool(page) and (is_traced or bool(found.reading.get("geometry")))
    has_chart = chart is not None and bool(chart.drawings)
    views = [ROWS, *[MAP] * has_map, *[CHART] * has_chart]
    first = MAP if is_traced else ROWS
    chosen = view if view in views else first
    return {
        "table": record_to_dict(found),
        "page": page,
        "twins": _twin(found),
        "views": [(each, NAMES[each]) for each in views],
        "view": chosen,
        "map": rows_map(resource, found, merged, page) if page and chosen == MAP else None,
        "chart": chart if chosen == CHART else None,
        "copy_name": _copy_name(resource, found),
    }


def _twin(found: Record) -> dict[str, dict[str, Any]]:
    """Tell of the resource whose rows are those of a file, by its id."""
    if not found.same_as:
        return {}
    try:
        return {found.same_as: toolkit.get_action("resource_show")({}, {"id": found.same_as})}
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized):
        return {}


def _page(found: Record, asked: Asked) -> RowsPage | None:
    if found.loaded_at is None:
        return None
    try:
        return read_page(found.resource_id, asked)
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized, toolkit.ValidationError):
        return None


def _copy_name(resource: dict[str, Any], found: Record) -> str:
    """The file name under which the kept copy is offered."""
    last = str(resource.get("url") or "").split("?")[0].rsplit("/", 1)[-1]
    wanted = found.reading.get("format") or "csv"
    return last if "." in last and len(last) < 120 else f"{resource['id']}.{wanted}"
