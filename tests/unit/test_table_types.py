"""Columns take a type only when every cell has it; identifiers stay text with their zeros."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from harvesters.table.read import read_table
from harvesters.table.reading import Shape, Table, Type

# header, cells, type, cells as stored: written by hand
TRUTH = [
    ("code_insee", ["35001", "01004", "2A004"], Type.TEXT, ["35001", "01004", "2A004"]),
    ("Code INSEE", ["35001", "35238"], Type.TEXT, ["35001", "35238"]),
    ("commune", ["35001", "35238"], Type.TEXT, ["35001", "35238"]),
    ("code postal", ["01500", "35690"], Type.TEXT, ["01500", "35690"]),
    ("CP", ["35690", "35000"], Type.TEXT, ["35690", "35000"]),
    ("département", ["01", "35"], Type.TEXT, ["01", "35"]),
    ("siren", ["243500139", "213500010"], Type.TEXT, ["243500139", "213500010"]),
    ("siret", ["21350001000019", "00012345600017"], Type.TEXT,
     ["21350001000019", "00012345600017"]),
    ("établissement", ["21350001000019", "21350238800019"], Type.TEXT,
     ["21350001000019", "21350238800019"]),
    ("contact", ["0299010203", "0612345678"], Type.TEXT, ["0299010203", "0612345678"]),
    ("téléphone", ["299010203", "612345678"], Type.TEXT, ["299010203", "612345678"]),
    ("tel", ["02 99 01 02 03", "+33612345678"], Type.TEXT, ["02 99 01 02 03", "+33612345678"]),
    ("rna", ["W353001234", "W353005678"], Type.TEXT, ["W353001234", "W353005678"]),
    ("finess", ["350000022", "010000024"], Type.TEXT, ["350000022", "010000024"]),
    ("numéro", ["007", "12"], Type.TEXT, ["007", "12"]),
    ("places", ["12", "-3", "0"], Type.INTEGER, ["12", "-3", "0"]),
    ("population", ["1 204", "12 345 678", "7"], Type.INTEGER, ["1204", "12345678", "7"]),
    ("habitants", ["1\u202f204", "2\u00a0500"], Type.INTEGER, ["1204", "2500"]),
    ("prix", ["2,50", "1 204,5", "-0,3"], Type.DECIMAL, ["2.50", "1204.5", "-0.3"]),
    ("mixte", ["2,5", "3.5", "4"], Type.DECIMAL, ["2.5", "3.5", "4"]),
    ("mesure", ["1.5e-3", "2"], Type.DECIMAL, ["1.5e-3", "2"]),
    ("ouvert", ["oui", "Non", "OUI"], Type.BOOLEAN, ["true", "false", "true"]),
    ("valide", ["vrai", "FAUX"], Type.BOOLEAN, ["true", "false"]),
    ("drapeau", ["0", "1"], Type.INTEGER, ["0", "1"]),
    ("date", ["31/12/2026", "1/2/2026"], Type.DATE, ["2026-12-31", "2026-02-01"]),
    ("jour", ["2026-12-31", "31/12/2025"], Type.DATE, ["2026-12-31", "2025-12-31"]),
    ("heure", ["31/12/2026 14:05", "2026-01-01T00:00:00"], Type.TIMESTAMP,
     ["2026-12-31 14:05:00", "2026-01-01 00:00:00"]),
    ("relevé", ["2026-10-06T10:20:43+02:00", "2026-10-06T08:25:43Z"], Type.MOMENT,
     ["2026-10-06 08:20:43+00", "2026-10-06 08:25:43+00"]),
    ("faux jour", ["31/12/2026", "31/02/2026"], Type.TEXT, ["31/12/2026", "31/02/2026"]),
    ("presque", ["12", "12 bis"], Type.TEXT, ["12", "12 bis"]),
    ("montant", ["12 €", "13 €"], Type.TEXT, ["12 €", "13 €"]),
    ("énorme", ["123456789012345678901", "1"], Type.TEXT, ["123456789012345678901", "1"]),
    ("vide", ["", ""], Type.TEXT, ["", ""]),
    ("troué", ["", "5"], Type.INTEGER, ["", "5"]),
]  # fmt: skip


def read(content: str, folder: Path) -> Table:
    source = folder / "source.csv"
    source.write_text(content, encoding="utf-8")
    table = read_table(source, folder)
    assert isinstance(table, Table), table
    return table


def rows_of(table: Table) -> list[list[str]]:
    with table.rows.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize(("header", "cells", "type_", "stored"), TRUTH, ids=lambda v: str(v)[:20])
def test_each_column_of_the_truth_table_has_its_type(
    tmp_path: Path, header: str, cells: list[str], type_: Type, stored: list[str]
) -> None:
    lines = [f"libellé;{header}", *[f"x{n};{cell}" for n, cell in enumerate(cells)]]

    table = read("\n".join(lines), tmp_path)

    assert table.columns[1].type is type_
    assert [row[1] for row in rows_of(table)] == stored


def test_one_cell_at_the_end_decides_for_the_column(tmp_path: Path) -> None:
    lines = ["a;b", *["x;1"] * 5000, "x;1,5"]
    assert read("\n".join(lines), tmp_path).columns[1].type is Type.DECIMAL
    lines.append("x;n.c.")
    assert read("\n".join(lines), tmp_path).columns[1].type is Type.TEXT


def test_a_leading_zero_at_the_end_keeps_all_digits_as_text(tmp_path: Path) -> None:
    table = read("\n".join(["a;b", *["x;1"] * 5000, "x;01"]), tmp_path)
    assert table.columns[1].type is Type.TEXT
    assert rows_of(table)[-1] == ["x", "01"]


@pytest.mark.parametrize(
    ("content", "shape", "columns", "is_swapped"),
    [
        ("n;longitude;latitude\nA;-1,68;48,11\n", Shape.LONGITUDE_LATITUDE,
         ("longitude", "latitude"), False),
        ("n;lat;lon\nA;48.11;-1.68\n", Shape.LONGITUDE_LATITUDE, ("lon", "lat"), False),
        ("n;Xlong;Ylat\nA;-1.68;48.11\n", Shape.LONGITUDE_LATITUDE, ("Xlong", "Ylat"), False),
        ("n;longitude;latitude\nA;48.11;-1.68\n", Shape.LONGITUDE_LATITUDE,
         ("longitude", "latitude"), True),
        ("n;x;y\nA;352000,5;6789000,2\n", Shape.LAMBERT_93, ("x", "y"), False),
        ("n;geo_point_2d\nA;48.11,-1.68\n", Shape.TEXT, ("geo_point_2d",), False),
        ("n;coordonneesXY\nA;[-1.68, 48.11]\nB;[-1.5, 48.2]\n", Shape.TEXT,
         ("coordonneesXY",), True),
    ],
)  # fmt: skip
def test_positions_are_recognised(
    tmp_path: Path, content: str, shape: Shape, columns: tuple[str, ...], is_swapped: bool
) -> None:
    geometry = read(content, tmp_path).geometry

    assert geometry is not None
    assert (geometry.shape, geometry.columns, geometry.is_swapped) == (shape, columns, is_swapped)


@pytest.mark.parametrize("content", ["n;x;y\nA;1000;2000\n", "n;lat\nA;48.1\n", "n;b\nA;1,2\n"])
def test_numbers_that_are_no_positions_are_left(tmp_path: Path, content: str) -> None:
    assert read(content, tmp_path).geometry is None


def test_swapped_positions_are_said(tmp_path: Path) -> None:
    table = read("n;longitude;latitude\nA;48.11;-1.68\n", tmp_path)
    assert [issue.code for issue in table.issues] == ["TER-TAB-016"]
