"""What a bad file, a changed schema or a crash does to a merged table: every row is told, the last
good rows stay."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from ckan import model

from ckanext.territoire.delivery import apply, publish
from ckanext.territoire.delivery.database import read
from ckanext.territoire.delivery.model import By
from tests.ckan.child import start_child
from tests.ckan.conftest import act
from tests.ckan.parking_rows import NAMES, SLUG, park, to_csv, upload
from tests.ckan.test_delivery import Deposit, deposit, names, rows, territory  # noqa: F401

HEADER = ",".join(NAMES)


def lines(*parks: dict[str, Any]) -> list[str]:
    return to_csv(*parks).decode().splitlines()


def receive(content: bytes, name: str = "parkings.csv") -> dict[str, Any]:
    return dict(
        act("territoire_delivery_create", organization="acigne", schema=SLUG,
            upload=upload(content, name))
    )  # fmt: skip


def lambert(number: int) -> dict[str, Any]:
    return park(number) | {"Xlong": 363500 + number, "Ylat": 6791500}


DIRTY: dict[str, tuple[bytes, int, int]] = {
    "cp1252": (to_csv(park(1, nom="Été"), park(2)).decode().encode("cp1252"), 2, 0),
    "BOM": (b"\xef\xbb\xbf" + to_csv(park(1), park(2)), 2, 0),
    "NUL": (to_csv(park(1, nom="a\0b"), park(2)), 2, 0),
    "point-virgule": (to_csv(park(1), park(2)).replace(b",", b";"), 2, 0),
    "lignes de titre": ("\n".join(["Parkings de la ville", "", *lines(park(1), park(2))]).encode(),
                        2, 0),
    "ligne courte": ("\n".join([*lines(park(1)), "35001-P-002,Court"]).encode(), 1, 1),
    "ligne longue": ("\n".join([*lines(park(1), park(2)), lines(park(3))[1] + ",x,y"]).encode(),
                     3, 0),
    "dernière ligne mauvaise": (to_csv(park(1), park(2), park(3, gratuit="parfois")), 2, 1),
    "formule": (to_csv(park(1, nom="=cmd|' /C calc'!A0"), park(2)), 2, 0),
    "Lambert 93": (to_csv(lambert(1), lambert(2)), 2, 0),
    "total en bas": ("\n".join([*lines(park(1), park(2)), "Total,,,,,22,,,,,"]).encode(), 2, 0),
}  # fmt: skip


@pytest.mark.fault(18)
@pytest.mark.parametrize("fault", DIRTY)
def test_every_row_of_a_dirty_file_is_good_or_waits_or_is_said_set_aside(fault: str) -> None:
    content, good, bad = DIRTY[fault]
    told = receive(content)

    assert (told["good"], told["bad"]) == (good, bad), told["report"]
    waiting = act("territoire_delivery_rows", id=told["id"])
    assert len(waiting) == bad
    assert all(row["issues"] for row in waiting)
    assert told["report"]["row_count"] == good + bad
    assert told["report"]["sentence"]


@pytest.mark.fault(18)
def test_a_header_of_more_than_63_bytes_is_matched_or_told(
    deposit: Deposit,  # noqa: F811
) -> None:
    long = "nom " + "très " * 20
    content = to_csv(park(1)).replace(b",nom,", f",{long},".encode())
    told = receive(content)
    assert long.strip() in " ".join(told["report"]["headers"])
    assert told["report"]["missing"] == ["nom"] or told["good"] == 1


@pytest.mark.fault(26)
def test_a_renamed_column_leaves_the_last_good_rows_and_is_named(
    deposit: Deposit,  # noqa: F811
) -> None:
    deposit(park(1), park(2))

    told = receive(to_csv(park(1), park(2)).replace(b"nb_places", b"jauge_totale"))

    assert told["state"] == "held"
    assert told["report"]["columns_changed"] == {"gone": ["nb_places"], "new": ["jauge_totale"]}
    assert told["report"]["missing"] == ["nb_places"]
    assert names() == ["Parking 1", "Parking 2"]


@pytest.mark.fault(26)
def test_a_column_whose_type_changed_leaves_the_last_good_rows_and_is_named(
    deposit: Deposit,  # noqa: F811
) -> None:
    deposit(park(1), park(2))

    told = deposit(park(1, nb_places="une centaine"), park(2, nb_places=50))

    assert told["bad"] == 1
    cause = told["report"]["causes"][0]
    assert (cause["field"], cause["found"]) == ("nb_places", "une centaine")
    assert [(row["id"], row["nb_places"]) for row in rows()] == [
        ("35001-P-001", 11), ("35001-P-002", 50),
    ]  # fmt: skip


def _die_in_the_middle(delivery_id: str) -> None:
    def stop(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    true_settle = apply._settle
    apply._settle = lambda *told: (true_settle(*told), stop())  # type: ignore[assignment,func-returns-value]
    publish.publish(delivery_id, By())


@pytest.mark.fault(12)
def test_a_publication_killed_before_its_commit_leaves_the_former_rows_and_can_be_taken_up_again(
    deposit: Deposit,  # noqa: F811
) -> None:
    deposit(park(1))
    told = receive(to_csv(park(1, nom="Autre"), park(2)))
    model.Session.remove()
    child = start_child(lambda: _die_in_the_middle(told["id"]))
    child.join(60)

    assert child.exitcode == -signal.SIGKILL
    assert names() == ["Parking 1"]
    act("territoire_delivery_publish", id=told["id"])
    assert names() == ["Autre", "Parking 2"]
    assert len(read("SELECT 1 FROM territoire.delivery WHERE state = 'live'")) == 1
