"""Accepted corrections are applied to the next file, in their row and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from harvesters.table.corrections import Correction, apply_corrections, key_mark, row_mark
from harvesters.table.typed import open_database
from schemas.load import load_file
from schemas.model import Schema

TABLE = """
title: Bancs
description: Les bancs publics.
origin: {name: territoire, version: '1.0'}
theme: voirie-stationnement
frequency: annual
key: [id]
fields:
  - {name: id, title: Identifiant, description: Un numéro., type: string}
  - {name: etat, title: État, description: Bon ou mauvais., type: string}
"""


@pytest.fixture
def schema(tmp_path: Path) -> Schema:
    file = tmp_path / "bancs" / "1.0" / "table.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(TABLE, encoding="utf-8")
    return load_file(file)


@pytest.fixture
def base(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_database(tmp_path) as opened:
        opened.execute("CREATE TABLE arranged (line BIGINT, id VARCHAR, etat VARCHAR)")
        rows = [(2, "a", "bn"), (3, "b", "bn"), (4, None, "mauvais"), (5, "a", "cassé")]
        opened.executemany("INSERT INTO arranged VALUES (?, ?, ?)", rows)
        yield opened


def cells(base: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return base.execute("SELECT id, etat FROM arranged ORDER BY line").fetchall()


def mark(base: duckdb.DuckDBPyConnection, sql: str, line: int) -> str:
    found = base.execute(f"SELECT {sql} FROM arranged WHERE line = {line}").fetchone()
    assert found
    return str(found[0])


def test_a_correction_by_key_reaches_its_row_only(
    base: duckdb.DuckDBPyConnection, schema: Schema
) -> None:
    wanted = Correction(mark(base, key_mark(schema, "arranged"), 2), "etat", "bn", "bon")

    assert apply_corrections(base, schema, [wanted]) == 1
    assert cells(base) == [("a", "bon"), ("b", "bn"), (None, "mauvais"), ("a", "cassé")]


def test_a_correction_of_all_similar_cells_reaches_every_row(
    base: duckdb.DuckDBPyConnection, schema: Schema
) -> None:
    assert apply_corrections(base, schema, [Correction("*", "etat", "bn", "bon")]) == 2
    assert [row[1] for row in cells(base)] == ["bon", "bon", "mauvais", "cassé"]


def test_a_key_is_corrected_in_the_row_whose_cells_are_the_same(
    base: duckdb.DuckDBPyConnection, schema: Schema
) -> None:
    wanted = Correction(mark(base, row_mark(schema, "arranged"), 5), "id", "a", "c")

    assert apply_corrections(base, schema, [wanted]) == 1
    assert [row[0] for row in cells(base)] == ["a", "b", None, "c"]


def test_an_empty_cell_is_filled_and_a_cell_is_emptied(
    base: duckdb.DuckDBPyConnection, schema: Schema
) -> None:
    empty = Correction(mark(base, row_mark(schema, "arranged"), 4), "id", "", "d")
    emptied = Correction(mark(base, key_mark(schema, "arranged"), 3), "etat", "bn", "")

    assert apply_corrections(base, schema, [empty, emptied]) == 2
    assert cells(base)[1:3] == [("b", None), ("d", "mauvais")]


def test_a_row_corrected_twice_is_corrected_twice_in_the_next_file(
    base: duckdb.DuckDBPyConnection, schema: Schema
) -> None:
    first = Correction(mark(base, row_mark(schema, "arranged"), 4), "id", "", "d")
    second = Correction("k:d", "etat", "mauvais", "bon")

    assert apply_corrections(base, schema, [second, first]) == 2
    assert cells(base)[2] == ("d", "bon")


def test_the_correction_of_one_row_wins_over_that_of_all(
    base: duckdb.DuckDBPyConnection, schema: Schema
) -> None:
    every, own = Correction("*", "etat", "bn", "bon"), Correction("k:b", "etat", "bn", "béton")

    apply_corrections(base, schema, [every, own])
    assert [row[1] for row in cells(base)][:2] == ["bon", "béton"]


def test_an_unknown_field_and_a_stale_correction_change_nothing(
    base: duckdb.DuckDBPyConnection, schema: Schema
) -> None:
    wanted = [Correction("*", "couleur", "bn", "x"), Correction("k:a", "etat", "autre", "x")]
    assert apply_corrections(base, schema, wanted) == 0


def test_two_cells_of_a_row_known_by_its_cells_are_corrected_together(
    base: duckdb.DuckDBPyConnection, schema: Schema
) -> None:
    row = mark(base, row_mark(schema, "arranged"), 4)
    wanted = [Correction(row, "etat", "mauvais", "bon"), Correction(row, "id", "", "d")]

    assert apply_corrections(base, schema, wanted) == 2
    assert cells(base)[2] == ("d", "bon")
