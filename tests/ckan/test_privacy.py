"""The privacy gate of deliveries: held, shown, decided by whom it belongs to, accounted for."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import text

from ckanext.territoire.cli import territoire as territoire_command
from ckanext.territoire.delivery.database import read
from ckanext.territoire.privacy import store
from tests.ckan.conftest import act
from tests.ckan.parking_rows import NAMES, SLUG, park, to_csv, upload
from tests.ckan.people import make_territory

SAID = "Clé chez Mme Sophie Martin, 06 12 34 56 78"
REASON = "Gardiennage affiché sur place"


@pytest.fixture(autouse=True)
def territory(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_territory(tmp_path, monkeypatch)
    monkeypatch.setattr("tests.ckan.parking_rows.NAMES", [*NAMES, "info"])


def deposit(*said: str) -> dict[str, Any]:
    """Deposit car parks of Acigné, one for each text in `info`."""
    rows = [park(number, info=each) for number, each in enumerate(said, start=1)]
    return dict(act("territoire_delivery_create", organization="acigne", schema=SLUG,
                    upload=upload(to_csv(*rows))))  # fmt: skip


def call(user: str, action: str, **data: Any) -> Any:
    return toolkit.get_action(action)({"user": user, "ignore_auth": False}, data)


def decide(user: str, delivery_id: str, kind: str, decision: str, **more: Any) -> Any:
    told = {"column": "info", "reason": REASON, "legal_basis": "Loi d’essai, article 1"} | more
    return call(user, "territoire_privacy_decide", id=delivery_id, kind=kind, decision=decision,
                **told)  # fmt: skip


def shown_infos() -> list[str | None]:
    table = read("SELECT resource_id FROM territoire.merged WHERE slug = %s", (SLUG,))[0]
    found = act("datastore_search", resource_id=table["resource_id"], sort="id")["records"]
    return [row["info"] for row in found]


def test_a_delivery_with_personal_data_is_held_and_says_where_without_saying_it() -> None:
    held = deposit("Fermé le samedi", SAID)

    assert (held["state"], held["reasons"]) == ("held", ["privacy"])
    shown = call("mairie", "territoire_privacy_show", id=held["id"])
    assert {(f["kind"], f["column"], tuple(f["lines"])) for f in shown["findings"]} == {
        ("phone", "info", (3,)),
        ("named_person", "info", (3,)),
    }
    assert shown["is_held"]
    assert "Martin" not in str(shown)
    assert "34 56" not in str(shown)
    with pytest.raises(toolkit.ValidationError):
        act("territoire_delivery_publish", id=held["id"], accept=["privacy", "brake"])


def test_a_harmless_delivery_is_not_held() -> None:
    assert deposit("Fermé le samedi", "Appeler le 0 800 123 456")["state"] == "draft"


def test_an_editor_masks_a_column_and_the_rest_is_published() -> None:
    held = deposit("Fermé le samedi", SAID)

    shown = decide("mairie", held["id"], "phone", "mask", legal_basis="")

    assert (shown["is_held"], shown["state"]) == (False, "draft")
    done = call("mairie", "territoire_delivery_publish", id=held["id"])
    assert done["state"] == "live"
    assert shown_infos() == [None, None]


def test_a_masked_column_stays_masked_in_the_next_file() -> None:
    held = deposit(SAID)
    decide("mairie", held["id"], "phone", "mask")
    call("mairie", "territoire_delivery_publish", id=held["id"])

    again = deposit(SAID, "Fermé le samedi")

    assert again["state"] == "draft"
    act("territoire_delivery_publish", id=again["id"])
    assert shown_infos() == [None, None]


def test_an_editor_or_an_officer_of_the_commune_may_not_let_personal_data_out() -> None:
    held = deposit(SAID)

    for user in ("mairie", "redactrice", "lectrice", "voisine", ""):
        with pytest.raises(toolkit.NotAuthorized):
            decide(user, held["id"], "phone", "publish")
    assert "publish" not in [
        each["value"]
        for each in call("mairie", "territoire_privacy_show", id=held["id"])["choices"]
    ]
    assert store.decisions_for(feed_id=held["feed_id"]) == ()


@pytest.mark.parametrize("user", ["lectrice", "voisine", ""])
def test_who_does_not_publish_for_the_commune_sees_and_decides_nothing(user: str) -> None:
    held = deposit(SAID)

    with pytest.raises(toolkit.NotAuthorized):
        call(user, "territoire_privacy_show", id=held["id"])
    with pytest.raises(toolkit.NotAuthorized):
        decide(user, held["id"], "phone", "withhold")
    with pytest.raises(toolkit.NotAuthorized):
        call(user, "territoire_privacy_register")


def test_an_officer_of_the_epci_lets_each_kind_out_with_its_reason() -> None:
    held = deposit(SAID)

    first = decide("agent", held["id"], "phone", "publish")
    second = decide("agent", held["id"], "named_person", "publish")

    assert (first["is_held"], second["is_held"]) == (True, False)
    call("mairie", "territoire_delivery_publish", id=held["id"])
    assert shown_infos() == [SAID]


def test_a_new_kind_in_the_next_file_holds_it_again() -> None:
    held = deposit("Voir 06 12 34 56 78")
    decide("agent", held["id"], "phone", "publish")
    act("territoire_delivery_publish", id=held["id"])

    assert deposit("Voir 06 98 76 54 32")["state"] == "draft"
    assert deposit("Voir 06 98 76 54 32, sophie.martin@gmail.com")["reasons"] == ["privacy"]


def test_what_is_withheld_stays_held_until_a_file_without_it_comes() -> None:
    held = deposit(SAID)

    assert decide("mairie", held["id"], "phone", "withhold")["is_held"]
    assert deposit("Fermé le samedi")["state"] == "draft"


def test_masking_a_column_of_a_live_table_empties_it_at_once() -> None:
    held = deposit("Voir 06 12 34 56 78")
    decide("agent", held["id"], "phone", "publish")
    act("territoire_delivery_publish", id=held["id"])
    assert shown_infos() == ["Voir 06 12 34 56 78"]

    decide("agent", held["id"], "phone", "mask", reason="Le gardien a changé d’avis")

    assert shown_infos() == [None]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"decision": "burn"}, "TER-PUB-110"),
        ({"column": "nom"}, "TER-PUB-111"),
        ({"reason": " "}, "TER-PUB-112"),
        ({"decision": "publish", "legal_basis": ""}, "TER-PUB-113"),
    ],
)
def test_a_decision_that_says_nothing_is_refused(wrong: dict[str, Any], code: str) -> None:
    held = deposit(SAID)

    with pytest.raises(toolkit.ValidationError) as refusal:
        decide("agent", held["id"], "phone", **{"decision": "mask", **wrong})

    assert code in str(refusal.value.error_dict)
    assert store.decisions_for(feed_id=held["feed_id"]) == ()


def test_the_register_accounts_for_every_decision() -> None:
    held = deposit(SAID)
    decide("mairie", held["id"], "phone", "withhold")
    decide("agent", held["id"], "phone", "publish")

    first, second = call("agent", "territoire_privacy_register", organization="acigne")

    assert (first["decision"], second["decision"]) == ("ne pas publier", "publier tel quel")
    assert (second["donnee"], second["colonne"]) == ("numéros de téléphone", "info")
    assert (second["motif"], second["base_legale"]) == (REASON, "Loi d’essai, article 1")
    assert (first["decide_par"], second["decide_par"]) == ("mairie", "agent")
    assert call("agent", "territoire_privacy_register", organization="betton") == []


def test_the_register_is_a_csv_file_that_no_spreadsheet_runs(cli: Any) -> None:
    held = deposit(SAID)
    decide("mairie", held["id"], "phone", "withhold", reason="=1+1")

    printed = cli.invoke(territoire_command, ["privacy", "register"]).output

    rows = list(csv.DictReader(io.StringIO(printed), delimiter=";"))
    assert [(row["decision"], row["motif"]) for row in rows] == [("ne pas publier", "'=1+1")]


def test_what_is_found_or_decided_never_reaches_a_stranger() -> None:
    held = deposit("Fermé le samedi", SAID)
    decide("mairie", held["id"], "phone", "mask")
    act("territoire_delivery_publish", id=held["id"])
    asked = {"q": "Martin", "rows": 10}

    assert call("", "package_search", **asked)["count"] == 0
    packages = [call("", "package_show", id=name) for name in call("", "package_list")]
    assert "Sophie" not in str(packages)
    assert REASON not in str(packages)
    rows = model.Session.execute(text("SELECT count(*) FROM territoire_privacy_decision"))
    assert rows.scalar_one() == 1
