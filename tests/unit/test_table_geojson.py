"""A GeoJSON read as a table: each feature a row, each row one point."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from harvesters.model import Issue
from harvesters.table.read import read_table
from harvesters.table.reading import Table, Type
from harvesters.table.sentence import to_sentence

SQUARE = [[[-1.6, 48.1], [-1.5, 48.1], [-1.5, 48.2], [-1.6, 48.2], [-1.6, 48.1]]]


def feature(geometry: dict[str, Any] | None, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def point(x: float, y: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [x, y]}


def read(folder: Path, *features: dict[str, Any], **more: Any) -> tuple[Table, list[list[str]]]:
    path = folder / "source"
    told = {"type": "FeatureCollection", "features": features, **more}
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    table = read_table(path, folder)
    assert isinstance(table, Table)
    return table, list(csv.reader(table.rows.open(encoding="utf-8")))


def test_points_are_rows_with_their_place(tmp_path: Path) -> None:
    table, rows = read(
        tmp_path, feature(point(-1.5, 48.1), nom="Gare", places=4),
        feature(point(-1.6, 48.2), nom="Mairie", places=12),
    )  # fmt: skip

    assert [column.name for column in table.columns] == ["nom", "places", "longitude", "latitude"]
    assert table.columns[1].type is Type.INTEGER
    assert rows == [["Gare", "4", "-1.5", "48.1"], ["Mairie", "12", "-1.6", "48.2"]]
    assert table.geometry is not None
    assert table.geometry.columns == ("longitude", "latitude")
    assert to_sentence(table) == "fichier GeoJSON, 2 lignes, 4 colonnes, positions en degrés"


def test_a_surface_is_placed_by_a_point_within_it(tmp_path: Path) -> None:
    _, rows = read(tmp_path, feature({"type": "Polygon", "coordinates": SQUARE}, nom="Parc"),
                   feature(point(-1.5, 48.1), nom="Gare"))  # fmt: skip

    assert -1.6 < float(rows[0][1]) < -1.5
    assert 48.1 < float(rows[0][2]) < 48.2


@pytest.mark.parametrize(
    "geometry",
    [None, {"type": "Polygon", "coordinates": []}, {"type": "Rond", "coordinates": [1, 2]},
     {"type": "LineString", "coordinates": "non"}],
)  # fmt: skip
def test_a_shape_that_is_none_has_no_place(tmp_path: Path, geometry: Any) -> None:
    _, rows = read(tmp_path, feature(point(-1.5, 48.1), nom="Gare"), feature(geometry, nom="X"))

    assert rows[1] == ["X", "", ""]


def test_json_that_is_no_geojson_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_text('[{"a": 1}, {"a": 2}]', encoding="utf-8")

    assert read_table(path, tmp_path) == Issue("TER-TAB-002", found="du JSON")
