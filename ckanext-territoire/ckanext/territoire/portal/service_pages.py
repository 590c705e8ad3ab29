"""The pages that answer a question of citizens: a form, a list and a map of the same things.

They work without script: the form is an address, the map a drawing whose points lead to the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Response
from flask import Blueprint, jsonify, make_response, request

from ckanext.territoire.portal import map_ground, maps
from ckanext.territoire.portal.outlines import Box, Picture
from ckanext.territoire.portal.service_view import to_items, to_pages
from ckanext.territoire.services.around import to_place
from ckanext.territoire.services.asked import Asked, Place, read_asked
from ckanext.territoire.services.catalogue import SERVICES, service_at
from ckanext.territoire.services.model import Filter, Service
from ckanext.territoire.services.places import Found, find_places
from ckanext.territoire.services.public_tables import PublicTable, public_tables
from ckanext.territoire.territory import members

services = Blueprint("territoire_services", __name__)
PATHS = ", ".join(f'"{each.path}"' for each in SERVICES)
MAX_DOTS = 400  # of the drawing; the other points are on the map that script draws
NEAREST = 20


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of the drawing, and the row to which it leads."""

    x: int
    y: int
    label: str
    page: str


@dataclass(frozen=True, slots=True)
class PlacesMap:
    """The drawing, the rectangle it shows, and where script finds the same points."""

    picture: Picture
    bounds: Box
    dots: tuple[Dot, ...]
    points: str
    tiles: str


@services.route(f"/<any({PATHS}):path>")
def show(path: str) -> Response:
    """Show what fits, on a list and on a map."""
    service, asked = _asked(path)
    tables = public_tables()
    table = tables.get(service.slug)
    shown: dict[str, Any] = {"service": service, "asked": asked, "found": None, "near": None}
    if table:
        near = to_place(asked.around, table, tables) if asked.around else None
        found = find_places(service, table, asked, near, MAX_DOTS)
        shown |= {
            "near": near,
            "found": found,
            "items": to_items(service, found),
            "pages": to_pages(found, asked.page),
            "filters": _offered(service, table, asked, found),
            "communes": _communes(found),
            "has_height": service.height is not None and table.has(service.height.column),
            "dataset": table.dataset,
            "map": _map(service, found, near),
        }
    answer: Any = make_response(toolkit.render("territoire/service.html", shown))
    return map_ground.widen(answer)


@services.route(f"/<any({PATHS}):path>/points.geojson")
def points(path: str) -> Response:
    """Answer the points of the map: what fits, 5,000 at most."""
    service, asked = _asked(path)
    tables = public_tables()
    table = tables.get(service.slug)
    if table is None:
        toolkit.abort(404, "Aucune donnée de ce thème n’est encore publiée.")
    near = to_place(asked.around, table, tables) if asked.around else None
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [x, y]},
            "properties": {"key": key, "label": label, "page": _page(service, key)},
        }
        for key, label, x, y in find_places(service, table, asked, near).points
    ]
    answer: Any = jsonify({"type": "FeatureCollection", "features": features})
    answer.mimetype = "application/geo+json"
    return answer


def _asked(path: str) -> tuple[Service, Asked]:
    service = service_at(path)
    assert service is not None  # the route takes no other path
    return service, read_asked(request.args, service)


def _offered(
    service: Service, table: PublicTable, asked: Asked, found: Found
) -> list[tuple[Filter, int]]:
    """The filters that would find something, and those that are ticked, with their counts."""
    known = [(each, found.fits.get(each.name, 0)) for each in service.filters]
    return [
        (each, count)
        for each, count in known
        if table.has(each.column) and (count or each.name in asked.filters)
    ]


def _communes(found: Found) -> list[tuple[str, str, int]]:
    """The communes that have rows: code, name, how many."""
    names = {each.insee: each.name for each in members.members()}
    return [
        (insee, name, found.communes[insee])
        for insee, name in names.items()
        if insee in found.communes
    ]


def _map(service: Service, found: Found, near: Place | None) -> PlacesMap | None:
    """Draw the points of the list; the nearest ones when somebody looks around a place."""
    placed = found.points[:NEAREST] if near else found.points
    places = [(x, y) for _, _, x, y in placed]
    if near:
        places.append((near.longitude, near.latitude))
    if not places:
        return None
    picture = maps.places_picture(places)
    frame = picture.frame
    dots = tuple(Dot(*frame.point(x, y), label, _page(service, key)) for key, label, x, y in placed)
    path = f"/{service.path}/points.geojson"
    query = request.query_string.decode("ascii", "replace")
    return PlacesMap(
        picture, frame.bounds, dots, f"{path}?{query}" if query else path, map_ground.tiles()
    )


def _page(service: Service, key: str) -> str:
    address: str = toolkit.url_for("territoire_row.show", slug=service.slug, cle=key)
    return address
