"""A file that a town hall sent: its rows as text under their numbers, and what is no row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harvesters.errors import sentence
from harvesters.model import Issue
from harvesters.table.received import Choice, Received, Why
from tests.unit.town import Town

NARROW = "\u202f"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path)
    yield town
    town.base.close()


def aside(received: Received) -> dict[Why, int]:
    return {each.why: each.count for each in received.aside}


def codes(received: Received) -> set[str]:
    return {issue.code for issue in received.issues}


def test_the_sentence_says_what_was_understood(town: Town) -> None:
    rows = "".join(f"P{n};Été – {n};{n}\n" for n in range(212))
    text = f"Parkings de Bruz\nau 31/12/2026\n\nid;nom;places\n{rows}"
    received = town.sends(text.encode("cp1252"))

    assert received.sentence == (
        "fichier lu en Windows-1252, séparateur ; , titres en ligne 4, 212 lignes"
    )
    assert received.headers == ("id", "nom", "places")
    assert town.rows()[0] == (5, "P0", "Été – 0", "0")


@pytest.mark.parametrize(
    ("separator", "told"), [(",", "virgule"), ("\t", "tabulation"), (";", "; "), ("|", "| ")]
)
def test_the_sentence_names_the_separator(town: Town, separator: str, told: str) -> None:
    text = "\n".join(separator.join(row) for row in (["id", "nom"], ["1", "a"], ["2", "b"]))
    assert f"séparateur {told}," in town.sends(text).sentence


def test_great_numbers_are_written_as_in_french(town: Town) -> None:
    received = town.sends("id;nom\n" + "1;a\n" * 12_345)
    assert received.sentence.endswith(f"12{NARROW}345 lignes")


def test_cells_stay_as_they_were_received(town: Town) -> None:
    town.sends("id;nom\n01004;  Bruz \n;\u00a0\n 2;\n")
    assert town.rows() == [(2, "01004", "  Bruz "), (4, " 2", None)]


def test_a_row_has_the_number_that_a_spreadsheet_shows(town: Town) -> None:
    town.sends('id;note\n1;"sur\ndeux lignes"\n\n2;a\n;\n3;b\n')
    assert [row[:2] for row in town.rows()] == [(2, "1"), (4, "2"), (6, "3")]


def test_what_is_no_row_is_told_with_its_lines(town: Town) -> None:
    received = town.sends(
        "Budget de Bruz;;\n\nposte;objet;montant\nA;x;10\n;;\nposte;objet;montant\nB;y;5\n"
        "Total;;15\nSource : mairie de Bruz;;\n\n"
    )

    assert aside(received) == {
        Why.BLANK: 3,
        Why.TITLE: 1,
        Why.HEADER: 2,
        Why.TOTAL: 1,
        Why.NOTE: 1,
    }
    assert town.rows() == [(4, "A", "x", "10"), (7, "B", "y", "5")]
    by_why = {each.why: each.samples for each in received.aside}
    assert by_why[Why.TITLE] == ((1, "Budget de Bruz"),)
    assert by_why[Why.TOTAL] == ((8, "Total | 15"),)
    assert by_why[Why.NOTE] == ((9, "Source : mairie de Bruz"),)
    assert [line for line, _ in by_why[Why.BLANK]] == [2, 5, 10]


def test_titles_come_again_even_when_some_are_missing_or_double(town: Town) -> None:
    received = town.sends("id;;nom;nom\n1;x;a;b\nid;;nom;nom\n2;y;c;d\n")
    assert aside(received) == {Why.HEADER: 2}
    received = town.sends("Lieu;;Prix;\nid;nom;a;b\n1;x;2;3\nLieu;;Prix;\nid;nom;a;b\n2;y;2;3\n")
    assert aside(received) == {Why.HEADER: 4}


@pytest.mark.parametrize(
    "total", ["TOTAL;;15", "Sous-total;;15", "Total général :;;1 234,50 €", "Total 2026;;15"]
)
def test_totals_are_known_by_their_word_and_their_numbers(town: Town, total: str) -> None:
    received = town.sends(f"poste;objet;montant\nA;x;10\n{total}\nB;y;5\n")
    assert aside(received)[Why.TOTAL] == 1


@pytest.mark.parametrize(
    "row",
    [
        "TotalEnergies Bruz;35047;4",  # a name
        "Total;rue de la Gare;12",  # a station of that name
        "Totem;;4",
        "Bruz;;",
        "35047-P-002;;",  # a row cut short
    ],
)
def test_a_row_that_looks_like_a_total_or_a_note_is_a_row(town: Town, row: str) -> None:
    received = town.sends(f"nom;insee;places\nA;35001;10\n{row}\n")
    assert received.row_count == 2


def test_blank_columns_are_dropped_and_said(town: Town) -> None:
    received = town.sends("id;;nom;;\n1;;a;;\n2;;b;; \n")

    assert received.headers == ("id", "nom")
    assert town.rows()[0] == (2, "1", "a")
    [issue] = received.issues
    assert (issue.code, issue.found, issue.expected) == (
        "TER-TAB-033",
        "3",
        "colonne B, colonne D, colonne E",
    )


def test_a_column_without_title_that_holds_values_is_kept(town: Town) -> None:
    assert town.sends("id;;nom\n1;x;a\n").headers == ("id", "colonne B", "nom")


def test_titles_that_stand_twice_are_numbered(town: Town) -> None:
    assert town.sends("id;nom;nom\n1;a;b\n").headers == ("id", "nom", "nom (2)")


HEADINGS = {
    "a row of groups": (
        "Lieu;;Capacité;;Tarifs;\nid;nom;voitures;vélos;1 h;2 h\nP1;a;10;2;1,5;3\n",
        ("Lieu – id", "Lieu – nom", "Capacité – voitures", "Capacité – vélos", "Tarifs – 1 h",
         "Tarifs – 2 h"),
        2,
    ),
    "titles merged downwards": (
        "id;nom;Capacité;;Tarifs;\n;;voitures;vélos;jour;nuit\nP1;a;10;2;1,5;3\n",
        ("id", "nom", "Capacité – voitures", "Capacité – vélos", "Tarifs – jour", "Tarifs – nuit"),
        1,
    ),
    "labels above names": (
        "Identifiant;Nom du lieu;Nombre de places\nid_lieu;nom_lieu;nb\nP1;a;10\n",
        ("id_lieu", "nom_lieu", "nb"),
        2,
    ),
    "units": ("id;longueur;prix\n;(m);€\nP1;10;2\n", ("id", "longueur", "prix"), 1),
    "explanations": (
        "id;places;prix\ncode du lieu;en surface;hors taxes\nP1;10;2\nP2;11;2,5\n",
        ("id", "places", "prix"),
        1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HEADINGS)
def test_titles_on_two_rows_are_understood(town: Town, case: str) -> None:
    text, headers, line = HEADINGS[case]
    received = town.sends(text)

    assert received.headers == headers
    assert received.origin.header_line == line
    assert aside(received) == {Why.HEADER: 2}
    assert town.rows()[0][:2] == (3, "P1")


@pytest.mark.parametrize(
    "text",
    [
        "Commune;Bruz;;\nid;nom;rue;places\nP1;a;b;10\n",  # a line above, not a group
        "id;nom;rue;places\nP1;gratuit;libre;inconnu\nP2;b;c;10\nP3;b;c;11\n",  # a bad row
        "id;nom;rue;places\nparc_relais;a;b;\nP2;b;c;10\n",
    ],
)
def test_one_row_of_titles_is_not_taken_for_two(town: Town, text: str) -> None:
    assert town.sends(text).headers == ("id", "nom", "rue", "places")


def test_a_file_without_titles_keeps_its_first_row(town: Town) -> None:
    received = town.sends("1;2,5;2026-01-01\n2;3,5;2026-01-02\n")
    assert received.headers == ("colonne A", "colonne B", "colonne C")
    assert received.row_count == 2
    assert "sans ligne de titres" in received.sentence


def test_uneven_rows_are_kept_and_said_by_their_lines(town: Town) -> None:
    received = town.sends('id;nom;places\n1;a\n2;b;3;de trop\n3;"c;4\n4;d;5\n')

    assert [row[:3] for row in town.rows()] == [(2, "1", "a"), (3, "2", "b"), (4, "3", "c"),
                                                (5, "4", "d")]  # fmt: skip
    assert received.headers[-1] == "colonne D"
    told = {(issue.code, issue.where) for issue in received.issues}
    assert told == {("TER-TAB-007", "2"), ("TER-TAB-008", "3"), ("TER-TAB-009", "4")}


def test_a_line_end_inside_a_cell_does_not_pass_for_that_of_the_rows(town: Town) -> None:
    town.sends('id;note\n1;"a\rb"\n2\n3;c;d\n')
    assert [row[:3] for row in town.rows()] == [(2, "1", "a\rb"), (3, "2", None), (4, "3", "c")]


def test_a_note_is_not_told_as_a_short_row(town: Town) -> None:
    received = town.sends("id;nom;places\n1;a;2\nSource : mairie\n")
    assert received.issues == ()


def test_a_quote_left_open_above_the_titles_hides_nothing(town: Town) -> None:
    received = town.sends('Liste "provisoire\n"x\nid;nom;places\n1;a;2\n3;b;4\n')
    assert received.headers == ("id", "nom", "places")
    assert [row[0] for row in town.rows()] == [4, 5]


def test_a_person_may_choose_against_what_was_understood(town: Town) -> None:
    text = "a;b\nid,x;nom,y\n1,x;été,y\n".encode("cp1252")
    received = town.sends(text, Choice(header_line=2, separator=",", encoding="Mac Roman"))

    assert received.headers == ("id", "x;nom", "y")
    assert town.rows() == [(3, "1", "x;ÈtÈ", "y")]
    assert received.origin.encoding == "Mac Roman"
    assert received.origin.header_line == 2


def test_a_person_may_say_that_there_are_no_titles(town: Town) -> None:
    received = town.sends("id;nom\n1;a\n", Choice(header_line=0))
    assert received.row_count == 2
    assert received.headers == ("colonne A", "colonne B")


@pytest.mark.parametrize(
    ("choice", "code"),
    [
        (Choice(header_line=12), "TER-TAB-038"),
        (Choice(encoding="EBCDIC"), "TER-TAB-037"),
    ],
)
def test_a_choice_that_the_file_does_not_have_is_refused(
    town: Town, choice: Choice, code: str
) -> None:
    found = town.tries("id;nom\n1;a\n", choice)
    assert isinstance(found, Issue)
    assert found.code == code


EMPTY = {
    "nothing": (b"", "TER-TAB-022"),
    "blank lines": (b"\xef\xbb\xbf\r\n \r\n", "TER-TAB-022"),
    "separators": (b";;;\n;;;\n", "TER-TAB-022"),
    "only a header": (b"id;nom;places\n\n", "TER-TAB-023"),
    "a title and a header": (b"Parkings\n\nid;nom;places\n;;\n", "TER-TAB-023"),
    "a header and a note": (b"id;nom;places\nSource : mairie;;\n", "TER-TAB-023"),
    "only a title": (b"Parkings de la commune\n", "TER-TAB-024"),
    "two titles": (b"Parkings;;;\nau 31/12/2026;;;\n", "TER-TAB-024"),
}


@pytest.mark.parametrize("case", EMPTY)
def test_a_file_without_rows_is_named_and_the_template_proposed(town: Town, case: str) -> None:
    content, code = EMPTY[case]
    found = town.tries(content)

    assert isinstance(found, Issue)
    assert found.code == code
    assert "modèle vierge" in sentence(found)


def test_two_thousand_columns_are_refused_with_the_limit(town: Town) -> None:
    found = town.tries(";".join(f"c{n}" for n in range(2_000)) + "\n" + ";".join("1" * 2_000))
    assert found == Issue("TER-TAB-005", found="2000", expected="1500")


def test_wide_tables_within_the_limit_are_read(town: Town) -> None:
    header, row = ";".join(f"c{n}" for n in range(1_500)), ";".join(["x"] * 1_500)
    received = town.sends(f"{header}\n{row}\n{row}\n")
    assert (received.row_count, len(received.headers)) == (2, 1_500)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("inner", ["\n", "\r\n", "\r"])
def test_line_ends_inside_titles_or_cells_lose_no_row(town: Town, end: str, inner: str) -> None:
    titles = f'"Nom{inner}du lieu";places'
    for first in ("a;1", f'"a{inner}x";1'):
        rows = [first, "b;2", f'"c{inner}x";3']
        received = town.sends(end.join([titles, *rows, ""]))
        assert received.headers == ("Nom du lieu", "places")
        assert [row[0] for row in town.rows()] == list(range(2, len(rows) + 2))
