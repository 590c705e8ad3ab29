"""A citizen finds where to park with the keyboard alone and says that a row is wrong; the clerk
corrects it and answers; everybody reads the answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from ckan.common import config
from playwright.sync_api import Browser, Page

from ckanext.territoire.delivery import database
from ckanext.territoire.portal import row_pages
from tests.acceptance.portal_site import CHROMIUM, FLAGS, Visit, chromium, new_page, serving
from tests.acceptance.test_clerk_story import said
from tests.acceptance.test_pages import violations
from tests.ckan.conftest import act
from tests.ckan.form_browser import PASSWORD
from tests.ckan.parking_rows import NAMES, SLUG, park, upload
from tests.ckan.whole_portal import whole_portal

PAGES = ("/ou-se-garer", "/ou-se-garer?pmr=oui&recharge=oui", "/ou-recharger", "/", "/communes",
         "/commune/acigne", f"/ligne/{SLUG}?cle=35001-P-001", "/aide/habitants",
         f"/ligne/{SLUG}/signaler?cle=35001-P-001")  # fmt: skip
MAX_TABS = 80


@dataclass(frozen=True)
class Site:
    address: str
    browser: Browser


@pytest.fixture(scope="module")
def site(portal_app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Car parks of two communes, one with a place for disabled people."""
    with whole_portal(portal_app, tmp_path_factory.mktemp("territory")):
        forget()
        publish("acigne", park(1) | {"nb_pmr": 2}, park(2) | {"nb_pmr": 0})
        publish("betton", park(1, "35024", nom="Parking du canal") | {"nb_pmr": 1})
        served = serving(portal_app)
        with served as address, chromium() as browser, pytest.MonkeyPatch.context() as patch:
            # forms may lead to our own address only
            patch.setitem(config, "ckan.site_url", address)
            patch.setattr(row_pages, "FLAGS", 1_000_000)
            yield Site(address, browser)
        forget()


def forget() -> None:
    with database.transaction() as cursor:
        cursor.execute("TRUNCATE territoire.flag")


def publish(owner: str, *rows: dict[str, Any]) -> None:
    names = (*NAMES, "nb_pmr")
    lines = [",".join(names), *(",".join(str(row[name]) for name in names) for row in rows)]
    told = act("territoire_delivery_create", organization=owner, schema=SLUG,
               upload=upload("\n".join(lines).encode()))  # fmt: skip
    act("territoire_delivery_publish", id=told["id"])


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until the focus is on an element; fail when the keyboard does not reach it."""
    for _ in range(MAX_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"the keyboard does not reach {wanted}")


def test_a_citizen_finds_flags_and_reads_the_answer_of_the_clerk(site: Site) -> None:
    citizen = Visit.begin(site.browser, site.address)
    page = citizen.page
    find_with_the_keyboard(citizen)
    report_with_the_keyboard(page)
    assert "Merci." in said(page)
    assert "Signalé le" in said(page)
    assert "places en vrai" not in said(page)
    row = page.url

    clerk = Visit.begin(site.browser, site.address)
    answer(clerk)
    clerk.close()

    page.goto(row)
    assert "Merci, c’est corrigé." in said(page)
    assert "Nombre de places 40" in said(page)
    assert violations(citizen) == []
    citizen.open("/ou-se-garer?commune=35001")
    assert "40 places" in said(page)
    assert "corrigé le" in said(page)
    citizen.open("/commune/acigne")
    assert "Merci, c’est corrigé." in said(page)
    assert citizen.foreign() == []
    assert citizen.errors == []
    citizen.close()


def find_with_the_keyboard(citizen: Visit) -> None:
    """From the home page to the car park of a commune that has a place for disabled people."""
    page = citizen.page
    citizen.open("/")
    tab_to(page, ".question-list a[href$='ou-se-garer']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ou-se-garer")
    tab_to(page, "#commune")
    page.keyboard.type("Acign")
    tab_to(page, "input[name=pmr]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**pmr=oui**")
    assert "1 parking" in said(page)
    assert "Parking 1" in said(page)
    assert "Parking du canal" not in page.inner_text("#liste")
    tab_to(page, ".skip-map")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "liste"


def report_with_the_keyboard(page: Page) -> None:
    """From the list to the form, and send it."""
    tab_to(page, "a[href*='signaler']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/signaler**")
    tab_to(page, "#quoi")
    page.keyboard.type("Nombre de places")
    tab_to(page, "#proposed")
    page.keyboard.type("40")
    tab_to(page, "#remark")
    page.keyboard.type("40 places en vrai")
    tab_to(page, ".flag-form button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".flag-list")


def answer(clerk: Visit) -> None:
    """The clerk of Acigné reads, corrects and answers."""
    page = clerk.page
    page.goto(f"{clerk.address}/signalements")
    page.fill("input[name=login]", "mairie")
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button")
    page.wait_for_url("**/signalements")
    assert "1 signalement à lire" in said(page)
    assert "40 places en vrai" in said(page)
    assert violations(clerk) == []
    assert page.input_value("[name=value]") == "40"
    page.fill("[name=answer]", "Merci, c’est corrigé.")
    page.click("text=Corriger en ligne et répondre")
    page.wait_for_selector("text=La ligne est corrigée en ligne")
    assert violations(clerk) == []
    assert clerk.errors == []


def test_list_and_filters_work_without_script(site: Site) -> None:
    page = new_page(site.browser, java_script_enabled=False)
    page.goto(f"{site.address}/ou-se-garer")
    page.select_option("#commune", "35024")
    page.click("text=Chercher")
    assert page.inner_text("#liste h3") == "Parking du canal"
    page.locator(".place-map svg a").click(force=True)
    page.wait_for_url("**/ligne/**")
    assert "Parking du canal" in said(page)
    page.context.close()


def test_the_map_that_moves_leads_to_the_rows_of_the_list(site: Site) -> None:
    flags = [*FLAGS, "--enable-unsafe-swiftshader"]
    browser = site.browser.browser_type.launch(executable_path=CHROMIUM, args=flags)
    visit = Visit.begin(browser, site.address)
    visit.open("/ou-se-garer")
    visit.page.wait_for_selector("[data-state=live]")
    visit.page.click("text=Voir sur la carte >> nth=0")
    assert visit.page.inner_text(".maplibregl-popup a") == "Parking 1"
    assert "Parking 1" in visit.page.inner_text(".place-list .is-chosen")
    assert visit.page.get_attribute(".maplibregl-canvas", "aria-label") == "Carte : parkings"
    assert violations(visit) == []
    assert visit.foreign() == []
    assert visit.errors == []
    browser.close()


def test_a_small_screen_keeps_the_drawing_until_the_map_is_asked_for(site: Site) -> None:
    visit = Visit.begin(site.browser, site.address, width=390)
    visit.open("/ou-se-garer")
    visit.page.wait_for_selector("[data-place-map][data-state]")
    assert [url for url in visit.requests if "maplibre" in url] == []
    assert visit.page.locator(".place-map svg a").count() == 3
    visit.close()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_is_accessible_in_light_and_dark_and_asks_no_other_site(
    site: Site, path: str, scheme: str
) -> None:
    visit = Visit.begin(site.browser, site.address)
    visit.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    assert visit.open(path) == 200
    found, foreign, errors = violations(visit), visit.foreign(), visit.errors
    visit.close()
    assert found == []
    assert foreign == []
    assert errors == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_reads_at_320_pixels_without_scrolling_sideways(site: Site, path: str) -> None:
    visit = Visit.begin(site.browser, site.address, width=320)
    visit.open(path)
    excess = visit.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    visit.close()
    assert excess <= 0
