"""Real files of town halls and national bases: what is said, received, set aside and recognised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harvesters.model import Issue
from harvesters.table.arrange import arrange
from harvesters.table.headers import match_headers
from harvesters.table.received import Received, Rewriting, Why
from harvesters.table.recognise import recognise
from schemas.load import find, load, slugs
from tests.unit.town import Town

SCHEMAS = tuple(load(slug, version) for slug, versions in slugs().items() for version in versions)
COMMA = "fichier lu en UTF-8, séparateur virgule, titres en ligne 1"
SEMICOLON = "fichier lu en UTF-8, séparateur ; , titres en ligne 1"
LATIN = "fichier lu en ISO-8859-1, séparateur ; , titres en ligne 1"


@dataclass(frozen=True)
class Expected:
    """What a file is read as. `schema` may be proposed (`sure` is false) or taken as certain."""

    sentence: str
    rows: int
    aside: dict[Why, int] = field(default_factory=lambda: {Why.HEADER: 1})
    codes: tuple[str, ...] = ()
    schema: str = ""
    sure: bool = True
    rewritten: tuple[tuple[Rewriting, int], ...] = ()


FILES = {
    "parking/bnls-nord-oise.csv": Expected(COMMA, 42, schema="stationnement-hors-voirie"),
    "parking/exemple-schema-stationnement.csv": Expected(
        COMMA, 1, schema="stationnement-hors-voirie"
    ),
    "parking/zfe_ids.csv": Expected(SEMICOLON, 43),
    "irve/exemple-irve-statique-v3.csv": Expected(  # a draft of the next version
        COMMA, 1, schema="irve-statique", sure=False, rewritten=((Rewriting.SPLIT_POSITION, 1),)
    ),
    "covoiturage/bnlc-corse-latin1.csv": Expected(LATIN, 60, schema="lieux-covoiturage"),
    "covoiturage/exemple-lieux-covoiturage.csv": Expected(COMMA, 1, schema="lieux-covoiturage"),
    "arbres/exemple-schema-arbre.csv": Expected(
        SEMICOLON, 4, schema="arbres", rewritten=((Rewriting.SWAPPED, 4),)
    ),
    "adresses/bal-1.4-escoulis.csv": Expected(SEMICOLON, 1, schema="base-adresse-locale"),
    "adresses/bal-strasbourg-acigne-plougastel-cp1252.csv": Expected(
        LATIN, 15, schema="base-adresse-locale", sure=False
    ),
    "marches/decp-2019.json": Expected("fichier JSON", 2, {}, schema="marches-publics", sure=False),
    "marches/decp-2022.json": Expected("fichier JSON", 5, {}, schema="marches-publics"),
    "marches/decp-sources.json": Expected("fichier JSON", 64, {}),
    "population/communes-croix-ods.csv": Expected(SEMICOLON, 475),
    "rennes-metropole/parkings-occupation-20261006.csv": Expected(COMMA, 60),
    "malformed/catalog.xls": Expected(
        "classeur Excel ancien, feuille «\u00a0catalog\u00a0», titres en ligne 1", 2
    ),
    "malformed/ens-aisne.xls": Expected(
        "classeur Excel ancien, feuille «\u00a0ENS_CG02\u00a0», titres en ligne 1", 259
    ),
    "malformed/epci-contrats-de-ville.csv": Expected(SEMICOLON, 37),
    "malformed/epci-contrats-de-ville.geojson": Expected("fichier GeoJSON", 37, {}),
    "malformed/file.ods": Expected(
        "classeur OpenDocument, feuille «\u00a0Laureats du concours Dataconnexions_anonyme\u00a0», "
        "titres en ligne 1",
        3,
    ),
    "malformed/file.xls": Expected(  # an OpenDocument under another name
        "classeur OpenDocument, feuille «\u00a0FRUP_au_1er_avril_2021\u00a0», titres en ligne 1", 5
    ),
    "malformed/file.xlsx": Expected(
        "classeur Excel, feuille «\u00a0REI_1987\u00a0», titres en ligne 2",
        5,
        {Why.BLANK: 1, Why.HEADER: 1},
        ("TER-TAB-034",),
    ),
    "malformed/frictionless-bom.csv": Expected(
        "fichier lu en UTF-8 avec BOM, séparateur virgule, titres en ligne 1", 2
    ),
    "malformed/frictionless-defective-rows.csv": Expected(
        COMMA, 2, codes=("TER-TAB-007", "TER-TAB-008")
    ),
    "malformed/frictionless-duplicate-headers.csv": Expected(COMMA, 2),
    "malformed/frictionless-encoding-issue-274.csv": Expected(COMMA, 507),
    "malformed/invalid-unclosed-quote.csv": Expected(SEMICOLON, 6, codes=("TER-TAB-009",)),
    "malformed/invalid.geojson": Expected("fichier GeoJSON", 1, {}),
    "malformed/repeated-headers-crlf.csv": Expected(SEMICOLON, 404, {Why.HEADER: 3}),
    "malformed/short-header-row.csv": Expected(SEMICOLON, 1, codes=("TER-TAB-008",)),
    "malformed/tri-lille-zones-inondables.csv": Expected(SEMICOLON, 8),
}
NOT_TABLES = {
    "budget/plan-de-comptes-2023-M14_COM_SUP3500.xml": "un document XML",
    "gtfs-rt/bibus-brest-alerts.pb": "un fichier qui n’est pas du texte",
    "catalogues/dcat/ckanext-dcat-catalog.rdf": "un document XML",
}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path)
    yield town
    town.base.close()


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_is_received_whole(town: Town, shared_data: Path, name: str) -> None:
    expected = FILES[name]
    received = town.sends(shared_data / name)

    s = "s" if expected.rows > 1 else ""
    assert received.sentence == f"{expected.sentence}, {expected.rows} ligne{s}"
    assert received.row_count == expected.rows == len(town.rows())
    assert {each.why: each.count for each in received.aside} == expected.aside
    assert tuple(issue.code for issue in received.issues) == expected.codes


@pytest.mark.parametrize("name", FILES)
def test_the_schema_of_a_real_file_is_recognised(town: Town, shared_data: Path, name: str) -> None:
    expected = FILES[name]
    received = town.sends(shared_data / name)
    found = recognise(town.base, received, SCHEMAS)

    sure = [each.schema_id.partition("/")[0] for each in found if each.confidence >= 0.8]
    assert sure == ([expected.schema] if expected.schema and expected.sure else [])
    if expected.schema:
        assert found[0].schema_id.partition("/")[0] == expected.schema
        assert found[0].confidence > 0.5


@pytest.mark.parametrize("name", [name for name, each in FILES.items() if each.schema])
def test_the_positions_of_a_real_file_are_put_right(
    town: Town, shared_data: Path, name: str
) -> None:
    expected = FILES[name]
    schema = find(expected.schema)
    assert schema is not None
    received = town.sends(shared_data / name)

    said = arrange(town.base, schema, match_headers(schema, received.headers))

    assert tuple((each.how, each.count) for each in said) == expected.rewritten
    assert len(town.rows("arranged")) == expected.rows


def test_contracts_of_decp_fill_the_columns_of_their_holders(town: Town, shared_data: Path) -> None:
    schema = find("marches-publics")
    assert schema is not None
    received = town.sends(shared_data / "marches" / "decp-2022.json")
    arrange(town.base, schema, match_headers(schema, received.headers))

    row = town.base.execute(
        "SELECT id, acheteur_id, titulaire_id_1, titulaire_typeIdentifiant_2, techniques, montant "
        "FROM arranged ORDER BY line LIMIT 1"
    ).fetchone()
    assert row == ("2022VI2022.242", "21974022200019", "12345678900023", "TVA",
                   "Accord-cadre,Concours", "137614.0")  # fmt: skip


def test_a_feed_of_transport_lists_its_tables(town: Town, shared_data: Path) -> None:
    received = town.sends(shared_data / "rennes-metropole" / "gtfs" / "star-20120521.zip")
    assert received.row_count == 182_666
    assert "stops.txt" in received.sheets


@pytest.mark.parametrize("name", NOT_TABLES)
def test_a_real_file_that_is_no_table_is_named(town: Town, shared_data: Path, name: str) -> None:
    found = town.tries(shared_data / name)
    assert isinstance(found, Issue)
    assert (found.code, found.found) == ("TER-TAB-027", NOT_TABLES[name])


def test_no_row_of_a_real_file_is_counted_twice(town: Town, shared_data: Path) -> None:
    for name in FILES:
        received = town.sends(shared_data / name)
        assert isinstance(received, Received)
        lines = [row[0] for row in town.rows()]
        aside = [line for (line,) in town.base.execute("SELECT line FROM set_aside").fetchall()]
        assert sorted([*lines, *aside]) == list(range(1, len(lines) + len(aside) + 1)), name
