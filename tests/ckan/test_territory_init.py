"""The territory set up in a real CKAN: organisations, membership and facts; again, changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit
from click.testing import CliRunner

from ckanext.territoire import minute
from ckanext.territoire.cli.territory import territory
from ckanext.territoire.territory import members
from ckanext.territoire.territory.members import find_commune, outline
from tests.ckan.conftest import act
from tests.ckan.people import use_communes
from tests.ckan.statements import statements, writes
from tests.cog_folder import RENNES, installed_cog

ACIGNE, BETTON, BRECE = "35001", "35024", "35039"
Setter = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def fresh(clean: None) -> None:
    minute.forget()


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Setter:
    """Set Rennes Métropole up with a few of its communes, some of them changed."""

    def run(*codes: str, on: str = "2025-01-01", **changes: dict[str, Any]) -> dict[str, Any]:
        altered = {code.removeprefix("c"): change for code, change in changes.items()}
        use_communes(tmp_path, monkeypatch, codes, altered)
        return dict(act("territoire_territory_init", epci=RENNES, on=on))

    return run


def rows(query: str) -> list[tuple[Any, ...]]:
    with model.meta.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


def test_each_commune_is_an_organisation_under_its_epci(setup: Setter) -> None:
    report = setup(ACIGNE, BETTON)

    acigne = act("organization_show", id="acigne")
    assert report["created"] == ("rennes-metropole", "acigne", "betton")
    assert acigne["title"] == "Acigné"
    assert [group["name"] for group in acigne["groups"]] == ["rennes-metropole"]
    facts = ("kind", "insee", "siren", "population", "postcodes", "member_since")
    assert [acigne[fact] for fact in facts] == [
        "commune", "35001", "213500010", "6874", "35690", "2025-01-01",
    ]  # fmt: skip


def test_membership_outline_and_town_hall_are_stored(setup: Setter) -> None:
    setup(ACIGNE)

    assert rows("SELECT insee, epci_siren, since::text, until FROM territoire_membership") == [
        (ACIGNE, RENNES, "2025-01-01", None)
    ]
    known = rows(
        "SELECT name, ST_Contains(ST_Buffer(outline, 0.001), ST_SetSRID(ST_MakePoint("
        "  (town_hall->>'longitude')::float, (town_hall->>'latitude')::float), 4326))"
        "  FROM territoire_commune"
    )
    assert known == [("Acigné", True)]


def test_a_second_run_writes_nothing_at_all(setup: Setter) -> None:
    setup(ACIGNE, BETTON)

    with statements() as seen:
        report = setup(ACIGNE, BETTON, on="2026-01-01")

    assert report["write_count"] == 0
    assert seen
    assert writes(seen) == []


def test_a_changed_population_is_written_to_that_commune_alone(setup: Setter) -> None:
    setup(ACIGNE, BETTON)

    report = setup(ACIGNE, BETTON, c35001={"population": 7000})

    assert (report["created"], report["updated"], report["write_count"]) == ((), ("acigne",), 1)
    assert act("organization_show", id="acigne")["population"] == "7000"
    assert act("organization_show", id="acigne")["groups"][0]["name"] == "rennes-metropole"


def test_a_new_member_joins_on_its_day(setup: Setter) -> None:
    setup(ACIGNE)

    report = setup(ACIGNE, BRECE, on="2026-01-01")

    assert (report["created"], report["opened"]) == (("brece",), (BRECE,))
    assert act("organization_show", id="brece")["member_since"] == "2026-01-01"


def test_a_merger_closes_the_commune_and_keeps_its_organisation_and_datasets(
    setup: Setter,
) -> None:
    setup(ACIGNE, BETTON)
    act("package_create", name="arbres", title="Arbres", owner_org="betton", license_id="lov2")

    report = setup(
        ACIGNE, on="2026-01-01", c35024={"gone": True}, c35001={"anciensCodes": [BETTON]}
    )

    betton = act("organization_show", id="betton", include_datasets=True)
    assert report["closed"] == (BETTON,)
    assert (betton["member_until"], betton["heir_insee"]) == ("2026-01-01", ACIGNE)
    assert [group["name"] for group in betton["groups"]] == ["acigne"]
    assert [dataset["name"] for dataset in betton["packages"]] == ["arbres"]
    assert rows(
        "SELECT until::text, heir_insee FROM territoire_membership WHERE until > '1999-1-1'"
    ) == [("2026-01-01", ACIGNE)]
    (root,) = act("territoire_organization_tree")
    assert [node["name"] for node in root["communes"]] == ["acigne"]
    assert [node["name"] for node in root["former"]] == ["betton"]
    assert find_commune("Betton") is None


def test_after_a_merger_a_second_run_writes_nothing(setup: Setter) -> None:
    merged = {"c35024": {"gone": True}, "c35001": {"anciensCodes": [BETTON]}}
    setup(ACIGNE, BETTON)
    setup(ACIGNE, on="2026-01-01", **merged)

    assert setup(ACIGNE, on="2026-02-01", **merged)["write_count"] == 0


def test_a_stopped_set_up_is_finished_by_the_next(setup: Setter) -> None:
    setup(ACIGNE)
    with model.meta.engine.begin() as connection:  # as if it had stopped before Betton
        connection.execute(
            sa.text(
                "INSERT INTO territoire_membership (insee, epci_siren, since)"
                " VALUES ('35024', '243500139', '2025-01-01')"
            )
        )

    report = setup(ACIGNE, BETTON, on="2026-01-01")

    assert report["created"] == ("betton",)
    assert act("organization_show", id="betton")["member_since"] == "2025-01-01"


@pytest.mark.parametrize("siren", ["200046977", "249740077"])
def test_any_epci_works_the_metropole_of_lyon_and_one_overseas(siren: str) -> None:
    installed_cog()

    report = act("territoire_territory_init", epci=siren)

    assert len(report["created"]) == report["member_count"] + 1
    assert len(members.members()) == report["member_count"]
    assert act("territoire_territory_show")["siren"] == siren


@pytest.mark.parametrize("asked", ["dijon", "123456789", ""])
def test_an_unknown_epci_writes_nothing_and_the_command_ends_with_an_error(asked: str) -> None:
    installed_cog()

    with statements() as seen:
        done = CliRunner().invoke(territory, ["init", "--epci", asked])

    assert done.exit_code == 1
    assert "TER-CFG-001" in done.output
    assert ("Dijon Métropole (242100410)" in done.output) == (asked == "dijon")
    assert [s for s in writes(seen) if '"group"' in s or "territoire_" in s] == []


def test_a_day_that_is_none_is_refused(setup: Setter) -> None:
    with pytest.raises(toolkit.ValidationError, match="TER-CFG-008"):
        setup(ACIGNE, on="demain")


def test_the_commands_answer_in_json_and_in_french(setup: Setter) -> None:
    setup(ACIGNE, BETTON)
    run = CliRunner().invoke

    tree = json.loads(run(territory, ["list", "--json"]).stdout)
    shown = json.loads(run(territory, ["show", "acigne", "--json"]).stdout)
    spoken = run(territory, ["show", "ACIGNE"]).stdout

    assert [node["insee"] for node in tree[0]["communes"]] == [ACIGNE, BETTON]
    assert shown["outline"]["type"] in {"Polygon", "MultiPolygon"}
    assert "22 place de la Mairie, 35690 Acigné" in spoken


@pytest.mark.parametrize(
    "words", [["init"], ["list"], ["show"], ["publish"], ["partner", "add"]], ids=" ".join
)
def test_each_command_has_a_help_with_an_example(words: list[str]) -> None:
    done = CliRunner().invoke(territory, [*words, "--help"])

    assert "Exemple : deployment/territoire territory " + " ".join(words) in done.output
    assert "--json" in done.output


def test_a_commune_is_found_however_it_is_written(setup: Setter) -> None:
    setup("35281", ACIGNE)

    for written in ("35281", "St Jacques de la Lande", "saint-jacques-de-la-lande"):
        found = find_commune(written)
        assert found is not None, written
        assert (found.insee, found.slug) == ("35281", "saint-jacques-de-la-lande")
    assert find_commune("Saint-Jacques") is None
    drawn = outline("35281")
    assert drawn is not None
    assert drawn["type"] in {"Polygon", "MultiPolygon"}
    assert outline("99999") is None


def test_an_unknown_commune_is_refused_with_the_near_ones(setup: Setter) -> None:
    setup(ACIGNE, BETTON)

    with pytest.raises(toolkit.ValidationError, match=r"TER-CFG-007.*Betton \(35024\)"):
        act("territoire_commune_show", id="Beton")
