"""A GeoJSON read as a table: each feature a row, each row one point."""

from __future__ import annotations

import csv
import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely

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


# --- layers: the same, read by GDAL


def write_layer(path: Path, *shapes: Any) -> Path:
    names = np.array([f"Voie {n}" for n in range(len(shapes))], object)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.raw.write(
            str(path),
            geometry=shapely.to_wkb(np.array(shapes)),
            field_data=[names],
            fields=["nom"],
            geometry_type=shapes[0].geom_type,
            crs="EPSG:2154",
            driver="GPKG" if path.suffix == ".gpkg" else "ESRI Shapefile",
        )
    return path


def zipped(folder: Path, stem: str) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in folder.glob(f"{stem}.*"):
            archive.write(part, part.name)
    return path


WAY = shapely.LineString([(352_000, 6_789_000), (352_500, 6_789_200), (353_000, 6_789_000)])


@pytest.mark.parametrize("ending", ["gpkg", "shp"])
def test_a_layer_is_read_as_rows_of_one_point_each(tmp_path: Path, ending: str) -> None:
    path = write_layer(tmp_path / f"voies.{ending}", WAY, WAY)
    table = read_table(path if ending == "gpkg" else zipped(tmp_path, "voies"), tmp_path)

    assert isinstance(table, Table)
    assert [column.name for column in table.columns] == ["nom", "longitude", "latitude"]
    assert (table.origin.format, table.row_count) == (ending, 2)
    row = next(csv.reader(table.rows.open(encoding="utf-8")))
    assert -1.7 < float(row[1]) < -1.6
    assert 48.1 < float(row[2]) < 48.2


def test_an_archive_of_a_text_is_still_no_table(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "nom;places\nGare;4\n")
    assert read_table(path, tmp_path) == Issue("TER-TAB-002", found="une archive ZIP")


def test_a_geopackage_that_is_damaged_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    path.write_bytes(b"SQLite format 3\0" + b"\1" * 5_000)
    found = read_table(path, tmp_path)
    assert isinstance(found, Issue)
    assert found.code == "TER-TAB-003"
