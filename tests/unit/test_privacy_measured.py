"""The gate on the seeded corpus: exact floors. Better figures are written here, worse ones fail."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from harvesters.privacy.find import find_personal
from harvesters.privacy.findings import Kind
from harvesters.table.read import read_table
from harvesters.table.reading import Column, Table
from schemas.load import TABLES, latest, slugs
from tests.privacy_measure import CONTEXT, measure
from tests.privacy_words import APART, KNOWN, Words

# kind: missed, false alarms
FLOORS = {
    "KNOWN": {Kind.EMAIL: (2, 0), Kind.NAMED_PERSON: (30, 15), Kind.HOME_ADDRESS: (1, 0)},
    "APART": {Kind.EMAIL: (0, 30), Kind.NAMED_PERSON: (37, 107), Kind.HOME_ADDRESS: (1, 0)},
}
FOUND = {"KNOWN": 3_167, "APART": 3_159}
REAL = (
    "parking/bnls-nord-oise.csv",
    "covoiturage/bnlc-corse-latin1.csv",
    "adresses/bal-strasbourg-acigne-plougastel-cp1252.csv",
    "population/communes-croix-ods.csv",
    "rennes-metropole/parkings-occupation-20261006.csv",
    "malformed/ens-aisne.xls",
    "malformed/epci-contrats-de-ville.csv",
    "malformed/tri-lille-zones-inondables.csv",
)


@pytest.mark.parametrize(("name", "words"), [("KNOWN", KNOWN), ("APART", APART)])
def test_the_corpus_is_found_as_well_as_it_ever_was(name: str, words: Words) -> None:
    told = measure(words)

    worse = {
        kind: (told.missed[kind], told.false[kind])
        for kind in Kind
        if told.missed[kind] > FLOORS[name].get(kind, (0, 0))[0]
        or told.false[kind] > FLOORS[name].get(kind, (0, 0))[1]
    }
    assert worse == {}
    assert sum(told.found.values()) >= FOUND[name]


@pytest.mark.parametrize("slug", slugs())
def test_the_good_rows_of_a_table_schema_hold_nothing(slug: str) -> None:
    schema = latest(slug)
    with (TABLES / schema.id / "valid.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    titles = {field.name: field.title for field in schema.fields}
    columns = [Column(name, titles.get(name, name)) for name in header]
    cells = zip(header, zip(*rows, strict=True), strict=True)
    filled = {name: [cell or None for cell in each] for name, each in cells}
    lines = {"line": pa.array(range(2, len(rows) + 2), pa.int64())}
    arrow = pa.table(lines | {name: pa.array(each, pa.string()) for name, each in filled.items()})
    with duckdb.connect() as base:
        base.register("valid_rows", arrow)
        found = find_personal(base, "valid_rows", columns, schema, CONTEXT)

    assert [each for each in found if each.is_holding] == []


@pytest.mark.parametrize("file", REAL)
def test_a_real_table_of_things_and_places_holds_nothing(
    shared_data: Path, tmp_path: Path, file: str
) -> None:
    table = read_table(shared_data / file, tmp_path)
    assert isinstance(table, Table)
    names = ", ".join('"' + each.name.replace('"', '""') + '"' for each in table.columns)
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(table.columns)))
    with duckdb.connect() as base:
        base.execute(
            f"CREATE TABLE t(line, {names}) AS SELECT row_number() OVER (), * FROM read_csv("
            f"'{table.rows}', header = false, auto_detect = false, columns = {{{columns}}})"
        )
        found = find_personal(base, "t", table.columns, None, CONTEXT)

    assert [each for each in found if each.is_holding] == []
