"""Real files of town halls and of the State, from their bytes to the verdict on each row."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvesters.table.check_file import CheckAsk, FileVerdict, check_file
from harvesters.table.typed import open_database
from schemas.load import latest, slugs

ALL = tuple(latest(slug) for slug in slugs())
# file: the schema that is declared ("": found out), the one found, good rows, bad rows
TABLES = {
    "parking/bnls-nord-oise.csv": ("", "stationnement-hors-voirie", 42, 0),
    "parking/exemple-schema-stationnement.csv": ("", "stationnement-hors-voirie", 0, 1),
    "irve/exemple-irve-statique-v3.csv": ("irve-statique", "irve-statique", 0, 1),
    "covoiturage/bnlc-corse-latin1.csv": ("", "lieux-covoiturage", 60, 0),
    "covoiturage/exemple-lieux-covoiturage.csv": ("", "lieux-covoiturage", 0, 1),
    "arbres/exemple-schema-arbre.csv": ("", "arbres", 4, 0),
    "adresses/bal-1.4-escoulis.csv": ("", "base-adresse-locale", 1, 0),
    "adresses/bal-strasbourg-acigne-plougastel-cp1252.csv": (
        "base-adresse-locale", "base-adresse-locale", 0, 15,
    ),
    "marches/decp-2019.json": ("marches-publics", "marches-publics", 0, 2),
    "marches/decp-2022.json": ("marches-publics", "marches-publics", 3, 2),
}  # fmt: skip
# what is malformed or of no theme: its rows are read, and no theme is guessed
OTHERS = {
    "malformed/ens-aisne.xls": 259,
    "malformed/epci-contrats-de-ville.csv": 37,
    "malformed/epci-contrats-de-ville.geojson": 37,
    "malformed/tri-lille-zones-inondables.csv": 8,
    "malformed/repeated-headers-crlf.csv": 404,
    "malformed/short-header-row.csv": 1,
    "malformed/frictionless-defective-rows.csv": 2,
    "malformed/frictionless-bom.csv": 2,
    "malformed/frictionless-duplicate-headers.csv": 2,
    "malformed/frictionless-encoding-issue-274.csv": 507,
    "malformed/invalid.geojson": 1,
    "malformed/catalog.xls": 2,
    "malformed/file.xlsx": 5,
    "malformed/file.xls": 5,
    "malformed/file.ods": 3,
    "population/communes-croix-ods.csv": 475,
}


def checked(file: Path, folder: Path, schema_id: str = "") -> FileVerdict:
    with open_database(folder) as base:
        found = check_file(base, file, folder, CheckAsk(ALL, schema_id))
    assert isinstance(found, FileVerdict), found
    return found


@pytest.mark.parametrize("name", TABLES)
def test_a_real_table_gives_the_good_and_bad_rows_that_were_counted(
    name: str, shared_data: Path, tmp_path: Path
) -> None:
    declared, slug, good, bad = TABLES[name]
    found = checked(shared_data / name, tmp_path, declared)

    assert found.schema
    assert found.checked
    assert (found.schema.slug, found.checked.good, found.checked.bad) == (slug, good, bad)
    assert found.received.row_count == good + bad
    assert found.candidates[0].schema_id.startswith(f"{slug}/")
    assert bool(found.checked.causes) >= bool(bad)


@pytest.mark.parametrize("name", OTHERS)
def test_a_real_table_of_no_theme_is_read_whole_and_not_forced_into_one(
    name: str, shared_data: Path, tmp_path: Path
) -> None:
    found = checked(shared_data / name, tmp_path)

    assert found.schema is None
    assert found.received.row_count == OTHERS[name]


def test_swapped_positions_of_a_real_file_are_put_right_and_said(
    shared_data: Path, tmp_path: Path
) -> None:
    found = checked(shared_data / "arbres/exemple-schema-arbre.csv", tmp_path)
    assert [(r.how.value, r.count) for r in found.rewritten if r.how.value == "swapped"] == [
        ("swapped", 4)
    ]
