"""What the territory gives to the portal: tree, map, partners, and its real datasets."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from ckan.lib.uploader import get_resource_uploader
from ckan.plugins import toolkit

from ckanext.territoire import minute
from ckanext.territoire.territory import commune_map, protect
from tests.ckan.conftest import act
from tests.ckan.people import use_communes
from tests.ckan.statements import statements, writes
from tests.cog_folder import RENNES, installed_cog


@pytest.fixture
def rennes(clean: None) -> None:
    """Rennes Métropole, whole."""
    installed_cog()
    minute.forget()
    act("territoire_territory_init", epci=RENNES)


@pytest.fixture
def four(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rennes Métropole, with four communes that touch."""
    use_communes(tmp_path, monkeypatch, ["35001", "35051", "35039", "35278"])
    act("territoire_territory_init", epci=RENNES)


def publish(name: str, owner: str, **more: Any) -> None:
    act("package_create", name=name, title=name, owner_org=owner, license_id="lov2", **more)


def anonymous(action: str, **data: Any) -> Any:
    return toolkit.get_action(action)({"user": "", "ignore_auth": False}, data)


@pytest.mark.usefixtures("rennes")
def test_the_map_of_rennes_metropole_is_light_and_without_holes_between_communes() -> None:
    drawn = anonymous("territoire_territory_map")

    assert len(json.dumps(drawn, ensure_ascii=False).encode()) <= 300_000
    assert len(drawn["features"]) == 43
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in drawn["features"]]
    whole = shapely.union_all(shapes)
    assert whole.area == pytest.approx(sum(shape.area for shape in shapes), rel=1e-4)
    assert set(drawn["features"][0]["properties"]) >= {"name", "insee", "slug", "dataset_count"}


@pytest.mark.usefixtures("four")
def test_the_map_is_made_lighter_until_it_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    full = len(json.dumps(anonymous("territoire_territory_map")))
    monkeypatch.setattr(commune_map, "MAX_BYTES", 3000)
    minute.forget()

    light = anonymous("territoire_territory_map")

    assert len(json.dumps(light)) <= 3000 < full
    assert all(shapely.geometry.shape(f["geometry"]).area > 0 for f in light["features"])


@pytest.mark.usefixtures("four")
def test_the_map_counts_public_datasets_only() -> None:
    publish("un", "acigne")
    publish("deux", "rennes-metropole", communes=["35001", "35051"])
    publish("cache", "acigne", private=True, communes=["35001"])
    minute.forget()

    drawn = {f["id"]: f["properties"] for f in anonymous("territoire_territory_map")["features"]}

    assert drawn["35001"]["dataset_count"] == 1
    assert drawn["35051"]["dataset_count"] == 0
    # a dataset without communes is about the one that publishes it
    assert (drawn["35001"]["about_count"], drawn["35051"]["about_count"]) == (2, 1)


@pytest.mark.usefixtures("four")
def test_a_second_question_for_the_map_costs_no_query() -> None:
    anonymous("territoire_territory_map")

    with statements() as seen:
        anonymous("territoire_territory_map")

    assert [s for s in seen if "territoire_commune" in s or "package" in s] == []


@pytest.mark.usefixtures("rennes")
def test_the_tree_costs_two_queries_whatever_its_size() -> None:
    act("territoire_partner_add", title="Réseau STAR", kind="operator")
    publish("un", "acigne")
    publish("cache", "acigne", private=True)

    with statements() as seen:
        (root,) = anonymous("territoire_organization_tree")

    assert len([s for s in seen if "FROM member" in s or "FROM package" in s]) == 2
    assert len(seen) <= 3
    assert [node["title"] for node in root["communes"]][:3] == ["Acigné", "Bécherel", "Betton"]
    assert len(root["communes"]) == 43
    assert [node["name"] for node in root["partners"]] == ["reseau-star"]
    assert root["communes"][0]["dataset_count"] == 1


@pytest.mark.usefixtures("clean")
def test_an_empty_platform_has_an_empty_tree_and_an_empty_map() -> None:
    minute.forget()

    assert anonymous("territoire_organization_tree") == []
    assert anonymous("territoire_territory_map") == {"type": "FeatureCollection", "features": []}
    with pytest.raises(toolkit.ValidationError, match="TER-CFG-005"):
        anonymous("territoire_territory_show")


@pytest.mark.usefixtures("four")
def test_a_partner_stands_under_the_epci_and_is_not_doubled() -> None:
    first = act("territoire_partner_add", title="Réseau STAR", kind="operator", siren="732 829 320")
    again = act("territoire_partner_add", title="RESEAU STAR", kind="operateur")

    shown = act("organization_show", id="reseau-star")
    assert (first["is_new"], again["is_new"], again["id"]) == (True, False, first["id"])
    assert (shown["kind"], shown["siren"]) == ("operateur", "732829320")
    assert [group["name"] for group in shown["groups"]] == ["rennes-metropole"]


@pytest.mark.usefixtures("four")
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"title": "SMICTOM", "kind": "syndicat", "siren": "12345678"}, "TER-CFG-004"),
        ({"title": "SMICTOM", "kind": "syndicat", "siren": "243500138"}, "TER-CFG-004"),
        ({"title": "Acigné", "kind": "autre"}, "TER-CFG-006"),
        ({"title": "SMICTOM", "kind": "banque"}, "TER-CFG-009"),
    ],
)
def test_a_wrong_partner_is_refused_and_nothing_is_made(asked: dict[str, str], code: str) -> None:
    before = act("organization_list")

    with pytest.raises(toolkit.ValidationError, match=code):
        act("territoire_partner_add", **asked)

    assert act("organization_list") == before


@pytest.mark.usefixtures("clean")
def test_a_partner_needs_a_territory() -> None:
    with pytest.raises(toolkit.ValidationError, match="TER-CFG-005"):
        act("territoire_partner_add", title="SMICTOM", kind="syndicat")


def content(dataset: dict[str, Any], number: int) -> bytes:
    resource = dataset["resources"][number]
    path = get_resource_uploader(resource).get_path(resource["id"])
    return Path(path).read_bytes()


@pytest.mark.usefixtures("rennes")
def test_two_real_datasets_are_published_with_source_and_licence() -> None:
    done = act("territoire_territory_publish")

    communes = act("package_show", id="communes-rennes-metropole")
    halls = act("package_show", id="mairies-rennes-metropole")
    assert done["write_count"] == 3
    assert act("package_show", id="utilisation-rennes-metropole")["resources"][0]["format"] == "CSV"
    for dataset in (communes, halls):
        assert (dataset["license_id"], dataset["private"]) == ("lov2", False)
        assert [r["format"] for r in dataset["resources"]] == ["CSV", "GeoJSON"]
        assert "Insee" in dataset["notes"]
        assert len(dataset["communes"]) == 43
    table = list(csv.DictReader(io.StringIO(content(communes, 0).decode())))
    assert len(table) == 43
    assert table[0]["code_insee"] == "35001"
    assert (table[0]["nom"], table[0]["population"]) == ("Acigné", "6874")
    outlines = json.loads(content(communes, 1))["features"]
    assert all(shapely.geometry.shape(f["geometry"]).is_valid for f in outlines)
    town_halls = json.loads(content(halls, 1))["features"]
    assert town_halls[0]["properties"]["adresse"] == "22 place de la Mairie, 35690 Acigné"
    assert town_halls[0]["geometry"]["type"] == "Point"


@pytest.mark.usefixtures("four")
def test_published_again_nothing_is_written() -> None:
    act("territoire_territory_publish")

    with statements() as seen:
        done = act("territoire_territory_publish")

    assert done["write_count"] == 0
    assert writes(seen) == []


@pytest.mark.usefixtures("four")
def test_a_changed_population_replaces_the_files_of_one_dataset_at_the_same_address() -> None:
    act("territoire_territory_publish")
    before = act("package_show", id="communes-rennes-metropole")
    act("organization_patch", id="acigne", population="7000")

    done = act("territoire_territory_publish")

    after = act("package_show", id="communes-rennes-metropole")
    assert [dataset["is_written"] for dataset in done["datasets"]] == [True, False, False]
    assert [r["id"] for r in after["resources"]] == [r["id"] for r in before["resources"]]
    assert b"Acign\xc3\xa9,213500010,35690,7000," in content(after, 0)


@pytest.mark.usefixtures("four")
def test_every_official_fact_is_a_field_of_the_organisation_form() -> None:
    form = act("scheming_organization_schema_show", type="organization")

    assert set(protect.OFFICIAL) <= {field["field_name"] for field in form["fields"]}
