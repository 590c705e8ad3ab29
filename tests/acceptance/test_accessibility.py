"""Every page of the portal, for each kind of person, by what a machine can tell of the RGAA.

Each page is looked at narrow and wide, light and dark; for another person again where what it
shows differs. No fault is allowed. With `TERRITOIRE_DECLARE=1` (`make declaration`) the run is
written down for the page « Accessibilité ».
"""

from __future__ import annotations

import os
import re
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from ckan.common import config
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as BrowserError

from ckanext.territoire import plugin
from tests.acceptance.portal_site import Visit, answering_within, chromium, serving
from tests.acceptance.test_pages import AXE
from tests.ckan.every_page import Portal, every_page, full_portal

Shown = tuple[str, str]  # a tag and its classes
DECLARED = Path(plugin.__file__).parent / "accessibility_checked.yaml"
# a citizen, a clerk, the officer of the EPCI, who administers the site
PEOPLE = ("", "mairie", "agent", "responsable")
WIDE, NARROW, NARROWEST = 1280, 390, 320
PAGE_S, TRIES = 90, 3  # a page takes a second or two
RUN_AXE = """async (rules) => {
    const found = await axe.run(document, rules.length ? {runOnly: rules} : {})
    const say = (each) => each.id + ": " + each.nodes[0].html.slice(0, 160)
    return {violations: found.violations.map(say), unsure: found.incomplete.map((e) => e.id),
            version: found.testEngine.version}
}"""
# what is reached with the keyboard and looks the same as before
UNSEEN_FOCUS = """() => {
    const look = (element) => {
        const style = getComputedStyle(element)
        return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow,
                style.borderColor, style.backgroundColor].join()
    }
    const all = [...document.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
    return all.filter((element) => {
        if (element.disabled || element.tabIndex < 0 || !element.checkVisibility()) return false
        document.activeElement.blur()
        const before = look(element)
        element.focus()
        return document.activeElement === element && look(element) === before
    }).map((element) => element.outerHTML.slice(0, 120))
}"""
FIRST_LINK = "document.querySelector('a[href], button, input, select, textarea').className"
MOVING = """() => [...document.querySelectorAll("*")].filter((element) => {
    const style = getComputedStyle(element)
    const lasts = (text) => text.split(",").some((each) => parseFloat(each) > 0.01)
    return lasts(style.transitionDuration) ||
        (style.animationName !== "none" && lasts(style.animationDuration))
}).map((element) => element.outerHTML.slice(0, 100))"""
START = re.compile(r'<(\w+)(?:[^>]*?\sclass="([^"]*)")?')
# An image of information has its words, which it names; a map that leads to places, the list of
# the same places at the same addresses, over all the pages of that list; a chart, its figures.
WITHOUT_WORDS = """async () => {
    const leads = (around) => [...around.querySelectorAll("a[href]")]
        .map((link) => new URL(link.getAttribute("href"), location).href)
    const listed = async (list) => {
        const found = new Set(leads(list))
        for (const link of document.querySelectorAll("main nav a[href*='page=']")) {
            const text = await (await fetch(link.href)).text()
            const page = new DOMParser().parseFromString(text, "text/html")
            leads(page.getElementById(list.id)).forEach((address) => found.add(address))
        }
        return found
    }
    const faults = []
    const images = document.querySelectorAll("main svg[role=img], main svg[role=group]")
    for (const image of images) {
        if (image.closest("[aria-hidden=true]") || image.classList.contains("is-narrow")) continue
        const name = image.getAttribute("aria-label") || image.getAttribute("class")
        const told = document.getElementById(image.getAttribute("aria-details"))
        if (!image.classList.contains("map")) {
            const around = image.closest(".chart-page") || image.closest("figure")
            if (!around?.querySelector("tbody tr")) faults.push(`${name}: no figures`)
        } else if (!told?.textContent.trim()) {
            faults.push(`${name}: no words`)
        } else if (image.getAttribute("role") === "group") {
            const places = leads(image)
            const beside = await listed(told)
            if (!places.length) faults.push(`${name}: leads nowhere`)
            faults.push(...places.filter((place) => !beside.has(place)))
        } else {
            const here = [...image.querySelectorAll(".is-here title")]
            const said = (place) => told.textContent.includes(place.textContent)
            faults.push(...here.filter((place) => !said(place)).map((each) => each.textContent))
        }
    }
    return faults
}"""


@dataclass
class Told:
    """What a run has found: the pages by person, and what each check says of them."""

    pages: set[str] = field(default_factory=set)
    faults: dict[str, list[str]] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    axe: str = ""
    chromium: str = ""

    def note(self, check: str, address: str, found: list[str]) -> None:
        self.faults.setdefault(check, []).extend(f"{address}: {each}" for each in found)


@dataclass(frozen=True)
class Site:
    portal: Portal
    address: str


@pytest.fixture(scope="module")
def site(portal_app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("territory")
    with (
        full_portal(portal_app, folder) as portal,
        serving(portal_app) as address,
        pytest.MonkeyPatch.context() as patch,
    ):
        # forms may lead to our own address only
        patch.setitem(config, "ckan.site_url", address)
        yield Site(portal, address)


@pytest.fixture(scope="module")
def told(site: Site) -> Told:
    """Walk all pages once; each test reads one part of what was found."""
    found, seen = Told(), defaultdict[str, set[Shown]](set)
    for person in PEOPLE:
        left = deque(every_page(site.portal))
        walk_patiently(site, person, left, found, seen)
    if os.environ.get("TERRITOIRE_DECLARE"):
        declare(found)
    return found


def walk_patiently(
    site: Site, person: str, left: deque[str], found: Told, seen: dict[str, set[Shown]]
) -> None:
    """Walk the pages that are left; a browser that is stuck on one is replaced, a few times."""
    stuck: list[str] = []
    while left:
        try:
            with chromium() as browser:
                found.chromium = browser.version
                walk(begin(site, browser, person), left, found, seen)
        except BrowserError:
            stuck.append(left[0])
            if len(stuck) == TRIES:
                raise AssertionError(f"the browser gives no answer: {stuck}") from None


def begin(site: Site, browser: Browser, person: str) -> Visit:
    """Open a tab for a person, who signs in."""
    visit = Visit.begin(browser, site.address)
    visit.page.emulate_media(reduced_motion="reduce")
    if person:
        visit.log_in(person)
    return visit


def walk(visit: Visit, left: deque[str], found: Told, seen: dict[str, set[Shown]]) -> None:
    """Look at each page that shows something new; it leaves `left` once it is checked."""
    while left:
        address = left[0]
        with answering_within(PAGE_S):
            shown = main_of(visit, address)
            if shown - seen[address]:
                visit.page.goto(visit.address + address, wait_until="load")
                look_at(visit.page, address, found)
                note_what_it_asked(visit, address, found)
        seen[address] |= shown
        left.popleft()


def main_of(visit: Visit, address: str) -> set[Shown]:
    """The sorts of elements that a page shows of its own; none for a file, a door to log in or a
    piece of a page."""
    answer = visit.page.request.get(visit.address + address, max_redirects=0)
    is_html = answer.headers.get("content-type", "").startswith("text/html")
    if answer.status not in (200, 404) or not is_html:
        return set()
    _, start, rest = answer.text().partition("<main")
    return set(START.findall(start + rest.partition("</main>")[0]))


def look_at(page: Page, address: str, found: Told) -> None:
    """Check one open page, wide and narrow, light and dark."""
    found.pages.add(address)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for width, scheme, rules in (
        (WIDE, "light", []), (WIDE, "dark", ["color-contrast"]),
        (NARROW, "dark", []), (NARROW, "light", ["color-contrast"]),
    ):  # fmt: skip
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        said = page.evaluate(RUN_AXE, rules)
        found.axe = said["version"]
        found.unsure |= set(said["unsure"])
        found.note("axe", f"{address} {width} {scheme}", said["violations"])
    page.set_viewport_size({"width": NARROWEST, "height": 900})
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    found.note("reflow", address, [f"{wide} px"] if wide > 0 else [])
    page.set_viewport_size({"width": WIDE, "height": 900})
    is_told = page.evaluate("document.activeElement.matches('[role=alert]')")
    page.keyboard.press("Tab")  # a focus that the keyboard gives is shown
    # the cursor begins on what is wrong, where something is: then the first stop is above it
    first = page.evaluate(FIRST_LINK if is_told else "document.activeElement.className")
    found.note("skip", address, [] if "skip-link" in first else [first])
    found.note("focus", address, page.evaluate(UNSEEN_FOCUS))
    found.note("motion", address, page.evaluate(MOVING))
    found.note("map", address, page.evaluate(WITHOUT_WORDS))


def note_what_it_asked(visit: Visit, address: str, found: Told) -> None:
    """Note what the page asked of other sites, and what the browser said of it."""
    found.note("elsewhere", address, visit.foreign())
    said = [each for each in visit.errors if "404 (NOT FOUND)" not in each]
    found.note("console", address, said)
    visit.requests.clear()
    visit.errors.clear()


def declare(found: Told) -> None:
    """Write down what this run has checked."""
    said = {
        "checked_on": f"{datetime.now(UTC):%Y-%m-%d}",
        "axe": found.axe,
        "chromium": found.chromium,
        "pages": len(found.pages),
        "checks": [{"check": name, "faults": len(found.faults[name])} for name in CHECKS],
        "unsure": sorted(found.unsure),
    }
    head = "# Written by `make declaration`: changes here are lost.\n"
    DECLARED.write_text(head + yaml.safe_dump(said, sort_keys=False), encoding="utf-8")


CHECKS = ("axe", "reflow", "skip", "focus", "motion", "map")


@pytest.mark.parametrize("check", [*CHECKS, "elsewhere", "console"])
def test_no_page_has_a_fault(told: Told, check: str) -> None:
    assert len(told.pages) > 100
    assert told.faults[check] == []


def test_the_declaration_says_what_was_checked_and_no_fault() -> None:
    said = declared()
    assert {each["check"]: each["faults"] for each in said["checks"]} == dict.fromkeys(CHECKS, 0)
    assert said["pages"] > 100


def declared() -> dict[str, Any]:
    return dict(yaml.safe_load(DECLARED.read_text(encoding="utf-8")))
