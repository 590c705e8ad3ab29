"""The grid of bad rows and the grid of typed rows: what they show, what comes back."""

from __future__ import annotations

from typing import Any

from ckanext.territoire.portal.bad_rows import to_csv
from ckanext.territoire.portal.deposit_grid import read_corrections, read_rows, to_grid
from schemas.load import latest

SCHEMA = latest("stationnement-hors-voirie")


def issue(field: str = "type_usagers", repair: str | None = None, **more: Any) -> dict[str, Any]:
    told = {"field": field, "code": "TER-VAL-103", "severity": "error", "found": "", "expected": "",
            "repair": repair, "sentence": "TER-VAL-103 : faux."}  # fmt: skip
    return told | more


def row(line: int, *issues: dict[str, Any], **cells: str) -> dict[str, Any]:
    return {"line": line, "cells": {"id": f"35001-P-{line:03}", "nom": "Gare"} | cells,
            "issues": list(issues)}  # fmt: skip


ROWS = [
    row(2, issue(repair="abonnés"), type_usagers="abonnes"),
    row(3, issue(repair="abonnés"), type_usagers="abonnes"),
    row(5, issue("nb_places"), nb_places="beaucoup"),
]


def test_a_row_is_named_by_its_label_and_key_and_shows_only_its_faulty_cells() -> None:
    first, *_ = to_grid(ROWS, SCHEMA, (0, 25)).rows
    assert first.name == "Gare, 35001-P-002"
    [cell] = first.cells
    assert (cell.title, cell.value, cell.repair) == ("Usagers", "abonnes", "abonnés")


def test_what_can_be_done_for_all_is_told_once_on_a_page() -> None:
    cells = [row.cells[0] for row in to_grid(ROWS, SCHEMA, (0, 25)).rows]
    assert [(cell.alike, cell.similar) for cell in cells] == [(2, 2), (0, 0), (1, 0)]


def test_an_identifier_is_never_corrected_the_same_in_several_rows() -> None:
    rows = [row(n, issue("id", code="TER-VAL-101"), id="") for n in (2, 3)]
    assert SCHEMA.key == ("id",)
    assert [r.cells[0].alike for r in to_grid(rows, SCHEMA, (0, 25)).rows] == [0, 0]


def test_two_faults_of_a_cell_are_one_cell() -> None:
    twice = row(2, issue(), issue(code="TER-VAL-104"), type_usagers="x")
    [shown] = to_grid([twice], SCHEMA, (0, 25)).rows
    assert [fault.code for fault in shown.cells[0].faults] == ["TER-VAL-103", "TER-VAL-104"]


def test_a_warning_is_no_cell_to_correct() -> None:
    warned = row(2, issue(), issue("nb_pmr", severity="warning"), type_usagers="x")
    [shown] = to_grid([warned], SCHEMA, (0, 25)).rows
    assert [cell.control.name for cell in shown.cells] == ["type_usagers"]


def test_a_page_knows_the_next_one() -> None:
    first = to_grid(ROWS, SCHEMA, (0, 2))
    assert ([r.line for r in first.rows], first.next_after, first.repairs) == ([2, 3], 3, 2)
    last = to_grid(ROWS, SCHEMA, (3, 2))
    assert ([r.line for r in last.rows], last.next_after) == ([5], 0)


def test_what_was_typed_is_shown_again() -> None:
    grid = to_grid(ROWS, SCHEMA, (0, 25), {"c.5.nb_places": "douze"})
    assert grid.rows[2].cells[0].value == "douze"


def test_only_changed_cells_are_corrections() -> None:
    form = {"c.2.type_usagers": "tous", "c.3.type_usagers": "abonnes", "c.5.nb_places": " 12 ",
            "a.2.type_usagers": "1", "c.99.nom": "x", "c.x.nom": "x", "apres": "0"}  # fmt: skip
    assert read_corrections(form, ROWS) == [
        {"line": 2, "field": "type_usagers", "value": "tous", "all": True},
        {"line": 5, "field": "nb_places", "value": "12", "all": False},
    ]


def test_a_proposal_is_accepted_with_what_was_typed_elsewhere() -> None:
    form = {"c.5.nb_places": "12", "accept": "3.type_usagers"}
    found = {(each["line"], each["value"]) for each in read_corrections(form, ROWS)}
    assert found == {(5, "12"), (3, "abonnés")}


def test_similar_proposals_are_those_of_the_same_cause() -> None:
    rows = [*ROWS, row(7, issue("nom", repair="Mairie", code="TER-VAL-104"), nom="mairie")]
    same = read_corrections({"accept_all": "TER-VAL-103.type_usagers"}, rows)
    assert [each["line"] for each in same] == [2, 3]
    every = read_corrections({"accept_all": "*"}, rows)
    assert [each["line"] for each in every] == [2, 3, 7]


def test_typed_rows_keep_their_order_and_unknown_names_are_left() -> None:
    form = {"r.10.nom": "b", "r.2.nom": " a ", "r.2.inconnu": "x", "r.x.nom": "y", "add": "1"}
    assert read_rows(form, ["nom"]) == [{"nom": "a"}, {"nom": "b"}]


def test_bad_rows_open_in_a_french_spreadsheet_and_run_nothing() -> None:
    told = b"".join(to_csv(SCHEMA, [row(2, issue(repair="tous"), nom="=1+1")])).decode("utf-8-sig")
    head, line = told.splitlines()
    assert head.startswith("ligne;a_corriger;proposition;id;nom")
    assert line.startswith("2;TER-VAL-103 : faux.;type_usagers = tous;35001-P-002;'=1+1")
