"""The merged tables for programs: figures, whole files, and what changed since a cursor."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import load_workbook

from ckanext.territoire.delivery import delta
from tests.ckan.conftest import act
from tests.ckan.parking_rows import SLUG, park
from tests.ckan.test_delivery import Deposit, deposit, territory  # noqa: F401 (fixtures)

ROOT = "/api/territoire/v1/tables"


def changes(app: Any, **query: Any) -> dict[str, Any]:
    return dict(app.get(f"{ROOT}/{SLUG}/changes", query_string=query).json)


def follow(app: Any, since: str, limit: int = 2) -> tuple[list[tuple[str, str]], str]:
    """Read all pages since a cursor."""
    seen: list[tuple[str, str]] = []
    while True:
        page = changes(app, since=since, limit=limit)
        seen += [(c["op"], c["key"]) for c in page["changes"]]
        since = page["cursor"]
        if not page["has_more"]:
            return seen, since


def test_a_reader_that_follows_the_changes_holds_the_table(
    app: Any,
    deposit: Deposit,  # noqa: F811
) -> None:
    deposit(park(1), park(2), park(3))
    held: dict[str, Any] = {}

    def catch_up(since: str) -> str:
        while True:
            page = changes(app, since=since, limit=2)
            for change in page["changes"]:
                if change["op"] == "removed":
                    held.pop(change["key"], None)
                else:
                    held[change["key"]] = change["row"]["nom"]
            since = page["cursor"]
            if not page["has_more"]:
                return since

    cursor = catch_up("")
    deposit(park(1, "35051", nom="Cesson"), org="cesson-sevigne")
    deposit(park(1, nom="Autre"), park(3), park(4))
    catch_up(cursor)

    rows = act("datastore_search", resource_id=act("package_show", id=SLUG)["resources"][0]["id"])
    assert held == {row["id"]: row["nom"] for row in rows["records"]}


def test_only_what_changed_is_told_once(app: Any, deposit: Deposit) -> None:  # noqa: F811
    deposit(park(1), park(2), park(3))
    first, cursor = follow(app, "")
    assert [op for op, _ in first] == ["added"] * 3

    deposit(park(1), park(2, nom="Autre"), park(4))

    told, after = follow(app, cursor)
    assert sorted(told) == [
        ("added", "35001-P-004"), ("changed", "35001-P-002"), ("removed", "35001-P-003"),
    ]  # fmt: skip
    assert follow(app, after) == ([], after)


def test_a_key_that_comes_back_is_no_longer_gone(app: Any, deposit: Deposit) -> None:  # noqa: F811
    deposit(park(1), park(2))
    _, cursor = follow(app, "")
    deposit(park(1))
    deposit(park(1), park(2))

    assert follow(app, cursor)[0] == [("added", "35001-P-002")]


def test_a_cursor_of_elsewhere_and_a_page_too_large_are_refused(
    app: Any,
    deposit: Deposit,  # noqa: F811
) -> None:
    deposit(park(1))
    for query in ({"since": "hier"}, {"since": "99"}, {"limit": "0"}, {"limit": "999999"}):
        answer = app.get(f"{ROOT}/{SLUG}/changes", query_string=query, status=400)
        error = answer.json["error"]
        assert error["code"].startswith("TER-API-")
        assert error["field"] in query


def test_an_unknown_table_is_answered_with_near_names(app: Any) -> None:
    answer = app.get(f"{ROOT}/stationnements-hors-voirie", status=404)
    assert SLUG in answer.json["error"]["message"]


def test_the_table_is_served_whole_in_each_format(
    app: Any,
    deposit: Deposit,  # noqa: F811
    tmp_path: Path,
) -> None:
    deposit(park(1, nom="=cmd()"), park(2))

    text = app.get(f"{ROOT}/{SLUG}.csv").body
    assert [row["nom"] for row in csv.DictReader(io.StringIO(text))] == ["'=cmd()", "Parking 2"]
    shapes = app.get(f"{ROOT}/{SLUG}.geojson").json
    assert [f["geometry"]["coordinates"] for f in shapes["features"]] == [[-1.5364, 48.1332]] * 2
    assert shapes["features"][1]["properties"]["nb_places"] == 12
    assert [row["nom"] for row in app.get(f"{ROOT}/{SLUG}.json").json] == ["=cmd()", "Parking 2"]
    parquet = tmp_path / "t.parquet"
    parquet.write_bytes(app.get(f"{ROOT}/{SLUG}.parquet").get_data())
    with duckdb.connect() as base:
        typed = base.execute(f"SELECT nb_places, gratuit, nom FROM '{parquet}'").fetchall()
    assert typed == [(11, True, "=cmd()"), (12, True, "Parking 2")]
    book = load_workbook(io.BytesIO(app.get(f"{ROOT}/{SLUG}.xlsx").get_data()))
    assert [c.value for c in book.active["B"]] == ["nom", "'=cmd()", "Parking 2"]
    app.get(f"{ROOT}/{SLUG}.dbf", status=400)


def test_a_file_is_made_once_for_each_state_of_the_table(app: Any, deposit: Deposit) -> None:  # noqa: F811
    deposit(park(1))
    first = app.get(f"{ROOT}/{SLUG}.csv")
    tag = first.headers["ETag"]
    app.get(f"{ROOT}/{SLUG}.csv", headers={"If-None-Match": tag}, status=304)

    deposit(park(1), park(2))

    assert app.get(f"{ROOT}/{SLUG}.csv").headers["ETag"] != tag


def test_a_duplicate_stands_once_in_files_and_changes(app: Any, deposit: Deposit) -> None:  # noqa: F811
    deposit(park(1, nom="Vu par la métropole"), org="rennes-metropole")
    _, cursor = follow(app, "")
    deposit(park(1, nom="Vu par la commune"))

    assert [row["nom"] for row in app.get(f"{ROOT}/{SLUG}.json").json] == ["Vu par la commune"]
    page = changes(app, since=cursor)
    assert [(c["key"], c["row"]["nom"]) for c in page["changes"]] == [
        ("35001-P-001", "Vu par la commune")
    ]


def test_the_figures_say_who_is_missing(app: Any, deposit: Deposit) -> None:  # noqa: F811
    deposit(park(1), park(2, nom=""))

    told = app.get(f"{ROOT}/{SLUG}").json
    assert (told["rows"], told["waiting"], told["delivered"], told["members"]) == (1, 1, 1, 3)
    assert told["absent"] == ["Betton", "Cesson-Sévigné"]
    assert told["sentence"] == (
        "1 commune sur 3, 2 n’ont jamais livré, 1 ligne, 1 en attente de correction"
    )
    assert app.get(ROOT).json["tables"][0]["slug"] == SLUG


def test_a_hidden_table_is_as_absent(app: Any, deposit: Deposit) -> None:  # noqa: F811
    deposit(park(1))
    act("package_patch", id=SLUG, private=True)

    for path in ("", ".csv", "/changes", "/schema"):
        app.get(f"{ROOT}/{SLUG}{path}", status=404)
    assert app.get(ROOT).json["tables"] == []


@pytest.mark.parametrize(
    ("text", "cursor"),
    [("", delta.Since()), ("7", delta.Since(7)), ("7.w6k", delta.Since(7, "é")), ("-1", None),
     ("7.*", None), ("7.wg", None)],
)  # fmt: skip
def test_a_cursor_is_read_or_refused(text: str, cursor: delta.Since | None) -> None:
    assert delta.read_cursor(text) == cursor


def test_the_page_of_the_merged_dataset_shows_its_figures(app: Any, deposit: Deposit) -> None:  # noqa: F811
    deposit(park(1), park(2, nom=""))
    page = app.get(f"/dataset/{SLUG}").body

    assert "Une table pour tout le territoire" in page
    assert "communes sur 3" in page
    assert json.dumps("Betton")[1:-1] in page
