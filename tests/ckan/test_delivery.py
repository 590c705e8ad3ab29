"""Deliveries: from a commune's file to the merged table of the territory, on a real DataStore."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit

from ckanext.territoire import publishers
from ckanext.territoire.delivery import apply, publish, store, table_of
from ckanext.territoire.delivery.database import read
from ckanext.territoire.delivery.model import By, Way
from ckanext.territoire.table import load
from tests.ckan.conftest import act
from tests.ckan.parking_rows import SLUG, park, to_csv, upload
from tests.ckan.people import use_communes
from tests.cog_folder import RENNES

Deposit = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def territory(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rennes Métropole with Acigné, Betton and Cesson-Sévigné."""
    use_communes(tmp_path, monkeypatch)
    act("territoire_territory_init", epci=RENNES)


@pytest.fixture
def deposit() -> Deposit:
    """Deposit rows for a commune and publish what is not held; answer the delivery."""

    def run(*rows: dict[str, Any], org: str = "acigne", name: str = "parkings.csv") -> Any:
        told = act("territoire_delivery_create", organization=org, schema=SLUG,
                   upload=upload(to_csv(*rows), name))  # fmt: skip
        if told["state"] != "draft":
            return told
        return act("territoire_delivery_publish", id=told["id"]) | {"feed": told["feed"]}

    return run


def merged_id() -> str:
    return str(read("SELECT resource_id FROM territoire.merged WHERE slug = %s", (SLUG,))[0][
        "resource_id"
    ])  # fmt: skip


def rows() -> list[dict[str, Any]]:
    found = act("datastore_search", resource_id=merged_id(), limit=1000, sort="id, _id")
    return list(found["records"])


def names() -> list[str]:
    return [row["nom"] for row in rows()]


def test_good_rows_are_published_and_bad_rows_wait_with_their_reasons(deposit: Deposit) -> None:
    done = deposit(park(1), park(2, gratuit="parfois"), park(3))

    assert (done["state"], done["good"], done["bad"]) == ("live", 2, 1)
    assert names() == ["Parking 1", "Parking 3"]
    waiting = act("territoire_delivery_rows", id=done["id"])
    assert [row["line"] for row in waiting] == [3]
    assert waiting[0]["cells"]["gratuit"] == "parfois"
    assert [issue["field"] for issue in waiting[0]["issues"]] == ["gratuit"]
    assert "ligne 3" in waiting[0]["issues"][0]["sentence"]


def test_every_row_says_where_it_comes_from(deposit: Deposit) -> None:
    done = deposit(park(1))

    row = rows()[0]
    assert row["territoire_commune"] == "35001"
    assert row["territoire_commune_nom"] == "Acigné"
    assert row["territoire_livraison"] == done["id"]
    assert row["territoire_ligne"] == 2
    resource = act("resource_show", id=row["territoire_ressource"])
    assert resource["package_id"] == row["territoire_jeu"]
    assert row["territoire_hors_epci"] is False
    assert row["nb_places"] == 11
    assert not [name for name in row if name.startswith("_") and name != "_id"]


def test_the_merged_dataset_belongs_to_the_epci_and_the_files_to_the_commune(
    deposit: Deposit,
) -> None:
    deposit(park(1))

    merged = act("package_show", id=SLUG)
    own = act("package_show", id=f"{SLUG}-acigne")
    assert merged["organization"]["name"] == "rennes-metropole"
    assert own["organization"]["name"] == "acigne"
    assert [r["format"] for r in merged["resources"]] == [
        "CSV", "GeoJSON", "Parquet", "XLSX", "JSON",
    ]  # fmt: skip
    found = act("package_search", q=f"name:{SLUG}")
    assert found["count"] == 1
    load.load_waiting()
    kept = act("datastore_search", resource_id=own["resources"][0]["id"])
    assert [row["nom"] for row in kept["records"]] == ["Parking 1"]


def test_the_table_of_the_territory_is_found_before_the_files_it_is_made_from(
    deposit: Deposit,
) -> None:
    deposit(park(1))

    def found(question: str) -> list[str]:
        return [each["name"] for each in act("package_search", q=question)["results"]]

    assert found("parking") == [SLUG, f"{SLUG}-acigne"]
    assert found("parking acigné") == [f"{SLUG}-acigne", SLUG]


def test_a_making_that_ended_before_its_table_was_there_leaves_no_second_dataset(
    deposit: Deposit, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(table_of, "make", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            deposit(park(1))
    deposit(park(1), park(2))

    assert names() == ["Parking 1", "Parking 2"]
    assert act("package_list") == [SLUG, f"{SLUG}-acigne"]


def test_the_same_file_again_costs_no_write(deposit: Deposit) -> None:
    first = deposit(park(1), park(2))
    before = read("SELECT xmin::text, * FROM territoire.merged")

    again = act("territoire_delivery_create", organization="acigne", schema=SLUG,
                upload=upload(to_csv(park(1), park(2))))  # fmt: skip

    assert again["id"] == first["id"]
    assert read("SELECT xmin::text, * FROM territoire.merged") == before
    assert len(read("SELECT 1 FROM territoire.delivery")) == 1


def test_only_rows_that_differ_are_written(deposit: Deposit) -> None:
    deposit(park(1), park(2), park(3))
    old = {row["id"]: row["territoire_livraison"] for row in rows()}

    new = deposit(park(1), park(2, nb_places=500), park(4))

    told = {row["id"]: row["territoire_livraison"] for row in rows()}
    assert told["35001-P-001"] == old["35001-P-001"]
    assert told["35001-P-002"] == told["35001-P-004"] == new["id"]
    assert "35001-P-003" not in told
    report = act("territoire_delivery_show", id=new["id"])["report"]["difference"]
    assert report == {"added": 1, "changed": 1, "removed": 1, "same": 1, "kept": 0}


def test_a_row_that_became_bad_keeps_its_last_good_state(deposit: Deposit) -> None:
    deposit(park(1), park(2))

    done = deposit(park(1, nom=""), park(2))

    assert names() == ["Parking 1", "Parking 2"]
    report = act("territoire_delivery_show", id=done["id"])["report"]["difference"]
    assert report["kept"] == 1


def test_communes_do_not_touch_each_other_s_rows(deposit: Deposit) -> None:
    deposit(park(1), park(2))
    deposit(park(1, "35051"), org="cesson-sevigne")
    deposit(park(2))

    assert [row["id"] for row in rows()] == ["35001-P-002", "35051-P-001"]


def test_half_of_the_rows_gone_are_held_until_somebody_has_looked(deposit: Deposit) -> None:
    deposit(*(park(n) for n in range(1, 21)))

    held = deposit(*(park(n) for n in range(1, 11)))

    assert (held["state"], held["reasons"]) == ("held", ["brake"])
    assert held["report"]["difference"]["removed"] == 10
    assert len(rows()) == 20
    with pytest.raises(toolkit.ValidationError):
        act("territoire_delivery_publish", id=held["id"])
    act("territoire_delivery_publish", id=held["id"], accept=["brake"])
    assert len(rows()) == 10


def test_a_file_of_another_commune_is_asked_about(deposit: Deposit) -> None:
    held = deposit(park(1, "35051"), park(2, "35051"))

    assert (held["state"], held["reasons"]) == ("held", ["commune"])
    assert held["report"]["communes"] == {"35051": 2}


def test_a_file_of_another_schema_is_asked_about() -> None:
    content = b"nom;prenoms\nX;Y\n"
    held = act("territoire_delivery_create", organization="acigne", schema=SLUG,
               upload=upload(content))  # fmt: skip
    assert held["good"] in (0, None)
    assert held["state"] == "held"


def test_a_file_without_a_valid_row_replaces_nothing(deposit: Deposit) -> None:
    deposit(park(1))
    held = deposit(park(1, nom=""), park(2, nom=""))

    assert held["state"] == "held"
    assert "empty" in held["reasons"]
    assert names() == ["Parking 1"]


def test_an_unreadable_file_says_what_it_is_and_the_live_rows_stay(deposit: Deposit) -> None:
    deposit(park(1))

    failed = act("territoire_delivery_create", organization="acigne", schema=SLUG,
                 upload=upload(b"%PDF-1.7 \n1 0 obj", "parkings.csv"))  # fmt: skip

    assert failed["state"] == "failed"
    assert "PDF" in failed["report"]["issue"]["sentence"]
    assert names() == ["Parking 1"]


def test_the_last_delivery_is_taken_back(deposit: Deposit) -> None:
    first = deposit(park(1), park(2))
    second = deposit(park(1, nom="Autre"), park(2))

    back = act("territoire_delivery_undo", id=second["id"])["live"]

    assert back["id"] == first["id"]
    assert names() == ["Parking 1", "Parking 2"]
    assert act("territoire_delivery_show", id=second["id"])["state"] == "undone"
    with pytest.raises(toolkit.ValidationError, match="TER-TAB-073"):
        act("territoire_delivery_undo", id=second["id"])
    assert names() == ["Parking 1", "Parking 2"]
    assert act("territoire_delivery_undo", id=first["id"])["live"] is None
    assert rows() == []


def test_a_correction_is_published_at_once_and_applied_to_the_next_file(deposit: Deposit) -> None:
    done = deposit(park(1), park(2, gratuit="parfois"))

    fixed = act("territoire_delivery_correct", id=done["id"],
                corrections=[{"line": 3, "field": "gratuit", "value": "false"}])  # fmt: skip

    assert (fixed["state"], fixed["good"], fixed["bad"]) == ("live", 2, 0)
    assert names() == ["Parking 1", "Parking 2"]
    again = deposit(park(1), park(2, gratuit="parfois", nb_places=99), park(3))
    assert (again["good"], again["bad"]) == (3, 0)
    assert again["report"]["corrected"] == 1
    assert rows()[1]["nb_places"] == 99


def test_undoing_a_correction_forgets_it(deposit: Deposit) -> None:
    done = deposit(park(1), park(2, gratuit="parfois"))
    fixed = act("territoire_delivery_correct", id=done["id"],
                corrections=[{"line": 3, "field": "gratuit", "value": "false"}])  # fmt: skip

    back = act("territoire_delivery_undo", id=fixed["id"])["live"]

    assert (back["id"], back["bad"]) == (done["id"], 1)
    assert names() == ["Parking 1"]
    assert read("SELECT 1 FROM territoire.correction") == []
    assert [r["line"] for r in act("territoire_delivery_rows", id=back["id"])] == [3]


def test_the_row_of_the_commune_of_the_place_is_preferred(deposit: Deposit) -> None:
    epci = deposit(park(1, nom="Vu par la métropole"), org="rennes-metropole")
    assert epci["state"] == "live"
    deposit(park(1, nom="Vu par la commune"))

    told = {row["nom"]: row["territoire_doublon"] for row in rows()}
    assert told == {"Vu par la métropole": apply.BY_PLACE, "Vu par la commune": None}

    act("territoire_delivery_undo", id=store.live_delivery(feed_of("acigne")).id)  # type: ignore[union-attr]
    assert [row["territoire_doublon"] for row in rows()] == [None]


def feed_of(org: str) -> str:
    owner = publishers.find(org)
    assert owner
    return str(read("SELECT id::text FROM territoire.feed WHERE org_id = %s", (owner.id,))[0]["id"])


def test_a_row_out_of_the_territory_is_flagged(deposit: Deposit) -> None:
    away = {"Xlong": -1.745, "Ylat": 47.9, "id": "35047-P-001", "insee": "35047"}  # Bruz
    deposit(park(1), park(2), park(3) | away)

    flagged = {row["id"]: row["territoire_hors_epci"] for row in rows()}
    assert flagged == {"35001-P-001": False, "35001-P-002": False, "35047-P-001": True}


def test_a_load_that_fails_in_the_middle_leaves_the_former_rows(
    deposit: Deposit, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit(park(1))
    monkeypatch.setattr(apply, "ADD", "SELECT 1/0")

    with pytest.raises(Exception, match="division"):
        deposit(park(1, nom="Autre"), park(2))

    assert names() == ["Parking 1"]
    assert [d["state"] for d in read("SELECT state FROM territoire.delivery ORDER BY number")] == [
        "live", "draft",
    ]  # fmt: skip


def test_two_deliveries_at_the_same_moment_never_mix(deposit: Deposit) -> None:
    deposit(park(1))
    waiting = [
        act("territoire_delivery_create", organization="acigne", schema=SLUG,
            upload=upload(to_csv(*(park(n, nom=word) for n in range(1, 40)))))["id"]
        for word in ("premier", "second")
    ]  # fmt: skip
    faults: list[BaseException] = []

    def run(delivery_id: str) -> None:
        try:
            publish.publish(delivery_id, By("", Way.DEPOSIT))
        except BaseException as fault:
            faults.append(fault)
        finally:
            model.Session.remove()

    threads = [threading.Thread(target=run, args=(each,)) for each in waiting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
    assert len({row["nom"] for row in rows()}) == 1
    states = read("SELECT state FROM territoire.delivery ORDER BY number")
    assert sorted(each["state"] for each in states) == ["live", "replaced", "replaced"]


def test_rows_typed_in_the_grid_are_a_delivery(deposit: Deposit) -> None:
    told = act("territoire_delivery_create", organization="acigne", schema=SLUG,
               rows=[park(1), {}, park(2, nb_places="")])  # fmt: skip

    assert (told["good"], told["bad"], told["state"]) == (1, 1, "draft")


def test_a_stranger_and_a_member_of_another_commune_see_no_delivery(deposit: Deposit) -> None:
    done = deposit(park(1))
    user = act("user_create", name="agent", email="agent@example.org", password="motdepasse1")
    act("organization_member_create", id="betton", username=user["name"], role="editor")

    for name in ("", "agent"):
        for action in ("show", "rows", "publish", "undo", "correct", "choose", "refuse"):
            with pytest.raises(toolkit.NotAuthorized):
                toolkit.get_action(f"territoire_delivery_{action}")(
                    {"user": name, "ignore_auth": False}, {"id": done["id"], "corrections": []}
                )
        with pytest.raises(toolkit.NotAuthorized):
            toolkit.get_action("territoire_delivery_create")(
                {"user": name, "ignore_auth": False}, {"organization": "acigne", "schema": SLUG}
            )


def test_the_epci_publishes_for_a_commune_under_its_mandate_only(deposit: Deposit) -> None:
    from ckanext.territoire.delivery import mandate

    user = act("user_create", name="chargee", email="chargee@example.org", password="motdepasse1")
    act("organization_member_create", id="rennes-metropole", username="chargee", role="admin")
    owner = publishers.find("acigne")
    assert owner

    def send() -> Any:
        return toolkit.get_action("territoire_delivery_create")(
            {"user": "chargee", "ignore_auth": False},
            {"organization": "acigne", "schema": SLUG, "upload": upload(to_csv(park(1)))},
        )

    with pytest.raises(toolkit.ValidationError, match="mandat"):
        send()
    mandate.give(owner.id, "Courriel du 2 mars 2026", user["id"])
    told = send()
    assert (told["way"], told["by_id"]) == ("mandate", user["id"])


def test_personal_data_holds_a_delivery_until_somebody_has_decided(deposit: Deposit) -> None:
    deposit(park(1))
    held = deposit(park(1), park(2, nom="Contact : sophie.martin@gmail.com"))

    assert (held["state"], held["reasons"]) == ("held", ["privacy"])
    told = act("territoire_privacy_show", id=held["id"])
    assert [(f["kind"], f["column"]) for f in told["findings"] if f["is_waiting"]] == [
        ("email", "nom")
    ]
    assert "sophie" not in str(told)
    assert names() == ["Parking 1"]

    act("territoire_privacy_decide", id=held["id"], kind="email", column="nom", decision="publish",
        reason="Adresse du gardien, avec son accord", legal_basis="Accord écrit")  # fmt: skip
    act("territoire_delivery_publish", id=held["id"])
    assert len(names()) == 2
