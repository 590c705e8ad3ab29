"""The privacy gate, case by case: what each rule finds, leaves, masks and lets through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import duckdb
import pytest

from harvesters.errors import sentence
from harvesters.privacy.find import find_personal
from harvesters.privacy.findings import (
    CODES,
    Certainty,
    Finding,
    Kind,
    PrivacyContext,
    finding_from_dict,
    finding_to_dict,
    finding_to_issue,
)
from harvesters.privacy.mask import mask
from harvesters.table.reading import Column
from schemas.model import Check, Field, FieldType, Origin, Personal, Schema

CONTEXT = PrivacyContext(date(2026, 11, 25))
SOPHIE = "2 85 05 78 006 084"  # a NIR but for its key


@pytest.fixture
def base() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as database:
        yield database


@pytest.fixture
def look(base: duckdb.DuckDBPyConnection) -> Any:
    """Look through columns of text; answer the findings."""

    def find(
        columns: Mapping[str, list[str | None]],
        schema: Schema | None = None,
        context: PrivacyContext = CONTEXT,
    ) -> tuple[Finding, ...]:
        wanted = ", ".join('"' + name.replace('"', '""') + '" VARCHAR' for name in columns)
        base.execute(f"CREATE OR REPLACE TABLE rows_of_file (line BIGINT, {wanted})")
        rows = [[n, *row] for n, row in enumerate(zip(*columns.values(), strict=True), start=2)]
        marks = ", ".join("?" * (len(columns) + 1))
        if rows:
            base.executemany(f"INSERT INTO rows_of_file VALUES ({marks})", rows)
        told = [Column(name, name) for name in columns]
        return find_personal(base, "rows_of_file", told, schema, context)

    return find


def kinds(found: tuple[Finding, ...]) -> set[tuple[Kind, str]]:
    return {(each.kind, each.column) for each in found if each.is_holding}


def schema_of(*fields: Field) -> Schema:
    origin = Origin("territoire", "1.0")
    return Schema("essai", "1.0", "Essai", "", origin, "tourisme", "annual", fields)


def with_key(thirteen: str) -> str:
    digits = thirteen.replace(" ", "").replace("2A", "19").replace("2B", "18")
    return f"{thirteen} {97 - int(digits) % 97:02}"


@pytest.mark.parametrize(
    "nir",
    [
        with_key(SOPHIE),
        with_key(SOPHIE).replace(" ", ""),
        with_key("1 54 12 2A 004 021"),
        with_key("1 54 12 2B 004 021").lower(),
        f"Dossier de {with_key(SOPHIE)}, urgent",
    ],
)
def test_a_social_security_number_is_found_by_its_key(look: Any, nir: str) -> None:
    (found,) = look({"dossier": [nir, "rien"]})

    assert (found.kind, found.count, found.lines) == (Kind.NIR, 1, (2,))
    assert found.certainty is Certainty.SURE
    assert not any(digit in found.masked_sample[1:] for digit in "0123456789")


@pytest.mark.parametrize(
    "other",
    [
        "2 85 05 78 006 084 00",
        "21350001200019",
        "285057800608436999",
        "1.85057800608491",
        "FR285057800608436",
    ],
)
def test_a_number_without_the_right_key_is_no_social_security_number(look: Any, other: str) -> None:
    assert look({"dossier": [other]}) == ()


def test_identifiers_of_fifteen_digits_are_only_possible_when_few_have_the_key(look: Any) -> None:
    lucky = with_key(SOPHIE).replace(" ", "")

    (found,) = look({"série": [lucky, *(f"{n:015}" for n in range(10**14, 10**14 + 50))]})

    assert found.certainty is Certainty.POSSIBLE
    assert not found.is_holding


@pytest.mark.parametrize(
    "phone",
    ["06 12 34 56 78", "0612345678", "07.12.34.56.78", "+33 6 12 34 56 78", "+33 (0)6 12 34 56 78",
     "0033612345678", "02-99-01-02-03", "tél. 0612345678, le soir"],
)  # fmt: skip
def test_a_phone_is_found_however_it_is_written(look: Any, phone: str) -> None:
    assert kinds(look({"message": [phone]})) == {(Kind.PHONE, "message")}


@pytest.mark.parametrize(
    "other",
    ["0 800 123 456", "48.0612345678", "2024-0612345678", "0612345678901", "3949", "06/12/2024",
     "0612345678-AB", "12 34 56 78 90"],
)  # fmt: skip
def test_what_looks_like_a_phone_is_left(look: Any, other: str) -> None:
    assert look({"message": [other]}) == ()


def test_ten_digits_under_the_title_of_an_identifier_hold_nothing(look: Any) -> None:
    assert not kinds(look({"identifiant compteur": ["0612345678", "0698765432"]}))
    assert kinds(look({"téléphone": ["0612345678"]})) == {(Kind.PHONE, "téléphone")}


def test_a_phone_that_lost_its_zero_in_a_spreadsheet_is_found(
    base: duckdb.DuckDBPyConnection,
) -> None:
    base.execute("CREATE TABLE t AS SELECT 2::BIGINT AS line, 612345678::BIGINT AS tel")

    (found,) = find_personal(base, "t", [Column("tel", "Tél.")], None, CONTEXT)

    assert (found.kind, found.label, found.masked_sample) == (Kind.PHONE, "Tél.", "06••••••••")


def test_a_schema_that_asks_for_the_phone_of_a_service_lets_landlines_through_and_no_mobile(
    look: Any,
) -> None:
    schema = schema_of(Field("tel", FieldType.STRING, "Téléphone", "", check=Check.PHONE))

    found = look({"tel": ["02 99 01 02 03", "06 12 34 56 78"]}, schema)

    assert [(f.lines, bool(f.allowed_by), f.is_holding) for f in found] == [
        ((3,), False, True),
        ((2,), True, False),
    ]


@pytest.mark.parametrize(
    "mail",
    ["sophie.martin@acigne.fr", "s.martin@acigne.fr", "martin.sophie@acigne.fr",
     "gerard35@free.fr", "Sophie_Martin@Gmail.com", "jmartin@orange.fr"],
)  # fmt: skip
def test_the_mail_of_a_person_is_found(look: Any, mail: str) -> None:
    (found,) = look({"contact": [f"écrire à {mail}."]})

    assert found.kind is Kind.EMAIL
    assert found.masked_sample.startswith(mail[0] + "•••@")
    assert mail.partition("@")[0] not in found.masked_sample


@pytest.mark.parametrize(
    "mail",
    ["mairie@acigne.fr", "mairie.acigne@wanadoo.fr", "contact@acigne.fr", "asso.tennis@gmail.com",
     "clubdetennis35@gmail.com", "service.urbanisme@acigne.fr", "dpo@metropole.fr"],
)  # fmt: skip
def test_the_mail_of_a_function_is_left(look: Any, mail: str) -> None:
    assert look({"contact": [mail]}) == ()


def test_a_bank_account_is_found_by_its_key_in_france_and_elsewhere(look: Any) -> None:
    french, belgian = "FR76 3000 6000 0112 3456 7890 189", "BE68539007547034"

    assert look({"rib": [french, belgian, french[:-1] + "0"]})[0].lines == (2, 3)


@pytest.mark.parametrize(
    "name",
    ["Sophie Martin", "MARTIN Sophie", "M. Dupont", "Mme Martin Sophie", "M. et Mme Le Goff",
     "Le Goff, Anne-Marie", "sophie martin", "Mme S. Martin", "Dos Santos Maria"],
)  # fmt: skip
def test_a_person_is_found_among_organisations(look: Any, name: str) -> None:
    rows = [name, "SARL Martin", "Amicale laïque", "Les Amis de Jean Moulin", "Garage Bernard"]

    (found,) = look({"nomBeneficiaire": rows})

    assert (found.kind, found.lines) == (Kind.NAMED_PERSON, (2,))


def test_in_a_column_of_people_a_first_name_need_not_be_known(look: Any) -> None:
    people = ["Sophie Martin", "Jean Dubois", "Anne Le Gall", "Ildut Kervella"]

    assert look({"concessionnaire": people})[0].count == 4


@pytest.mark.parametrize(
    ("title", "values"),
    [
        ("nom", ["Jules Ferry", "Jean Moulin", "Le Chat Perché"]),
        ("voie_nom", ["rue Jean Jaurès", "Jean Jaurès"]),
        ("Raison sociale", ["Sophie Martin"]),
        ("Variété", ["Pierre de Ronsard", "Madame Meilland"]),
        ("objet", ["Travaux rue Monsieur Vincent", "Monsieur le Maire propose", "M. Bricolage"]),
        ("commune", ["Saint-Gilles", "Chartres-de-Bretagne"]),
        ("ENFANT_PRENOM", ["Jean-Pierre", "Sophie", "Marie Lou"]),
    ],
)
def test_what_is_named_after_people_is_left(look: Any, title: str, values: list[str]) -> None:
    assert not kinds(look({title: values}))


def test_a_surname_beside_a_first_name_is_a_person(look: Any) -> None:
    found = look({"Nom": ["Bois", "Poste"], "Prénom": ["Zélia", None], "nom_voie": ["A", "B"]})

    assert kinds(found) == {(Kind.NAMED_PERSON, "Nom"), (Kind.NAMED_PERSON, "Prénom")}
    assert {each.lines for each in found} == {(2,)}


def test_names_without_a_title_are_found_when_most_cells_are_names(look: Any) -> None:
    names = ["Sophie Martin", "Jean Dubois", "Anne Riou", "Paul Morel"]

    assert kinds(look({"colonne 2": names})) == {(Kind.NAMED_PERSON, "colonne 2")}
    assert not kinds(look({"colonne 2": [*names, *(f"Lot {n}" for n in range(9))]}))


def test_a_birth_is_told_by_the_title_or_by_the_text(look: Any) -> None:
    found = look(
        {
            "Date de naissance": ["12/03/1956", "1850-01-01", "x"],
            "Note": ["rien", "né le 3 mai 1988", "Planté le 3 mai 1988"],
            "Nombre de naissances": ["12", "15", "30"],
        }
    )

    assert {(each.column, each.lines) for each in found} == {
        ("Date de naissance", (2,)),
        ("Note", (3,)),
    }


def test_an_address_is_that_of_a_home_on_the_row_of_a_person(look: Any) -> None:
    found = look(
        {
            "demandeur": ["Sophie Martin", "SARL Martin"],
            "adresse": ["3 rue de la Gare", "5 rue de la Gare"],
            "adresse du terrain": ["3 rue de la Gare", "5 rue de la Gare"],
        }
    )

    assert {(each.kind, each.column, each.lines) for each in found} == {
        (Kind.NAMED_PERSON, "demandeur", (2,)),
        (Kind.HOME_ADDRESS, "adresse", (2,)),
    }


def test_a_small_count_of_people_is_a_secret_where_the_domain_is_sensitive(look: Any) -> None:
    counts = {"Commune": ["Bruz", "Betton", "Acigné"], "Bénéficiaires du RSA": ["3", "0", "11"]}

    (found,) = look(counts)

    assert (found.kind, found.lines) == (Kind.SMALL_COUNT, (2,))
    assert found.masked_sample == "moins de 11"


def test_a_small_count_of_people_is_a_secret_in_a_small_commune_alone(look: Any) -> None:
    context = PrivacyContext(CONTEXT.today, populations={"35001": 640, "35002": 7_000})
    rows = {"insee": ["35001", "35002"], "nb_eleves": ["4", "4"], "nb_places": ["4", "4"]}

    (found,) = look(rows, None, context)

    assert (found.column, found.lines) == ("nb_eleves", (2,))


def test_a_plate_is_found_with_its_dashes_and_without_under_its_title(look: Any) -> None:
    found = look(
        {"note": ["garé : AB-123-CD"], "immatriculation": ["ab123cd"], "ref": ["EP-123-AB"]}
    )

    assert kinds(found) == {(Kind.PLATE, "note"), (Kind.PLATE, "immatriculation")}


@pytest.mark.parametrize(
    ("personal", "cell"),
    [
        (Personal.NAME, "Sophie Martin"),
        (Personal.EMAIL, "sophie.martin@acigne.fr"),
        (Personal.PHONE, "06 12 34 56 78"),
    ],
)
def test_what_the_law_lets_through_is_said_and_holds_nothing(
    look: Any, personal: Personal, cell: str
) -> None:
    schema = schema_of(
        Field("elu", FieldType.STRING, "Élu rapporteur", "", personal=frozenset({personal}))
    )

    (found,) = look({"elu": [cell]}, schema)

    assert found.allowed_by == (
        "Le schéma « Essai » prévoit cette donnée dans la colonne « Élu rapporteur »."
    )
    assert not found.is_holding


def test_an_empty_table_and_a_table_of_figures_hold_nothing(
    look: Any, base: duckdb.DuckDBPyConnection
) -> None:
    assert look({"nom": [], "prénom": []}) == ()
    base.execute("CREATE TABLE figures AS SELECT 2::BIGINT AS line, 1.5::DOUBLE AS prix")
    assert find_personal(base, "figures", [Column("prix", "Prix")], None, CONTEXT) == ()


def test_a_title_with_quotes_is_only_a_title(look: Any) -> None:
    assert kinds(look({"n\"o'm; --": ["06 12 34 56 78"]})) == {(Kind.PHONE, "n\"o'm; --")}


def test_a_finding_survives_its_json_and_says_its_code(look: Any) -> None:
    (found,) = look({"Téléphone": ["06 12 34 56 78"] * 9})

    assert finding_from_dict(finding_to_dict(found)) == found
    assert found.lines == (2, 3, 4, 5, 6)
    assert sentence(finding_to_issue(found)).startswith("TER-PUB-101 : la colonne « Téléphone »")


def test_every_kind_has_its_code() -> None:
    assert len(set(CODES.values())) == len(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_a_sample_never_holds_the_datum(kind: Kind) -> None:
    datum = "Sophie 0612345678 Martin@x.fr 12/03/1956"

    assert "Martin" not in mask(kind, datum)
    assert "1956" not in mask(kind, datum)
    assert "12345678" not in mask(kind, datum)
