"""The column that says the commune of a row, recognised by what it holds."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from harvesters.table.check_file import CheckAsk, FileVerdict, check_file
from harvesters.table.received import Choice, How, Rewriting
from harvesters.table.typed import open_database
from schemas.load import latest
from tests.unit.checked import REFERENCES

TREES = replace(latest("arbres"), rules=()).without({"code_postal"})
ADDRESSES = latest("base-adresse-locale")


@pytest.fixture
def base(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_database(tmp_path) as opened:
        yield opened


def check(
    base: duckdb.DuckDBPyConnection,
    folder: Path,
    header: str,
    cells: Sequence[str],
    choice: Choice | None = None,
) -> FileVerdict:
    file = folder / "arbres.csv"
    with file.open("w", newline="", encoding="utf-8") as target:
        rows = [(n, "-1.53", f"48.1{n:03}", cell) for n, cell in enumerate(cells, 1)]
        csv.writer(target).writerows([("id", "longitude", "latitude", header), *rows])
    ask = CheckAsk((TREES,), TREES.id, choice or Choice(), REFERENCES, depositor="35238")
    verdict = check_file(base, file, folder, ask)
    assert isinstance(verdict, FileVerdict)
    return verdict


def communes(base: duckdb.DuckDBPyConnection) -> list[str]:
    found = base.execute("SELECT insee FROM good ORDER BY line").fetchall()
    return [insee for (insee,) in found]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Commune", ("35001", "35238")),
        ("COMMUNE", ("Acigné", "RENNES")),
        ("Nom de la commune", ("acigne", "Rennes")),
        ("Ville", ("Acigné", "Rennes")),
        ("Commune", ("35690", "35000")),
        ("Code postal", ("35690", "35000")),
        ("Commune", ("35690 Acigné", "35700 Rennes")),
    ],
)
def test_a_column_of_communes_says_the_commune_of_each_row(
    base: duckdb.DuckDBPyConnection, tmp_path: Path, header: str, cells: Sequence[str]
) -> None:
    verdict = check(base, tmp_path, header, cells)
    assert verdict.match is not None
    assert [m.how for m in verdict.match.matches if m.field == "code_insee"] == [How.COMMUNE]
    assert verdict.match.extra == ()
    assert communes(base) == ["35001", "35238"]


def test_what_a_name_became_is_told(base: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    verdict = check(base, tmp_path, "Commune", ("Acigné", "Acigné", "35238"))
    [told] = [each for each in verdict.rewritten if each.how is Rewriting.COMMUNE]
    assert (told.count, told.before, told.after) == (2, "Acigné", "35001")
    assert communes(base) == ["35001", "35001", "35238"]


def test_codes_are_left_as_they_are(base: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    verdict = check(base, tmp_path, "Commune", ("35001", "1004"))
    assert [each.how for each in verdict.rewritten] == [Rewriting.LOST_ZERO]
    assert communes(base) == ["35001", "01004"]


def test_a_name_that_means_no_commune_makes_its_row_wait(
    base: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    verdict = check(base, tmp_path, "Commune", ("Acigné", "Rennes", "le bourg"))
    assert verdict.checked is not None
    assert (verdict.checked.good, verdict.checked.bad) == (2, 1)


def test_a_column_that_speaks_of_something_else_is_left_out(
    base: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    verdict = check(base, tmp_path, "Commune", ("le bourg", "la gare", "Acigné"))
    assert verdict.match is not None
    assert verdict.match.extra == ("Commune",)
    assert communes(base) == ["35238"] * 3


def test_a_column_that_a_person_left_out_stays_out(
    base: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    verdict = check(base, tmp_path, "Commune", ("35001",), Choice(columns={"Commune": ""}))
    assert verdict.match is not None
    assert verdict.match.extra == ("Commune",)


def test_codes_under_the_name_of_the_commune_go_to_the_code(
    base: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    file = tmp_path / "adresses.csv"
    file.write_text("cle_interop,commune,voie_nom,numero\n35001_0010_00003,35001,Rue,3\n")
    verdict = check_file(base, file, tmp_path, CheckAsk((ADDRESSES,), "base-adresse-locale"))
    assert isinstance(verdict, FileVerdict)
    assert verdict.match is not None
    assert {m.field: m.header for m in verdict.match.matches}["commune_insee"] == "commune"
    assert verdict.match.missing == ("commune_nom",)


def test_a_name_under_its_own_field_stays_there(
    base: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    file = tmp_path / "adresses.csv"
    file.write_text("cle_interop,commune,voie_nom,numero\n35001_0010_00003,Acigné,Rue,3\n")
    ask = CheckAsk((ADDRESSES,), "base-adresse-locale", references=REFERENCES)
    verdict = check_file(base, file, tmp_path, ask)
    assert isinstance(verdict, FileVerdict)
    assert verdict.match is not None
    assert verdict.match.missing == ("commune_insee",)
    query = "SELECT repair FROM row_issue WHERE field = 'commune_insee'"
    assert base.execute(query).fetchall() == [("35001",)]
