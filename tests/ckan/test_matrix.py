"""The matrix from real deliveries: states, counts, rights, files, and its cost."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit

from ckanext.territoire import minute, publishers
from ckanext.territoire.delivery import coverage_facts, database, mandate, store
from ckanext.territoire.portal import matrix_view, spreadsheet
from ckanext.territoire.portal.matrix_words import STATES
from tests.ckan.conftest import act
from tests.ckan.form_browser import Browser
from tests.ckan.parking_rows import SLUG, park, to_csv, upload
from tests.ckan.people import PEOPLE, make_territory

Deposit = Callable[..., dict[str, Any]]
CESSON = "cesson-sevigne"


@pytest.fixture(autouse=True)
def people(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rennes Métropole with Acigné, Betton and Cesson-Sévigné, and who publishes for whom."""
    minute.forget()
    make_territory(tmp_path, monkeypatch)


@pytest.fixture
def deposit() -> Deposit:
    """Deposit rows for a commune and publish what is not held; answer the delivery."""

    def run(*rows: dict[str, Any], org: str = "acigne", content: bytes = b"") -> Any:
        told = act("territoire_delivery_create", organization=org, schema=SLUG,
                   upload=upload(content or to_csv(*rows)))  # fmt: skip
        if told["state"] != "draft":
            return told
        return act("territoire_delivery_publish", id=told["id"]) | {"feed": told["feed"]}

    return run


def call(user: str, action: str, **data: Any) -> Any:
    return toolkit.get_action(action)({"user": user, "ignore_auth": False}, data)


def parking(name: str, shown: dict[str, Any] | None = None) -> dict[str, Any]:
    """The cell of the car parks of a commune."""
    told = shown or act("territoire_matrix_show")
    row = next(each for each in told["rows"] if each["name"] == name)
    place = [column["slug"] for column in told["columns"]].index(SLUG)
    return dict(row["cells"][place]) if "cells" in row else {"state": row["states"][place]}


def column(shown: dict[str, Any]) -> dict[str, Any]:
    return next(each for each in shown["columns"] if each["slug"] == SLUG)


def held(deposit: Deposit) -> dict[str, Any]:
    """Twenty car parks of Acigné online, and a file that would leave ten."""
    deposit(*(park(n) for n in range(1, 21)))
    return deposit(*(park(n) for n in range(1, 11)))


def test_every_state_comes_from_what_was_delivered(deposit: Deposit) -> None:
    waiting = held(deposit)
    deposit(park(1, "35051"), park(2, "35051", nom=""), org=CESSON)
    deposit(org="betton", content=b"%PDF-1.7 \n1 0 obj")

    cells = {name: parking(name) for name in ("Acigné", "Cesson-Sévigné", "Betton")}

    assert {name: cell["state"] for name, cell in cells.items()} == {
        "Acigné": "decide", "Cesson-Sévigné": "invalid", "Betton": "invalid",
    }  # fmt: skip
    assert cells["Acigné"]["waiting_id"] == waiting["id"]
    assert cells["Acigné"]["good"] == 20
    assert (cells["Cesson-Sévigné"]["good"], cells["Cesson-Sévigné"]["bad"]) == (1, 1)
    assert "lien de correction" in cells["Cesson-Sévigné"]["action"]
    assert cells["Betton"]["action"] == "Demander un fichier lisible"


def test_a_published_table_is_fine_then_stale_and_weighs_its_population(deposit: Deposit) -> None:
    deposit(park(1), park(2))
    shown = act("territoire_matrix_show")
    assert parking("Acigné", shown)["state"] == "fine"
    assert {k: n for k, n in column(shown)["counts"].items() if n} == {"fine": 1, "absent": 2}
    own = next(row["population"] for row in shown["rows"] if row["name"] == "Acigné")
    assert column(shown)["served"] == pytest.approx(own / shown["population"], abs=1e-4)

    with database.transaction() as cursor:
        cursor.execute("UPDATE territoire.delivery SET published_at = now() - interval '3 years'")

    old = act("territoire_matrix_show")
    assert parking("Acigné", old)["state"] == "stale"
    assert column(old)["served"] == column(shown)["served"]


def test_what_the_epci_delivers_for_a_commune_counts_as_its_own(deposit: Deposit) -> None:
    deposit(park(1), park(1, "35051"), org="rennes-metropole")

    cell = parking("Cesson-Sévigné")

    assert (cell["state"], cell["good"], cell["rows"]) == ("fine", 0, 1)


def test_a_held_delivery_that_is_accepted_makes_the_cell_fine(deposit: Deposit) -> None:
    waiting = held(deposit)
    served = column(act("territoire_matrix_show"))["served"]
    assert served > 0  # what is online stays

    call("agent", "territoire_delivery_publish", id=waiting["id"], accept=["brake"])

    assert column(act("territoire_matrix_show"))["served"] == served
    assert parking("Acigné")["state"] == "fine"
    assert parking("Acigné")["good"] == 10


def test_an_officer_decides_without_a_mandate_and_publishes_a_draft_under_it_alone(
    deposit: Deposit,
) -> None:
    waiting = held(deposit)
    draft = act("territoire_delivery_create", organization=CESSON, schema=SLUG,
                upload=upload(to_csv(park(1, "35051"))))  # fmt: skip

    done = call("agent", "territoire_delivery_publish", id=waiting["id"], accept=["brake"])
    with pytest.raises(toolkit.ValidationError, match="mandat"):
        call("agent", "territoire_delivery_publish", id=draft["id"])

    assert done["state"] == "live"


def test_rows_stand_by_population_and_say_who_has_given_a_mandate() -> None:
    owner = publishers.find("betton")
    assert owner
    mandate.give(owner.id, "Courriel du 2 mars", "")

    rows = act("territoire_matrix_show")["rows"]

    assert [row["name"] for row in rows] == ["Cesson-Sévigné", "Betton", "Acigné"]
    assert [row["has_mandate"] for row in rows] == [False, True, False]


def test_the_law_is_marked_where_it_asks() -> None:
    shown = act("territoire_matrix_show")
    asked = {each["slug"]: each["duty"] for each in shown["columns"]}
    cells = dict(zip(asked, shown["rows"][0]["cells"], strict=True))
    assert asked["budget"]["from_population"] == 3500
    assert cells["budget"]["is_duty"]
    assert "obligation légale" in cells["budget"]["action"]
    assert asked["associations"] is None
    assert not cells["associations"]["is_duty"]


def test_the_matrix_and_the_queue_are_for_those_of_the_epci(deposit: Deposit) -> None:
    held(deposit)
    actions = ("territoire_matrix_show", "territoire_matrix_cell", "territoire_decision_list")
    allowed = {(who, action) for who in ("", *PEOPLE) for action in actions if may(who, action)}
    assert allowed == {(who, action) for who in ("agent", "redactrice") for action in actions}


def may(person: str, action: str) -> bool:
    try:
        call(person, action, commune="35001", schema=SLUG)
    except toolkit.NotAuthorized:
        return False
    return True


def test_an_editor_of_the_epci_sees_all_and_decides_nothing(deposit: Deposit) -> None:
    waiting = held(deposit)

    [item] = call("redactrice", "territoire_decision_list")

    assert not call("redactrice", "territoire_matrix_show")["may_act"]
    assert call("agent", "territoire_matrix_show")["may_act"]
    assert (item["id"], item["can_accept"], item["can_refuse"]) == (waiting["id"], False, False)
    with pytest.raises(toolkit.NotAuthorized):
        call("redactrice", "territoire_delivery_publish", id=item["id"], accept=["brake"])


def test_everyone_sees_states_without_detail_nor_blame(deposit: Deposit) -> None:
    held(deposit)
    deposit(park(1, "35051", nom=""), org=CESSON)

    shown = call("", "territoire_matrix_public")

    assert parking("Acigné", shown)["state"] == "underway"
    assert parking("Cesson-Sévigné", shown)["state"] == "underway"
    assert parking("Betton", shown)["state"] == "absent"
    assert column(shown)["counts"] == {"fine": 0, "stale": 0, "underway": 2, "absent": 1}
    assert column(shown)["published"] == 1  # Acigné's former rows are still online
    told = repr(shown)
    for secret in ("waiting", "held", "failed", "invalid", "decide", "action", "corriger"):
        assert secret not in told


def test_a_cell_shows_its_deliveries_newest_first_without_their_rows(deposit: Deposit) -> None:
    waiting = held(deposit)

    found = call("agent", "territoire_matrix_cell", commune="35001", schema=SLUG)

    assert [each["state"] for each in found["deliveries"]] == ["held", "live"]
    assert found["deliveries"][0]["id"] == waiting["id"]
    assert found["deliveries"][0]["report"] == {}
    assert found["mandate"] is None


def test_an_unknown_cell_is_said_in_french() -> None:
    with pytest.raises(toolkit.ObjectNotFound, match="TER-API-141"):
        act("territoire_matrix_cell", commune="35001", schema="licornes")
    with pytest.raises(toolkit.ObjectNotFound, match="TER-API-140"):
        act("territoire_matrix_cell", commune="75056", schema=SLUG)


def test_what_waits_is_listed_oldest_first_with_what_it_would_change(deposit: Deposit) -> None:
    first = held(deposit)
    second = deposit(park(1, "35001"), park(2, "35001"), org="betton")
    empty = deposit(park(1, nom=""), org=CESSON)

    told = act("territoire_decision_list")

    assert [each["id"] for each in told] == [first["id"], second["id"], empty["id"]]
    assert [each["reasons"] for each in told] == [["brake"], ["commune"], ["empty"]]
    assert told[0]["difference"]["removed"] == 10
    assert told[1]["communes"] == {"35001": 2}
    assert [each["can_accept"] for each in told] == [True, True, False]
    assert not told[0]["is_overtaken"]


def test_a_held_file_that_a_newer_one_has_overtaken_says_so(deposit: Deposit) -> None:
    held(deposit)
    deposit(*(park(n) for n in range(1, 22)))

    [item] = act("territoire_decision_list")

    assert item["is_overtaken"]


def files(address: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(address.removeprefix("\ufeff")), delimiter=";"))


def test_the_matrix_is_exported_whole_or_as_it_is_filtered(deposit: Deposit, app: Any) -> None:
    deposit(park(1), park(2, nom=""))
    browser = Browser(app)
    browser.log_in("agent")

    whole = files(browser.open("/pilotage/matrice.csv").text)
    some = files(browser.open(f"/pilotage/matrice.csv?theme={SLUG}&etat=invalid").text)
    sheet = browser.client.get(f"/pilotage/matrice.xlsx?theme={SLUG}").data

    assert whole[0] == matrix_view.HEADERS
    assert len(whole) == 1 + 3 * len(coverage_facts.expected_schemas())
    assert [row[0] for row in some[1:]] == ["Acigné"]
    told = dict(zip(some[0], some[1], strict=True))
    assert (told["code_insee"], told["etat"]) == ("35001", "à corriger")
    assert (told["lignes_bonnes"], told["lignes_a_corriger"]) == ("1", "1")
    assert told["action"] == "Envoyer un lien de correction (1 ligne)"
    rows = list(openpyxl.load_workbook(io.BytesIO(sheet)).active.iter_rows(values_only=True))
    assert rows[0] == tuple(matrix_view.HEADERS)
    assert [row[0] for row in rows[1:]] == ["Cesson-Sévigné", "Betton", "Acigné"]


def test_formulas_are_defused_in_the_files() -> None:
    line = matrix_view.Line(
        {"name": "=1+1", "insee": "35001", "population": 3},
        {"title": "@cmd"},
        {"label": "à jour", "good": 1, "rows": 0, "bad": 0, "published_at": None,
         "is_duty": False, "action": "+cmd|' /C calc'!A0"},
    )  # fmt: skip

    header, rows = matrix_view.HEADERS, matrix_view.to_rows([line])

    [_, row] = files(spreadsheet.to_csv(header, rows).decode())
    book = openpyxl.load_workbook(io.BytesIO(spreadsheet.to_xlsx("Matrice", header, rows)))
    cells = [cell.value for cell in list(book.active.iter_rows())[1]]

    for values in (row, cells):
        assert [values[0], values[3], values[9]] == ["'=1+1", "'@cmd", "'+cmd|' /C calc'!A0"]


def test_a_stranger_gets_no_file(app: Any) -> None:
    browser = Browser(app)
    asked = browser.client.get("/pilotage/matrice.csv", follow_redirects=False)
    browser.log_in("mairie")
    refused = browser.client.get("/pilotage/matrice.csv", follow_redirects=False)
    assert (asked.status_code, refused.status_code) == (302, 403)
    assert "/user/login" in asked.headers["Location"]


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The queries that reach either database."""
    seen: list[str] = []

    def note(*args: Any) -> None:
        seen.append(str(args[2]))

    def read(query: str, values: Any = ()) -> list[dict[str, Any]]:
        seen.append(query)
        return database.read(query, values)

    sa.event.listen(model.meta.engine, "before_cursor_execute", note)
    for module in (coverage_facts, mandate, store):
        monkeypatch.setattr(module, "read", read)
    yield seen
    sa.event.remove(model.meta.engine, "before_cursor_execute", note)


def test_the_queries_are_the_same_whatever_the_number_of_communes(
    deposit: Deposit, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit(park(1))
    costs = []
    for more in ((), (CESSON, "betton")):
        for org in more:
            deposit(park(1, "35051"), org=org)
            deposit(park(1, "35024", nom=""), org=org)
        publishers.publishers()  # read at most once a minute
        act("territoire_matrix_show")
        with counted(monkeypatch) as seen:
            call("agent", "territoire_matrix_show")
            call("agent", "territoire_decision_list")
        costs.append(len(seen))
    assert costs[0] == costs[1]


def test_the_words_of_the_states_are_those_of_the_matrix() -> None:
    shown = act("territoire_matrix_show")
    assert {state.key for state in STATES} == set(column(shown)["counts"])
