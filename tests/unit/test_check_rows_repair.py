"""What is proposed in place of a bad cell, and that a proposal is never bad itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvesters.table.proposals import propose
from harvesters.table.received import Commune, References
from schemas.model import Check, Field, FieldType
from tests.unit.checked import check, field, schema

DATE, INTEGER, NUMBER = FieldType.DATE, FieldType.INTEGER, FieldType.NUMBER
HEIGHT = Field("a", FieldType.STRING, "", "En centimètres, sans unité.", pattern=r"^(\d+|N/A)$")
ABROAD = r"^\+33\d{9}$"


@pytest.mark.parametrize(
    ("told", "found", "repair"),
    [
        (field("a", DATE), "3 mars 2024", "2024-03-03"),
        (field("a", DATE), "dimanche 1er Février 2024", "2024-02-01"),
        (field("a", DATE), "3 déc. 24", "2024-12-03"),
        (field("a", DATE), "03/03/24", "2024-03-03"),
        (field("a", DATE), "20240303", "2024-03-03"),
        (field("a", DATE), "2024-03-03 08:30", "2024-03-03"),
        (field("a", DATE, format="%Y"), "mars 2024", "2024"),
        (field("a", DATE), "30 février 2024", None),
        (field("a", INTEGER), "environ 120 places", "120"),
        (field("a", INTEGER), "de 3 à 5", None),
        (field("a", NUMBER), "1,50 €", "1.50"),
        (field("a", NUMBER, minimum="0"), "-12", "12"),
        (field("a", NUMBER), "48°07'30\" N", "48.125000"),
        (field("a", NUMBER), "1°30'O", "-1.500000"),
        (HEIGHT, "1,90 m", "190"),
        (HEIGHT, "2m", "200"),
        (HEIGHT, "1m90", "190"),
        (HEIGHT, "190 cm", "190"),
        (field("a", enum=("entrée", "bâtiment")), "batimnt", "bâtiment"),
        (field("a", enum=("tous", "abonnés")), "tous les usagers", "tous"),
        (field("a", enum=("entrée", "bâtiment")), "xyz", None),
        (field("a", FieldType.ARRAY, enum=("lundi", "mardi")), "lundy;Mardis", "lundi,mardi"),
        (field("a", FieldType.BOOLEAN), "treu", "true"),
        (field("a", check=Check.SIRET), "SIRET : 213 500 010 00011", "21350001000011"),
        (field("a", check=Check.SIREN), "21350001000011", "213500010"),
        (field("a", pattern=ABROAD), "02 99 00 00 00", None),  # a pattern alone is no phone
        (field("a", check=Check.PHONE, pattern=ABROAD), "02 99 00 00 00", "+33299000000"),
        (field("a", check=Check.PHONE), "299000000", "02 99 00 00 00"),
        (field("a", check=Check.PHONE), "02 99 00 00 00 / 02 99 11 11 11", "02 99 00 00 00"),
        (field("a", check=Check.EMAIL), "mairie (at) exemple.fr", "mairie@exemple.fr"),
        (field("a", check=Check.EMAIL), "mailto:mairie@exemple.fr.", "mairie@exemple.fr"),
        (field("a", check=Check.WEB), "www.exemple.fr/parking", "https://www.exemple.fr/parking"),
        (field("a", check=Check.WEB), "http//exemple.fr", "https://exemple.fr"),
        (field("a", format="uri"), "exemple.fr", "https://exemple.fr"),
        (field("a", check=Check.POSTCODE), "F-35690", "35690"),
        (field("a", format="uuid"), "2BC1C94F0DEB43E992A14775189EC9F8",
         "2bc1c94f-0deb-43e9-92a1-4775189ec9f8"),
        (field("a", FieldType.GEOPOINT), "48.1 / -1.65", "-1.65,48.1"),
        (field("a", FieldType.GEOPOINT, format="array"), "48,1;-1,65", "[-1.65, 48.1]"),
        (field("a", pattern=r"^[A-Z]{2}\d{3}$"), "ab 123", "AB123"),
        (field("a", pattern=r"^\d{5}$"), "35O01", "35001"),
        (field("a", pattern=r"^(\d)\1+$"), "1 1", "11"),
    ],
    ids=str,
)  # fmt: skip
def test_what_was_meant_is_proposed(told: Field, found: str, repair: str | None) -> None:
    verdict = check(schema(told), [{"a": found}])
    assert verdict.rows("SELECT repair FROM row_issue WHERE severity = 'error'")[0] == (repair,)


PLACES = (field("insee", check=Check.INSEE, is_required=True), field("cp", check=Check.POSTCODE),
          field("nom_commune"))  # fmt: skip


@pytest.mark.parametrize(
    ("insee", "postcode", "name", "repair"),
    [
        ("Acigné", None, None, "35001"),
        ("35690", None, None, "35001"),
        ("99999", "35690", None, "35001"),
        (None, "35000", "rennes", "35238"),
        (None, None, "Ambérieu en Bugey", "01004"),
        (None, "35690", "Rennes", "35238"),  # they do not agree: the depositor
        ("99999", None, None, "35238"),  # the depositor
    ],
)
def test_the_code_of_a_commune_comes_from_what_the_row_says(
    insee: str | None, postcode: str | None, name: str | None, repair: str | None
) -> None:
    told = schema(*PLACES, commune="insee")
    row = {"insee": insee, "cp": postcode, "nom_commune": name}
    verdict = check(told, [row])
    found = verdict.rows("SELECT repair FROM row_issue WHERE field = 'insee'")
    assert found == [(repair,)]


def test_a_member_is_proposed_before_a_commune_of_the_same_name() -> None:
    twins = (Commune("35238", "Rennes", True), Commune("01333", "Rennes", False))
    verdict = check(schema(*PLACES), [{"insee": "Rennes"}], References(twins))
    assert verdict.rows("SELECT repair FROM row_issue") == [("35238",)]


@given(st.lists(st.text(max_size=12), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None)
def test_a_proposal_is_never_refused_in_its_turn(texts: list[str]) -> None:
    fields = (
        field("d", DATE, minimum="2000-01-01"), field("n", INTEGER, maximum="99"),
        field("e", enum=("entrée", "sortie", "été")), field("p", check=Check.PHONE),
        field("u", check=Check.WEB), field("c", pattern="^[A-Z0-9-]+$"),
    )  # fmt: skip
    told = schema(*fields)
    verdict = check(told, [{f.name: text for f in fields} for text in texts if "\0" not in text])
    repairs = verdict.rows("SELECT field, repair FROM row_issue WHERE repair IS NOT NULL")
    again = check(told, [{name: repair} for name, repair in repairs])
    assert again.checked.bad == 0


def test_no_proposal_is_the_text_itself() -> None:
    told = field("a", pattern="^[A-Z]+$")
    assert "abc" not in propose(told, "abc")
