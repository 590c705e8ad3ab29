"""Every format that a town hall uses is received as the same rows."""

from __future__ import annotations

import datetime
import json
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyogrio.raw
import pytest
import shapely

from harvesters.model import Issue
from harvesters.table.received import Choice, Why
from tests.unit.town import Town

RENNES = (352_000.0, 6_789_000.0)  # Lambert 93


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path)
    yield town
    town.base.close()


def book(folder: Path, **sheets: list[list[Any]]) -> Path:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = folder / "book.xlsx"
    made.save(path)
    return path


def test_a_workbook_gives_its_values_under_their_numbers(town: Town) -> None:
    titles = ["nom", "insee", "places", "prix", "date", "ouverte"]
    school = ["A", "01004", 12, 2.5, datetime.date(2026, 12, 31), True]
    rows = [["Écoles de Bruz"], [], titles, school, [], ["B", "35047", 3]]
    received = town.sends(book(town.folder, Écoles=rows))

    assert received.sentence == (
        "classeur Excel, feuille «\u00a0Écoles\u00a0», titres en ligne 3, 2 lignes"
    )
    assert town.rows() == [
        (4, "A", "01004", "12", "2.5", "2026-12-31", "oui"),
        (6, "B", "35047", "3", None, None, None),
    ]
    assert {each.why: each.count for each in received.aside} == {
        Why.BLANK: 2,
        Why.TITLE: 1,
        Why.HEADER: 1,
    }


def test_the_sheet_that_is_a_table_is_chosen_and_the_others_named(town: Town) -> None:
    notice = [["Comment remplir"], ["Une ligne par lieu"], ["Merci"]]
    data = [["id", "nom", "places"], *([f"P{n}", "a", n] for n in range(20))]
    lists = [["oui", "non"], ["vrai", "faux"]]
    path = book(town.folder, Notice=notice, Lieux=data, Listes=lists)

    received = town.sends(path)

    assert received.origin.sheet == "Lieux"
    assert received.sheets == ("Notice", "Listes")
    [issue] = received.issues
    assert (issue.code, issue.where, issue.expected) == ("TER-TAB-034", "Lieux", "Notice, Listes")


def test_a_person_may_choose_another_sheet(town: Town) -> None:
    year = [["id", "nom"], ["1", "a"]]
    path = book(town.folder, **{"2026": year, "2025": [*year, ["2", "b"]]})

    assert town.sends(path).origin.sheet == "2026"
    assert town.sends(path, Choice(sheet="2025")).row_count == 2
    assert town.tries(path, Choice(sheet="2024")) == Issue(
        "TER-TAB-036", found="2024", expected="2026, 2025"
    )


def test_merged_titles_of_a_workbook_are_joined(town: Town) -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.append(["id", "nom", "Capacité", "", "Tarifs", ""])
    sheet.append(["", "", "voitures", "vélos", "jour", "nuit"])
    for number in range(3):
        sheet.append([f"P{number}", "a", 10, 2, 1.5, 3])
    sheet.merge_cells("C1:D1")
    sheet.merge_cells("E1:F1")
    sheet.merge_cells("A1:A2")
    sheet.merge_cells("B1:B2")
    path = town.folder / "merged.xlsx"
    made.save(path)

    received = town.sends(path)

    assert received.headers == ("id", "nom", "Capacité – voitures", "Capacité – vélos",
                                "Tarifs – jour", "Tarifs – nuit")  # fmt: skip
    assert town.rows()[0][:2] == (3, "P0")


def test_formulas_without_a_stored_value_are_said(town: Town) -> None:
    received = town.sends(book(town.folder, A=[["id", "places"], ["1", "=2+3"], ["2", 4]]))

    assert town.rows() == [(2, "1", None), (3, "2", "4")]
    assert [(issue.code, issue.found) for issue in received.issues] == [("TER-TAB-032", "1")]


def test_the_stored_value_of_a_formula_is_kept(town: Town) -> None:
    path = book(town.folder, A=[["id", "places"], ["1", "=2+3"]])
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    members[name] = members[name].replace(b"<v></v>", b"<v>5</v>").replace(b"<v />", b"<v>5</v>")
    with zipfile.ZipFile(path, "w") as archive:
        for each, content in members.items():
            archive.writestr(each, content)

    assert town.sends(path).issues == ()
    assert town.rows() == [(2, "1", "5")]


RECORDS = [{"id": "P1", "nom": "été", "places": 3}, {"id": "P2", "places": 4.5, "ouvert": True}]
JSONS = {
    "an array": json.dumps(RECORDS),
    "an array on many lines": json.dumps(RECORDS, indent=2),
    "records": json.dumps({"total": 2, "records": RECORDS}),
    "a result of CKAN": json.dumps(
        {"help": "x", "result": {"fields": [{"id": "nom"}], "records": RECORDS}}
    ),
    "any other name": json.dumps({"total": 2, "tags": ["a"], "parkings": RECORDS, "next": None}),
    "records of Opendatasoft": json.dumps(
        {"nhits": 2, "records": [{"recordid": "r", "fields": each} for each in RECORDS]}
    ),
    "one object a line": "\n".join(map(json.dumps, RECORDS)) + "\n",
}


@pytest.mark.parametrize("case", JSONS)
def test_records_of_json_are_rows(town: Town, case: str) -> None:
    received = town.sends(JSONS[case])

    assert received.headers == ("id", "nom", "places", "ouvert")
    assert town.rows() == [(1, "P1", "été", "3", None), (2, "P2", None, "4.5", "true")]
    assert received.sentence == "fichier JSON, 2 lignes"


def test_contracts_are_laid_flat(town: Town) -> None:
    contract = {
        "id": "1",
        "acheteur": {"id": "21350001200019"},
        "techniques": {"technique": ["Accord-cadre", "Concours"]},
        "titulaires": [{"titulaire": {"id": "7"}}, {"titulaire": {"id": "8"}}],
        "lieux": ["a, b", "c"],
    }
    received = town.sends(json.dumps({"marches": {"marche": [contract]}}))

    assert dict(zip(received.headers, town.rows()[0][1:], strict=True)) == {
        "id": "1",
        "acheteur.id": "21350001200019",
        "techniques": "Accord-cadre,Concours",
        "titulaires.id.1": "7",
        "titulaires.id.2": "8",
        "lieux": '["a, b","c"]',
    }


def test_a_list_too_long_to_spread_is_kept_whole_beside(town: Town) -> None:
    received = town.sends(json.dumps([{"id": 1, "lots": [{"n": n} for n in range(7)]}]))
    assert received.headers[-1] == "lots"
    assert json.loads(str(town.rows()[0][-1])) == [{"n": n} for n in range(7)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('["a", "b"]', "TER-TAB-035"),
        ('{"nom": "a", "lieux": [1, 2]}', "TER-TAB-035"),
        ("[]", "TER-TAB-035"),
        ('{"a": 1}\n{"a": 2}\n3\n', "TER-TAB-035"),
        ("{[1]: 2}", "TER-TAB-035"),
        ('{"records": []}', "TER-TAB-035"),
        ('[{"id": 1}, {"id": ', "TER-TAB-026"),
        ('[{"id": 1} {"id": 2}]', "TER-TAB-026"),
        ('[{"id": 1}, {"id": 2', "TER-TAB-026"),
        ('[{"a":' * 100_000, "TER-TAB-026"),
        ("[" + json.dumps({f"c{n}": n for n in range(1_600)}) + "]", "TER-TAB-005"),
    ],
)
def test_json_that_is_no_list_of_objects_is_named(town: Town, text: str, code: str) -> None:
    found = town.tries(text)
    assert isinstance(found, Issue)
    assert found.code == code


def test_broken_json_is_told_by_its_line(town: Town) -> None:
    found = town.tries('[\n{"id": 1},\n{"id": oups}\n]')
    assert found == Issue("TER-TAB-026", found="JSON illisible à la ligne 3")


def collection(*features: dict[str, Any], **others: Any) -> str:
    return json.dumps({"type": "FeatureCollection", **others, "features": list(features)})


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def test_features_give_their_properties_and_their_place(town: Town) -> None:
    line = {"type": "LineString", "coordinates": [[-1.6, 48.1], [-1.5, 48.1]]}
    received = town.sends(
        collection(
            feature({"type": "Point", "coordinates": [-1.6, 48.1]}, nom="a"),
            feature(line, nom="b", voie={"type": "rue"}),
            feature(None, nom="c"),
        )
    )

    assert received.headers == ("nom", "longitude", "latitude", "geometry", "voie.type")
    assert town.rows() == [
        (1, "a", "-1.6", "48.1", '{"type":"Point","coordinates":[-1.6,48.1]}', None),
        (2, "b", None, None, json.dumps(line, separators=(",", ":")), "rue"),
        (3, "c", None, None, None, None),
    ]
    assert received.sentence == "fichier GeoJSON, 3 lignes"


def test_a_geojson_in_lambert_is_put_into_degrees(town: Town) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    point = {"type": "Point", "coordinates": RENNES}
    received = town.sends(collection(feature(point, nom="a"), name="lieux", crs=crs))

    assert received.sentence == ("fichier GeoJSON, positions converties de Lambert 93, 1 ligne")
    assert is_in_rennes(town, received.headers)


def is_in_rennes(town: Town, headers: tuple[str, ...]) -> bool:
    row = dict(zip(headers, town.rows()[0][1:], strict=True))
    x, y = float(str(row["longitude"])), float(str(row["latitude"]))
    point = shapely.from_geojson(str(row["geometry"]))
    return (x, y) == (point.x, point.y) and abs(x + 1.68) < 0.02 and abs(y - 48.11) < 0.02


def write_layer(
    path: Path, layer: str = "lieux", crs: str | None = "EPSG:2154", **more: Any
) -> None:
    """Write one point at Rennes with a text and a whole number."""
    driver = "GPKG" if path.suffix == ".gpkg" else "ESRI Shapefile"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.raw.write(
            str(path),
            geometry=shapely.to_wkb(np.array([shapely.Point(*RENNES)])),
            field_data=[np.array(["été"], object), np.array([3.0])],
            fields=["nom", "nb_places_tres_long"],
            geometry_type="Point",
            crs=crs,
            driver=driver,
            layer=layer,
            **more,
        )


def zipped(folder: Path, *stems: str, leave_out: str = "") -> Path:
    path = folder / "shapes.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for stem in stems:
            for part in folder.glob(f"{stem}.*"):
                if part.suffix not in (".zip", leave_out):
                    archive.write(part, f"export/{part.name}")
    return path


def test_a_shapefile_in_a_zip_is_put_into_degrees(town: Town, tmp_path: Path) -> None:
    write_layer(tmp_path / "parkings.shp")
    received = town.sends(zipped(tmp_path, "parkings"))

    assert received.sentence == (
        "shapefile «\u00a0parkings.shp\u00a0», positions converties de Lambert 93, 1 ligne"
    )
    assert received.headers == ("nom", "nb_places_", "longitude", "latitude", "geometry")
    assert town.rows()[0][:3] == (1, "été", "3")
    assert is_in_rennes(town, received.headers)


def test_a_shapefile_without_projection_says_so(town: Town, tmp_path: Path) -> None:
    write_layer(tmp_path / "parkings.shp", crs=None)
    received = town.sends(zipped(tmp_path, "parkings"))

    assert [issue.code for issue in received.issues] == ["TER-TAB-039"]
    assert town.rows()[0][3:5] == ("352000", "6789000")


def test_a_shapefile_without_its_table_is_refused(town: Town, tmp_path: Path) -> None:
    write_layer(tmp_path / "parkings.shp")
    found = town.tries(zipped(tmp_path, "parkings", leave_out=".dbf"))
    assert found == Issue("TER-TAB-040", "parkings.shp", expected=".dbf")


def test_the_shapefiles_of_a_zip_are_listed_and_may_be_chosen(town: Town, tmp_path: Path) -> None:
    write_layer(tmp_path / "abris.shp")
    write_layer(tmp_path / "parkings.shp")
    path = zipped(tmp_path, "abris", "parkings")

    assert town.sends(path).sheets == ("parkings.shp",)
    assert town.sends(path, Choice(sheet="parkings.shp")).sheets == ("abris.shp",)


def test_the_layers_of_a_geopackage_are_listed_and_may_be_chosen(
    town: Town, tmp_path: Path
) -> None:
    path = tmp_path / "a.gpkg"
    write_layer(path, "parkings")
    write_layer(path, "abris", append=False)

    received = town.sends(path)

    assert received.sentence == (
        "GeoPackage, couche «\u00a0parkings\u00a0», positions converties de Lambert 93, 1 ligne"
    )
    assert received.sheets == ("abris",)
    assert is_in_rennes(town, received.headers)
    assert town.sends(path, Choice(sheet="abris")).origin.sheet == "abris"


def test_the_table_of_a_zip_is_read(town: Town, tmp_path: Path) -> None:
    path = tmp_path / "envoi.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mairie/lisez-moi.txt", "Bonjour")
        archive.writestr("mairie/parkings.csv", "id;nom\n" + "1;a\n" * 20)

    received = town.sends(path)

    assert received.sentence == (
        "fichier «\u00a0parkings.csv\u00a0» lu en UTF-8, séparateur ; , "
        "titres en ligne 1, 20 lignes"
    )
    assert received.sheets == ("lisez-moi.txt",)


def test_line_ends_inside_the_cells_of_a_workbook_are_kept(town: Town) -> None:
    rows = [["id", "note"], ["1", "a\nb"], ["2", "c\r\nd"], ["3", "e\rf"]]
    assert town.sends(json.dumps([{"id": a, "note": b} for a, b in rows[1:]])).row_count == 3
    assert [row[2] for row in town.rows()] == ["a\nb", "c\r\nd", "e\rf"]

    town.sends(book(town.folder, A=rows))
    assert [row[0] for row in town.rows()] == [2, 3, 4]
