"""What a set-up of the territory decides to write: as little as possible, and never a deletion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from ckanext.territoire.territory.cog import Epci, OfficialCommune
from ckanext.territoire.territory.plan import (
    Membership,
    OrganizationChange,
    StoredOrganization,
    apply_membership,
    plan_membership,
    plan_organizations,
    wanted_organizations,
)

ACIGNE = OfficialCommune("35001", "Acigné", "213500010", 6874, ("35690",))
BETTON = OfficialCommune("35024", "Betton", "213500242", 12000, ("35830",))
BRECE = OfficialCommune("35039", "Brécé", "213500390", 2100, ("35530",))
EPCI = Epci("243500139", "Rennes Métropole", 473973, (ACIGNE, BETTON, BRECE))
FIRST, LATER = date(2025, 1, 1), date(2026, 1, 1)


def plan(
    epci: Epci, rows: Sequence[Membership], stored: Sequence[StoredOrganization]
) -> list[OrganizationChange]:
    names = {organization.name for organization in stored}
    return plan_organizations(list(wanted_organizations(epci, rows)), stored, names)


def joined(epci: Epci, on: date = FIRST) -> tuple[Membership, ...]:
    return tuple(Membership(commune.insee, on) for commune in epci.communes)


def written(
    changes: Sequence[OrganizationChange], stored: Sequence[StoredOrganization] = ()
) -> list[StoredOrganization]:
    """Write the changes as CKAN would: ids are « id- » and the key."""
    known = {organization.id: organization for organization in stored}
    for change in changes:
        id_ = change.id or f"id-{change.key}"
        had = known.get(id_) or StoredOrganization(id_, change.name, "", {})
        known[id_] = replace(
            had,
            title=change.fields.get("title", had.title),
            fields={**had.fields, **change.fields},
            parents=(f"id-{change.parent}",) if change.parent else had.parents,
            is_active=True,
        )
    return list(known.values())


def territory() -> list[StoredOrganization]:
    return written(plan(EPCI, joined(EPCI), []))


def without(insee: str) -> Epci:
    return replace(EPCI, communes=tuple(c for c in EPCI.communes if c.insee != insee))


def test_a_first_plan_makes_the_epci_before_its_communes() -> None:
    changes = plan(EPCI, joined(EPCI), [])

    assert [change.name for change in changes] == ["rennes-metropole", "acigne", "betton", "brece"]
    assert [change.parent for change in changes] == ["", *["243500139"] * 3]


def test_a_second_plan_is_empty() -> None:
    assert plan(EPCI, joined(EPCI), territory()) == []


def test_a_changed_population_writes_that_field_of_that_commune_alone() -> None:
    grown = replace(EPCI, communes=(replace(ACIGNE, population=7000), BETTON, BRECE))

    (change,) = plan(grown, joined(EPCI), territory())

    assert (change.name, change.fields, change.parent) == ("acigne", {"population": "7000"}, "")


def test_a_title_follows_the_official_name() -> None:
    renamed = replace(EPCI, communes=(replace(ACIGNE, name="Acigné-sur-Vilaine"), BETTON, BRECE))

    (change,) = plan(renamed, joined(EPCI), territory())

    assert change.fields["title"] == "Acigné-sur-Vilaine"
    assert change.name == "acigne"  # the address of the page never moves


def test_a_title_that_an_officer_chose_stays() -> None:
    stored = [replace(o, title="Ville d’Acigné") if o.name == "acigne" else o for o in territory()]
    renamed = replace(EPCI, communes=(replace(ACIGNE, name="Acigné-sur-Vilaine"), BETTON, BRECE))

    (change,) = plan(renamed, joined(EPCI), stored)

    assert "title" not in change.fields


def test_a_commune_that_merged_is_closed_with_date_and_heir_and_kept_under_its_heir() -> None:
    epci = without("35001")
    change = plan_membership({"35024", "35039"}, joined(EPCI), LATER, {"35001": "35024"}.get)
    rows = apply_membership(joined(EPCI), change)

    (kept,) = plan(epci, rows, territory())

    assert change.closed == (Membership("35001", FIRST, LATER, "35024"),)
    assert kept.fields == {"member_until": "2026-01-01", "heir_insee": "35024"}
    assert (kept.id, kept.parent) == ("id-35001", "35024")


def test_a_commune_that_left_is_closed_and_stays_where_it_was() -> None:
    change = plan_membership({"35024", "35039"}, joined(EPCI), LATER, lambda insee: "")
    rows = apply_membership(joined(EPCI), change)

    (kept,) = plan(without("35001"), rows, territory())

    assert kept.fields == {"member_until": "2026-01-01"}
    assert kept.parent == ""


def test_a_closed_commune_is_planned_once() -> None:
    change = plan_membership({"35024", "35039"}, joined(EPCI), LATER, {"35001": "35024"}.get)
    rows = apply_membership(joined(EPCI), change)
    stored = written(plan(without("35001"), rows, territory()), territory())

    assert plan(without("35001"), rows, stored) == []
    assert plan_membership({"35024", "35039"}, rows, LATER, str) == plan_membership(
        (), (), LATER, str
    )


def test_a_commune_that_comes_back_is_a_member_again() -> None:
    left = apply_membership(
        joined(EPCI), plan_membership({"35024", "35039"}, joined(EPCI), LATER, lambda insee: "")
    )
    stored = written(plan(without("35001"), left, territory()), territory())
    back = date(2027, 1, 1)
    rows = apply_membership(
        left, plan_membership({"35001", "35024", "35039"}, left, back, lambda insee: "")
    )

    (change,) = plan(EPCI, rows, stored)

    assert change.fields == {"member_since": "2027-01-01", "member_until": ""}
    assert len([row for row in rows if row.insee == "35001"]) == 2


def test_two_communes_of_one_name_get_two_addresses() -> None:
    twins = (OfficialCommune("38446", "Entremont"), OfficialCommune("73274", "Entremont"))
    epci = Epci("200000000", "CC", None, twins)

    changes = plan(epci, joined(epci), [])

    assert [change.name for change in changes[1:]] == ["entremont", "entremont-73274"]


def test_an_organisation_made_by_hand_for_a_commune_is_adopted() -> None:
    by_hand = StoredOrganization("x", "mairie-acigne", "ACIGNE", {})

    changes = plan(EPCI, joined(EPCI), [by_hand])

    assert [change.id for change in changes if change.key == "35001"] == ["x"]


def test_an_address_that_someone_else_has_is_left_to_them() -> None:
    other = StoredOrganization("x", "acigne", "Association d’Acigné", {})

    changes = plan(EPCI, joined(EPCI), [other])

    assert [change.name for change in changes if change.key == "35001"] == ["acigne-35001"]


def test_a_deleted_organisation_of_a_member_is_revived() -> None:
    stored = [replace(o, is_active=o.name != "betton") for o in territory()]

    assert [change.name for change in plan(EPCI, joined(EPCI), stored)] == ["betton"]
