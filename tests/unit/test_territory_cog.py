"""The official list of EPCI, read; the facts on communes, read; words made of them."""

from __future__ import annotations

import doctest
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest
import shapely

from ckanext.territoire.territory import cog, facts, names, opening_hours
from ckanext.territoire.territory.cog import Cog, OfficialCommune, load_cog
from ckanext.territoire.territory.facts import facts_file, read_facts, to_town_hall
from ckanext.territoire.territory.names import spelling
from ckanext.territoire.territory.opening_hours import to_french
from ckanext.territoire.territory.plan import (
    plan_membership,
    plan_organizations,
    wanted_organizations,
)
from harvesters.errors import Refused
from tests.cog_folder import RENNES, installed_cog


@pytest.fixture(scope="module")
def official() -> Cog:
    return load_cog(installed_cog())


def test_rennes_metropole_has_its_43_communes_with_all_their_numbers(official: Cog) -> None:
    epci = official.load(RENNES)

    assert (epci.name, len(epci.communes)) == ("Rennes Métropole", 43)
    assert all(c.siren and c.population and c.postcodes for c in epci.communes)
    assert [c.name for c in epci.communes][:3] == ["Acigné", "Bécherel", "Betton"]


def test_every_epci_of_france_gives_one_readable_address_for_each_commune(official: Cog) -> None:
    address = re.compile(r"[a-z0-9][a-z0-9-]{0,98}[a-z0-9]")
    assert len(official.epci) == 1255
    for siren in official.epci:
        epci = official.load(siren)
        codes = {commune.insee for commune in epci.communes}
        opened = plan_membership(codes, (), date(2026, 1, 1), official.heir_of).opened
        changes = plan_organizations(list(wanted_organizations(epci, opened)), [], ())

        made = {change.name for change in changes}
        assert len(made) == len(codes) + 1, siren
        assert all(address.fullmatch(name) for name in made), siren
        assert changes[0].fields["kind"] == "epci"
        assert all(change.fields["title"] for change in changes), siren


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("dijon", "Dijon Métropole (242100410)"),
        ("Cesson-Sévigné", "Rennes Métropole (243500139)"),
        ("rennes metropole", "Rennes Métropole (243500139)"),
        ("243500193", "Rennes Métropole (243500139)"),
        ("Rene Metropole", "Rennes Métropole (243500139)"),
    ],
)
def test_what_is_not_a_number_of_an_epci_is_refused_with_the_near_ones(
    official: Cog, asked: str, near: str
) -> None:
    with pytest.raises(Refused) as refusal:
        official.load(asked)

    assert refusal.value.issue.code == "TER-CFG-001"
    assert near in refusal.value.issue.expected


@pytest.mark.parametrize("asked", ["", "999", "xyzzyplugh", "É" * 5000])
def test_nonsense_is_refused_without_near_ones(official: Cog, asked: str) -> None:
    with pytest.raises(Refused) as refusal:
        official.load(asked)

    assert refusal.value.issue.expected == "aucun"


@pytest.mark.parametrize("broken", [None, b"", b"{", b"\xff\xfe"])
def test_a_missing_or_broken_list_is_named(tmp_path: Path, broken: bytes | None) -> None:
    if broken is not None:
        (tmp_path / "epci.json").write_bytes(broken)

    with pytest.raises(Refused) as refusal:
        load_cog(tmp_path)

    assert refusal.value.issue.code == "TER-CFG-002"


def test_a_former_code_leads_to_the_commune_it_merged_into(official: Cog) -> None:
    assert official.heir_of("35209") == "35069"  # Ossé, now in Châteaugiron
    assert official.heir_of("35069") == ""


@pytest.fixture(scope="module")
def rennes_facts(official: Cog) -> Mapping[str, facts.CommuneFacts]:
    return {f.insee: f for f in read_facts(facts_file(), official.load(RENNES).communes)}


def test_each_member_of_rennes_metropole_has_an_outline_around_its_town_hall(
    rennes_facts: Mapping[str, facts.CommuneFacts],
) -> None:
    assert len(rennes_facts) == 43
    for known in rennes_facts.values():
        assert known.outline is not None
        if "longitude" in known.town_hall:
            hall = shapely.Point(known.town_hall["longitude"], known.town_hall["latitude"])
            assert shapely.from_wkb(known.outline).buffer(0.01).contains(hall), known.name


def test_a_town_hall_that_the_source_puts_in_another_commune_has_no_position(
    rennes_facts: Mapping[str, facts.CommuneFacts],
) -> None:
    away = [f.name for f in rennes_facts.values() if "longitude" not in f.town_hall]

    assert away == ["Clayes", "Gévezé"]
    assert rennes_facts["35081"].town_hall["address"]


def test_a_town_hall_has_address_hours_phone_and_site(
    rennes_facts: Mapping[str, facts.CommuneFacts],
) -> None:
    hall = rennes_facts["35001"].town_hall

    assert hall["address"] == "22 place de la Mairie, 35690 Acigné"
    assert hall["phone"] == "02 99 04 30 00"
    assert hall["website"] == "https://www.ville-acigne.fr"
    assert to_french(hall["hours"]).startswith("du lundi au mercredi\u00a0: 8\u00a0h\u00a030 à 12")


def test_no_electronic_address_of_a_town_hall_is_kept(
    rennes_facts: Mapping[str, facts.CommuneFacts],
) -> None:
    assert "@" not in repr([known.town_hall for known in rennes_facts.values()])


@pytest.fixture(scope="module")
def four_facts() -> list[facts.CommuneFacts]:
    merged = OfficialCommune("35001", "Acigné", former_codes=("35051",))
    acigne, cesson = OfficialCommune("35001", "Acigné"), OfficialCommune("35051", "Cesson")
    nowhere = OfficialCommune("99999", "Nulle-Part")
    return read_facts(facts_file(), [acigne, cesson, merged, nowhere])


def test_a_commune_merged_since_gets_the_union_of_the_outlines_it_had(
    four_facts: list[facts.CommuneFacts],
) -> None:
    acigne, cesson, merged = (shapely.from_wkb(f.outline).area for f in four_facts[:3])

    assert merged == pytest.approx(acigne + cesson, rel=1e-3)


def test_an_unknown_commune_has_no_outline_and_no_town_hall(
    four_facts: list[facts.CommuneFacts],
) -> None:
    assert (four_facts[3].outline, four_facts[3].town_hall) == (None, {})


def test_an_empty_row_gives_an_empty_town_hall() -> None:
    assert to_town_hall({"mairie_adresse": "\\N", "mairie_site": "", "mairie_horaires": "[]"}) == {}


@pytest.mark.parametrize(
    ("written", "official_name"),
    [
        ("Saint-Jacques de la Lande", "Saint-Jacques-de-la-Lande"),
        ("ST JACQUES DE LA LANDE", "Saint-Jacques-de-la-Lande"),
        ("  cesson sevigne ", "Cesson-Sévigné"),
        ("L'Hermitage", "L’Hermitage"),
        ("Ville de Rennes", "Rennes"),
        ("mairie d'Acigné", "Acigné"),
        ("Ste-Marie", "Sainte-Marie"),
        ("OEuilly", "Œuilly"),
    ],
)
def test_two_ways_to_write_a_commune_meet(written: str, official_name: str) -> None:
    assert spelling(written) == spelling(official_name)


@pytest.mark.parametrize(("one", "other"), [("Le Rheu", "Rheu"), ("Stains", "Saintains")])
def test_two_names_that_differ_stay_apart(one: str, other: str) -> None:
    assert spelling(one) != spelling(other)


def test_hours_are_said_in_the_order_of_the_week() -> None:
    hours = [["samedi", "samedi", [["09:00:00", "12:00:00"]]], ["lundi", "lundi", []]]

    assert to_french(hours) == "lundi\u202f; samedi\u00a0: 9\u00a0h à 12\u00a0h"
    assert to_french([]) == ""


@pytest.mark.parametrize("module", [cog, names, opening_hours])
def test_the_examples_of_the_docstrings_are_true(module: ModuleType) -> None:
    result = doctest.testmod(module)

    assert result.attempted
    assert not result.failed
