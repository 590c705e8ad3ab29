"""A table that a dataset gives in two formats is loaded once; two different tables both are."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from ckan.plugins import toolkit
from openpyxl import Workbook

from ckanext.territoire import files
from ckanext.territoire.table import datastore, load, queue, record
from tests.ckan.conftest import act

ROWS = (("nom", "cp"), ("Chêne", "01500"), ("Hêtre", "35690"))
Made = dict[str, dict[str, Any]]


def csv_of(rows: Any = ROWS) -> bytes:
    return "".join(";".join(map(str, row)) + "\n" for row in rows).encode()


def xlsx_of(rows: Any = ROWS) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(out)
    return out.getvalue()


@pytest.fixture
def make(organization: dict[str, Any]) -> Callable[..., Made]:
    """Make a dataset with these kept files, by title; answer its resources by format."""

    def made(contents: Mapping[str, bytes], *titles: str) -> Made:
        dataset = act("package_create", name="arbres", title="Arbres", notes="Essai",
                      license_id="lov2", owner_org=organization["id"], resources=[])  # fmt: skip
        found = {}
        for number, (format_, content) in enumerate(contents.items()):
            title = titles[number] if titles else f"Arbres ({format_})"
            found[format_] = act(
                "resource_create", package_id=dataset["id"], name=title, format=format_,
                url=url_of(dataset["id"], f"f{number}.{format_.lower()}"), hash=files.keep(content),
            )  # fmt: skip
        return found

    return made


def url_of(dataset_id: str, name: str) -> str:
    return f"{toolkit.config['ckan.site_url']}/dataset/{dataset_id}/fichier/{name}"


def states(made: Made) -> dict[str, str]:
    return {
        name: act("territoire_table_show", id=each["id"])["state"] for name, each in made.items()
    }


def replace(resource: Mapping[str, Any], content: bytes) -> None:
    act("resource_patch", id=resource["id"], hash=files.keep(content))
    queue.queue_tables_of(resource["id"])
    load.load_waiting()


def test_the_csv_is_loaded_and_the_workbook_leads_to_it(make: Any) -> None:
    made = make({"XLSX": xlsx_of(), "CSV": csv_of()})

    assert load.load_waiting() == {"loaded": 1, "failed": 0, "same": 1}

    assert states(made) == {"XLSX": "same", "CSV": "loaded"}
    shown = act("territoire_table_show", id=made["XLSX"]["id"])
    assert shown["same_as"] == made["CSV"]["id"]
    assert shown["row_count"] == 2
    assert not datastore.has_table(made["XLSX"]["id"])
    assert act("datastore_search", resource_id=made["CSV"]["id"])["total"] == 2
    assert not act("resource_show", id=made["XLSX"]["id"]).get("datastore_active")


def test_the_page_of_the_workbook_says_where_its_rows_are_read(make: Any, app: Any) -> None:
    made = make({"XLSX": xlsx_of(), "CSV": csv_of()})
    load.load_waiting()
    page = app.get(f"/dataset/arbres/resource/{made['XLSX']['id']}").body
    assert "le même tableau" in page
    assert f"/resource/{made['CSV']['id']}" in page


def test_two_tables_of_one_form_are_both_loaded(make: Any) -> None:
    february = (ROWS[0], ("Tilleul", "35000"), ("Frêne", "35510"))
    made = make({"CSV": csv_of(), "XLSX": xlsx_of(february)}, "Janvier", "Février")
    assert load.load_waiting() == {"loaded": 2, "failed": 0}
    assert states(made) == {"CSV": "loaded", "XLSX": "loaded"}


def test_a_workbook_that_is_no_longer_the_same_is_loaded_of_its_own(make: Any) -> None:
    made = make({"CSV": csv_of(), "XLSX": xlsx_of()})
    load.load_waiting()
    replace(made["XLSX"], xlsx_of((*ROWS, ("Tilleul", "35000"))))
    assert states(made) == {"CSV": "loaded", "XLSX": "loaded"}
    assert act("datastore_search", resource_id=made["XLSX"]["id"])["total"] == 3


def test_when_the_csv_changes_the_workbook_is_read_anew(make: Any) -> None:
    made = make({"CSV": csv_of(), "XLSX": xlsx_of()})
    load.load_waiting()
    longer = (*ROWS, ("Tilleul", "35000"))
    replace(made["CSV"], csv_of(longer))
    assert states(made) == {"CSV": "loaded", "XLSX": "loaded"}
    replace(made["XLSX"], xlsx_of(longer))
    assert states(made) == {"CSV": "loaded", "XLSX": "same"}


def test_when_the_csv_is_deleted_the_workbook_is_loaded(make: Any) -> None:
    made = make({"CSV": csv_of(), "XLSX": xlsx_of()})
    load.load_waiting()
    act("resource_delete", id=made["CSV"]["id"])
    load.load_waiting()
    found = record.load_record(made["XLSX"]["id"])
    assert found
    assert (found.state, found.same_as) == (record.State.LOADED, None)
    assert act("datastore_search", resource_id=made["XLSX"]["id"])["total"] == 2


def test_a_csv_that_comes_after_the_workbook_takes_its_place(make: Any) -> None:
    made = make({"XLSX": xlsx_of()})
    load.load_waiting()
    dataset = made["XLSX"]["package_id"]
    made["CSV"] = act("resource_create", package_id=dataset, name="Arbres (CSV)", format="CSV",
                      url=url_of(dataset, "g.csv"), hash=files.keep(csv_of()))  # fmt: skip
    load.load_waiting()
    assert states(made) == {"XLSX": "same", "CSV": "loaded"}
    assert not datastore.has_table(made["XLSX"]["id"])
