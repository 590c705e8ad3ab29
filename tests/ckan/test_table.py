"""Tables of resources, from their file to `datastore_search`, on a real DataStore."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import text
from werkzeug.datastructures import FileStorage

from ckanext.territoire import files
from ckanext.territoire.table import datastore, load, queue, record
from harvesters.fetch import Fetcher, Limits
from tests.ckan.conftest import act
from tests.unit.loopback import Ask, Send, http, serving

CSV = "insee;siret;cp;téléphone;nom;prix\n01004;00012345600017;01500;0299010203;Ambérieu;2,50\n"


@pytest.fixture
def make_kept(organization: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """Make a dataset whose resource is a file that we keep; answer the resource."""

    def make(content: bytes, private: bool = False, format_: str = "CSV") -> dict[str, Any]:
        dataset = act(
            "package_create", name=f"tableau-{len(content)}", title="Tableau", notes="Essai",
            license_id="lov2", owner_org=organization["id"], private=private, resources=[],
        )  # fmt: skip
        site = toolkit.config["ckan.site_url"]
        return act(
            "resource_create",
            package_id=dataset["id"], name="tableau.csv", format=format_,
            url=f"{site}/dataset/{dataset['id']}/fichier/tableau.csv", hash=files.keep(content),
        )  # fmt: skip

    return make


def rows_of(resource_id: str, **search: Any) -> list[dict[str, Any]]:
    return act("datastore_search", resource_id=resource_id, **search)["records"]


def test_a_french_file_is_loaded_with_its_zeros(make_kept: Any) -> None:
    resource = make_kept(CSV.encode("cp1252"))

    assert load.load_waiting() == {"loaded": 1, "failed": 0}

    assert rows_of(resource["id"]) == [
        {"_id": 1, "insee": "01004", "siret": "00012345600017", "cp": "01500",
         "téléphone": "0299010203", "nom": "Ambérieu", "prix": 2.5}
    ]  # fmt: skip
    assert act("resource_show", id=resource["id"])["datastore_active"] is True


def test_the_full_text_search_and_the_data_dictionary_work_on_a_loaded_table(
    make_kept: Any,
) -> None:
    content = "nom: long;ville\nÉcole Jean;Rennes\nMairie;Acigné\n".encode()
    resource = make_kept(content)
    load.load_waiting()

    assert [r["ville"] for r in rows_of(resource["id"], q="mairie")] == ["Acigné"]
    fields = act("datastore_info", id=resource["id"])["fields"]
    assert fields[0]["id"] == "nom_ long"
    assert fields[0]["info"]["label"] == "nom: long"
    assert act("datastore_search", resource_id=resource["id"])["total"] == 2


@pytest.mark.parametrize("asked", ["ecole", "ÉCOLES", "l’école", {"nom": "ecoles"}])
def test_the_words_of_a_row_are_found_in_french(make_kept: Any, asked: Any) -> None:
    resource = make_kept("nom;ville\nLes Écoles;Rennes\nMairie;Acigné\n".encode())
    load.load_waiting()

    assert [r["ville"] for r in rows_of(resource["id"], q=asked)] == ["Rennes"]
    assert [r["ville"] for r in rows_of(resource["id"], q="acigne")] == ["Acigné"]


def test_the_datastore_goes_on_working_on_a_table_that_we_loaded(make_kept: Any) -> None:
    resource = make_kept(b"nom;ville\nA;B\n")
    load.load_waiting()

    act("datastore_upsert", resource_id=resource["id"], method="insert", force=True,
        records=[{"nom": "Nouveau", "ville": "Bruz"}])  # fmt: skip
    act("datastore_create", resource_id=resource["id"], force=True,
        fields=[{"id": "nom", "type": "text"}, {"id": "ville", "type": "text"}])  # fmt: skip

    assert [r["ville"] for r in rows_of(resource["id"], q="nouveau")] == ["Bruz"]


def test_an_unchanged_file_is_not_written_again(make_kept: Any) -> None:
    resource = make_kept(b"nom;ville\nA;B\n")
    load.load_waiting()
    before = table_number(resource["id"])

    queue.queue_tables([resource["package_id"]])
    load.load_waiting()

    assert table_number(resource["id"]) == before
    found = record.load_record(resource["id"])
    assert found
    assert found.state is record.State.LOADED


def table_number(resource_id: str) -> int:
    from ckanext.datastore.backend import postgres

    with postgres.get_read_engine().connect() as connection:
        return connection.execute(
            text("SELECT oid FROM pg_class WHERE relname = :name"), {"name": resource_id}
        ).scalar_one()


def test_a_new_file_replaces_all_rows_and_names_the_columns_that_changed(make_kept: Any) -> None:
    resource = make_kept(b"nom;ville\nA;B\nC;D\n")
    load.load_waiting()

    act("resource_patch", id=resource["id"], hash=files.keep(b"nom;commune\nE;F\n"))
    load.load_waiting()

    assert rows_of(resource["id"]) == [{"_id": 1, "nom": "E", "commune": "F"}]
    found = record.load_record(resource["id"])
    assert found
    assert [i["found"] for i in found.issues] == ["disparues : ville ; nouvelles : commune"]


def test_a_file_that_became_a_web_page_leaves_the_former_rows(make_kept: Any) -> None:
    resource = make_kept(b"nom;ville\nA;B\n")
    load.load_waiting()

    act("resource_patch", id=resource["id"], hash=files.keep(b"<!doctype html><html>panne</html>"))
    assert load.load_waiting() == {"loaded": 0, "failed": 1}

    assert [r["nom"] for r in rows_of(resource["id"])] == ["A"]
    shown = act("territoire_table_show", id=resource["id"])
    assert shown["state"] == "failed"
    assert "une page web" in shown["issues"][0]["sentence"]
    assert shown["row_count"] == 1


def test_a_copy_that_fails_in_the_middle_leaves_the_former_rows(
    make_kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = make_kept(b"nom;ville\nA;B\n")
    load.load_waiting()
    true_swap = datastore._swap

    def swap_then_fail(cursor: Any, resource_id: str, draft: str) -> None:
        true_swap(cursor, resource_id, draft)
        cursor.execute("SELECT 1/0")

    monkeypatch.setattr(datastore, "_swap", swap_then_fail)
    act("resource_patch", id=resource["id"], hash=files.keep(b"nom;ville\nX;Y\n"))
    load.load_waiting()

    assert [r["nom"] for r in rows_of(resource["id"])] == ["A"]
    assert act("territoire_table_show", id=resource["id"])["state"] == "failed"


def test_an_uploaded_file_is_queued_and_loaded(organization: dict[str, Any]) -> None:
    import io

    dataset = act(
        "package_create", name="depot", title="Dépôt", notes="Essai", license_id="lov2",
        owner_org=organization["id"], resources=[],
    )  # fmt: skip
    upload = FileStorage(io.BytesIO(CSV.encode()), "communes.csv")
    resource = act("resource_create", package_id=dataset["id"], name="Communes", format="CSV",
                   url="communes.csv", upload=upload)  # fmt: skip

    assert load.load_waiting() == {"loaded": 1, "failed": 0}
    assert rows_of(resource["id"])[0]["cp"] == "01500"


def test_a_remote_file_is_fetched_once_and_then_asked_if_it_changed(
    organization: dict[str, Any],
) -> None:
    asked: list[dict[str, str]] = []

    def answer(ask: Ask, send: Send) -> None:
        asked.append(ask.headers)
        is_known = ask.headers.get("if-none-match") == '"v1"'
        status = "304 Not Modified" if is_known else "200 OK"
        send(http(b"" if is_known else CSV.encode(), 'ETag: "v1"', status=status))

    with serving(answer) as host:
        dataset = act(
            "package_create", name="distant", title="Distant", notes="Essai", license_id="lov2",
            owner_org=organization["id"],
            resources=[{"url": f"http://{host}/t.csv", "name": "T", "format": "CSV"}],
        )  # fmt: skip
        resource_id = dataset["resources"][0]["id"]
        fetcher = Fetcher(frozenset({host}), Limits(tries=1))
        first = load.load(resource_id, fetcher)
        queue.queue_tables([dataset["id"]])
        second = load.load(resource_id, fetcher)

    assert first
    assert second
    assert first.state is second.state is record.State.LOADED
    assert [h.get("if-none-match") for h in asked] == [None, '"v1"']
    assert rows_of(resource_id)[0]["insee"] == "01004"


def test_the_rows_of_a_private_dataset_are_closed_to_anonymous_callers(make_kept: Any) -> None:
    resource = make_kept(CSV.encode(), private=True)
    load.load_waiting()
    assert rows_of(resource["id"])

    for action, values in (
        ("datastore_search", {"resource_id": resource["id"]}),
        ("territoire_table_show", {"id": resource["id"]}),
    ):
        with pytest.raises(toolkit.NotAuthorized):
            toolkit.get_action(action)({"user": "", "ignore_auth": False}, values)


def test_search_by_sql_is_off(clean: None) -> None:
    assert datastore.is_search_by_sql_off()
    with pytest.raises(KeyError):
        toolkit.get_action("datastore_search_sql")


def test_the_table_of_a_deleted_resource_is_dropped(make_kept: Any) -> None:
    resource = make_kept(b"nom;ville\nA;B\n")
    load.load_waiting()
    model.Session.execute(
        text("UPDATE resource SET state = 'deleted' WHERE id = :id"), {"id": resource["id"]}
    )
    model.Session.commit()

    assert load.forget_vanished() == 1
    assert not datastore.has_table(resource["id"])


def test_real_workbooks_and_files_are_loaded_whole(make_kept: Any, shared_data: Path) -> None:
    expected = {
        "malformed/ens-aisne.xls": 259,
        "malformed/file.ods": 3,
        "malformed/repeated-headers-crlf.csv": 404,
        "covoiturage/bnlc-corse-latin1.csv": 60,
        "parking/bnls-nord-oise.csv": 42,
    }
    made = {
        name: make_kept((shared_data / name).read_bytes(), format_=name.split(".")[-1])["id"]
        for name in expected
    }

    load.load_waiting()

    totals = {n: act("datastore_search", resource_id=i, limit=0)["total"] for n, i in made.items()}
    assert totals == expected
