"""A small commune's whole first deposit, from blank template to published, without an account; then
the rows that were set aside, corrected by the link of the mail. In a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import rq
from ckan.common import config
from ckan.lib import jobs
from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit
from playwright.sync_api import Browser, Page

from ckanext.territoire.delivery.database import read
from tests.acceptance.portal_site import Visit, chromium, new_page, serving
from tests.acceptance.test_pages import violations
from tests.ckan.conftest import act
from tests.ckan.mail_sink import Sink, receiving
from tests.ckan.parking_rows import SLUG, park
from tests.ckan.people import make_territory


@dataclass
class Site:
    address: str
    browser: Browser
    mails: Sink


@pytest.fixture
def site(
    clean: None, portal_app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    """A territory where nothing was deposited yet, its mail server, and a browser."""
    make_territory(tmp_path, monkeypatch)
    connect_to_redis().flushdb()
    with (
        receiving(monkeypatch) as mails,
        serving(portal_app) as address,
        chromium() as browser,
    ):
        monkeypatch.setitem(config, "ckan.site_url", address)
        yield Site(address, browser, mails)


@dataclass
class Clerk:
    """Somebody at a town hall: each thing done is a step, said aloud at the end."""

    page: Page
    began_s: float = field(default_factory=time.monotonic)
    steps: list[str] = field(default_factory=list)

    def does(self, step: str) -> None:
        self.steps.append(step)

    def tell(self, title: str) -> None:
        took = time.monotonic() - self.began_s
        print(f"\n{title} : {len(self.steps)} gestes, {took:.1f} s sans lire ni réfléchir")
        for number, step in enumerate(self.steps, start=1):
            print(f"  {number}. {step}")


def invite(email: str) -> None:
    context = {"user": "agent", "ignore_auth": False}
    wished = {"kind": "deposit", "organization": "acigne", "schema": SLUG, "email": email}
    toolkit.get_action("territoire_link_create")(context, wished)


def address_in(mail: str) -> str:
    found = re.search(r"^http\S+$", mail, re.MULTILINE)
    assert found is not None
    return found[0]


def work() -> None:
    """Let the job worker work."""
    worker = rq.SimpleWorker([jobs.get_queue()], connection=connect_to_redis())
    worker.work(burst=True, logging_level="WARNING")


def fill(template: Path, *rows: dict[str, Any]) -> None:
    """Type rows under the titles of the blank workbook."""
    book = openpyxl.load_workbook(template)
    sheet = book.worksheets[0]
    names = [cell.value for cell in sheet[1]]
    for number, row in enumerate(rows, start=2):
        for place, name in enumerate(names, start=1):
            if row.get(name) is not None:
                sheet.cell(number, place, str(row[name]))
    book.save(template)


def names_online() -> list[str]:
    [table] = read("SELECT resource_id FROM territoire.merged WHERE slug = %s", (SLUG,))
    shown = act("datastore_search", resource_id=table["resource_id"], sort="id", limit=1000)
    return [record["nom"] for record in shown["records"]]


def test_a_small_communes_whole_first_deposit_then_the_repair_of_what_was_set_aside(
    site: Site, tmp_path: Path
) -> None:
    invite("secretariat@acigne.example")
    visit = Visit.begin(site.browser, site.address)
    clerk = Clerk(visit.page)
    page = visit.page
    page.goto(address_in(site.mails.text()))
    clerk.does("ouvrir le lien du courriel")
    assert violations(visit) == []
    with page.expect_download() as downloading:
        page.click("a:text-is('Excel')")
    template = tmp_path / "parkings.xlsx"
    downloading.value.save_as(template)
    clerk.does("télécharger le fichier à remplir")
    rows = [park(1), park(2), park(3, nb_places="une dizaine"), park(4, type_usagers="tou")]
    fill(template, *rows)
    clerk.does("remplir quatre lignes")
    page.set_input_files("input[type=file]", template)
    clerk.does("choisir le fichier")
    page.click("text=Déposer ce fichier")
    clerk.does("le déposer")
    assert "2 lignes bonnes" in said(page)
    assert violations(visit) == []
    page.click("text=Publier les 2 lignes bonnes")
    clerk.does("publier")
    assert "C’est en ligne, merci" in said(page)
    assert violations(visit) == []
    clerk.tell("Premier dépôt d’une commune, sans compte")
    assert names_online() == ["Parking 1", "Parking 2"]
    page.click("text=Voir la table de toutes les communes")
    assert "toutes les communes de Rennes Métropole" in said(page)
    assert visit.foreign() == []
    visit.close()

    work()
    assert site.mails.recipients[-1] == ["secretariat@acigne.example"]
    repair(site, address_in(site.mails.text()))
    assert names_online() == ["Parking 1", "Parking 2", "Parking 3", "Parking 4"]


def repair(site: Site, address: str) -> None:
    visit = Visit.begin(site.browser, site.address, width=390)
    clerk = Clerk(visit.page)
    page = visit.page
    page.goto(address)
    clerk.does("ouvrir le lien du courriel, sur un téléphone")
    assert "2 lignes à corriger" in said(page)
    assert violations(visit) == []
    page.click("text=Accepter « tous »")
    clerk.does("accepter la valeur proposée")
    page.fill("input[name='c.4.nb_places']", "10")
    clerk.does("écrire le nombre de places")
    page.locator("text=Enregistrer les corrections").first.click()
    clerk.does("enregistrer")
    page.wait_for_load_state("networkidle")
    assert "2 lignes viennent d’entrer en ligne" in said(page)
    assert "Merci, plus rien à corriger" in said(page)
    assert violations(visit) == []
    clerk.tell("Correction par le lien")
    visit.close()


def test_a_repair_page_is_used_with_the_keyboard_and_without_scripts(site: Site) -> None:
    address = a_repair_address()
    page = new_page(site.browser, java_script_enabled=False)
    page.goto(address)
    page.focus("input[name='c.3.nb_places']")
    page.keyboard.press("Control+A")
    page.keyboard.type("40")
    with page.expect_navigation(wait_until="networkidle"):
        page.keyboard.press("Enter")
    assert "1 ligne vient d’entrer en ligne" in said(page)
    page.context.close()


def a_repair_address() -> str:
    made = act(
        "territoire_delivery_create",
        organization="acigne", schema=SLUG, rows=[park(1), park(2, nb_places="beaucoup")],
    )  # fmt: skip
    act("territoire_delivery_publish", id=made["id"])
    link = act("territoire_link_create", kind="repair", delivery=made["id"])
    return str(link["address"])


def said(page: Page) -> str:
    text = page.inner_text("main")
    return " ".join(text.replace("\xa0", " ").replace("\u202f", " ").split())
