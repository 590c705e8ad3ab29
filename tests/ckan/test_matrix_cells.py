"""One cell of the matrix: what a commune has of a theme, and what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ckanext.territoire.delivery.matrix import Cell, Known, Town, to_matrix, to_square
from schemas.load import latest
from schemas.model import Duty, Schema

TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
OLD = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def schema() -> Schema:
    return replace(latest("stationnement-hors-voirie"), frequency="annual", duty=None)


def town(insee: str = "35001", population: int = 6874) -> Town:
    return Town(insee, f"Commune {insee}", f"c{insee}", f"o{insee}", population)


@pytest.mark.parametrize(
    ("known", "cell"),
    [
        (Known(), Cell.ABSENT),
        (Known(good=10, published_at=NOW), Cell.FINE),
        (Known(rows=3, published_at=NOW), Cell.FINE),
        (Known(good=10, published_at=OLD), Cell.STALE),
        (Known(good=8, bad=2, published_at=NOW), Cell.FINE),
        (Known(good=7, bad=3, published_at=NOW), Cell.INVALID),
        (Known(bad=4), Cell.INVALID),
        (Known(waiting_state="failed"), Cell.INVALID),
        (Known(good=10, published_at=NOW, waiting_state="held"), Cell.DECIDE),
    ],
)
def test_a_cell_is_judged_by_what_was_delivered(schema: Schema, known: Known, cell: Cell) -> None:
    assert to_square(town(), schema, known, TODAY).cell is cell


def test_the_action_says_what_to_do_next(schema: Schema) -> None:
    def action(known: Known) -> str:
        return to_square(town(), schema, known, TODAY).action

    assert action(Known()) == "Inviter à publier"
    assert (
        action(Known(good=1, bad=1, published_at=NOW)) == "Envoyer un lien de correction (1 ligne)"
    )
    assert action(Known(waiting_state="failed")) == "Demander un fichier lisible"
    assert action(Known(good=1, published_at=NOW)) == ""


def test_the_law_asks_it_of_a_commune_of_that_size(schema: Schema) -> None:
    asked = replace(schema, duty=Duty("loi", "texte", from_population=3500))

    large, small = (
        to_square(town(), asked, Known(), TODAY),
        to_square(town(population=900), asked, Known(), TODAY),
    )
    assert (large.is_duty, small.is_duty) == (True, False)
    assert "obligation légale" in large.action


def test_the_matrix_weighs_communes_by_their_population(schema: Schema) -> None:
    towns = [town("35024", 1000), town("35001", 3000)]
    known = {("35001", schema.slug): Known(good=1, published_at=NOW)}

    found = to_matrix(towns, [schema], known, TODAY)

    assert [row.town.insee for row in found.rows] == ["35001", "35024"]
    assert found.columns[0].served == pytest.approx(0.75)
    assert found.columns[0].counts[Cell.ABSENT] == 1
