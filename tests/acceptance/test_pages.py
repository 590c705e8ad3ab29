"""Every page of the portal in a real browser: own requests only, accessible, light, readable."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ckan import plugins
from ckan.lib import search
from playwright.sync_api import Browser

from tests.acceptance.portal_site import EPCI, Visit, chromium, new_page, serving
from tests.ckan.conftest import act, empty_tables

# those that the communes of a whole EPCI fill; `test_accessibility` looks at every page
PATHS = ("/", "/dataset/", "/communes", "/commune/acigne", "/suivi")
MAX_BYTES = 300_000
AXE = (
    Path(os.environ.get("TERRITOIRE_HOME") or ".territoire")
    / "npm/node_modules/axe-core/axe.min.js"
)
PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<svg onload="alert(1)"></svg>',
    '"><script>alert(1)</script>',
    "[lien](javascript:alert(1))",
    '![i](x" onerror="alert(1))',
    '<a href="javascript:alert(1)">ici</a>',
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<table><tr><td onclick=alert(1)>a</td></tr></table>",
    "<style>@import 'https://elsewhere.example/x.css'</style>",
    "{{ 7 * 7 }} {% raise %} ${alert(1)}",
    "</title><script>alert(1)</script>",
)


@dataclass(frozen=True)
class Site:
    address: str
    browser: Browser


@pytest.fixture(scope="module")
def site(portal_app: Any) -> Iterator[Site]:
    """The communes of a real EPCI, one dataset as people write them and one of payloads."""
    plugins.load_all()
    empty_tables()
    search.clear_all()
    act("territoire_territory_init", epci=EPCI)
    act("package_create", **dataset("arbres", "Arbres des parcs", "Un *inventaire*."))
    act("package_create", **hostile())
    with serving(portal_app) as address, chromium() as browser:
        yield Site(address, browser)


def dataset(name: str, title: str, notes: str) -> dict[str, Any]:
    return {
        "name": name, "title": title, "notes": notes, "owner_org": "acigne", "license_id": "lov2",
        "communes": ["35001"], "frequency": "yearly", "theme": ["transition-ecologique"],
        "contact_email": "opendata@example.fr", "tag_string": "arbres,parcs",
        "resources": [{"url": "https://example.fr/a.csv", "name": "Arbres", "format": "CSV"}],
    }  # fmt: skip


def hostile() -> dict[str, Any]:
    """A dataset whose every free field carries the whole corpus."""
    corpus = "\n\n".join(PAYLOADS)
    line = " ".join(PAYLOADS)
    free = ("publisher_name", "contact_name", "licence_label")
    made = dataset("charges", f"Charges {line}", corpus) | dict.fromkeys(free, line)
    made["resources"] = [
        {"url": "https://example.fr/b.csv", "name": line, "description": corpus, "format": "CSV"},
        {
            "url": "https://example.fr/c.csv",
            "name": "c",
            "format": '<img src=x onerror="alert(1)">',
        },
    ]
    return made


@pytest.fixture
def visit(site: Site) -> Iterator[Visit]:
    tab = Visit.begin(site.browser, site.address)
    yield tab
    tab.close()


@pytest.mark.parametrize("path", PATHS)
def test_a_page_asks_nothing_of_another_site_and_is_accessible(visit: Visit, path: str) -> None:
    assert visit.open(path) == 200
    assert visit.foreign() == []
    assert visit.errors == []
    assert violations(visit) == []


@pytest.mark.parametrize("path", PATHS)
def test_a_page_reads_at_320_pixels_without_scrolling_sideways(site: Site, path: str) -> None:
    visit = Visit.begin(site.browser, site.address, width=320)
    visit.open(path)
    excess = visit.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    visit.close()
    assert excess <= 0


@pytest.mark.parametrize("path", ["/", "/dataset/", "/dataset/arbres", "/commune/acigne"])
def test_a_page_weighs_less_than_300_kilobytes(site: Site, visit: Visit, path: str) -> None:
    visit.open(path)
    sizes = visit.page.evaluate(
        "performance.getEntriesByType('resource').map(e => e.decodedBodySize)"
        ".concat(performance.getEntriesByType('navigation')[0].decodedBodySize)"
    )
    assert sum(sizes) <= MAX_BYTES


def test_pages_use_their_own_fonts(visit: Visit) -> None:
    visit.open("/")
    loaded = visit.page.evaluate("[...document.fonts].filter(f => f.status == 'loaded').length")
    assert loaded == 2


@pytest.mark.parametrize(
    "path", ["/dataset/charges", "/dataset/?q=charges", "/", "/commune/acigne"]
)
def test_no_script_runs_from_what_people_write(visit: Visit, path: str) -> None:
    visit.open(path)
    assert "Charges" in visit.page.inner_text("main")
    for handled in visit.page.query_selector_all("main td, main img, main svg"):
        handled.dispatch_event("click")
    assert visit.dialogs == []
    assert visit.foreign() == []
    dangerous = "main script, main iframe, main [onerror], main [onload], main [onclick]"
    assert visit.page.query_selector_all(dangerous) == []
    links = visit.page.eval_on_selector_all(
        "a", "all => all.map(a => a.getAttribute('href') || '')"
    )
    assert [link for link in links if link.startswith("javascript:")] == []


def test_no_script_runs_on_the_page_of_a_file(visit: Visit) -> None:
    shown = act("package_show", id="charges")
    for resource in shown["resources"]:
        visit.open(f"/dataset/charges/resource/{resource['id']}")
        assert visit.page.query_selector_all("main script, main [onerror], main iframe") == []
    assert visit.dialogs == []
    assert visit.foreign() == []


def test_the_first_tab_leads_to_the_content(visit: Visit) -> None:
    visit.open("/")
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.textContent") == "Aller au contenu"
    visit.page.keyboard.press("Enter")
    assert visit.page.evaluate("document.activeElement.id") == "content"


def test_a_rectangle_drawn_on_the_map_narrows_the_search(visit: Visit) -> None:
    visit.open("/dataset/")
    box = visit.page.locator("svg[data-draw]").bounding_box()
    assert box is not None
    mouse = visit.page.mouse
    mouse.move(box["x"] + box["width"] * 0.02, box["y"] + box["height"] * 0.9)
    mouse.down()
    mouse.move(box["x"] + box["width"] * 0.1, box["y"] + box["height"] * 0.98, steps=4)
    mouse.up()
    visit.page.wait_for_url("**ext_bbox=**")
    assert "Aucun résultat" in visit.page.inner_text("#results")
    visit.page.click("a.chip")
    visit.page.wait_for_load_state("networkidle")
    assert "2" in visit.page.inner_text("#results")


def test_a_filter_is_chosen_and_left_with_the_keyboard(visit: Visit) -> None:
    visit.open("/dataset/")
    visit.page.focus(".facet a")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("a.chip")
    visit.page.focus("a.chip")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("a.chip", state="detached")
    assert "vocab_" not in visit.page.url


def test_a_search_without_result_proposes_a_way_out(visit: Visit) -> None:
    visit.open("/dataset/?q=zzzz&vocab_communes=35001")
    visit.page.click("text=Chercher sans filtre")
    visit.page.wait_for_load_state("networkidle")
    assert "vocab_communes" not in visit.page.url


def test_clicking_a_commune_of_the_map_opens_its_page(visit: Visit) -> None:
    visit.open("/")
    visit.page.locator('svg a[aria-label^="Acigné"] path').click()
    visit.page.wait_for_url("**/commune/acigne")
    shown = visit.page.inner_text("main")
    assert "Acigné" in shown
    assert "Mairie" in shown
    assert "Arbres des parcs" in shown


def test_proposals_come_while_one_types_and_the_keyboard_goes_through_them(visit: Visit) -> None:
    visit.open("/dataset/")
    field = visit.page.locator("#search-words")
    field.press_sequentially("arb")
    first = visit.page.locator(".ideas a").first
    first.wait_for()
    assert "proposition" in visit.page.locator("form.search [role=status]").inner_text()
    assert violations(visit) == []
    field.press("ArrowDown")
    assert first.evaluate("(link) => link === document.activeElement")
    visit.page.keyboard.press("Escape")
    assert not visit.page.locator(".ideas").is_visible()
    assert field.evaluate("(input) => input === document.activeElement")
    assert visit.errors == []
    assert visit.foreign() == []


def test_the_search_works_without_a_script(site: Site) -> None:
    page = new_page(site.browser, java_script_enabled=False)
    page.goto(f"{site.address}/dataset/")
    page.fill("#search-words", "ARBRE acigne")
    page.click("form.search button")
    assert page.locator(".dataset-list h3").first.inner_text() == "Arbres des parcs"
    page.click("text=Commune : Acigné")
    assert "ext_sans=commune" in page.url
    page.context.close()


def violations(visit: Visit) -> list[str]:
    """What axe-core finds on the page: rule and first element of each."""
    source = AXE.read_text(encoding="utf-8")
    visit.page.evaluate(source)
    found = visit.page.evaluate("axe.run()")["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found]
