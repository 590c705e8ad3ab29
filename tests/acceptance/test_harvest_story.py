"""A first-time officer in a browser: add a source, decide on a run that is held, undo it, correct a
field that wins, read first what comes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ckan.common import config
from ckan.config.middleware import make_app
from playwright.sync_api import Browser, Page

from ckanext.territoire import index_outbox
from ckanext.territoire.harvest_adapter import runner, sources
from tests.acceptance.portal_site import Visit, chromium, serving
from tests.acceptance.test_pages import violations
from tests.ckan.conftest import act
from tests.ckan.form_browser import PASSWORD
from tests.ckan.people import make_territory
from tests.ckan.portal_server import Portal, package, portal_of

HELD = 12
TREES, PARKS = "Jeu numéro 0", "Jeu numéro 1"


@dataclass
class Site:
    address: str
    browser: Browser
    portal: Portal


@pytest.fixture
def site(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The portal of Acigné, with twelve datasets, that nobody harvests yet."""
    make_territory(tmp_path, monkeypatch)
    with portal_of(*(package(n) for n in range(HELD))) as portal:
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", portal.host)
        with serving(make_app(config)) as address, chromium() as browser:
            monkeypatch.setitem(config, "ckan.site_url", address)
            yield Site(address, browser, portal)


def officer(site: Site, width: int = 1280) -> Visit:
    visit = Visit.begin(site.browser, site.address, width)
    visit.open("/user/login?came_from=/moissons/")
    visit.page.fill("input[name=login]", "agent")
    visit.page.fill("input[name=password]", PASSWORD)
    press(visit.page, "Se connecter")
    return visit


def press(page: Page, name: str) -> None:
    """Press the button or the link that says so, and wait for the next page."""
    button = page.locator("main").get_by_role("button", name=name, exact=True).first
    target = button if button.count() else page.locator("main").get_by_role("link", name=name).first
    with page.expect_navigation(wait_until="networkidle"):
        target.click()


def confirm(page: Page, summary: str, button: str) -> None:
    page.locator("summary", has_text=summary).click()
    press(page, button)


def said(page: Page, selector: str = "main") -> str:
    text = page.inner_text(selector).replace("\xa0", " ").replace("\u202f", " ")
    return " ".join(text.split())


def run() -> None:
    """What the worker does when its turn comes."""
    [source] = sources.list_sources()
    runner.run_now(source)


def online() -> int:
    """Count what the public finds, once search has caught up as the worker has it do."""
    index_outbox.drain()
    return int(act("package_search", fq="dataset_type:dataset", rows=0)["count"])


def add_the_portal(visit: Visit, site: Site) -> str:
    """From the list of sources to the page of the new one; answer its address."""
    page = visit.page
    press(page, "Ajouter une source")
    page.fill("#url", site.portal.url)
    press(page, "Continuer")
    assert "12 jeux de données annoncés" in said(page)
    assert violations(visit) == []
    page.select_option("#organization", "acigne")
    press(page, "Voir un aperçu")
    assert TREES in said(page)
    assert online() == 0
    press(page, "Ajouter la source")
    assert "Source ajoutée" in said(page)
    press(page, "Moissonner maintenant")
    run()
    page.reload()
    assert "12 nouveaux" in said(page)
    return page.url


def test_from_an_address_to_a_held_run_that_is_accepted_and_undone(site: Site) -> None:
    visit = officer(site)
    page = visit.page
    source = add_the_portal(visit, site)
    assert violations(visit) == []
    assert online() == HELD

    site.portal.packages = [each for each in site.portal.packages if each["id"] != "id-11"]
    site.portal.packages = site.portal.packages[:4]
    run()
    page.goto(source)
    assert "Une moisson est retenue" in said(page)
    press(page, "Voir ce qui changerait, et décider")
    assert "Rien n’a été modifié" in said(page)
    assert "Jeu numéro 11" in said(page)
    assert violations(visit) == []
    confirm(page, "Refuser ces changements", "Confirmer le refus")
    assert "rien n’a changé" in said(page)
    assert online() == HELD

    press(page, "Relâcher : reprendre ce que dit la source")
    run()
    page.goto(source)
    press(page, "Voir ce qui changerait, et décider")
    confirm(page, "Accepter ces changements", "Confirmer l’acceptation")
    assert "relancée" in said(page)
    run()
    page.goto(source)
    page.locator("#runs ~ .table-frame tbody a").first.click()
    assert "Ce qui a changé" in said(page)
    confirm(page, "Annuler cette moisson", "Confirmer l’annulation")
    assert online() == HELD
    assert visit.errors == []


def test_a_correction_wins_and_what_is_new_is_read_first(site: Site) -> None:
    visit = officer(site)
    page = visit.page
    source = add_the_portal(visit, site)

    visit.open("/dataset/edit/jeu-numero-0")
    page.fill("#field-title", "Arbres de la commune")
    page.locator("#dataset-edit button[name=save]").first.click()
    page.wait_for_load_state("networkidle")
    site.portal.packages[0] |= {"title": "Arbres 2026", "metadata_modified": "2026-03-01T00:00:00"}
    run()
    visit.open("/dataset/jeu-numero-0")
    assert page.inner_text("h1") == "Arbres de la commune"
    page.goto(source)
    assert "la source a changé 1 champ corrigé" in said(page)
    press(page, "Arbres de la commune")
    assert "Arbres 2026" in said(page)
    assert violations(visit) == []
    press(page, "Garder ma correction")

    page.goto(source)
    page.select_option("#review", "first")
    press(page, "Garder ces règles")
    site.portal.packages.append(package(40, title="Aires de jeux"))
    run()
    assert online() == HELD
    page.goto(source)
    press(page, "1 jeu à relire")
    assert "Aires de jeux" in said(page)
    assert violations(visit) == []
    page.check("input[name=dataset]")
    press(page, "Publier ce qui est coché")
    assert online() == HELD + 1
    assert visit.errors == []


def test_the_pages_of_a_source_fit_a_phone(site: Site) -> None:
    visit = officer(site, 390)
    page = visit.page
    add_the_portal(visit, site)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(visit) == []
    for select in page.locator("select").all():
        box = select.bounding_box()
        widest = select.evaluate(
            """all => { const c = document.createElement('canvas').getContext('2d');
            c.font = getComputedStyle(all).font;
            return c.measureText(all.selectedOptions[0].text).width }"""
        )
        assert box is not None
        assert widest + 40 <= box["width"]
