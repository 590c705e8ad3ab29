"""The officer's screens on sources: add, try, run, read, decide, remove; each from a real page."""

from __future__ import annotations

from typing import Any

import pytest

from ckanext.territoire.harvest_adapter import runner, sources
from ckanext.territoire.harvest_adapter.routes import read_route
from harvesters.origin import Nearness, level_of
from tests.ckan.conftest import act
from tests.ckan.form_browser import PASSWORD, Browser, Page
from tests.ckan.portal_server import Portal, package
from tests.unit.loopback import http


def person(name: str, role: str, organization: str) -> str:
    act("user_create", name=name, email=f"{name}@mairie.example", password=PASSWORD)
    act("organization_member_create", id=organization, username=name, role=role)
    return name


@pytest.fixture
def officer(app: Any, portal: Portal) -> Browser:
    browser = Browser(app)
    browser.log_in(person("responsable", "admin", "acigne"))
    return browser


def form_to(page: Page, action: str) -> Any:
    return next(form for form in page.tree.forms if (form.action or "").endswith(action))


def add(browser: Browser, portal: Portal, **typed: str) -> Page:
    page = browser.open("/moissons/ajouter")
    answers = {"kind": "ckan_portal", "url": portal.url, "organization": "acigne", "title": "P"}
    return browser.send(page, form_to(page, "/moissons/ajouter"), answers | typed)


def text(page: Page) -> str:
    return " ".join(page.tree.text_content().split())


def test_an_empty_list_says_how_to_begin(officer: Browser) -> None:
    assert "Ajoutez la première" in text(officer.open("/moissons/"))


def test_a_source_is_added_tried_run_and_read(officer: Browser, portal: Portal) -> None:
    shown = add(officer, portal)
    assert "Source ajoutée" in text(shown)
    tried = officer.send(shown, form_to(shown, "/apercu"), {})
    assert "rien n’est écrit" in text(tried)
    assert act("package_search", rows=0)["count"] == 0
    asked = officer.send(shown, form_to(shown, "/lancer"), {})
    assert "Moisson demandée" in text(asked)
    runner.run_waiting()
    [source] = sources.list_sources()
    page = officer.open(f"/moissons/{source.name}")
    [link] = page.tree.xpath('//table//a[contains(@href, "/moissons/")]/@href')
    report = officer.open(link)
    assert "Jeu numéro 3" in text(report)
    assert "12" in text(report)


def test_what_was_not_read_is_said_with_what_to_do(officer: Browser, portal: Portal) -> None:
    portal.packages.append(package(99, title="", name=""))
    add(officer, portal)
    [source] = sources.list_sources()
    job_id, _ = runner.run_now(source)
    report = officer.open(f"/moissons/{source.name}/{job_id}")
    assert "TER-VAL-003" in text(report)
    assert "demandez à l’éditeur" in text(report)


def test_the_settings_of_a_source_are_named_in_french(officer: Browser, portal: Portal) -> None:
    shown = add(officer, portal, **{"ckan_portal.filter": "tags:velo"})
    names = [" ".join(each.text_content().split()) for each in shown.tree.xpath("//dl//dt")]
    values = [" ".join(each.text_content().split()) for each in shown.tree.xpath("//dl//dd")]
    assert dict(zip(names, values, strict=True))["Filtre"] == "tags:velo"


def test_a_setting_with_a_closed_list_is_chosen_by_its_label(
    officer: Browser, portal: Portal
) -> None:
    page = officer.open("/moissons/ajouter?url=" + portal.url)
    options = page.tree.xpath('//select[@name="sensorthings.licence"]/option')
    chosen = [each.text for each in options if each.get("selected") is not None]
    assert chosen == ["Licence Ouverte 2.0 (Etalab)"]


def test_a_refusal_keeps_what_was_typed(officer: Browser, portal: Portal) -> None:
    page = b"<!doctype html><html><body>Bonjour</body></html>"
    portal.fault = lambda start: http(page, "Content-Type: text/html")
    answered = add(officer, portal, title="Portail de la ville")
    assert "page web" in text(answered)
    assert answered.tree.xpath('//input[@name="title"]/@value') == ["Portail de la ville"]
    assert answered.tree.xpath('//input[@name="url"]/@value') == [portal.url]
    assert sources.list_sources() == []


def test_an_address_that_is_away_is_a_draft_and_says_why(officer: Browser, portal: Portal) -> None:
    portal.fault = lambda start: http(b"", status="403 Interdit")
    answered = add(officer, portal)
    assert "brouillon" in text(answered)
    assert "TER-FET-008" in text(answered)


def test_a_held_run_is_shown_and_refused(officer: Browser, portal: Portal) -> None:
    add(officer, portal)
    [source] = sources.list_sources()
    runner.run_now(source)
    portal.packages = []
    runner.run_now(source)
    page = officer.open(f"/moissons/{source.name}")
    assert "Une moisson est retenue" in text(page)
    [link] = page.tree.xpath('//a[contains(., "Voir ce qui changerait")]/@href')
    page = officer.open(link)
    assert "Jeu numéro 3" in text(page)
    answered = officer.send(page, form_to(page, "/decider"), {}, button=("accept", "non"))
    assert "rien n’a changé" in text(answered)
    assert act("package_search", rows=0)["count"] == 12


def test_an_officer_says_what_portal_a_source_is(officer: Browser, portal: Portal) -> None:
    page = add(officer, portal)
    [source] = sources.list_sources()
    assert level_of(read_route(source.id)) is Nearness.REGION
    answered = officer.send(page, form_to(page, "/reglages"), {"nearness": "nation"})
    assert "portail national" in text(answered)
    assert level_of(read_route(source.id)) is Nearness.NATION


def test_a_source_is_removed_and_its_datasets_stay(officer: Browser, portal: Portal) -> None:
    add(officer, portal)
    [source] = sources.list_sources()
    runner.run_now(source)
    page = officer.open(f"/moissons/{source.name}")
    answered = officer.send(page, form_to(page, "/retirer"), {"datasets": "garder"})
    assert "restent publiés" in text(answered)
    assert sources.list_sources() == []
    assert act("package_search", rows=0)["count"] == 12


def test_an_officer_sees_the_sources_of_others_nowhere(
    officer: Browser, portal: Portal, app: Any
) -> None:
    add(officer, portal, title="Portail d’Acigné")
    [source] = sources.list_sources()
    act("organization_create", name="betton", title="Betton")
    other = Browser(app)
    other.log_in(person("voisine", "admin", "betton"))
    assert "Portail d’Acigné" not in text(other.open("/moissons/"))
    assert other.open(f"/moissons/{source.name}").status == 403


def test_a_visitor_is_turned_away_in_french(app: Any, portal: Portal) -> None:
    page = Browser(app).open("/moissons/")
    assert page.status == 403
    assert "Connectez-vous" in text(page)
    assert "Ajouter une source" not in text(page)


@pytest.mark.parametrize("action", ["lancer", "apercu", "decider", "retirer"])
def test_a_form_without_its_token_is_refused(officer: Browser, portal: Portal, action: str) -> None:
    add(officer, portal)
    [source] = sources.list_sources()
    answered = officer.client.post(
        f"/moissons/{source.name}/{action}", data={"datasets": "retirer"}
    )
    assert 400 <= answered.status_code < 500
    assert len(sources.list_sources()) == 1


def test_markup_in_a_title_is_shown_as_text(officer: Browser, portal: Portal) -> None:
    add(officer, portal, title="<img src=x onerror=alert(1)>")
    page = officer.open("/moissons/")
    assert page.tree.xpath('//img[@src="x"]') == []
