"""Where rows stand: in their commune, in the territory, or elsewhere."""

from __future__ import annotations

import pytest
import shapely

from harvesters.table.check import CheckOptions
from harvesters.table.received import References
from schemas.model import Check, Field, FieldType, Position
from tests.unit.checked import COMMUNES, Row, Verdict, check, field, schema

# two squares of a tenth of a degree, side by side
OUTLINES = {
    "35001": shapely.to_wkb(shapely.box(-1.6, 48.1, -1.5, 48.2)),
    "35238": shapely.to_wkb(shapely.box(-1.7, 48.1, -1.6, 48.2)),
}
REFERENCES = References(COMMUNES, outlines=OUTLINES)
NUMBER = FieldType.NUMBER
DEGREES = (field("x", NUMBER), field("y", NUMBER), field("c", check=Check.INSEE), field("t"))
BY_DEGREES = schema(*DEGREES, position=Position("x", "y"), commune="c")


def located(x: str, y: str, commune: str | None = None) -> Verdict:
    return check(BY_DEGREES, [{"x": x, "y": y, "c": commune, "t": "."}], REFERENCES)


@pytest.mark.parametrize(
    ("row", "is_in", "codes"),
    [
        (("-1.55", "48.15", "35001"), True, []),
        (("-1.6015", "48.15", "35001"), True, []),  # 110 m beyond the boundary
        (("-1.61", "48.15", "35001"), True, ["124"]),  # 740 m beyond
        (("-1.55", "48.15", "35238"), True, ["124"]),
        (("-1.55", "48.2015", "35001"), True, []),
        (("-1.55", "48.203", "35001"), True, ["125"]),
        (("2.35", "48.85", "35001"), True, ["125"]),
        (("2.35", "48.85", "22050"), False, ["125"]),
        (("-1.55", "48.15", "22050"), True, ["124"]),
    ],
)
def test_a_point_elsewhere_is_warned_of_and_let_in(
    row: tuple[str, str, str], is_in: bool, codes: list[str]
) -> None:
    verdict = located(*row)
    assert verdict.rows("SELECT in_territory FROM good") == [(is_in,)]
    assert verdict.codes(2) == codes


def test_a_warning_names_where_the_point_is_and_where_it_should_be() -> None:
    told = "SELECT field, found, expected, repair FROM row_issue"
    assert located("-1.55", "48.15", "35238").rows(told) == [
        ("x", "-1.55, 48.15",
         "une position dans la commune Rennes ; celle-ci est dans la commune Acigné", None)
    ]  # fmt: skip


def test_exchanged_degrees_are_proposed_for_one_another() -> None:
    verdict = located("48.15", "-1,65", "35238")
    assert verdict.rows("SELECT field, code, repair FROM row_issue ORDER BY field") == [
        ("x", "TER-VAL-125", "-1.65"), ("y", "TER-VAL-125", "48.15")]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "text", "repair"),
    [
        (field("p", FieldType.GEOPOINT), "48.15, -1.65", "-1.65, 48.15"),
        (field("p", FieldType.GEOPOINT, format="array"), "[48.15, -1.65]", "[-1.65, 48.15]"),
    ],
)
def test_an_exchanged_point_is_turned_round(told: Field, text: str, repair: str) -> None:
    verdict = check(schema(told, position=Position(point="p")), [{"p": text}], REFERENCES)
    assert verdict.rows("SELECT field, found, repair FROM row_issue") == [("p", text, repair)]


def test_a_shape_has_a_point_inside_of_it() -> None:
    told = schema(field("g", FieldType.GEOJSON), position=Position(geojson="g"))
    square = shapely.to_geojson(shapely.box(-1.66, 48.14, -1.64, 48.16))
    verdict = check(
        told, [{"g": square}, {"g": '{"type":"Point","coordinates":[0,0]}'}], REFERENCES
    )
    found = verdict.rows("SELECT round(longitude, 2), round(latitude, 2) FROM good ORDER BY line")
    assert found == [(-1.65, 48.15), (0, 0)]
    assert (verdict.codes(2), verdict.codes(3)) == ([], ["125"])


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"type":"Point","coordinates":[352000,6789000]}',
        '{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}',
        '{"type":"Point","coordinates":[NaN,NaN]}',
        '{"type":"FeatureCollection","features":[]}',
    ],
    ids=lambda text: text[:40],
)
def test_a_strange_shape_stops_nothing(text: str) -> None:
    told = schema(field("g", FieldType.GEOJSON), position=Position(geojson="g"))
    verdict = check(told, [{"g": text}], REFERENCES)
    assert verdict.checked.good + verdict.checked.bad == 1
    for longitude, latitude in verdict.rows("SELECT longitude, latitude FROM good"):
        assert longitude is None or abs(longitude) <= 180
        assert latitude is None or abs(latitude) <= 90


def test_good_rows_have_their_degrees_whatever_the_columns_are_named() -> None:
    fields = (field("Latitude", NUMBER), field("longitude", NUMBER), field("t"))
    told = schema(*fields, position=Position("longitude", "Latitude"))
    rows: list[Row] = [{"longitude": "-1.65", "Latitude": "48.15"}, {"t": "sans position"}]
    verdict = check(told, rows, REFERENCES)
    assert verdict.rows("SELECT longitude, latitude FROM good ORDER BY line") == [
        (-1.65, 48.15), (None, None)]  # fmt: skip


def test_a_depositor_who_is_no_commune_is_told_of_points_only() -> None:
    told = schema(field("x", NUMBER), field("y", NUMBER), field("t"), position=Position("x", "y"))
    rows: list[Row] = [{"x": "-1.55", "y": "48.15"}, {"x": "2.3", "y": "48.8"}, {"t": "rien"}]
    verdict = check(told, rows, REFERENCES, CheckOptions())
    assert verdict.rows("SELECT in_territory FROM good ORDER BY line") == [
        (True,), (False,), (True,)]  # fmt: skip
    assert [verdict.codes(line) for line in (2, 3, 4)] == [[], ["125"], []]


def test_without_outlines_no_point_is_looked_at() -> None:
    verdict = check(BY_DEGREES, [{"x": "2.3", "y": "48.8", "c": "35001"}], References(COMMUNES))
    assert verdict.codes(2) == []
