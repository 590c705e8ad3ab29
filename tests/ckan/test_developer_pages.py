"""The developers' space: an account made alone, its keys, its quotas; what officers do of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit

from ckanext.territoire.developers import calls_store, registration
from tests.ckan.conftest import act
from tests.ckan.form_browser import PASSWORD, Browser
from tests.ckan.mail_sink import Sink, receiving
from tests.ckan.parking_rows import SLUG, park, to_csv, upload
from tests.ckan.whole_portal import whole_portal

KEYS, QUOTAS, REGISTER = "/developpeurs/cles", "/developpeurs/quotas", "/developpeurs/inscription"
NEW = "/pilotage/annonces/nouvelle"


@pytest.fixture(scope="module")
def portal(portal_app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with whole_portal(portal_app, Path(tmp_path_factory.mktemp("territory"))) as app:
        told = act("territoire_delivery_create", organization="acigne", schema=SLUG,
                   upload=upload(to_csv(park(1), park(2))))  # fmt: skip
        act("territoire_delivery_publish", id=told["id"])
        yield app


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    redis: Any = connect_to_redis()
    for key in redis.scan_iter("territoire:*:link:*"):
        redis.delete(key)
    with receiving(monkeypatch) as received:
        yield received


def link_in(text: str) -> str:
    found = re.search(r"http\S+/developpeurs/inscription/\S+", text)
    assert found
    return "/" + found[0].split("/", 3)[3]


def ask_account(browser: Browser, email: str, **more: str) -> Any:
    page = browser.open(REGISTER)
    form = next(each for each in page.tree.forms if "email" in each.fields)
    return browser.send(page, form, {"email": email, **more})


def form_to(page: Any, end: str) -> Any:
    return next(each for each in page.tree.forms if str(each.action or "").endswith(end))


def test_a_start_up_makes_its_account_and_its_first_key_alone(portal: Any, sink: Sink) -> None:
    browser = Browser(portal)
    assert "Un lien y arrive" not in browser.open(REGISTER).text
    said = ask_account(browser, "equipe@pousse.example")
    assert "C’est envoyé" in said.text
    assert model.User.by_email("equipe@pousse.example") is None
    assert sink.recipients == [["equipe@pousse.example"]]

    page = browser.open(link_in(sink.text()))
    assert "equipe@pousse.example" in page.text
    form = next(each for each in page.tree.forms if "password" in each.fields)
    weak = browser.send(page, form, {"password": "court"})
    assert (weak.status, "huit caractères" in weak.text) == (400, True)
    keys = browser.send(page, form, {"password": PASSWORD, "fullname": "Jeune pousse"})
    assert keys.url == KEYS
    assert "Votre compte est créé" in keys.text

    made = browser.send(keys, form_to(keys, KEYS), {"name": "Carte <b>", "days": "90"})
    token = made.tree.xpath("//textarea[@id='token']/text()")[0]
    assert "Carte &lt;b&gt;" in made.text
    again = browser.open(KEYS)
    assert token not in again.text
    assert "Carte &lt;b&gt;" in again.text
    told = portal.get("/api/territoire/v1/tables", headers={"Authorization": f"Bearer {token}"})
    assert told.headers["RateLimit-Policy"].startswith('"cle"')

    gone = browser.send(again, form_to(again, "/annuler"), {})
    assert "est annulée" in gone.text
    portal.get("/api/territoire/v1/tables", headers={"Authorization": token}, status=401)


def test_a_link_makes_one_account_and_ends(portal: Any, sink: Sink) -> None:
    browser = Browser(portal)
    ask_account(browser, "seule@pousse.example")
    address = link_in(sink.text())
    assert portal.get(address).headers["Referrer-Policy"] == "no-referrer"
    page = browser.open(address)
    form = next(each for each in page.tree.forms if "password" in each.fields)
    for _ in range(2):  # sent twice, as a double click does
        browser.send(page, form, {"password": PASSWORD})
    assert "déjà créé" in Browser(portal).open(address).text
    found = model.Session.query(model.User).filter_by(email="seule@pousse.example").all()
    assert len(found) == 1

    old = registration.address_of("tard@pousse.example", datetime.now(UTC) - timedelta(days=2))
    portal.get("/" + old.split("/", 3)[3], status=410)
    portal.get(f"{REGISTER}/nimporte.quoi", status=410)
    forged = address[:-3] + ("abc" if not address.endswith("abc") else "xyz")
    portal.get(forged, status=410)


def test_whether_an_address_has_an_account_is_said_to_its_owner_alone(
    portal: Any, sink: Sink
) -> None:
    browser = Browser(portal)
    known = ask_account(browser, "mairie@mairie.example").text
    new = ask_account(browser, "inconnue@pousse.example").text
    assert "C’est envoyé" in known
    assert "C’est envoyé" in new
    assert "déjà un" in sink.text(0)
    assert "/developpeurs/inscription/" not in sink.text(0)


def test_robots_and_who_asks_too_often_get_no_letter(portal: Any, sink: Sink) -> None:
    browser = Browser(portal)
    ask_account(browser, "robot@pousse.example", site_web="https://publicite.example")
    assert sink.letters == []
    wrong = ask_account(browser, "pas une adresse")
    assert (wrong.status, "adresse électronique" in wrong.text) == (400, True)
    answers = [ask_account(browser, f"a{n}@pousse.example").status for n in range(5)]
    assert answers[-1] == 429
    assert len(sink.letters) < 5


def test_without_mail_or_when_it_is_shut_no_account_is_offered(
    portal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "ne crée pas de compte" in portal.get(REGISTER).body
    assert REGISTER not in portal.get(KEYS).body
    token = registration.address_of("a@pousse.example", datetime.now(UTC)).rsplit("/", 1)[1]
    portal.get(f"{REGISTER}/{token}")
    monkeypatch.setitem(toolkit.config, "ckanext.territoire.account.registration", False)
    portal.get(f"{REGISTER}/{token}", status=410)


def test_an_owner_asks_for_more_and_the_officer_answers(portal: Any, sink: Sink) -> None:
    owner, officer = Browser(portal), Browser(portal)
    owner.log_in("lectrice")
    officer.log_in("agent")
    page = owner.open(KEYS)
    owner.send(page, form_to(page, KEYS), {"name": "Bus", "days": "30"})
    page = owner.open(QUOTAS)
    [key] = act("territoire_key_all")[-1:]
    form = form_to(page, f"/quotas/{key['id']}")
    wrong = owner.send(page, form, {"per_minute": "0", "why": "Plus"})
    assert (wrong.status, "appels par minute" in wrong.text) == (400, True)
    asked = owner.send(page, form, {"per_minute": "3000", "why": "Les horaires de tous"})
    assert "Demande transmise" in asked.text

    page = officer.open("/pilotage/cles")
    assert "Les horaires de tous" in page.text
    assert "lectrice@mairie.example" in page.text
    form = form_to(page, f"/cles/{key['id']}")
    done = officer.send(page, form, {"per_minute": "2000", "remark": "Pour commencer"})
    assert "Quota enregistré" in done.text
    assert sink.recipients == [["lectrice@mairie.example"]]
    assert "Pour commencer" in sink.text()
    assert "2 000 appels par minute" in sink.text()
    assert "2\u202f000\xa0appels" in owner.open(QUOTAS).text


def test_an_officer_announces_and_withdraws(portal: Any) -> None:
    officer = Browser(portal)
    officer.log_in("agent")
    page = officer.open(f"{NEW}?table={SLUG}")
    form = next(each for each in page.tree.forms if "why" in each.fields)
    wrong = officer.send(page, form, {"kind": "column", "column": "", "why": "Inutile"})
    assert (wrong.status, "TER-API-220" in wrong.text) == (400, True)
    told = {"kind": "column", "column": "nb_velo", "why": "Elle est dans une autre table."}
    done = officer.send(page, form, told)
    assert "C’est annoncé" in done.text
    assert "nb_velo" in portal.get("/developpeurs/changements").body
    back = officer.send(done, form_to(done, "/retirer"), {})
    assert "Annonce retirée" in back.text
    assert "nb_velo" not in portal.get("/developpeurs/changements").body
    assert any("annonce" in each["says"] for each in act("territoire_journal_list"))


def test_what_is_kept_on_keys_is_told_to_their_owner(portal: Any, sink: Sink) -> None:
    owner = Browser(portal)
    owner.log_in("voisine")
    page = owner.open(KEYS)
    made = owner.send(page, form_to(page, KEYS), {"name": "Inventaire", "days": "30"})
    token = made.tree.xpath("//textarea[@id='token']/text()")[0]
    rows = f"/api/territoire/v1/tables/{SLUG}/rows?fields=nom"
    portal.get(rows, headers={"Authorization": f"Bearer {token}", "User-Agent": "curl/8"})
    calls_store.store_calls()
    assert "Inventaire" in owner.open("/vos-donnees").text
    kept = owner.client.get("/vos-donnees.json")
    [told] = kept.get_json()["cles"]
    assert (told["nom"], sum(told["appels"].values())) == ("Inventaire", 1)
    assert told["colonnes_lues"] == [{"table": SLUG, "colonne": "nom", "appels": 1}]
    assert token not in kept.get_data(as_text=True)


def test_each_page_is_for_those_whom_it_concerns(portal: Any) -> None:
    use = f"/modeles/{SLUG}/utilisation"
    portal.get(use, status=403)
    editor = Browser(portal)
    editor.log_in("mairie")
    shown = editor.open(use)
    assert (shown.status, "nb_places" in shown.text) == (200, True)
    assert editor.open(f"/modeles/{SLUG}").text.count(use) == 1
    assert use not in portal.get(f"/modeles/{SLUG}").body
    for path in ("/pilotage/cles", "/pilotage/annonces", NEW):
        assert editor.open(path).status == 403
    assert editor.open("/modeles/rien/utilisation").status == 404
    for path in ("/developpeurs", KEYS, QUOTAS):
        assert portal.get(path).body
