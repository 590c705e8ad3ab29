"""A table given in two formats is told from two tables that look alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from harvesters.table.read import read_table
from harvesters.table.reading import Table
from harvesters.table.same import Face, best_of, digest_of, is_same, name_of

CSV = Face("1", "csv", ("Nom", "Ville"), 12, "aa", "arbres")
BOOK = Face("2", "xlsx", ("nom", "ville"), 12, "bb", "arbres")


def test_the_same_name_header_and_number_of_rows_in_two_formats_are_one_table() -> None:
    assert is_same(CSV, BOOK)


def test_the_same_cells_are_one_table_whatever_its_names() -> None:
    assert is_same(CSV, replace(BOOK, digest="aa", name="inventaire"))


@pytest.mark.parametrize(
    "change",
    [
        {"format": "csv"},
        {"labels": ("nom", "commune")},
        {"labels": ("ville", "nom")},
        {"row_count": 13},
        {"name": "arbres fevrier"},
        {"name": "arbres fevrier", "digest": ""},
    ],
)
def test_a_table_that_differs_is_another_one(change: dict[str, Any]) -> None:
    assert not is_same(CSV, replace(BOOK, **change))


def test_an_unknown_content_is_like_no_other() -> None:
    assert not is_same(replace(CSV, digest=""), replace(BOOK, digest="", name="autre"))


def test_the_file_with_fewest_remarks_is_read_and_among_equals_the_text() -> None:
    assert best_of([BOOK, CSV]) is CSV
    assert best_of([BOOK, replace(CSV, remarks=1)]) is BOOK


@pytest.mark.parametrize(
    ("title", "url", "name"),
    [
        ("Arbres (XLSX)", "", "arbres"),
        ("Arbres - Excel", "", "arbres"),
        ("CSV", "https://a.example/exports/csv", ""),
        ("Janvier.csv", "https://a.example/telecharger?id=1", "janvier"),
        ("", "https://a.example/Arbres%20remarquables.ods", "arbres remarquables"),
    ],
)
def test_the_name_of_a_file_leaves_out_its_format(title: str, url: str, name: str) -> None:
    assert name_of(title, url) == name


def test_a_csv_and_the_workbook_of_the_same_cells_have_one_digest(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("nom;cp;hauteur\nChêne;01500;12\nHêtre;35690;9\n", "utf-8")
    book = Workbook()
    for row in (("nom", "cp", "hauteur"), ("Chêne", "01500", 12), ("Hêtre", "35690", 9)):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(tmp_path / "a.xlsx")
    digests = {
        digest_of(_read(tmp_path / name, tmp_path / name[2:])) for name in ("a.csv", "a.xlsx")
    }
    assert len(digests) == 1


def _read(file: Path, folder: Path) -> Table:
    folder.mkdir()
    table = read_table(file, folder)
    assert isinstance(table, Table)
    return table
