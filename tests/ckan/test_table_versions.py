"""Each state of a table is kept with what it changed: rows by their key, columns, examples."""

from __future__ import annotations

from typing import Any

import pytest
from ckan import model

from ckanext.territoire import files
from ckanext.territoire.table import difference, load, versions
from tests.ckan.conftest import act
from tests.ckan.test_table_pages import make

BEFORE = "code;nom;places\nA1;Gare;10\nA2;Mairie;20\nA3;École;30\n"
AFTER = "code;nom;places;gratuit\nA1;Gare;10;oui\nA2;Mairie;25;oui\nA4;Stade;40;non\n"


def again(resource: dict[str, Any], content: str) -> None:
    """Another file comes for the resource."""
    act("resource_patch", id=resource["id"], hash=files.keep(content.encode()))
    load.load_waiting()


def last_of(resource: dict[str, Any]) -> versions.Version:
    found = versions.of_dataset(resource["package_id"])[0]
    model.Session.rollback()
    return found


def test_the_first_state_says_how_many_rows(organization: Any) -> None:
    resource = make(organization, BEFORE.encode())

    [first] = versions.of_dataset(resource["package_id"])

    assert (first.row_count, first.told["way"], first.is_kept) == (3, "ours", True)
    assert "added" not in first.told


def test_rows_are_told_by_their_key_and_columns_by_their_name(organization: Any) -> None:
    resource = make(organization, BEFORE.encode())

    again(resource, AFTER)
    told = last_of(resource).told

    assert told["key"] == "code"
    assert (told["added"], told["removed"], told["changed"]) == (1, 1, 1)
    assert told["columns"] == {"came": ["gratuit"]}
    assert told["examples"]["changed"] == [
        {"key": "A2", "fields": [{"field": "places", "old": "20", "new": "25"}], "more": 0}
    ]
    assert told["examples"]["added"][0]["key"] == "A4"
    assert ["nom", "École"] in told["examples"]["removed"][0]["values"]


def test_rows_without_a_key_are_compared_whole(organization: Any) -> None:
    resource = make(organization, b"jour;n\nlundi;1\nlundi;1\nmardi;2\n")

    again(resource, "jour;n\nlundi;1\nmardi;2\nmardi;2\njeudi;9\n")
    told = last_of(resource).told

    assert (told["key"], told["added"], told["removed"], told["changed"]) == ("", 2, 1, 0)


def test_the_same_file_again_is_no_new_state(organization: Any) -> None:
    resource = make(organization, BEFORE.encode())

    again(resource, BEFORE)
    load.load(resource["id"], load.hosts.way_out(), is_forced=True)

    assert len(versions.of_dataset(resource["package_id"])) == 1


def test_odd_names_and_retyped_columns_are_compared(organization: Any) -> None:
    resource = make(organization, b'code;"part 100% {x}"\nA;1\nB;2\n')

    again(resource, 'code;"part 100% {x}"\nA;un\nB;2\n')
    told = last_of(resource).told

    assert told["columns"] == {"retyped": ["part 100% {x}"]}
    assert told["changed"] == 1


def test_what_takes_too_long_is_left_untold_and_loaded(
    organization: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = make(organization, BEFORE.encode())
    slow = difference.KEYED.replace("FROM b FULL JOIN", "FROM pg_sleep(3) s, b FULL JOIN")
    monkeypatch.setattr(difference, "KEYED", slow)
    monkeypatch.setattr(difference, "TIMEOUT_S", 1)

    again(resource, AFTER)

    assert last_of(resource).told["is_untold"]
    found = act("datastore_search", resource_id=resource["id"])
    assert found["total"] == 3
    assert "gratuit" in [field["id"] for field in found["fields"]]


def test_the_last_states_alone_are_kept(organization: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "KEPT", 2)
    resource = make(organization, BEFORE.encode())

    for n in range(3):
        again(resource, f"{BEFORE}B{n};Parc;1\n")

    assert [v.row_count for v in versions.of_dataset(resource["package_id"])] == [4, 4]


def test_the_states_of_a_file_that_is_gone_are_dropped(organization: Any) -> None:
    resource = make(organization, BEFORE.encode())

    act("resource_delete", id=resource["id"])
    load.forget_vanished()

    assert versions.of_dataset(resource["package_id"]) == []
