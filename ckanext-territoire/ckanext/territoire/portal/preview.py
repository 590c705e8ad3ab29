"""The preview of a table: its rows by pages, and its points on the map of the communes.

The resource page shows the first rows; the links lead to a page of its own, or replace the preview
in place where htmx runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Response
from flask import Blueprint, jsonify, request

from ckanext.territoire.logic.table import record_to_dict
from ckanext.territoire.portal.maps import territory_picture
from ckanext.territoire.portal.outlines import Frame, Picture, to_frame
from ckanext.territoire.table.page import Asked, RowsPage, read_asked, read_page
from ckanext.territoire.table.points import Points, read_points, to_geojson
from ckanext.territoire.table.record import Record, load_record

preview = Blueprint("territoire_preview", __name__)
MAP_WIDTH = 720
MARGIN = 0.02
FIRST_PAGE = Asked()


@dataclass(frozen=True, slots=True)
class PointsMap:
    """A map of points: `communes` is the picture below, `dots` the `d` of one path."""

    frame: Frame
    communes: Picture | None
    dots: str
    shown: int
    total: int
    is_cut: bool


@preview.route("/dataset/<id>/resource/<resource_id>/apercu")
def rows(id: str, resource_id: str) -> str:
    """Show a page of rows: whole, or only the preview for htmx."""
    package, resource = _shown(id, resource_id)
    found = table_preview(resource, read_asked(request.args))
    if not found or not found["page"]:
        return toolkit.abort(404, "Ce tableau n’est pas encore chargé.")
    values = {"pkg": package, "package": package, "resource": resource, "preview": found}
    is_part = bool(request.headers.get("HX-Request"))
    name = "preview_table" if is_part else "preview_page"
    return toolkit.render(f"territoire/{name}.html", values)


@preview.route("/dataset/<id>/resource/<resource_id>/points.geojson")
def points(id: str, resource_id: str) -> Response:
    """Answer the points of a table, 5,000 at most."""
    _, resource = _shown(id, resource_id)
    found = load_record(resource["id"])
    placed = _points(found) if found else None
    if not placed:
        return toolkit.abort(404, "Ce tableau n’a pas de positions connues.")
    answer: Any = jsonify(to_geojson(placed))
    answer.mimetype = "application/geo+json"
    return answer


def _shown(id: str, resource_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Show with the rights of the visitor; what is hidden is as absent."""
    try:
        package = toolkit.get_action("package_show")({}, {"id": id})
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized):
        return toolkit.abort(404, "Ce jeu de données n’existe pas ou plus.")
    resource = next((r for r in package["resources"] if r["id"] == resource_id), None)
    if not resource:
        return toolkit.abort(404, "Ce fichier n’existe pas ou plus.")
    return package, resource


def table_preview(resource: dict[str, Any], asked: Asked = FIRST_PAGE) -> dict[str, Any] | None:
    """What a template shows of a resource; `None` when it is no table. A template helper."""
    found = load_record(resource["id"])
    if not found:
        return None
    page = _page(found, asked)
    return {
        "table": record_to_dict(found),
        "page": page,
        "map": _map(found) if page and not asked.words and asked.page == 1 else None,
        "copy_name": _copy_name(resource, found),
    }


def _page(found: Record, asked: Asked) -> RowsPage | None:
    if found.loaded_at is None:
        return None
    try:
        return read_page(found.resource_id, asked)
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized, toolkit.ValidationError):
        return None


def _points(found: Record) -> Points | None:
    geometry = found.reading.get("geometry")
    if not geometry or found.loaded_at is None:
        return None
    columns = [column["name"] for column in found.reading["columns"]]
    try:
        return read_points(found.resource_id, geometry, columns)
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized, toolkit.ValidationError):
        return None


def _map(found: Record) -> PointsMap | None:
    """Draw the points on the communes when most stand there, else on a frame of their own."""
    placed = _points(found)
    if not placed or not placed.places:
        return None
    communes = territory_picture()
    frame = communes.frame if communes else None
    if not frame or sum(_is_within(place, frame) for place in placed.places) * 2 < len(
        placed.places
    ):
        frame, communes = _own_frame(placed.places), None
    spots = {frame.point(*place) for place in placed.places if _is_within(place, frame)}
    dots = "".join(f"M{x} {y}h0" for x, y in sorted(spots))
    return PointsMap(frame, communes, dots, len(placed.places), placed.total, placed.is_cut)


def _is_within(place: tuple[float, float], frame: Frame) -> bool:
    west, south, east, north = frame.bounds
    return west <= place[0] <= east and south <= place[1] <= north


def _own_frame(places: tuple[tuple[float, float], ...]) -> Frame:
    longitudes, latitudes = [p[0] for p in places], [p[1] for p in places]
    corners = [
        (min(longitudes) - MARGIN, min(latitudes) - MARGIN),
        (max(longitudes) + MARGIN, max(latitudes) + MARGIN),
    ]
    return to_frame(corners, MAP_WIDTH)


def _copy_name(resource: dict[str, Any], found: Record) -> str:
    """The file name under which the kept copy is offered."""
    last = str(resource.get("url") or "").split("?")[0].rsplit("/", 1)[-1]
    wanted = found.reading.get("format") or "csv"
    return last if "." in last and len(last) < 120 else f"{resource['id']}.{wanted}"
