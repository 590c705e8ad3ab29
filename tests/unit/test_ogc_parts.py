"""Features and tiles: what needs no database. Squares lose no row, a filter is a closed list."""

from __future__ import annotations

import subprocess
import sys
from math import asinh, pi, radians, tan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.territoire.ogc import cql_filter, density
from ckanext.territoire.ogc.asked import read_asked
from ckanext.territoire.ogc.refusal import Refusal

NAMES = frozenset({"nom", "nb_places", "geom"})
# longitude, latitude, the zoom from which the row is wide enough to be drawn as it is
PLACES = st.tuples(
    st.floats(-1.9, -1.4), st.floats(47.9, 48.3), st.sampled_from([0, 7, 11, 14, density.NEVER])
)
Places = list[tuple[float, float, int]]


def square(longitude: float, latitude: float, zoom: int = density.DEEPEST) -> tuple[int, int]:
    side = 1 << zoom
    row = (1 - asinh(tan(radians(latitude))) / pi) / 2
    return int((longitude + 180) / 360 * side), int(row * side)


def counted(places: Places) -> density.Ranked:
    ranks = {rank for _, _, rank in places}
    return {
        rank: density.merge((square(x, y), (1, x, y)) for x, y, own in places if own == rank)
        for rank in ranks
    }


@given(st.lists(PLACES, min_size=1, max_size=60), st.integers(0, 20))
def test_each_row_is_drawn_or_counted_once_in_the_tile_where_it_is_at_every_far_zoom(
    places: Places, most: int
) -> None:
    ranked = counted(places)
    drawn = [density.drawn_at(zoom, ranked, most) for zoom in range(density.FAR + 1)]
    tiles = density.far_tiles(ranked, drawn)

    for zoom in range(density.FAR + 1):
        here = {tile[1:]: points for tile, points in tiles.items() if tile[0] == zoom}
        folded = [square(x, y, zoom) for x, y, rank in places if rank > drawn[zoom]]
        shown = [square(x, y, zoom) for x, y, rank in places if rank <= drawn[zoom]]
        assert {tile: sum(n for _, _, n in points) for tile, points in here.items()} == {
            tile: folded.count(tile) for tile in folded
        }
        assert max(map(shown.count, shown), default=0) <= most
        assert drawn[zoom] <= zoom


@given(st.lists(PLACES, min_size=1, max_size=60), st.integers(1, 20))
def test_from_its_zoom_on_no_tile_has_too_many_rows(places: Places, most: int) -> None:
    first = density.alone_from(counted(places), most)
    for zoom in range(first, density.DEEPEST):
        here = [square(x, y, zoom) for x, y, _ in places]
        assert max(map(here.count, here)) <= most


@given(st.text(max_size=300))
def test_any_text_is_a_filter_of_known_words_or_refused(text: str) -> None:
    try:
        read = cql_filter.read_filter(text, "cql2-text", NAMES)
    except Refusal:
        return
    assert read is None or read.to_sql()


@pytest.mark.parametrize(
    "text", ["pg_sleep(9) = 1", "nom = lower('A')", "current_user = 'a'", "array_agg(nom) = 1"]
)
def test_a_function_never_becomes_sql(text: str) -> None:
    with pytest.raises(Refusal):
        cql_filter.read_filter(text, "cql2-text", NAMES)


PARAMETERS = "bbox limit offset datetime nom sortby filter x f".split()


@given(st.lists(st.tuples(st.sampled_from(PARAMETERS), st.text(max_size=30))))
def test_any_request_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    try:
        asked = read_asked(pairs, NAMES, "geom")
    except Refusal:
        return
    assert 1 <= asked.limit <= 10_000


def test_the_process_loads_no_ckan() -> None:
    code = (
        "import sys, ckanext.territoire.ogc.routes; "
        "print([m for m in sys.modules if m.split('.')[0] in ('ckan', 'flask', 'sqlalchemy')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
