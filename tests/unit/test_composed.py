"""The identifiers that are proposed to the rows of a file that has none."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harvesters.table.composed import NUMBERS
from schemas.load import latest, slugs
from schemas.model import Composed, FieldType, Schema
from schemas.to_doc import to_doc
from schemas.to_form import to_form
from tests.unit.checked import Row, check, field, schema

SHED = schema(
    field("id", is_required=True,
          composed=Composed("{insee}-{digest}", ("nom", "lieu"))),
    field("nom"), field("lieu"), field("etat"),
    key=("id",),
)  # fmt: skip
CAR_PARK = schema(
    field("id", is_required=True, pattern=r"^\d{5}-P-\d{3}$",
          composed=Composed("{insee}-P-{number}", ("nom",))),
    field("nom"), field("places"),
    key=("id",),
)  # fmt: skip


def proposed(told: Schema, rows: Sequence[Row]) -> dict[int, str]:
    """The proposals by line; the first row stands on line 2."""
    query = "SELECT line, repair FROM row_issue WHERE field = 'id' AND repair IS NOT NULL"
    return dict(check(told, rows).rows(query))  # type: ignore[arg-type]


def test_each_row_without_identifier_gets_one_that_its_field_lets_in() -> None:
    rows = [{"nom": "Abri", "lieu": "Gare"}, {"nom": "Abri", "lieu": "Mairie"}]
    found = proposed(SHED, rows)
    assert all(text.startswith("35238-") for text in found.values())
    assert len(set(found.values())) == 2
    again = check(SHED, [row | {"id": found[n]} for n, row in enumerate(rows, 2)])
    assert (again.checked.good, again.checked.bad) == (2, 0)


def test_the_same_rows_get_the_same_identifiers_in_another_order_and_with_other_cells() -> None:
    rows: list[Row] = [{"nom": f"Abri {n}", "lieu": "Gare"} for n in range(40)]
    first = proposed(CAR_PARK, rows)
    changed = [row | {"places": "12"} for row in reversed(rows)]
    later = proposed(CAR_PARK, changed)
    assert [later[n] for n in sorted(later, reverse=True)] == [first[n] for n in sorted(first)]
    assert len(set(first.values())) == 40


def test_a_row_written_in_another_case_is_the_same() -> None:
    one, other = ({"nom": "Abri d’Été ", "lieu": "Gare"}, {"nom": "ABRI D’ETE", "lieu": "gare"})
    assert proposed(SHED, [one]) == proposed(SHED, [other])


def test_rows_that_only_other_columns_tell_apart_are_numbered() -> None:
    rows: list[Row] = [{"nom": "Abri", "etat": "bon"}, {"nom": "Abri", "etat": "cassé"}]
    found = sorted(proposed(SHED, rows).values(), key=len)
    assert found[1] == f"{found[0]}-2"


def test_of_rows_that_are_wholly_alike_the_first_alone_gets_an_identifier() -> None:
    row = {"nom": "Abri", "lieu": "Gare"}
    assert list(proposed(SHED, [row, row, row])) == [2]


def test_an_identifier_of_the_file_is_never_given_again() -> None:
    bare = {"nom": "Abri"}
    given = proposed(SHED, [bare])[2]
    number = proposed(CAR_PARK, [bare])[2]
    assert proposed(SHED, [{"nom": "Autre", "id": given}, bare])[3] == f"{given}-2"
    assert proposed(CAR_PARK, [{"nom": "Autre", "id": number}, bare])[3] != number


def test_a_row_that_nothing_tells_from_others_gets_none() -> None:
    assert proposed(SHED, [{"etat": "bon"}]) == {}


def test_more_rows_than_numbers_get_none() -> None:
    assert proposed(CAR_PARK, [{"nom": f"n{n}"} for n in range(NUMBERS + 1)]) == {}


def test_all_the_numbers_can_be_given() -> None:
    found = proposed(CAR_PARK, [{"nom": f"n{n}"} for n in range(NUMBERS)])
    assert len(set(found.values())) == NUMBERS


def test_the_identifier_bears_the_commune_of_its_row_as_it_is_proposed() -> None:
    told = latest("stationnement-hors-voirie")
    query = "SELECT repair FROM row_issue WHERE field = 'id'"
    [(found,)] = check(told, [{"nom": "Gare", "insee": "Acigné"}]).rows(query)
    assert found.startswith("35001-P-")


def test_the_same_building_has_one_identifier_for_all_its_years() -> None:
    told = latest("consommation-batiments")
    rows = [{"nom": "École", "adresse": "1 rue du Lac", "annee": year} for year in ("2024", "2025")]
    query = "SELECT repair FROM row_issue WHERE field = 'id'"
    first, second = check(told, rows).rows(query)
    assert first == second


@pytest.mark.parametrize("slug", slugs())
def test_every_identifier_is_composed_or_says_why_not(slug: str) -> None:
    told = latest(slug)
    own = [each for each in told.fields if each.composed]
    named = [each for each in told.fields if each.name in told.key and _is_identifier(each.name)]
    assert all(each.composed for each in named)
    assert all(bool(e.composed.form) != bool(e.composed.why_not) for e in own if e.composed)
    rows = [{n: f.example for n, f in ((f.name, f) for f in told.fields) if not f.composed}]
    forms = [each for each in own if each.composed and each.composed.form]
    found = check(told, rows).rows("SELECT field FROM row_issue WHERE repair IS NOT NULL")
    assert {each.name for each in forms} <= {name for (name,) in found}


def _is_identifier(name: str) -> bool:
    return name.lower() in ("id", "id_local", "equip_uid", "num_serie", "delib_id", "cle_interop",
                            "id_pdc_itinerance")  # fmt: skip


def test_a_whole_number_is_composed_of_digits_alone() -> None:
    told = schema(
        field("id", FieldType.INTEGER, is_required=True,
              composed=Composed("{insee}{digits}", ("nom",))),
        field("nom"), key=("id",),
    )  # fmt: skip
    assert proposed(told, [{"nom": "Chêne"}])[2].isdecimal()


def test_the_grid_and_the_help_page_say_what_becomes_of_a_missing_identifier() -> None:
    told = latest("stationnement-hors-voirie")
    [control] = [each for each in to_form(told) if each.name == "id"]
    assert "tiré de « Nom », « Longitude » et « Latitude »" in control.composed
    words = [f.words for section in to_doc(told).sections for f in section.fields if f.name == "id"]
    assert words[0].endswith(control.composed)


def test_an_identifier_that_is_not_ours_to_make_is_not_proposed_and_says_whose_it_is() -> None:
    told = latest("defibrillateurs")
    [control] = [each for each in to_form(told) if each.name == "num_serie"]
    assert control.composed.startswith("La plateforme n’en propose pas.")
    found = check(told, [{"nom": "Mairie"}]).rows(
        "SELECT repair FROM row_issue WHERE field = 'num_serie'"
    )
    assert found == [(None,)]
