"""Tables that are harvested join the merged table, or are proposed, or are left."""

from __future__ import annotations

from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import text

from ckanext.territoire import files
from ckanext.territoire.delivery import harvest
from ckanext.territoire.delivery.database import read
from ckanext.territoire.table import load
from tests.ckan.conftest import act
from tests.ckan.parking_rows import SLUG, park, to_csv
from tests.ckan.test_delivery import Deposit, deposit, names, territory  # noqa: F401


def add(content: bytes, schema: str = "", org: str = "betton", **more: Any) -> str:
    """Add a kept file to a new dataset, as a harvest does, and load its table."""
    owner = act("organization_show", id=org)
    name = f"tableau-{org}-{len(content)}"
    dataset = act("package_create", name=name, title="Parkings", notes="x", license_id="lov2",
                  owner_org=owner["id"], resources=[], **more)  # fmt: skip
    site = toolkit.config["ckan.site_url"]
    made = act(
        "resource_create", package_id=dataset["id"], name="t.csv", format="CSV",
        url=f"{site}/dataset/{dataset['id']}/fichier/t.csv", hash=files.keep(content),
        table_schema=schema,
    )  # fmt: skip
    load.load_waiting()
    return str(made["id"])


def test_a_declared_table_joins_the_merged_table() -> None:
    resource_id = add(to_csv(park(1, "35024"), park(2, "35024")), f"{SLUG}/0.1.5")

    assert names() == ["Parking 1", "Parking 2"]
    row = act("datastore_search", resource_id=merged_resource())["records"][0]
    assert row["territoire_ressource"] == resource_id


def merged_resource() -> str:
    return str(read("SELECT resource_id FROM territoire.merged")[0]["resource_id"])


def test_a_table_whose_columns_leave_no_doubt_joins_by_itself() -> None:
    add(to_csv(park(1, "35024"), park(2, "35024")))
    assert names() == ["Parking 1", "Parking 2"]


def test_a_new_file_of_the_source_replaces_its_rows() -> None:
    resource_id = add(to_csv(park(1, "35024"), park(2, "35024")), f"{SLUG}/0.1.5")

    act("resource_patch", id=resource_id, hash=files.keep(to_csv(park(2, "35024", nom="Autre"))))
    load.load_waiting()

    assert names() == ["Autre"]


def test_a_table_of_another_subject_is_left_where_it_is() -> None:
    add(b"nom;couleur\nA;bleu\n")
    assert read("SELECT 1 FROM territoire.feed") == []


def test_a_private_table_never_joins() -> None:
    add(to_csv(park(1, "35024")), f"{SLUG}/0.1.5", private=True)
    assert read("SELECT 1 FROM territoire.delivery") == []


def test_the_clean_file_of_a_deposit_is_not_delivered_twice(
    deposit: Deposit,  # noqa: F811
) -> None:
    deposit(park(1))
    load.load_waiting()
    assert len(read("SELECT 1 FROM territoire.delivery")) == 1


def test_the_rows_of_a_resource_that_is_gone_leave_the_merged_table() -> None:
    resource_id = add(to_csv(park(1, "35024")), f"{SLUG}/0.1.5")
    model.Session.execute(
        text("UPDATE resource SET state = 'deleted' WHERE id = :id"), {"id": resource_id}
    )
    model.Session.commit()

    load.forget_vanished()

    assert names() == []
    assert [r["row_key"] for r in read("SELECT row_key FROM territoire.gone")] == ["35024-P-001"]


def test_a_table_that_is_only_near_waits_for_the_officer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harvest, "SURE", 1.1)
    add(to_csv(park(1, "35024")))

    found = read("SELECT state, reasons FROM territoire.delivery")
    assert [(d["state"], d["reasons"]) for d in found] == [("held", ["schema"])]
