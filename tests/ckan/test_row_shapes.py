"""The page of a row draws a point, a line or an area as such; a large one in few bytes."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator
from typing import Any

import pytest

from ckanext.territoire.services.row import MOST_CORNERS
from schemas.load import TABLES
from tests.ckan.conftest import act
from tests.ckan.form_browser import Browser, Page
from tests.ckan.parking_rows import upload
from tests.ckan.whole_portal import whole_portal

SLUG = "amenagements-cyclables"
WAY = {"type": "LineString", "coordinates": [[-1.55, 48.13], [-1.53, 48.14], [-1.51, 48.13]]}


def ring(corners: int) -> list[list[float]]:
    turns = [2 * math.pi * n / corners for n in range(corners)]
    found = [[-1.53 + 0.02 * math.cos(t), 48.13 + 0.01 * math.sin(t)] for t in turns]
    return [*found, found[0]]


@pytest.fixture(scope="module")
def app(portal_app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with whole_portal(portal_app, tmp_path_factory.mktemp("territory")) as test_app:
        ways = {
            "ligne": WAY,
            "zone": {"type": "Polygon", "coordinates": [ring(40)]},
            "vaste": {"type": "Polygon", "coordinates": [ring(MOST_CORNERS * 5)]},
            "point": {"type": "Point", "coordinates": [-1.53, 48.13]},
            "infime": {"type": "LineString", "coordinates": [[-1.53, 48.13], [-1.5300001, 48.13]]},
        }
        told = act("territoire_delivery_create", organization="acigne", schema=SLUG,
                   upload=upload(rows_of(ways)))  # fmt: skip
        act("territoire_delivery_publish", id=told["id"], accept=told["reasons"])
        yield test_app


def rows_of(shapes: dict[str, dict[str, Any]]) -> bytes:
    text = (TABLES / SLUG / "0.3.5" / "valid.csv").read_text(encoding="utf-8")
    row = next(csv.DictReader(io.StringIO(text)))
    row |= {"code_com_d": "35001", "code_com_g": "35001"}
    out = io.StringIO()
    writer = csv.DictWriter(out, list(row))
    writer.writeheader()
    for name, shape in shapes.items():
        writer.writerow(row | {"id_local": name, "geometry": json.dumps(shape)})
    return out.getvalue().encode()


def page_of(app: Any, key: str) -> Page:
    page = Browser(app).open(f"/ligne/{SLUG}?cle={key}")
    assert page.status == 200
    return page


def drawn(page: Page) -> tuple[int, int, int]:
    """How many areas, lines and dots the map of a page has."""
    paths = ('//svg//*[@class="map-areas"]/path', '//svg//path[@class="map-lines"]',
             '//svg//path[@class="map-dot"]')  # fmt: skip
    areas, lines, dots = (len(page.tree.xpath(path)) for path in paths)
    return areas, lines, dots


def test_a_line_is_drawn_as_a_line(app: Any) -> None:
    page = page_of(app, "ligne")
    assert drawn(page) == (0, 1, 0)
    [path] = page.tree.xpath('//svg//path[@class="map-lines"]/@d')
    assert path.count(" ") == 3  # a beginning and two moves


def test_an_area_is_drawn_as_an_area(app: Any) -> None:
    assert drawn(page_of(app, "zone")) == (1, 0, 0)


def test_a_large_area_is_drawn_in_few_bytes(app: Any) -> None:
    page = page_of(app, "vaste")
    assert drawn(page) == (1, 0, 0)
    [path] = page.tree.xpath('//svg//*[@class="map-areas"]/path/@d')
    assert len(path) < 10_000


def test_a_point_and_what_is_too_small_to_be_seen_are_a_dot(app: Any) -> None:
    assert [drawn(page_of(app, key)) for key in ("point", "infime")] == [(0, 0, 1)] * 2
