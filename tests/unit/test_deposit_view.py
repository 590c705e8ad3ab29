"""What the report of a deposit shows, and what its forms say: pure, on deliveries as dicts."""

from __future__ import annotations

from typing import Any

import pytest

from ckanext.territoire.portal.deposit_view import Beside, read_choice, to_report
from ckanext.territoire.portal.deposit_words import REWRITTEN, say_lines, say_rewritten
from harvesters.table.received import Rewriting, Why
from schemas.load import latest

PARKING = latest("stationnement-hors-voirie").id
REPORT: dict[str, Any] = {
    "sentence": "fichier lu en UTF-8, séparateur ; , titres en ligne 1, 3 lignes",
    "issues": [],
    "headers": ["id", "Libellé", "Divers"],
    "sheet": "",
    "header_line": 1,
    "sheets": [],
    "row_count": 3,
    "aside": [],
    "candidates": [],
    "match": [
        {"field": "id", "header": "id", "how": "exact"},
        {"field": "nom", "header": "Libellé", "how": "synonym"},
    ],
    "missing": ["insee"],
    "extra": ["Divers"],
    "rewritten": [],
    "corrected": 0,
    "causes": [],
    "difference": None,
    "communes": {},
    "privacy": [],
}


def delivery(state: str = "draft", **changes: Any) -> dict[str, Any]:
    """A delivery of parkings; `report` completes the report."""
    report = REPORT | changes.pop("report", {})
    told = {
        "schema_id": PARKING, "file_name": "p.csv", "state": state, "reasons": [], "choice": {},
        "good": 2, "bad": 1, "warned": 0, "report": report,
        "feed": {"organization_title": "Acigné"},
    }  # fmt: skip
    return told | changes


def cause(severity: str = "error", **changes: Any) -> dict[str, Any]:
    told = {
        "code": "TER-TAB-022", "field": "nom", "severity": severity, "count": 1, "lines": [4],
        "found": "x", "expected": "y",
        "sentence": "TER-TAB-022 : colonne « nom » : vide. Partez du modèle vierge de ce type de"
        " données, remplissez-le puis déposez-le. Les lignes déjà publiées restent.",
    }  # fmt: skip
    return told | changes


def test_a_cause_is_told_under_the_title_of_its_column_apart_from_what_to_do() -> None:
    [told] = to_report(delivery(report={"causes": [cause()]})).causes
    assert (told.title, told.message, told.lines) == ("Nom", "Vide.", "ligne\u00a04")
    assert told.remedy.startswith("Partez du modèle vierge")


def test_a_column_that_the_file_has_not_is_not_told_as_cells_to_fill_in() -> None:
    causes = [cause(code="TER-VAL-101", field=name) for name in ("insee", "nom")]
    absent, empty = to_report(delivery(report={"causes": causes})).causes
    assert absent.message.startswith("Votre fichier n’a pas cette colonne")
    assert "« Ce n’est pas ça ? »" in absent.remedy
    assert "n’a pas cette colonne" not in empty.message


def test_a_value_that_is_written_like_the_name_of_its_column_is_told() -> None:
    said = "TER-VAL-102 : colonne « gratuit » : « gratuit » ne peut pas être lu ici."
    told = cause(code="TER-VAL-102", field="gratuit", sentence=said)
    [shown] = to_report(delivery(report={"causes": [told]})).causes
    assert shown.message == "« gratuit » ne peut pas être lu ici."


def test_what_has_no_good_row_changes_nothing_online() -> None:
    change = {"added": 0, "changed": 0, "removed": 2, "same": 0, "kept": 0}
    assert to_report(delivery("held", good=0, report={"difference": change})).change is None
    assert to_report(delivery("draft", good=1, report={"difference": change})).change == change


def test_warnings_stand_apart_from_what_is_to_be_corrected() -> None:
    found = to_report(delivery(report={"causes": [cause(), cause("warning")]}))
    assert (len(found.causes), len(found.warnings)) == (1, 1)


def test_every_way_of_rewriting_and_setting_aside_has_its_words() -> None:
    assert {each.value for each in Rewriting} == set(REWRITTEN)
    asides = [{"why": why.value, "count": 2, "samples": []} for why in Why]
    told = to_report(delivery(report={"aside": asides})).asides
    assert [each.text for each in told if each.text == "2\u00a0lignes"] == []
    assert say_rewritten("lost_zero", 2).endswith("complétés du zéro qu’ils avaient perdu")


def test_the_line_of_titles_alone_is_not_told_as_set_aside() -> None:
    heading = {"why": "header", "count": 1, "samples": [[1, "id | nom"]]}
    assert to_report(delivery(report={"aside": [heading]})).asides == ()


def test_lines_are_told_five_at_most() -> None:
    assert say_lines([2], 1) == "ligne\u00a02"
    assert say_lines([2, 3], 2) == "lignes\u00a02 et 3"
    assert say_lines([2, 3, 4, 5, 6], 1204) == "lignes\u00a02, 3, 4, 5, 6 et 1\u202f199\u00a0autres"


def test_a_draft_with_good_rows_may_be_published_and_one_without_may_not() -> None:
    assert to_report(delivery()).may_publish
    assert not to_report(delivery(good=0)).may_publish
    assert not to_report(delivery("live")).may_publish


def test_the_brake_is_settled_by_a_tick_and_personal_data_is_not() -> None:
    change = {"added": 0, "changed": 0, "removed": 12, "same": 3, "kept": 0}
    braked = to_report(delivery("held", reasons=["brake"], report={"difference": change}))
    assert braked.may_publish
    assert "sur 15" in braked.holds[0].text
    finding = {"kind_label": "noms de personnes", "label": "Contact", "count": 2, "lines": [3, 4],
               "masked_sample": "Xx", "is_holding": True}  # fmt: skip
    private = to_report(delivery("held", reasons=["privacy"], report={"privacy": [finding]}))
    assert not private.may_publish
    [where] = private.holds[0].items
    assert "colonne « Contact », lignes\u00a03 et 4" in where


def test_communes_are_told_by_name_and_candidates_by_title() -> None:
    beside = Beside(communes={"35024": "Betton"})
    counts = {"35024": 2, "": 1}
    held = to_report(delivery("held", reasons=["commune"], report={"communes": counts}), beside)
    assert held.holds[0].items == ("Betton : 2\u00a0lignes", "Sans commune : 1\u00a0ligne")
    candidate = {"schema_id": "a/1", "title": "Arbres", "confidence": 0.724, "because": "tout"}
    unsure = delivery("held", schema_id="", reasons=["schema"], report={"candidates": [candidate]})
    assert [each.share for each in to_report(unsure).holds[0].candidates] == [72]


def test_an_unreadable_file_says_why_and_what_to_do() -> None:
    told = "TER-TAB-022 : le fichier est vide. Partez du modèle."
    report = {"issue": {"code": "TER-TAB-022", "sentence": told}}
    found = to_report(delivery("failed", good=None, bad=None) | {"report": report})
    assert not found.is_readable
    assert found.message.startswith("Le fichier est vide.")


def form(**changes: str) -> dict[str, str]:
    """The form « Ce n’est pas ça ? » as it is shown, with some answers changed."""
    shown = {"header_line": "1", "separator": "", "encoding": "", "schema": PARKING}
    shown |= {"column-0": "id", "column-1": "nom", "column-2": ""}
    return shown | {name.replace("_", "-", 1) if "column" in name else name: value
                    for name, value in changes.items()}  # fmt: skip


def test_a_form_sent_as_it_stands_chooses_nothing() -> None:
    assert read_choice(form(), delivery()) == {}


def test_a_sheet_left_as_it_was_found_is_no_choice() -> None:
    book = delivery(report={"sheet": "Parkings", "sheets": ["Notes"]})
    assert read_choice(form(sheet="Parkings"), book) == {}
    assert read_choice(form(sheet="Notes", column_1=""), book) == {"sheet": "Notes"}


def test_only_what_differs_is_chosen_and_former_choices_stay() -> None:
    chosen = delivery(choice={"columns": {"id": "id"}})
    assert read_choice(form(column_2="info"), chosen) == {"columns": {"id": "id", "Divers": "info"}}
    assert read_choice(form(column_1=""), delivery()) == {"columns": {"Libellé": ""}}


def test_another_line_of_titles_forgets_the_columns() -> None:
    assert read_choice(form(header_line="4", column_1=""), delivery()) == {"header_line": "4"}


@pytest.mark.parametrize("typed", ["", "abc", "²", "-1"])
def test_a_line_of_titles_that_is_no_number_is_left(typed: str) -> None:
    chosen = delivery(choice={"header_line": "4"})
    assert "header_line" not in read_choice(form(header_line=typed), chosen)


def test_a_tabulation_is_a_separator_that_is_kept() -> None:
    assert read_choice(form(separator="\t"), delivery()) == {"separator": "\t"}
