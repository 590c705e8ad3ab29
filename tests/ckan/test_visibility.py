"""A commune that hides its dataset takes its rows out of the merged table, and finds them again."""

from __future__ import annotations

from typing import Any

import pytest

from ckanext.territoire.delivery.visibility import follow_visibility
from ckanext.territoire.table.load import load_waiting
from tests.ckan.conftest import act
from tests.ckan.parking_rows import SLUG, park
from tests.ckan.test_delivery import Deposit, deposit, territory  # noqa: F401 (fixtures)

ROWS = f"/api/territoire/v1/tables/{SLUG}/rows"


@pytest.fixture
def two(deposit: Deposit) -> str:  # noqa: F811
    """Rows of two communes in the merged table; answer the dataset of the first."""
    deposit(park(1), park(2))
    deposit(park(3, "35051", nom="Cesson"), org="cesson-sevigne")
    (found,) = act("package_search", fq="organization:acigne")["results"]
    return str(found["id"])


def communes(app: Any) -> set[str]:
    return {row["insee"] for row in app.get(ROWS).json["rows"]}


def test_rows_leave_with_a_dataset_that_is_made_private_and_come_back_with_it(
    app: Any, two: str
) -> None:
    assert communes(app) == {"35001", "35051"}

    act("package_patch", id=two, private=True)
    load_waiting()

    assert communes(app) == {"35051"}
    assert "Acign" not in app.get(f"/api/territoire/v1/tables/{SLUG}.csv").body
    gone = app.get(f"/api/territoire/v1/tables/{SLUG}/changes").json["changes"]
    assert not [change for change in gone if change.get("row", {}).get("insee") == "35001"]

    act("package_patch", id=two, private=False)
    load_waiting()

    assert communes(app) == {"35001", "35051"}


def test_rows_leave_with_a_dataset_that_is_deleted(app: Any, two: str) -> None:
    act("package_delete", id=two)
    load_waiting()

    assert communes(app) == {"35051"}


def test_asked_again_nothing_moves(two: str) -> None:
    assert follow_visibility() == (0, 0)
    act("package_patch", id=two, private=True)
    assert follow_visibility() == (1, 0)
    assert follow_visibility() == (0, 0)
    act("package_patch", id=two, private=False)
    assert follow_visibility() == (0, 1)
    assert follow_visibility() == (0, 0)


def test_a_new_deposit_for_a_hidden_dataset_stays_hidden(
    app: Any,
    two: str,
    deposit: Deposit,  # noqa: F811
) -> None:
    act("package_patch", id=two, private=True)
    load_waiting()
    deposit(park(1), park(2), park(4))
    load_waiting()

    assert communes(app) == {"35051"}
