"""The officer of the EPCI in a browser: the matrix, a cell, its report, a decision, the phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ckan.common import config
from playwright.sync_api import Browser, Page

from tests.acceptance.portal_site import Visit, chromium, serving
from tests.acceptance.test_pages import violations
from tests.ckan.form_browser import PASSWORD
from tests.ckan.parking_rows import SLUG, deposit, park
from tests.ckan.people import make_territory

ACIGNE, BETTON = f"/pilotage/35001/{SLUG}", f"/pilotage/35024/{SLUG}"


@dataclass
class Site:
    address: str
    browser: Browser


@pytest.fixture
def site(
    clean: None, portal_app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    """Acigné has a file that would leave half of its car parks, Betton one that is half wrong."""
    make_territory(tmp_path, monkeypatch)
    deposit("acigne", *(park(n) for n in range(1, 21)))
    deposit("acigne", *(park(n) for n in range(1, 11)))
    deposit("betton", park(1, "35024"), park(2, "35024", nom=""))
    with serving(portal_app) as address, chromium() as browser:
        # forms may lead to our own address only
        monkeypatch.setitem(config, "ckan.site_url", address)
        yield Site(address, browser)


def officer(site: Site, width: int = 1280) -> Visit:
    visit = Visit.begin(site.browser, site.address, width)
    visit.open("/user/login?came_from=/pilotage")
    visit.page.fill("input[name=login]", "agent")
    visit.page.fill("input[name=password]", PASSWORD)
    visit.page.click("main form button")
    visit.page.wait_for_load_state("networkidle")
    return visit


def said(page: Page, selector: str = "main") -> str:
    """What a part of the page says, with plain spaces."""
    text = page.inner_text(selector).replace("\xa0", " ").replace("\u202f", " ")
    return " ".join(text.split())


def cell(page: Page, path: str) -> Any:
    return page.locator(f'.matrix td:has(a[href$="{path}"])')


def test_from_the_matrix_to_a_decision_and_the_cell_is_fine(site: Site) -> None:
    visit = officer(site)
    page = visit.page
    page.click("header >> text=Pilotage")
    page.wait_for_selector(".matrix")
    assert violations(visit) == []
    assert "is-invalid" in (cell(page, BETTON).get_attribute("class") or "")
    assert "is-decide" in (cell(page, ACIGNE).get_attribute("class") or "")

    page.click(f'.matrix a[href$="{BETTON}"]')
    page.wait_for_selector("dialog[open]")
    assert "1 ligne en ligne" in said(page, "dialog")
    assert "1 ligne à corriger" in said(page, "dialog")
    assert violations(visit) == []
    page.click("dialog >> table >> a")
    page.wait_for_url("**/depots/**")
    assert "1 ligne bonne" in said(page)

    visit.open("/pilotage")
    page.click("a:has-text('dépôt retenu')")
    page.wait_for_url("**/pilotage/decisions")
    assert "Beaucoup de lignes disparaîtraient" in said(page)
    assert "10 lignes retirées, 10 inchangées" in said(page)
    assert violations(visit) == []
    page.click("text=Lire le compte rendu")
    page.wait_for_url("**/depots/**")
    assert "10 lignes retirées" in said(page)
    page.go_back()
    page.click("text=Accepter : 10 lignes disparaissent")
    page.wait_for_selector("text=Rien n’attend votre décision")

    visit.open("/pilotage")
    assert "is-fine" in (cell(page, ACIGNE).get_attribute("class") or "")
    assert visit.foreign() == []
    assert visit.errors == []
    visit.close()


def test_a_cell_says_its_word_on_focus_and_opens_and_closes_with_the_keyboard(site: Site) -> None:
    visit = officer(site)
    page = visit.page
    visit.open("/pilotage")
    link = page.locator(f'.matrix a[href$="{ACIGNE}"]')
    word = link.locator("span")
    assert word.evaluate("e => getComputedStyle(e).opacity") == "0"

    page.keyboard.press("Tab")  # focus that the keyboard gives is shown
    link.focus()

    assert "à décider" in word.inner_text()
    assert word.evaluate("e => getComputedStyle(e).opacity") == "1"
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open] >> text=Lire le compte rendu et décider")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="hidden")
    assert link.evaluate("e => e === document.activeElement")
    visit.close()


def test_the_head_and_the_first_column_stay_when_the_matrix_scrolls(site: Site) -> None:
    visit = officer(site, 800)
    page = visit.page
    visit.open("/pilotage")
    frame = page.locator(".matrix-frame")
    frame.evaluate("e => { e.style.maxHeight = '320px'; e.scrollTo(400, 400) }")
    box, head = frame.bounding_box(), page.locator(".matrix thead th").nth(3).bounding_box()
    name = page.locator(".matrix tbody th").last.bounding_box()
    assert box
    assert head
    assert name
    assert abs(head["y"] - box["y"]) < 2
    assert abs(name["x"] - box["x"]) < 2
    visit.close()


def test_on_a_phone_one_table_or_one_commune_at_a_time(site: Site) -> None:
    visit = officer(site, 390)
    page = visit.page
    visit.open("/pilotage")
    assert not page.locator(".matrix-frame").is_visible()
    page.click(".theme-list >> text=Lieux de stationnement hors voirie")
    page.wait_for_selector(".matrix-list")
    assert "Acigné 6 874 à décider" in said(page)
    assert page.is_visible("text=Lire le compte rendu et décider")
    assert violations(visit) == []

    page.select_option("select[name=theme]", "")
    page.select_option("select[name=commune]", "35024")
    page.click("text=Filtrer")
    page.wait_for_selector("h3 >> text=Betton")
    page.wait_for_load_state("networkidle")
    assert "Envoyer un lien de correction (1 ligne)" in said(page)
    excess = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert excess <= 0
    visit.close()


def test_a_citizen_reads_who_publishes_what(site: Site) -> None:
    visit = Visit.begin(site.browser, site.address)
    for path in ("/suivi", f"/suivi?theme={SLUG}"):
        assert visit.open(path) == 200
        assert violations(visit) == []
    assert "Betton en cours" in said(visit.page)
    visit.page.set_viewport_size({"width": 320, "height": 800})
    excess = visit.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert excess <= 0
    assert visit.foreign() == []
    visit.close()
