"""A clerk with an account, from the blank template to the public table and back, in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from ckan.common import config
from playwright.sync_api import Browser, Page

from tests.acceptance.portal_site import Visit, chromium, new_page, serving
from tests.acceptance.test_pages import violations
from tests.ckan.form_browser import PASSWORD
from tests.ckan.parking_rows import SLUG, park, to_csv
from tests.ckan.people import make_territory


@dataclass
class Site:
    address: str
    browser: Browser


@pytest.fixture
def site(
    clean: None, portal_app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    """A territory where nothing was deposited yet."""
    make_territory(tmp_path, monkeypatch)
    with serving(portal_app) as address, chromium() as browser:
        # forms may lead to our own address only
        monkeypatch.setitem(config, "ckan.site_url", address)
        yield Site(address, browser)


@pytest.fixture
def visit(site: Site) -> Iterator[Visit]:
    """The clerk of Acigné, logged in."""
    tab = Visit.begin(site.browser, site.address)
    log_in(tab.page, site.address)
    yield tab
    tab.close()


def log_in(page: Page, address: str) -> None:
    page.goto(f"{address}/deposer")
    page.fill("input[name=login]", "mairie")
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button")
    page.wait_for_url("**/deposer")


def said(page: Page) -> str:
    """What the page says, with plain spaces."""
    text = page.inner_text("main").replace("\xa0", " ").replace("\u202f", " ")
    return " ".join(text.split())


def fill(template: Path, *rows: dict[str, Any]) -> None:
    """Type rows under the titles of the blank workbook."""
    book = openpyxl.load_workbook(template)
    sheet = book.worksheets[0]
    names = [cell.value for cell in sheet[1]]
    for number, row in enumerate(rows, start=2):
        for place, name in enumerate(names, start=1):
            if row.get(name) is not None:
                sheet.cell(number, place, row[name])
    book.save(template)


def test_from_the_blank_template_to_the_public_table_and_back(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    page.click("text=Lieux de stationnement hors voirie")
    with page.expect_download() as downloading:
        page.click("main >> a:text-is('Excel')")
    template = tmp_path / "parkings.xlsx"
    downloading.value.save_as(template)
    fill(template, park(1), park(2, type_usagers="abonnes !"), park(3, nom="Parking de la gare"))

    page.set_input_files("input[name=upload]", template)
    page.click("text=Déposer ce fichier")
    page.wait_for_url("**/depots/**")
    report = page.url
    assert "2 lignes bonnes" in said(page)
    assert "1 ligne à corriger" in said(page)
    assert violations(visit) == []

    page.click("text=Corriger la ligne")
    assert violations(visit) == []
    page.click("text=Accepter « abonnés »")
    assert page.input_value("[name='c.3.type_usagers']") == "abonnés"
    page.keyboard.press("Enter")  # the focus stands on « Enregistrer »
    page.wait_for_url(report)
    assert "1 ligne est devenue bonne" in said(page)
    page.click("text=Publier les 3 lignes bonnes")
    page.wait_for_selector("text=Ces lignes sont en ligne")
    assert violations(visit) == []

    assert "Parking de la gare" in public_table(visit)
    page.goto(report)
    page.click("summary:has-text('Annuler cette publication')")
    page.click("text=Oui, annuler cette publication")
    page.wait_for_selector("text=Cette publication a été annulée")
    assert "Parking de la gare" not in public_table(visit)
    assert visit.foreign() == []
    assert visit.errors == []


def public_table(visit: Visit) -> str:
    """What anybody reads of the merged table, from its dataset."""
    visit.open(f"/dataset/{SLUG}")
    visit.page.click("text=Aperçu >> nth=0")
    visit.page.wait_for_load_state("networkidle")
    return said(visit.page)


def test_rows_are_typed_with_help_corrected_and_published(visit: Visit) -> None:
    page = visit.page
    visit.open(f"/deposer/{SLUG}/saisir")
    assert violations(visit) == []
    page.focus("[name='r.0.hauteur_max']")
    assert "190" in page.inner_text(".entry-now")
    page.click("text=Ajouter des lignes")
    assert page.locator(".entry-grid tbody tr").count() == 6
    type_row(page, 0, park(1))
    type_row(page, 5, park(2, nb_places="une dizaine"))
    page.click("text=Contrôler ces lignes")
    page.wait_for_url("**/depots/**")
    assert "1 ligne bonne" in said(page)

    page.click("text=Reprendre la saisie")
    assert page.input_value("[name='r.1.nb_places']") == "une dizaine"
    page.fill("[name='r.1.nb_places']", "12")
    page.click("text=Contrôler ces lignes")
    page.wait_for_selector("text=Publier les 2 lignes bonnes")


def type_row(page: Page, number: int, row: dict[str, Any]) -> None:
    for name, value in row.items():
        cell = page.locator(f"[name='r.{number}.{name}']")
        if cell.evaluate("each => each.tagName") == "SELECT":
            cell.select_option(str(value))
        elif cell.is_visible():
            cell.fill(str(value))


def test_everything_is_done_without_script_and_with_the_keyboard(
    site: Site, tmp_path: Path
) -> None:
    page = new_page(site.browser, java_script_enabled=False)
    log_in(page, site.address)
    file = tmp_path / "parkings.csv"
    rows = [park(1), park(2, nb_places="environ 40"), park(3, nb_places="environ 40")]
    file.write_bytes(to_csv(*rows))
    page.goto(f"{site.address}/deposer/{SLUG}")
    page.set_input_files("input[name=upload]", file)
    page.press("text=Déposer ce fichier", "Enter")
    page.click("text=Corriger les 2 lignes")
    page.press("text=Accepter les 2 semblables", "Enter")
    assert "3 lignes bonnes" in said(page)
    page.press("text=Publier les 3 lignes bonnes", "Enter")
    assert "Ces lignes sont en ligne" in said(page)
    page.context.close()
