"""The whole chain on one file: from its bytes to the verdict on its rows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import openpyxl
import pytest

from harvesters.model import Issue
from harvesters.table.check_file import CheckAsk, FileVerdict, check_file
from harvesters.table.received import Choice, How
from harvesters.table.typed import open_database
from schemas.load import TABLES, find, latest, load_file, slugs
from schemas.model import Schema
from schemas.start import FIRST_VERSION, first_files
from schemas.to_template import to_csv, to_xlsx

NEWEST = tuple(latest(slug) for slug in slugs())
TOILETS = latest("toilettes-publiques")
# points, geometries and lists in cells, dates, many columns
SOME = tuple(
    latest(slug)
    for slug in ("toilettes-publiques", "amenagements-cyclables", "menus-collectifs", "budget")
)


def by_id(schema: Schema) -> str:
    return schema.id


@pytest.fixture
def base(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_database(tmp_path) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    return made


def example(schema: Schema, name: str) -> Path:
    return TABLES / schema.slug / schema.version / name


def written(tmp_path: Path, content: str | bytes, name: str = "lieux.csv") -> Path:
    file = tmp_path / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def checked(
    base: duckdb.DuckDBPyConnection, source: Path, folder: Path, ask: CheckAsk
) -> FileVerdict:
    verdict = check_file(base, source, folder, ask)
    assert isinstance(verdict, FileVerdict), verdict
    return verdict


@pytest.mark.parametrize("schema", SOME, ids=by_id)
def test_a_good_file_is_recognised_and_all_its_rows_are_good(
    base: duckdb.DuckDBPyConnection, folder: Path, schema: Schema
) -> None:
    verdict = checked(base, example(schema, "valid.csv"), folder, CheckAsk(NEWEST))
    assert verdict.schema == schema
    assert verdict.checked is not None
    assert verdict.checked.bad == 0
    assert verdict.checked.good == verdict.received.row_count > 0


def test_good_and_bad_rows_together_are_all_the_rows(
    base: duckdb.DuckDBPyConnection, folder: Path
) -> None:
    ask = CheckAsk(NEWEST, TOILETS.id)
    verdict = checked(base, example(TOILETS, "invalid.csv"), folder, ask)
    assert verdict.checked is not None
    assert verdict.checked.bad > 0
    assert verdict.checked.good + verdict.checked.bad == verdict.received.row_count


def test_a_slug_alone_declares_its_schema(base: duckdb.DuckDBPyConnection, folder: Path) -> None:
    ask = CheckAsk(NEWEST, TOILETS.slug)
    verdict = checked(base, example(TOILETS, "valid.csv"), folder, ask)
    assert verdict.schema == TOILETS


def test_a_declared_schema_that_is_not_known_is_said_with_near_names(
    base: duckdb.DuckDBPyConnection, folder: Path
) -> None:
    ask = CheckAsk(NEWEST, "toilette-publique")
    issue = check_file(base, example(TOILETS, "valid.csv"), folder, ask)
    assert isinstance(issue, Issue)
    assert (issue.code, issue.found) == ("TER-CFG-100", "toilette-publique")
    assert TOILETS.slug in issue.expected


def test_without_a_certain_schema_nothing_is_checked_and_candidates_are_told(
    base: duckdb.DuckDBPyConnection, tmp_path: Path, folder: Path
) -> None:
    source = written(tmp_path, "nom;code_insee\nHalle;35001\nParc;35051\n")
    verdict = checked(base, source, folder, CheckAsk(NEWEST))
    assert (verdict.schema, verdict.match, verdict.checked) == (None, None, None)
    assert verdict.received.row_count == 2
    assert all(each.confidence < 0.8 for each in verdict.candidates)


def test_a_file_of_another_schema_than_declared_shows_it_by_its_candidates(
    base: duckdb.DuckDBPyConnection, folder: Path
) -> None:
    ask = CheckAsk(NEWEST, "prenoms")
    verdict = checked(base, example(TOILETS, "valid.csv"), folder, ask)
    assert verdict.schema is not None
    assert verdict.schema.slug == "prenoms"
    assert verdict.candidates[0].schema_id == TOILETS.id


def test_an_unreadable_file_is_an_issue(
    base: duckdb.DuckDBPyConnection, tmp_path: Path, folder: Path
) -> None:
    issue = check_file(base, written(tmp_path, b"%PDF-1.7 ..."), folder, CheckAsk(NEWEST))
    assert isinstance(issue, Issue)
    assert issue.code.startswith("TER-TAB-")


def test_a_required_column_that_is_missing_is_told_once_and_its_rows_are_bad(
    base: duckdb.DuckDBPyConnection, tmp_path: Path, folder: Path
) -> None:
    lines = example(TOILETS, "valid.csv").read_text(encoding="utf-8").splitlines()
    source = written(tmp_path, "\n".join(line.partition(",")[2] for line in lines))
    verdict = checked(base, source, folder, CheckAsk(NEWEST, TOILETS.id))
    assert verdict.match is not None
    assert verdict.match.missing == ("id",)
    assert verdict.checked is not None
    assert (verdict.checked.good, verdict.checked.bad) == (0, len(lines) - 1)
    assert verdict.checked.causes[0].code == "TER-VAL-101"


def test_the_choice_of_a_person_says_what_a_column_is(
    base: duckdb.DuckDBPyConnection, tmp_path: Path, folder: Path
) -> None:
    text = example(TOILETS, "valid.csv").read_text(encoding="utf-8").replace("id,", "repère,", 1)
    ask = CheckAsk(NEWEST, TOILETS.id, Choice(columns={"repère": "id"}))
    verdict = checked(base, written(tmp_path, text), folder, ask)
    assert verdict.match is not None
    assert verdict.match.matches[0].how is How.CHOSEN
    assert verdict.checked is not None
    assert verdict.checked.bad == 0


@pytest.mark.parametrize("schema", NEWEST, ids=by_id)
def test_the_blank_template_comes_back_as_a_file_without_row(
    base: duckdb.DuckDBPyConnection, tmp_path: Path, folder: Path, schema: Schema
) -> None:
    for name, content in (("a.csv", to_csv(schema)), ("a.xlsx", to_xlsx(schema))):
        issue = check_file(base, written(tmp_path, content, name), folder, CheckAsk(NEWEST))
        assert isinstance(issue, Issue), name
        assert issue.code == "TER-TAB-023", name


@pytest.mark.parametrize("schema", SOME, ids=by_id)
def test_the_template_filled_with_the_examples_passes(
    base: duckdb.DuckDBPyConnection, tmp_path: Path, folder: Path, schema: Schema
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(schema)))
    with example(schema, "valid.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            book["Saisie"].cell(number, column, value)
    target = io.BytesIO()
    book.save(target)
    source = written(tmp_path, target.getvalue(), "rempli.xlsx")
    verdict = checked(base, source, folder, CheckAsk(NEWEST))
    assert verdict.received.origin.sheet == "Saisie"
    assert verdict.schema == schema
    assert verdict.checked is not None
    assert (verdict.checked.good, verdict.checked.bad) == (len(rows), 0)


def test_a_schema_that_is_started_loads_and_its_files_are_what_they_tell(
    base: duckdb.DuckDBPyConnection, tmp_path: Path, folder: Path
) -> None:
    place = tmp_path / "bornes-wifi" / FIRST_VERSION
    place.mkdir(parents=True)
    for name, text in first_files("bornes-wifi").items():
        (place / name).write_text(text, encoding="utf-8")
    schema = load_file(place / "table.yaml")
    assert find(schema.id) is None
    told = json.loads((place / "expected.json").read_text(encoding="utf-8"))
    ask = CheckAsk((schema,), schema.id)
    good = checked(base, place / "valid.csv", folder, ask).checked
    bad = checked(base, place / "invalid.csv", folder, ask).checked
    assert good is not None
    assert bad is not None
    assert (good.bad, bad.good, bad.bad) == (0, told["good"], told["bad"])
    found = {(c.lines[0], c.field, c.code) for c in bad.causes}
    assert found == {(each["line"], each["field"], each["code"]) for each in told["issues"]}
