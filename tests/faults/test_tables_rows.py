"""What a file, a server or a crash does to a table: every row is kept, or the former ones stay."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from ckan.plugins import toolkit

from ckanext.territoire import files
from ckanext.territoire.table import datastore, load, queue, record
from harvesters.fetch import Fetcher
from tests.ckan.child import start_child
from tests.ckan.conftest import act
from tests.unit.loopback import Ask, Send, http, serving

HEAD = "nom;insee;prix;remarque\n"
GOOD = "Été;01004;2,5;x\nNoël;35001;3,5;y\n"


@pytest.fixture
def dataset(organization: dict[str, Any]) -> dict[str, Any]:
    return act(
        "package_create", name="tableaux", title="Tableaux", notes="Essai", license_id="lov2",
        owner_org=organization["id"], resources=[],
    )  # fmt: skip


def add(dataset: dict[str, Any], content: bytes, name: str = "t.csv") -> str:
    site = toolkit.config["ckan.site_url"]
    made = act(
        "resource_create", package_id=dataset["id"], name=name, format="CSV",
        hash=files.keep(content), url=f"{site}/dataset/{dataset['id']}/fichier/{name}",
    )  # fmt: skip
    return str(made["id"])


def rows_of(resource_id: str) -> list[dict[str, Any]]:
    return act("datastore_search", resource_id=resource_id, limit=1000)["records"]


FAULTY = {
    "cp1252": ((HEAD + GOOD).encode("cp1252"), 2),
    "bom": ((HEAD + GOOD).encode("utf-8-sig"), 2),
    "nul": ((HEAD + GOOD).encode().replace(b"x", b"\0x\0"), 2),
    "ragged": ((HEAD + GOOD + "court;1\nlong;1;2;z;reste;encore\n").encode(), 4),
    "titles": (("Commune de Bruz\nListe\n\n" + HEAD + GOOD).encode(), 2),
    "63-bytes": ((f"{'é' * 60};{'é' * 60}b\nA;B\nC;D\n").encode(), 2),
    "formula": ((HEAD + "=cmd|' /C calc'!A0;01004;1;x\n@SUM(A1);35001;2;y\n").encode(), 2),
    "last-bad": ((HEAD + GOOD * 50 + "fin").encode(), 101),
    "open-quote": ((HEAD + 'A;"01004;1;x\n' + GOOD).encode(), 3),
    "lambert": (b"nom;x;y\nA;352000,5;6789000\nB;353000;6790000\n", 2),
}


@pytest.mark.fault(18)
@pytest.mark.parametrize("name", sorted(FAULTY))
def test_every_row_of_a_faulty_file_is_kept(dataset: dict[str, Any], name: str) -> None:
    content, expected = FAULTY[name]
    resource_id = add(dataset, content)

    load.load_waiting()

    found = record.load_record(resource_id)
    assert found
    assert found.state is record.State.LOADED, found.issues
    assert len(rows_of(resource_id)) == found.row_count == expected


@pytest.mark.fault(26)
def test_columns_that_change_are_named(dataset: dict[str, Any]) -> None:
    resource_id = add(dataset, (HEAD + GOOD).encode())
    load.load_waiting()

    changed = (HEAD + GOOD).replace("insee", "code_insee").replace("2,5", "gratuit").encode()
    act("resource_patch", id=resource_id, hash=files.keep(changed))
    load.load_waiting()

    found = record.load_record(resource_id)
    assert found
    [told] = [issue["found"] for issue in found.issues if issue["code"] == "TER-TAB-021"]
    assert "insee" in told
    assert "code_insee" in told
    assert "prix" in told


def _load_and_die(resource_id: str) -> None:
    """Load in a process of its own that is killed once the new rows are in place, uncommitted."""
    true_swap = datastore._swap

    def swap_and_die(cursor: Any, name: str, draft: str) -> None:
        true_swap(cursor, name, draft)
        os.kill(os.getpid(), signal.SIGKILL)

    datastore._swap = swap_and_die  # type: ignore[assignment]
    load.load(resource_id, Fetcher())


@pytest.mark.fault(12)
def test_a_worker_killed_in_the_middle_of_a_load_loses_nothing_and_doubles_nothing(
    dataset: dict[str, Any],
) -> None:
    resource_id = add(dataset, b"nom;ville\nA;B\n")
    load.load_waiting()
    act("resource_patch", id=resource_id, hash=files.keep(b"nom;ville\nC;D\nE;F\n"))
    worker = start_child(lambda: _load_and_die(resource_id))
    worker.join(60)

    assert worker.exitcode == -signal.SIGKILL
    assert [row["nom"] for row in rows_of(resource_id)] == ["A"]
    load.load_waiting()
    assert [row["nom"] for row in rows_of(resource_id)] == ["C", "E"]


@pytest.mark.fault(21)
@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/latest/t.csv", "http://127.0.0.1:1/t.csv", "file:///t.csv"]
)
def test_a_table_at_a_forbidden_address_is_not_fetched(
    dataset: dict[str, Any], address: str
) -> None:
    made = act("resource_create", package_id=dataset["id"], name="T", format="CSV", url=address)

    found = load.load(made["id"], Fetcher())

    assert found
    assert found.state is record.State.FAILED
    assert found.issues[0]["code"] in ("TER-FET-004", "TER-FET-005")


@pytest.mark.fault(6)
def test_a_maintenance_page_in_place_of_a_table_leaves_the_rows(dataset: dict[str, Any]) -> None:
    answers = [(HEAD + GOOD).encode(), b"<!doctype html><html>Maintenance</html>"]

    def answer(ask: Ask, send: Send) -> None:
        send(http(answers.pop(0), "Content-Type: text/csv"))

    with serving(answer) as host:
        made = act("resource_create", package_id=dataset["id"], name="T", format="CSV",
                   url=f"http://{host}/t.csv")  # fmt: skip
        fetcher = Fetcher(frozenset({host}))
        load.load(made["id"], fetcher)
        queue.queue_tables([dataset["id"]])
        found = load.load(made["id"], fetcher)

    assert found
    assert found.state is record.State.FAILED
    assert [row["insee"] for row in rows_of(made["id"])] == ["01004", "35001"]
    assert files.path_of(found.sha256).read_bytes() == (HEAD + GOOD).encode()
