"""Bytes to a table: encodings, separators, headers, broken rows, workbooks."""

from __future__ import annotations

import csv
import datetime
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvesters.model import Issue
from harvesters.table.encoding import find_encoding
from harvesters.table.names import MAX_BYTES, to_names
from harvesters.table.read import read_table
from harvesters.table.reading import Table
from harvesters.table.sentence import to_sentence

Read = Callable[[bytes], Table]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read bytes that are a table."""

    def read_bytes(content: bytes) -> Table:
        found = read_any(content, tmp_path)
        assert isinstance(found, Table), found
        return found

    return read_bytes


def read_any(content: bytes, folder: Path) -> Table | Issue:
    source = folder / "source"
    source.write_bytes(content)
    return read_table(source, folder)


def rows_of(table: Table) -> list[list[str]]:
    with table.rows.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def codes(table: Table) -> list[str]:
    return [issue.code for issue in table.issues]


TEXT = "commune;école\nAcigné;« Les Clôtures » – œuvre\nChâteaugiron;Noël\n"


@pytest.mark.parametrize(
    ("charset", "label"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 avec BOM"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
        ("mac_roman", "Mac Roman"),
    ],
)
def test_the_same_text_is_read_in_every_encoding(read: Read, charset: str, label: str) -> None:
    table = read(TEXT.encode(charset))

    assert table.origin.encoding == label
    assert [column.label for column in table.columns] == ["commune", "école"]
    assert rows_of(table) == [
        ["Acigné", "« Les Clôtures » – œuvre"],
        ["Châteaugiron", "Noël"],
    ]


def test_a_text_without_windows_signs_is_said_to_be_latin_1(read: Read) -> None:
    assert read("nom;ville\nÉté;Liffré\n".encode("latin-1")).origin.encoding == "ISO-8859-1"


def test_old_dos_letters_are_recognised(read: Read) -> None:
    table = read("nom;ville\nété;Liffré là-bas ç è ê\n".encode("cp850"))
    assert rows_of(table) == [["été", "Liffré là-bas ç è ê"]]


def test_an_encoding_that_shows_far_from_the_beginning_is_seen(read: Read) -> None:
    lines = ["nom;ville"] + ["a;b"] * 200_000 + ["Éric;Liffré"]
    table = read("\n".join(lines).encode("cp1252"))
    assert rows_of(table)[-1] == ["Éric", "Liffré"]


def test_a_few_strange_bytes_do_not_spoil_a_utf_8_file(read: Read) -> None:
    table = read("nom;ville\nÉté;Liffré\nHiver;Rédené\n".encode() + b"caf\xe9;Bruz\n")

    assert rows_of(table)[-1] == ["café", "Bruz"]
    assert rows_of(table)[0] == ["Été", "Liffré"]
    assert "TER-TAB-011" in codes(table)


def test_nul_characters_are_dropped_and_said(read: Read) -> None:
    table = read(b"nom;ville\nA\0B;C\n")
    assert rows_of(table) == [["AB", "C"]]
    assert "TER-TAB-012" in codes(table)


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_found(read: Read, separator: str) -> None:
    rows = [["nom", "ville", "note"], ["A", "B", "x"], ["C", "D", "y"]]
    table = read("\n".join(separator.join(row) for row in rows).encode())
    assert table.origin.separator == separator
    assert rows_of(table) == rows[1:]


def test_decimal_commas_do_not_pass_for_separators(read: Read) -> None:
    table = read(b"nom;x;y\nA;1,5;2,5\nB;1,6;2,6\n")
    assert rows_of(table) == [["A", "1.5", "2.5"], ["B", "1.6", "2.6"]]


def test_quotes_hold_separators_quotes_and_line_ends(read: Read) -> None:
    table = read(b'nom;note\n"A;B";"dit ""oui"""\n"C";"ligne 1\nligne 2"\n')
    assert rows_of(table) == [["A;B", 'dit "oui"'], ["C", "ligne 1\nligne 2"]]


def test_a_title_of_two_lines_in_a_file_of_windows_loses_no_row(read: Read) -> None:
    table = read(b'"nom\ndu lieu";places\r\nA;1\r\nB;2\r\n')
    assert rows_of(table) == [["A", "1"], ["B", "2"]]


def test_titles_above_the_header_are_passed_over(read: Read) -> None:
    table = read(b"Commune de Bruz;;\nListe au 31/12/2026\n\nnom;rue;places\nA;B;3\n")

    assert table.origin.header_line == 4
    assert [column.label for column in table.columns] == ["nom", "rue", "places"]
    assert rows_of(table) == [["A", "B", "3"]]
    assert "titres en ligne 4" in to_sentence(table)


def test_a_file_without_header_keeps_its_first_row(read: Read) -> None:
    table = read(b"1;2,5;2026-01-01\n2;3,5;2026-01-02\n")
    assert table.origin.header_line == 0
    assert table.row_count == 2
    assert [column.name for column in table.columns] == ["colonne_1", "colonne_2", "colonne_3"]


def test_many_titles_above_a_small_table_are_passed_over(read: Read) -> None:
    table = read(b"Un\nDeux\nTrois\nQuatre\nCinq\nnom;rue;places\nA;B;3\n")
    assert table.origin.header_line == 6
    assert rows_of(table) == [["A", "B", "3"]]


def test_one_odd_row_far_below_is_not_taken_for_the_header(read: Read) -> None:
    table = read(b"nom\n" + b"A\n" * 150 + b"B;C\n")
    assert table.row_count == 151


def test_years_are_headers(read: Read) -> None:
    table = read(b"commune;2020;2021;2022\nBruz;1;2;3\n")
    assert [column.name for column in table.columns] == ["commune", "2020", "2021", "2022"]


def test_short_and_long_rows_are_kept_and_said(read: Read) -> None:
    table = read(b"a,b,c\n1,x,y\n2,x\n3,x,y,reste\n")

    assert rows_of(table) == [["1", "x", "y", ""], ["2", "x", "", ""], ["3", "x", "y", "reste"]]
    assert [column.name for column in table.columns][-1] == "colonne_4"
    assert [(i.code, i.where) for i in table.issues][:2] == [
        ("TER-TAB-007", "3"),
        ("TER-TAB-008", "4"),
    ]


def test_a_row_far_too_long_is_kept_whole(read: Read) -> None:
    table = read(b"a,b\n1,2\n" + b",".join(b"%d" % n for n in range(500)) + b"\n")
    cells = rows_of(table)[1]
    assert ",".join(cells).split(",") == [str(n) for n in range(500)]


def test_a_quote_left_open_swallows_no_row(read: Read) -> None:
    lines = ["nom;ville", 'A;"Rennes', *[f"n{n};v{n}" for n in range(1000)]]
    table = read("\n".join(lines).encode())

    assert table.row_count == 1001
    assert rows_of(table)[0] == ["A", "Rennes"]
    assert "TER-TAB-009" in codes(table)


def test_the_last_row_may_be_bad(read: Read) -> None:
    table = read(b"a;b\n" + b"1;2\n" * 5000 + b"3")
    assert table.row_count == 5001
    assert rows_of(table)[-1] == ["3", ""]


def test_repeated_headers_and_empty_rows_are_no_rows(read: Read) -> None:
    table = read(b"nom;ville\nA;B\nnom;ville\n;\nC;D\n;\n")
    assert rows_of(table) == [["A", "B"], ["C", "D"]]
    assert {"TER-TAB-013", "TER-TAB-014"} <= set(codes(table))


def test_a_total_is_kept_and_said(read: Read) -> None:
    table = read(b"poste;montant\nA;1\nTotal;1\n")
    assert table.row_count == 2
    assert "TER-TAB-015" in codes(table)


def test_formulas_are_kept_as_text(read: Read) -> None:
    table = read(b"nom;note\n=cmd|' /C calc'!A0;x\n@SUM(1);y\n")
    assert rows_of(table)[0][0] == "=cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "TER-TAB-001"),
        (b"\n\n  \n", "TER-TAB-001"),
        (b"<!DOCTYPE html><html><body>Maintenance</body></html>", "TER-TAB-002"),
        (b'{"type": "FeatureCollection"}', "TER-TAB-002"),
        (b"%PDF-1.7 abc", "TER-TAB-002"),
        (b"<?xml version='1.0'?><a/>", "TER-TAB-002"),
        (b"PK\x03\x04truncated", "TER-TAB-003"),
        (b"\xd0\xcf\x11\xe0truncated", "TER-TAB-003"),
        (b"nom;ville\n", "TER-TAB-006"),
        (b";".join(b"c%d" % n for n in range(1600)) + b"\n1;2\n", "TER-TAB-005"),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, content: bytes, code: str) -> None:
    found = read_any(content, tmp_path)
    assert isinstance(found, Issue)
    assert found.code == code


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("lisez-moi.txt", "bonjour")
    assert read_table(path, tmp_path) == Issue("TER-TAB-002", found="une archive ZIP")


def test_a_workbook_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    found = read_table(path, tmp_path)
    assert isinstance(found, Issue)
    assert found.code == "TER-TAB-004"


def test_a_workbook_is_read_with_its_dates_numbers_and_booleans(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Notice"
    sheet = book.create_sheet("Écoles")
    sheet.append(["Écoles de Bruz"])
    sheet.append(["nom", "insee", "places", "prix", "date", "ouverte"])
    sheet.append(["A", "01004", 12, 2.5, datetime.date(2026, 12, 31), True])
    path = tmp_path / "book.xlsx"
    book.save(path)

    table = read_table(path, tmp_path)

    assert isinstance(table, Table)
    assert table.origin.sheet == "Écoles"
    assert table.origin.header_line == 2
    assert rows_of(table) == [["A", "01004", "12", "2.5", "2026-12-31", "true"]]


def test_the_other_sheets_of_a_workbook_are_said(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for title in ("Un", "Deux"):
        sheet = book.create_sheet(title)
        sheet.append(["a", "b"])
        sheet.append([title, 1])
    path = tmp_path / "book.xlsx"
    book.save(path)

    table = read_table(path, tmp_path)

    assert isinstance(table, Table)
    assert (table.issues[0].code, table.issues[0].where) == ("TER-TAB-017", "Un")


@pytest.mark.parametrize(
    ("name", "rows", "encoding"),
    [
        ("malformed/frictionless-bom.csv", 2, "UTF-8 avec BOM"),
        ("malformed/frictionless-defective-rows.csv", 2, "UTF-8"),
        ("malformed/frictionless-duplicate-headers.csv", 2, "UTF-8"),
        ("malformed/frictionless-encoding-issue-274.csv", 507, "UTF-8"),
        ("malformed/short-header-row.csv", 1, "UTF-8"),
        ("malformed/repeated-headers-crlf.csv", 404, "UTF-8"),
        ("malformed/invalid-unclosed-quote.csv", 6, "UTF-8"),
        ("malformed/epci-contrats-de-ville.csv", 37, "UTF-8"),
        ("malformed/tri-lille-zones-inondables.csv", 8, "UTF-8"),
        ("malformed/ens-aisne.xls", 259, ""),
        ("malformed/file.ods", 3, ""),
        ("covoiturage/bnlc-corse-latin1.csv", 60, "ISO-8859-1"),
        ("population/communes-croix-ods.csv", 475, "UTF-8"),
        ("rennes-metropole/parkings-occupation-20261006.csv", 60, "UTF-8"),
    ],
)
def test_real_files_are_read_whole(
    shared_data: Path, tmp_path: Path, name: str, rows: int, encoding: str
) -> None:
    table = read_table(shared_data / name, tmp_path)
    assert isinstance(table, Table)
    assert (table.row_count, table.origin.encoding) == (rows, encoding)


def test_the_sentence_says_what_was_understood(read: Read) -> None:
    told = to_sentence(read("Titre\nnom;ville\nÉté – A;B\nC;D\n".encode("cp1252")))
    assert told == (
        "fichier lu en Windows-1252, séparateur point-virgule, titres en ligne 2, "
        "2 lignes, 2 colonnes"
    )


@given(st.lists(st.text(max_size=80), min_size=1, max_size=30))
def test_column_names_are_unique_and_fit_postgresql(headers: list[str]) -> None:
    names = to_names(headers)

    assert len(names) == len(headers)
    assert len({name.lower() for name in names}) == len(names)
    for name in names:
        assert 0 < len(name.encode()) <= MAX_BYTES
        assert not name.startswith("_")
        assert not set(name) & set('":%')


cell = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), max_size=6
)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.lists(cell, min_size=3, max_size=3), min_size=1, max_size=12))
def test_no_row_is_lost_whatever_the_cells(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    source = folder / "source"
    numbered = [[f"r{n}", *row] for n, row in enumerate(rows)]
    with source.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, delimiter=";").writerows([["ligne", "a", "b", "c"], *numbered])

    table = read_table(source, folder)

    assert isinstance(table, Table)
    assert [row[0] for row in rows_of(table)] == [row[0] for row in numbered]


def test_the_encoding_is_found_on_the_bytes_themselves(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"caf\xe9")
    assert find_encoding(path).name == "latin-1"
