"""What others write acts on no page: every page of visitors and officers, with the corpus in every
field, in a real browser. No script runs, nothing is made of a text, no address of a script is left,
nothing is asked of another site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from ckan.common import config
from lxml import etree
from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

from tests.acceptance.hostile_portal import make_hostile
from tests.acceptance.portal_site import Visit, chromium, serving
from tests.ckan.every_page import Portal, every_page, full_portal
from tests.hostile_texts import PAYLOADS

# what a text has become in a page, were it only waiting for a click
MARKS = """() => {
    const found = []
    if (window.hostile !== undefined) found.push("a script ran")
    const say = (element) => element.outerHTML.slice(0, 120)
    for (const element of document.querySelectorAll("*")) {
        for (const {name, value} of element.attributes) {
            const plain = value.replace(/[\\u0000-\\u0020]/g, "").toLowerCase()
            const leads = ["href", "src", "action", "formaction", "xlink:href", "data", "poster"]
            const isCode = /^(javascript|vbscript):|^data:(?!image\\/)/.test(plain)
            if (name === "data-hostile") found.push("made: " + say(element))
            else if (name.startsWith("on")) found.push("acts: " + say(element))
            else if (name === "srcdoc") found.push("frame: " + say(element))
            else if (leads.includes(name) && isCode) found.push("leads: " + say(element))
        }
    }
    for (const element of document.querySelectorAll("script:not([src])")) {
        if (element.type !== "application/ld+json") found.push("inline: " + say(element))
        else JSON.parse(element.textContent)
    }
    for (const name of ["base", "object", "embed", "meta[http-equiv=refresh]"]) {
        if (document.querySelector(name)) found.push("made: " + name)
    }
    return found
}"""
FEEDS = ("/flux/donnees.atom", "/flux/producteurs/acigne.atom", "/feeds/dataset.atom",
         "/feeds/organization/acigne.atom", "/sitemap.xml", "/dataset/arbres.rdf",
         "/dataset/arbres.xml", "/catalog.rdf")  # fmt: skip
# but for the one that leaves the page at once
MAKING = [each for each in PAYLOADS if "<" in each and "hostile" in each and "refresh" not in each]
NAMES_OF_HTML = {"script", "img", "svg", "iframe", "a", "style", "form", "object", "math"}


@dataclass(frozen=True)
class Site:
    portal: Portal
    address: str
    browser: Browser
    more: list[str]


@dataclass
class Told:
    """Which pages were read, and what was found on them."""

    pages: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def site(portal_app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("territory")
    with (
        full_portal(portal_app, folder) as portal,
        serving(portal_app) as address,
        chromium() as browser,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setitem(config, "ckan.site_url", address)
        yield Site(portal, address, browser, make_hostile(portal, patch))


@pytest.fixture(autouse=True)
def _own_address(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms may lead to our own address only."""
    monkeypatch.setitem(config, "ckan.site_url", site.address)


@pytest.mark.parametrize("person", ["", "responsable"])
def test_what_others_write_acts_on_no_page(site: Site, person: str) -> None:
    visit, told = Visit.begin(site.browser, site.address), Told()
    if person:
        visit.log_in(person)
    for address in dict.fromkeys([*site.more, *every_page(site.portal)]):
        _look(visit, address, told)
    faults = [*told.faults, *visit.dialogs, *visit.foreign()]
    faults += [each for each in visit.errors if "Content Security Policy" in each]
    visit.close()
    assert not faults, "\n".join(faults)
    assert len(told.pages) > (60 if not person else 120)


def _look(visit: Visit, address: str, told: Told) -> None:
    try:
        answer = visit.page.goto(visit.address + address, wait_until="load")
    except PlaywrightError:
        return  # a file, that is taken and not shown
    if answer is None or answer.url in told.pages:
        return
    if answer.status >= 500:
        told.faults.append(f"{address}: {answer.status}")
    if answer.headers.get("content-type", "").startswith("text/html"):
        told.pages.add(answer.url)
        told.faults += [f"{address}: {each}" for each in visit.page.evaluate(MARKS)]


def test_the_map_of_a_hostile_table_shows_its_words_as_words(site: Site) -> None:
    visit = Visit.begin(site.browser, site.address)
    [page] = [each for each in site.more if each.count("/") == 4 and "/resource/" in each]
    visit.open(page)
    points = visit.page.locator("main svg a, main svg circle")
    for number in range(min(points.count(), 3)):
        points.nth(number).dispatch_event("click")
    found = visit.page.evaluate(MARKS)
    visit.close()
    assert (found, visit.dialogs) == ([], [])


def test_search_proposes_hostile_titles_as_words(site: Site) -> None:
    visit = Visit.begin(site.browser, site.address)
    visit.open("/dataset/")
    visit.page.fill("main input[name=q]", "scr")
    visit.page.keyboard.type("i")
    visit.page.wait_for_timeout(800)
    found = visit.page.evaluate(MARKS)
    visit.close()
    assert (found, visit.dialogs) == ([], [])


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_is_one_document_without_any_element_of_a_page(site: Site, path: str) -> None:
    visit = Visit.begin(site.browser, site.address)
    answer = visit.page.request.get(site.address + path)
    body = answer.body()
    visit.close()
    assert answer.status == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "html" not in answer.headers["content-type"]
    tree = etree.fromstring(body, etree.XMLParser(resolve_entities=False))
    names = {etree.QName(each).localname for each in tree.iter(etree.Element)}
    assert names & NAMES_OF_HTML == set()


def test_what_search_engines_read_is_one_block_that_no_text_ends(site: Site) -> None:
    visit = Visit.begin(site.browser, site.address)
    visit.open("/dataset/arbres")
    blocks = visit.page.locator("script[type='application/ld+json']").all_text_contents()
    visit.close()
    assert blocks
    for each in blocks:
        told = json.loads(each)
        assert "</script" not in each.lower()
        assert "window.hostile" in told["description"]


@pytest.mark.parametrize("text", MAKING)
def test_the_look_finds_what_a_page_makes_of_each_text(site: Site, text: str) -> None:
    visit = Visit.begin(site.browser, site.address)
    page = f"""<p title="{text}">{text}</p><p title='{text}'></p><p title=`{text}`>"""
    visit.page.set_content(page)
    found = visit.page.evaluate(MARKS)
    visit.close()
    assert found
