"""The map of a table: a drawing on the communes, the rows of a page beside it as a list, and where
script finds the same rows to draw them with MapLibre.

A public merged table is drawn from our vector tiles, another from its GeoJSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckan.plugins import toolkit

from ckanext.territoire.ogc.tile_sql import shown
from ckanext.territoire.portal import map_ground
from ckanext.territoire.portal.map_rows import (
    Place,
    Placed,
    Spot,
    has_tracings,
    points_of,
    read_spots,
    read_tracings,
    to_placed,
    to_spots,
)
from ckanext.territoire.portal.maps import bounds_of, places_picture, territory_picture, to_dots
from ckanext.territoire.portal.outlines import (
    Box,
    Picture,
    draw_within,
    lines,
    rings,
    to_line_path,
    to_path,
)
from ckanext.territoire.services.public_tables import PublicTable
from ckanext.territoire.table.page import Heading, RowsPage
from ckanext.territoire.table.record import Record
from schemas.vocabulary import plain

MAP_WIDTH = 720
FACTS = 3  # said of a row in the list
NAMING = ("nom", "libelle", "intitule", "titre", "name")
LONG = 60  # characters of a fact


@dataclass(frozen=True, slots=True)
class Item:
    """A row of the list. `place` is « longitude,latitude », `""` when it has none."""

    number: int
    key: str
    title: str
    facts: tuple[tuple[str, str], ...]
    place: str


@dataclass(frozen=True, slots=True)
class RowsMap:
    """`picture` is the ground; `areas` are the `d` of a path each, `lines` and `dots` of one.
    `layer` is the address of the tiles of the rows, `""` when `rows`, their GeoJSON, serves.
    `titles` names the columns (JSON); `row` begins the address of the page of a row."""

    picture: Picture
    areas: tuple[str, ...]
    lines: str
    dots: str
    shown: int
    placed: Placed
    layer: str
    slug: str
    rows: str
    ground: str
    titles: str
    row: str
    items: tuple[Item, ...]

    @property
    def bounds(self) -> Box:
        """The rectangle of the drawing."""
        return self.picture.frame.bounds


def rows_map(
    resource: Mapping[str, Any], found: Record, merged: PublicTable | None, page: RowsPage
) -> RowsMap | None:
    """Make the map of a table and of a page of its rows; `None` when none has a place."""
    points = None if has_tracings(merged) else points_of(found)
    if merged and has_tracings(merged):
        placed: Placed | None = read_tracings(merged)
    else:
        placed = to_placed(found, points) if points else None
    corners = _corners(placed) if placed else []
    if not placed or not corners:
        return None
    if merged:
        spots = read_spots(merged, page.numbers)
    else:
        spots = to_spots(points, page.numbers) if points else {}
    picture = _picture(corners)
    areas = [to_path(each, picture.frame) for each in placed.shapes]
    ways = [to_line_path(each, picture.frame) for each in placed.shapes]
    # what is too small for this drawing is a dot on it, never nothing
    small = [
        _first(shape)
        for shape, *paths in zip(placed.shapes, areas, ways, strict=True)
        if not any(paths)
    ]
    address = {"id": resource["package_id"], "resource_id": resource["id"]}
    slug = merged.schema.slug if merged else ""
    return RowsMap(
        picture, tuple(dict.fromkeys(filter(None, areas))), "".join(dict.fromkeys(ways)),
        to_dots([*placed.places, *small], picture),
        len(placed.places) + len(placed.shapes), placed,
        layer=f"/ogc/collections/{slug}/tiles/WebMercatorQuad" if slug else "", slug=slug,
        rows=toolkit.url_for("territoire_preview.points", **address),
        ground=map_ground.tiles(),
        titles=json.dumps(_titles(found, merged), ensure_ascii=False),
        row=toolkit.url_for("territoire_row.show", slug=slug, cle="") if slug else "",
        items=to_items(page, spots, merged),
    )  # fmt: skip


def to_items(
    page: RowsPage, spots: Mapping[int, Spot], merged: PublicTable | None
) -> tuple[Item, ...]:
    """Say each row of a page in a title and a few facts."""
    named = _named(page.headings, merged)
    wanted = _wanted(page.headings, merged)
    told = [h for h in page.headings if h.name != named and h.name in wanted]
    items = []
    for number, cells in zip(page.numbers, page.rows, strict=True):
        values = dict(zip((h.name for h in page.headings), cells, strict=True))
        facts = [(h.label, values[h.name]) for h in told if 0 < len(values[h.name]) <= LONG]
        spot = spots.get(number, Spot("", None))
        place = ",".join(f"{part:.6f}" for part in spot.place) if spot.place else ""
        title = values.get(named) or f"Ligne {number}"
        items.append(Item(number, spot.key, title, tuple(facts[:FACTS]), place))
    return tuple(items)


def _named(headings: Sequence[Heading], merged: PublicTable | None) -> str:
    """The column that names a row: that of the schema, that called a name, else the first that is
    no number."""
    if merged and merged.schema.label:
        return merged.schema.label
    for heading in headings:
        if plain(heading.label).split(" ")[0] in NAMING:
            return heading.name
    return next((h.name for h in headings if not h.is_number), headings[0].name if headings else "")


def _wanted(headings: Sequence[Heading], merged: PublicTable | None) -> set[str]:
    """The columns of which the list speaks: what a map colours by, where a schema says it."""
    told = set(shown(merged.schema)) if merged else set()
    if len(told) < FACTS and merged:
        keys = {*merged.schema.key, merged.schema.commune}
        told |= {each.name for each in merged.schema.fields} - keys
    return told or {heading.name for heading in headings}


def _titles(found: Record, merged: PublicTable | None) -> dict[str, str]:
    if merged:
        return {each.name: each.title for each in merged.schema.fields}
    return {each["name"]: each["label"] for each in found.reading.get("columns", ())}


def _corners(placed: Placed) -> list[Place]:
    """Every place of the rows; of a line or an area, its corners."""
    found = list(placed.places)
    for shape in placed.shapes:
        for part in (*rings(shape), *lines(shape)):
            found += [(point[0], point[1]) for point in part]
    return found


def _first(shape: Mapping[str, Any]) -> Place:
    part = (*rings(shape), *lines(shape))[0]
    return part[0][0], part[0][1]


def _picture(corners: Sequence[Place]) -> Picture:
    """The communes around the rows when most stand there, else the rectangle of the rows."""
    whole = territory_picture()
    if whole:
        west, south, east, north = whole.frame.bounds
        inside = [(x, y) for x, y in corners if west <= x <= east and south <= y <= north]
        if len(inside) * 2 >= len(corners):
            return places_picture(inside)
    return draw_within({"features": []}, bounds_of(corners), MAP_WIDTH)
