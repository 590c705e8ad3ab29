"""The columns of a file under the fields of a schema, its positions as the schema wants them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from harvesters.table.arrange import arrange
from harvesters.table.headers import match_headers
from harvesters.table.received import Rewriting, Rewritten
from harvesters.table.systems import SYSTEMS, find_system, to_degrees
from schemas.load import load_file
from schemas.model import Schema
from tests.unit.town import Town

PLACES = {
    "apart": ("{longitude: lon, latitude: lat}", (("lon", "number", ""), ("lat", "number", ""))),
    "array": ("{point: xy}", (("xy", "geopoint", "array"),)),
    "point": ("{point: xy}", (("xy", "geopoint", ""),)),
    "shape": ("{geojson: geometry}", (("geometry", "geojson", ""),)),
}
TOWNS = {  # longitude, latitude
    "Rennes": (-1.6778, 48.1173),
    "Lille": (3.0573, 50.6292),
    "Ajaccio": (8.7369, 41.9192),
    "Bayonne": (-1.4748, 43.4929),
    "Strasbourg": (7.7521, 48.5734),
    "Ouessant": (-5.0961, 48.4567),
}


def schema(folder: Path, place: str) -> Schema:
    """A schema with an id, a name and a position of one form."""
    position, fields = PLACES[place]
    file = folder / "lieux" / "1.0" / "table.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    named = "".join(
        f"\n  - {{name: {name}, type: {kind}, format: '{form}', title: T{name}, description: d}}"
        for name, kind, form in (("id", "string", ""), ("nom", "string", ""), *fields)
    )
    file.write_text(
        f"title: Lieux\ndescription: d\norigin: {{name: territoire, version: '1.0'}}\n"
        f"theme: voirie-stationnement\nfrequency: annual\nposition: {position}\nfields:{named}\n"
    )
    return load_file(file)


class Arranger:
    """Receives a file and arranges it under a schema."""

    def __init__(self, folder: Path) -> None:
        self.town = Town(folder)
        self.folder = folder

    def __call__(self, text: str, place: str) -> tuple[list[tuple[object, ...]], list[Rewritten]]:
        received = self.town.sends(text)
        wanted = schema(self.folder, place)
        said = arrange(self.town.base, wanted, match_headers(wanted, received.headers))
        return self.town.rows("arranged"), list(said)


@pytest.fixture
def arranged(tmp_path: Path) -> Iterator[Arranger]:
    arranger = Arranger(tmp_path)
    yield arranger
    arranger.town.base.close()


def test_columns_stand_under_every_field_in_its_order(arranged: Arranger) -> None:
    rows, said = arranged("lat;inconnu;lon;ID\n48.1;x;-1.6;A\n;;;B\n", "apart")

    assert rows == [(2, "A", None, "-1.6", "48.1"), (3, "B", None, None, None)]
    assert said == []
    columns = [column[0] for column in arranged.town.base.execute("FROM arranged").description]
    assert columns == ["line", "id", "nom", "lon", "lat"]


def test_a_plain_file_is_not_copied(arranged: Arranger) -> None:
    arranged("id;lon;lat\nA;-1.6;48.1\n", "apart")

    tables = arranged.town.base.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert sorted(name for (name,) in tables) == ["set_aside", "t"]


def test_swapped_positions_are_put_right_row_by_row(arranged: Arranger) -> None:
    text = "id;lon;lat\nA;48.1;-1.6\nB;-1.6;48.1\nC;48,2;-1,5\nD;abc;-1.6\nE;-21.1;55.5\n"
    rows, said = arranged(text, "apart")

    assert [row[3:] for row in rows] == [
        ("-1.6", "48.1"),
        ("-1.6", "48.1"),
        ("-1,5", "48,2"),
        ("abc", "-1.6"),
        ("55.5", "-21.1"),  # La Réunion
    ]
    assert said == [Rewritten("lon", Rewriting.SWAPPED, 3, "48.1 ; -1.6", "-1.6 ; 48.1")]


def test_positions_that_are_nowhere_in_france_stay(arranged: Arranger) -> None:
    rows, said = arranged("id;lon;lat\nA;13.4;52.5\nB;-1.6;48.1\n", "apart")
    assert [row[3:] for row in rows] == [("13.4", "52.5"), ("-1.6", "48.1")]
    assert said == []


def lambert(town: str, epsg: int) -> tuple[float, float]:
    from pyproj import Transformer

    x, y = Transformer.from_crs(4326, epsg, always_xy=True).transform(*TOWNS[town])
    return x, y


@pytest.mark.parametrize(
    ("town", "epsg", "header"),
    [
        ("Rennes", 2154, "x;y"),
        ("Ajaccio", 2154, "X_L93;Y_L93"),
        ("Rennes", 27572, "coord_x;coord_y"),
        ("Ajaccio", 27572, "x;y"),
        ("Ajaccio", 3942, "x;y"),
        ("Bayonne", 3943, "x;y"),
        ("Bayonne", 3944, "xcc44;ycc44"),
        ("Rennes", 3947, "x_cc47;y_cc47"),
        ("Rennes", 3948, "x;y"),
        ("Ouessant", 3948, "x;y"),
        ("Strasbourg", 3949, "x;y"),
        ("Lille", 3950, "x;y"),
        ("Rennes", 3857, "x;y"),
        ("Bayonne", 3857, "x_mercator;y_mercator"),
        ("Lille", 3857, "x_3857;y_3857"),
        ("Rennes", 32630, "x_utm30;y_utm30"),
        ("Lille", 32631, "Easting UTM31N;Northing UTM31N"),
    ],
)
def test_projections_are_recognised_and_converted(
    arranged: Arranger, town: str, epsg: int, header: str
) -> None:
    x, y = lambert(town, epsg)
    rows, said = arranged(f"id;{header}\nA;{x:.2f};{y:.2f}\nB;{x:,.1f};{y:.2f}\n", "apart")

    (longitude, latitude), expected = rows[0][3:], TOWNS[town]
    assert float(str(longitude)) == pytest.approx(expected[0], abs=1e-5)
    assert float(str(latitude)) == pytest.approx(expected[1], abs=1e-5)
    [told] = said
    assert (told.field, told.how) == ("lon", Rewriting.PROJECTION)
    assert f"{x:.2f} ; {y:.2f}" in told.before


def test_the_projection_is_told_by_its_french_name(arranged: Arranger) -> None:
    rows, said = arranged("id;x;y\nA;352 000,5;6 789 000\nB;;\nC;néant;1\n", "apart")

    assert said == [
        Rewritten(
            "lon",
            Rewriting.PROJECTION,
            1,
            "352 000,5 ; 6 789 000 (Lambert 93)",
            f"{rows[0][3]} ; {rows[0][4]}",
        )
    ]
    assert [row[3:] for row in rows[1:]] == [(None, None), ("néant", "1")]
    assert len(str(rows[0][3]).partition(".")[2]) == 7


def test_x_and_y_exchanged_are_understood(arranged: Arranger) -> None:
    rows, _ = arranged("id;x;y\nA;6789000;352000\n", "apart")
    assert float(str(rows[0][3])) == pytest.approx(-1.68, abs=0.01)


def test_utm_without_a_zone_is_not_guessed(arranged: Arranger) -> None:
    x, y = lambert("Strasbourg", 32632)
    rows, said = arranged(f"id;x;y\nA;{x};{y}\n", "apart")
    assert rows[0][3:] == (str(x), str(y))
    assert said == []


@pytest.mark.parametrize(
    "cell",
    ["48.1, -1.6", "48.1,-1.6", "[-1.6, 48.1]", "48,1 ; -1,6", "(48.1 -1.6)", "48.1. -1.6",
     "POINT (-1.6 48.1)", '{"type": "Point", "coordinates": [-1.6, 48.1]}', "-1.6, 48.1"],
)  # fmt: skip
def test_a_text_is_cut_in_two(arranged: Arranger, cell: str) -> None:
    quoted = cell.replace('"', '""')
    rows, said = arranged(f'id;geo_point_2d\nA;"{quoted}"\nB;\nC;Rennes\n', "apart")

    assert [row[3:] for row in rows] == [("-1.6", "48.1"), (None, None), (None, None)]
    assert said == [Rewritten("lon", Rewriting.SPLIT_POSITION, 1, cell, "-1.6 ; 48.1")]


@pytest.mark.parametrize(
    ("place", "written"),
    [
        ("array", "[-1.6,48.1]"),
        ("point", "-1.6, 48.1"),
        ("shape", '{"type":"Point","coordinates":[-1.6,48.1]}'),
    ],
)
def test_two_columns_are_joined_in_the_form_of_the_schema(
    arranged: Arranger, place: str, written: str
) -> None:
    text = "id;longitude;latitude\nA;-1,6;48,1\nB;48.1;-1.6\nC;;\nD;a;b\n"
    rows, said = arranged(text, place)

    assert [row[3] for row in rows] == [written, written, None, "a ; b"]
    assert [(each.how, each.count) for each in said] == [
        (Rewriting.SWAPPED, 1),
        (Rewriting.SPLIT_POSITION, 2),
    ]


def test_a_point_in_the_form_of_the_schema_stays(arranged: Arranger) -> None:
    rows, said = arranged('id;xy\nA;"[-1.6, 48.1]"\nB;"[-1.5,48.2]"\n', "array")
    assert [row[3] for row in rows] == ["[-1.6, 48.1]", "[-1.5,48.2]"]
    assert said == []


def test_a_point_in_another_form_is_rewritten(arranged: Arranger) -> None:
    text = 'id;xy\nA;"[48.1, -1.6]"\nB;"-1.5, 48.2"\nC;ailleurs\n'
    rows, said = arranged(text, "array")

    assert [row[3] for row in rows] == ["[-1.6,48.1]", "[-1.5,48.2]", "ailleurs"]
    assert [(each.how, each.count, each.before) for each in said] == [
        (Rewriting.SWAPPED, 1, "[48.1, -1.6]"),
        (Rewriting.SPLIT_POSITION, 1, "-1.5, 48.2"),
    ]


def test_geometries_in_wkt_and_lambert_become_geojson(arranged: Arranger) -> None:
    wkt = "LINESTRING (352000 6789000, 352100 6789100)"
    text = f'id;the_geom\nA;"{wkt}"\nB;"SRID=2154;POINT(352000 6789000)"\nC;\nD;LINE(1 2)\n'
    rows, said = arranged(text, "shape")

    line, point = (json.loads(str(row[3])) for row in rows[:2])
    assert line["coordinates"][0] == point["coordinates"]
    assert point["coordinates"] == pytest.approx([-1.68, 48.11], abs=0.01)
    assert [row[3] for row in rows[2:]] == [None, "LINE(1 2)"]
    [told] = said
    assert (told.how, told.count) == (Rewriting.PROJECTION, 2)
    assert told.before == f"{wkt} (Lambert 93)"


def test_geojson_in_degrees_stays(arranged: Arranger) -> None:
    shape = '{"type": "Point", "coordinates": [-1.6, 48.1]}'
    quoted = shape.replace('"', '""')
    rows, said = arranged(f'id;geometry\nA;"{quoted}"\n', "shape")
    assert (rows[0][3], said) == (shape, [])


def test_every_system_holds_the_france_it_is_made_for() -> None:
    for system in SYSTEMS[:10]:  # Lambert 93 and the local conics
        x, y = to_degrees(system, [1_700_000 if system.epsg != 2154 else 700_000],
                          [sum(system.y) / 2])  # fmt: skip
        assert (3 - 1e-6 <= x[0] <= 3 + 1e-6, 41 < y[0] < 52) == (True, True)
        pair = (1_700_000.0 if system.epsg != 2154 else 700_000.0, sum(system.y) / 2)
        assert find_system((), [pair]) == system
