"""The blank files that people fill."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from python_calamine import CalamineWorkbook

from schemas.load import find, table_schemas
from schemas.to_template import to_csv, to_xlsx
from tests.unit.toy_schema import FIELDS, toy_schema

NAMES = [field.name for field in FIELDS]


@pytest.fixture
def book() -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(to_xlsx(toy_schema())))


def column(name: str) -> str:
    return openpyxl.utils.get_column_letter(NAMES.index(name) + 1)


def test_the_csv_holds_the_names_of_the_columns_as_a_french_spreadsheet_opens_them() -> None:
    content = to_csv(toy_schema())
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig") == ";".join(NAMES) + "\r\n"


def test_the_workbook_opens_on_the_sheet_to_fill_under_a_frozen_header(book: Workbook) -> None:
    assert book.sheetnames == ["Saisie", "Aide", "Listes"]
    assert book.active.title == "Saisie"
    assert book["Listes"].sheet_state == "hidden"
    assert book["Saisie"].freeze_panes == "A2"
    assert [cell.value for cell in book["Saisie"][1]] == NAMES


def test_required_columns_are_seen_and_said(book: Workbook) -> None:
    insee, genre = (book["Saisie"][f"{column(name)}1"] for name in ("insee", "genre"))
    assert (insee.font.bold, genre.font.bold) == (True, False)
    assert insee.fill.fgColor.rgb != genre.fill.fgColor.rgb
    assert "Obligatoire." in insee.comment.text
    assert "Ce qu’est insee." in insee.comment.text
    assert "Exemple : 01004" in insee.comment.text


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("insee", "@"), ("siret", "@"), ("genre", "@"), ("ouvert", "@"), ("saison", "@"),
        ("pose", "yyyy-mm-dd"), ("fin", "yyyy-mm-dd"), ("bancs", "General"), ("x", "General"),
    ],
)  # fmt: skip
def test_cells_keep_what_is_typed(book: Workbook, name: str, form: str) -> None:
    assert book["Saisie"].column_dimensions[column(name)].number_format == form


def test_choices_are_drop_downs_whatever_their_signs(book: Workbook) -> None:
    rules = {str(r.sqref): r for r in book["Saisie"].data_validations.dataValidation}
    lists = book["Listes"]
    for name, choices in (("genre", ["parc", "square, jardin"]), ("ouvert", ["oui", "non"])):
        letter = column(name)
        rule = rules[f"{letter}2:{letter}1048576"]
        assert rule.formula1 == f"Listes!${letter}$1:${letter}$2"
        assert [lists[f"{letter}{row}"].value for row in (1, 2)] == choices
    assert len(rules) == 2


def test_the_second_sheet_says_what_to_write_in_each_column(book: Workbook) -> None:
    rows = [[cell.value for cell in row] for row in book["Aide"]]
    assert rows[0][0] == "Lieux calmes"
    told = {row[0]: row for row in rows[5:]}
    assert list(told) == NAMES
    assert told["bancs"][1:] == [
        "Bancs", "non", "Ce qu’est bancs. Nombre entier, de 0 à 50.", "12", "douze",
    ]  # fmt: skip
    assert told["insee"][4] == "01004"


def test_the_same_schema_gives_the_same_workbook() -> None:
    first, second = (CalamineWorkbook.from_filelike(io.BytesIO(to_xlsx(toy_schema())))
                     for _ in range(2))  # fmt: skip
    for name in first.sheet_names:
        assert (
            first.get_sheet_by_name(name).to_python() == second.get_sheet_by_name(name).to_python()
        )


def test_a_filled_workbook_gives_back_the_codes_and_days_that_were_typed() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(toy_schema())))
    sheet = book["Saisie"]
    sheet[f"{column('insee')}2"] = "01004"
    sheet[f"{column('pose')}2"] = date(2026, 1, 31)
    target = io.BytesIO()
    book.save(target)
    target.seek(0)
    rows = CalamineWorkbook.from_filelike(target).get_sheet_by_name("Saisie").to_python()
    assert rows[1][NAMES.index("insee")] == "01004"
    assert rows[1][NAMES.index("pose")] == date(2026, 1, 31)


@pytest.mark.parametrize("schema_id", table_schemas())
def test_every_schema_has_its_template(schema_id: str) -> None:
    schema = find(schema_id)
    assert schema is not None
    names = [field.name for field in schema.fields]
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(schema)))
    assert [cell.value for cell in book["Saisie"][1]] == names
    assert to_csv(schema).decode("utf-8-sig").strip().split(";") == names
