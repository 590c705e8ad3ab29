"""The officer and the doubles, in a browser: compare, merge by keyboard, follow the address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ckan.common import config
from playwright.sync_api import Browser

from ckanext.territoire.harvest_adapter import runner, sources
from tests.acceptance.portal_site import Visit, chromium, serving
from tests.acceptance.test_pages import violations
from tests.ckan.conftest import act
from tests.ckan.form_browser import PASSWORD
from tests.ckan.people import make_territory
from tests.ckan.portal_server import package, portal_of

DOUBLES = "/moissons/doublons"


@dataclass
class Site:
    address: str
    browser: Browser


def csv_file(name: str, form: str = "CSV") -> dict[str, str]:
    url = f"https://fichiers.exemple.fr/{name}.{form.lower()}"
    return {"url": url, "name": name, "format": form}


def told(number: int, title: str, **more: Any) -> dict[str, Any]:
    given = {"title": title, "modified": f"2026-0{number}-12", "resources": [
        csv_file("arbres-alignement"), csv_file("arbres-alignement", "GeoJSON")]}  # fmt: skip
    return package(number, **given | more)


@pytest.fixture
def site(
    clean: None, portal_app: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    """The trees by three portals, the budget by two with one identifier, the toilets by two."""
    make_territory(tmp_path, monkeypatch)
    budget = {"upstream_uri": "https://donnees.acigne.fr/budget",
              "resources": [csv_file("budget")]}  # fmt: skip
    toilets = {"resources": [csv_file("toilettes")]}
    holdings = {
        ("Portail d’Acigné", "acigne"): [
            told(1, "Arbres d’alignement", frequency="annual",
                 notes="Les arbres plantés le long des rues d’Acigné, relevés chaque hiver."),
            told(2, "Budget primitif", url="https://donnees.acigne.fr/budget", **budget),
            told(3, "Toilettes publiques", **toilets),
        ],
        ("Rennes Métropole en accès libre", "rennes-metropole"): [
            told(4, "Arbres d’alignement de la commune d’Acigné", notes="Inventaire des arbres.",
                 publisher_name="Ville d’Acigné", license_id="odc-odbl"),
            told(5, "Budget d’Acigné", url="https://data.rennes.exemple.fr/budget", **budget),
        ],
        ("data.gouv.fr", "betton"): [
            told(6, "Arbres d’alignement – Acigné", notes="Inventaire des arbres."),
            told(7, "Sanitaires publics ouverts à tous", **toilets),
        ],
    }  # fmt: skip
    with ExitStack() as stack:
        portals = [stack.enter_context(portal_of(*packages)) for packages in holdings.values()]
        hosts = ",".join(portal.host for portal in portals)
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", hosts)
        for portal, (title, owner) in zip(portals, holdings, strict=True):
            made = act("territoire_source_create", kind="ckan_portal", url=portal.url,
                       organization=owner, title=title)  # fmt: skip
            runner.run_now(sources.load_source(made["id"]))
        address = stack.enter_context(serving(portal_app))
        monkeypatch.setitem(config, "ckan.site_url", address)
        yield Site(address, stack.enter_context(chromium()))


def officer(site: Site, width: int = 1280) -> Visit:
    visit = Visit.begin(site.browser, site.address, width)
    visit.open(f"/user/login?came_from={DOUBLES}")
    visit.page.fill("input[name=login]", "agent")
    visit.page.fill("input[name=password]", PASSWORD)
    visit.page.click("main form button")
    visit.page.wait_for_load_state("networkidle")
    return visit


def test_an_officer_merges_with_the_keyboard_and_the_address_follows(site: Site) -> None:
    visit = officer(site)
    page = visit.page
    assert page.locator("h1").inner_text() == "2\xa0doublons possibles"
    assert violations(visit) == []
    trees = page.locator(".decision-list > li").filter(has_text="arbres-alignement")
    names = trees.locator("thead a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    trees.get_by_role("button", name="Fusionner").focus()
    with page.expect_navigation(wait_until="networkidle"):
        page.keyboard.press("Enter")
    assert page.locator("h1").inner_text() == "1\xa0doublon possible"
    assert "Réunis" in page.locator("main").inner_text()
    assert violations(visit) == []
    assert names[0] == "/dataset/arbres-dalignement"
    for name in names:
        visit.open(name)
        assert page.url == site.address + names[0]
    assert page.locator("#origins").inner_text() == "Origines"
    assert violations(visit) == []
    assert visit.errors == []


def test_doubles_stand_side_by_side_on_a_phone_without_scrolling_sideways(site: Site) -> None:
    visit = officer(site, 390)
    page = visit.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    pair = page.locator(".compare td").filter(has_text="commun").filter(has_text="toilettes")
    boxes = [pair.nth(n).bounding_box() for n in range(2)]
    assert [box["y"] for box in boxes if box] == [boxes[0]["y"]] * 2  # type: ignore[index]
    assert violations(visit) == []
