"""The journal says who did what, once each, to those who administer; old lines and accounts go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit
from ckan.tests import factories
from sqlalchemy import text

from ckanext.territoire import minute
from ckanext.territoire.audit.acts import say, to_act
from ckanext.territoire.security import retention
from tests.ckan.conftest import act
from tests.ckan.mail_sink import Sink, receiving


@pytest.fixture
def people(organization: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The token headers of an editor and an administrator of Acigné, and of a sysadmin."""
    names = {"redactrice": "editor", "responsable": "admin"}
    for name, role in names.items():
        factories.User(name=name, fullname=name.capitalize())
        act("organization_member_create", id="acigne", username=name, role=role)
    factories.Sysadmin(name="administration")
    minute.forget()
    return {
        name: {"Authorization": factories.APIToken(user=name)["token"]}
        for name in (*names, "administration")
    }


def lines() -> list[tuple[str, str]]:
    found = model.Session.execute(text("SELECT action, title FROM territoire_act ORDER BY id"))
    return [tuple(row) for row in found]


def create(app: Any, headers: dict[str, str]) -> dict[str, Any]:
    given = {"name": "arbres", "title": "Arbres", "owner_org": "acigne", "license_id": "lov2"}
    answer = app.post("/api/3/action/package_create", json=given, headers=headers)
    return dict(answer.json["result"])


def test_an_act_is_one_line_whatever_it_calls(app: Any, people: dict[str, Any]) -> None:
    made = create(app, people["redactrice"])
    patch = {"id": made["id"], "notes": "Corrigé"}
    app.post("/api/3/action/package_patch", json=patch, headers=people["redactrice"])

    assert lines() == [("package_create", "Arbres"), ("package_patch", "Arbres")]


def test_neither_a_refusal_nor_a_reading_is_an_act(app: Any, people: dict[str, Any]) -> None:
    made = create(app, people["responsable"])
    app.get(f"/api/3/action/package_show?id={made['id']}", headers=people["redactrice"])
    app.post("/api/3/action/user_delete", json={"id": "responsable"},
             headers=people["redactrice"], status=403)  # fmt: skip
    act("package_patch", id=made["id"], notes="Par la plateforme")

    assert lines() == [("package_create", "Arbres")]


def test_no_value_and_no_secret_is_written(app: Any, people: dict[str, Any]) -> None:
    given = {"id": "redactrice", "password": "Un-secret-de-compte-9", "email": "r@acigne.example"}
    app.post("/api/3/action/user_patch", json=given, headers=people["administration"])

    kept = json.dumps([list(map(str, row)) for row in
                       model.Session.execute(text("SELECT * FROM territoire_act"))])  # fmt: skip
    assert "user_patch" in kept
    assert "Un-secret" not in kept
    assert "acigne.example" not in kept


def test_each_reads_what_they_administer(app: Any, people: dict[str, Any]) -> None:
    act("organization_create", name="bruz", title="Bruz")
    minute.forget()
    create(app, people["redactrice"])
    app.post("/api/3/action/organization_patch", json={"id": "bruz", "title": "Bruz"},
             headers=people["administration"])  # fmt: skip

    def read(name: str, status: int = 200, **asked: Any) -> list[str]:
        told = app.get("/api/3/action/territoire_journal_list", query_string=asked,
                       headers=people.get(name, {}), status=status).json  # fmt: skip
        return [line["action"] for line in told["result"]] if status == 200 else []

    assert read("administration") == ["organization_patch", "package_create"]
    assert read("responsable") == ["package_create"]
    assert read("redactrice", mine=True) == ["package_create"]
    read("redactrice", status=403)
    read("", status=403)
    assert read("administration", limit=1) == ["organization_patch"]


def test_the_page_and_the_file_say_it_in_french(app: Any, people: dict[str, Any]) -> None:
    create(app, people["redactrice"])

    page = app.get("/pilotage/journal", headers=people["administration"]).body
    assert "a créé le jeu de données" in page
    assert "Arbres" in page
    rows = app.get("/pilotage/journal.csv", headers=people["administration"]).body
    assert "Redactrice" in rows
    app.get("/pilotage/journal", headers=people["redactrice"], status=403)


def test_an_account_reads_all_that_is_kept_about_it(app: Any, people: dict[str, Any]) -> None:
    create(app, people["redactrice"])

    kept = json.loads(app.get("/vos-donnees.json", headers=people["redactrice"]).body)
    assert kept["compte"]["identifiant"] == "redactrice"
    assert [a["objet"] for a in kept["actes"]] == ["Arbres"]
    assert "password" not in json.dumps(kept).lower()
    app.get("/vos-donnees.json", status=403)
    visitor = app.get("/vos-donnees").body
    assert "Vous lisez le site" in visitor
    assert "redactrice" not in visitor


def test_words_of_an_act_that_has_none_of_its_own() -> None:
    assert "same_merge" in say("territoire_same_merge")
    assert to_act("package_create", None, None).subject == ""


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    with receiving(monkeypatch) as found:
        yield found


def idle(name: str, months: int) -> None:
    model.Session.execute(
        text("UPDATE \"user\" SET created = timezone('utc', now()) - make_interval(months => :m),"
             " last_active = NULL WHERE name = :name"), {"m": months, "name": name})  # fmt: skip
    model.Session.commit()


def warned_long_ago() -> None:
    model.Session.execute(text("UPDATE territoire_idle_account SET warned_at = '2020-01-01'"))
    model.Session.commit()


def test_an_idle_account_is_told_once_then_closed(people: dict[str, Any], sink: Sink) -> None:
    idle("redactrice", 30)
    idle("administration", 60)

    assert retention.erase_old() == retention.Kept(0, 1, 0)
    assert "connectez-vous une fois" in sink.text()
    assert retention.erase_old() == retention.Kept(0, 0, 0)

    warned_long_ago()
    assert retention.erase_old() == retention.Kept(0, 0, 1)
    assert len(sink.letters) == 1
    states = {name: model.User.get(name).state for name in ("redactrice", "administration")}
    assert states == {"redactrice": "deleted", "administration": "active"}


def test_one_visit_keeps_an_account(people: dict[str, Any], sink: Sink) -> None:
    idle("redactrice", 30)
    retention.erase_old()
    warned_long_ago()
    model.Session.execute(text("UPDATE \"user\" SET last_active = timezone('utc', now())"))
    model.Session.commit()

    assert retention.erase_old() == retention.Kept(0, 0, 0)
    assert model.User.get("redactrice").state == "active"


def test_old_lines_are_erased(app: Any, people: dict[str, Any], sink: Sink) -> None:
    create(app, people["redactrice"])
    model.Session.execute(text("UPDATE territoire_act SET at = at - interval '400 days'"))
    model.Session.commit()

    assert retention.erase_old().lines == 1
    assert lines() == []


def test_a_browser_that_came_by_tls_is_told_to_stay(
    app: Any, clean: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Strict-Transport-Security" not in app.get("/licences").headers
    monkeypatch.setitem(toolkit.config, "ckan.site_url", "https://donnees.example")
    assert "max-age" in app.get("/licences").headers["Strict-Transport-Security"]
