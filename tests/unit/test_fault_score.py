"""The score of faults shows ours beside stock, and claims of stock only what was played."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.faults.score import ROWS, score_lines
from tests.faults.stock.trials import STORIES
from tests.faults.stock.verdict import (
    CONTROL,
    Seen,
    Trial,
    load_trials,
    reasons_against,
    write_trials,
)

OURS = {1: [True, True], 6: [True], 14: [True, False]}
PLAYED = {
    CONTROL: [Trial(CONTROL, "moisson refaite, DCAT", [])],
    1: [Trial(1, "catalogue vide, CKAN", []),
        Trial(1, "catalogue vide, DCAT", ["non servi : 6 sur 6"])],
    6: [Trial(6, "page de maintenance, DCAT", [])],
}  # fmt: skip


def line_of(row: int, lines: list[str]) -> str:
    [line] = [each for each in lines if each.lstrip().startswith(f"{row}  ")]
    return line


def test_a_row_shows_ours_and_what_stock_did_of_it_now() -> None:
    lines = score_lines(OURS, PLAYED)
    ours, stock = line_of(1, lines).split(" | ")
    assert "catalogue vide" in ours
    assert "survécue (essais : 2 sur 2)" in ours
    assert stock == "d’origine, joué : NON survécue (essais : 1 sur 2)"
    assert "            catalogue vide, DCAT : non servi : 6 sur 6" in lines


def test_a_fault_that_stock_survives_is_counted_as_survived() -> None:
    lines = score_lines(OURS, PLAYED)
    assert line_of(6, lines).endswith("joué : survécue (essais : 1 sur 1)")
    assert "Pannes survécues : 2 sur 3" in lines
    assert lines[-2].endswith(
        "joué juste avant : 1 sur 2 (essais : 2 sur 3 ; sans panne : 1 sur 1)"
    )
    assert lines[-1].endswith("pas comptées : 1")


@pytest.mark.parametrize("row", sorted(ROWS))
def test_a_row_that_was_not_played_to_stock_claims_no_verdict(row: int) -> None:
    others = {number: trials for number, trials in PLAYED.items() if number != row}
    lines = score_lines({1: [True], row: [True]}, others)
    told = line_of(row, lines).split(" | ")[1]
    assert told.startswith("d’origine, non joué : ")
    assert "survécue" not in told
    assert ROWS[row][2].value in told


def test_without_a_play_nothing_is_counted_for_stock() -> None:
    assert "rien n’a été joué" in score_lines(OURS, {})[-1]
    assert "rien n’a été joué" in score_lines(OURS, {CONTROL: PLAYED[CONTROL]})[-1]


def test_what_was_played_is_read_as_it_was_kept(tmp_path: Path) -> None:
    write_trials(tmp_path / "kept.json", [each for told in PLAYED.values() for each in told])
    assert load_trials(tmp_path / "kept.json") == PLAYED


def test_every_row_that_is_played_is_in_the_list_and_has_a_control() -> None:
    rows = {story.row for story in STORIES}
    assert rows - set(ROWS) == {CONTROL}


def served(number: int, **changes: Any) -> dict[str, Any]:
    """One dataset as it is served."""
    told = {"id": f"id-{number}", "name": f"jeu-{number}", "title": f"Jeu {number}",
            "owner": "ville", "files": ["a.csv", "b.csv"]}  # fmt: skip
    return told | changes


BEFORE = [served(0), served(1)]
WHOLE = Seen(BEFORE, BEFORE, frozenset({"Jeu 0", "Jeu 1"}))


def test_a_catalogue_that_is_served_as_before_has_nothing_against_it() -> None:
    assert reasons_against(WHOLE) == []


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        ([served(0)], "non servi : 1 sur 2"),
        ([served(0), served(1, id="neuf", name="jeu-11")], "adresse changée : 1 sur 2"),
        ([served(0), served(1, name="jeu-11")], "adresse changée : 1 sur 2"),
        ([served(0), served(1, owner="autre")], "pris à son producteur : 1 sur 2"),
        ([served(0), served(1, files=["a.csv"])], "fichiers perdus : 1 sur 2"),
        ([*BEFORE, served(2, title="Jeu 1")], "en double : 1 sur 2"),
    ],
)
def test_what_is_lost_is_named(after: list[dict[str, Any]], reason: str) -> None:
    assert reasons_against(replace(WHOLE, after=after)) == [reason]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_ended": False}, "ne finit pas"),
        ({"is_told": False}, "rien n’est dit"),
        ({"is_reached": True}, "suivi jusqu’au réseau privé"),
    ],
)
def test_what_a_run_should_not_do_is_named(changes: dict[str, bool], reason: str) -> None:
    assert reasons_against(replace(WHOLE, **changes)) == [reason]
