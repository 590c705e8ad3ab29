"""Somebody who has a keyboard and no mouse: what is reached with Tab is seen, and in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

TABS = 400
MIN_CONTRAST = 3.0  # WCAG 1.4.11
# What has the focus: its place in the page (-1 once it has left it), its words, whether it is what
# is looked for, and the contrast of what shows it with what lies behind.
FOCUSED = """([wanted, words]) => {
    const here = document.activeElement
    if (here === document.body) return {place: -1}
    const numbers = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number)
    const light = (colour) => numbers(colour).slice(0, 3)
        .map((part) => part / 255)
        .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, rank) => sum + part * [0.2126, 0.7152, 0.0722][rank], 0)
    const contrast = (one, other) => {
        const [low, high] = [light(one), light(other)].sort((a, b) => a - b)
        return (high + 0.05) / (low + 0.05)
    }
    const isSeen = (colour) => (numbers(colour)[3] ?? 1) > 0.5
    const behind = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const colour = getComputedStyle(each).backgroundColor
            if (isSeen(colour)) return colour
        }
        return "rgb(255, 255, 255)"
    }
    const look = getComputedStyle(here)
    const drawn = here.querySelector("path, circle")
    const shown = [0]
    if (look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2) {
        const inside = parseFloat(look.outlineOffset) < 0
        shown.push(contrast(look.outlineColor, behind(inside ? here : here.parentElement)))
    } else if (look.boxShadow !== "none") {
        shown.push(contrast(look.boxShadow.match(/rgba?\\([^)]*\\)/)[0], behind(here)))
    } else if (here.closest("svg") && drawn) {
        shown.push(contrast(getComputedStyle(drawn).stroke, behind(here.closest("svg"))))
    }
    const text = (here.innerText || here.value || here.getAttribute("aria-label") || "").trim()
    return {
        place: [...document.querySelectorAll("*")].indexOf(here),
        isWanted: here.matches(wanted) && text.replace(/\\s/g, " ").includes(words),
        html: here.outerHTML.slice(0, 120),
        contrast: Math.max(...shown),
    }
}"""


@dataclass
class Keyboard:
    """A page that is used with keys alone, and the places of it that were gone through."""

    page: Page
    places: list[int] = field(default_factory=list)

    def reach(self, wanted: str, words: str = "", back: bool = False) -> None:
        """Go on with Tab (or back) until something has the focus: what matches and says `words`.

        On the way each thing that has the focus must show it, and stand after the one before.
        """
        for _ in range(TABS):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            here = self.here(wanted, words)
            if here["place"] < 0:
                pytest.fail(f"the keyboard leaves the page before {wanted} « {words} »")
            self._check_order(here, back)
            assert here["contrast"] >= MIN_CONTRAST, f"the focus is not seen on {here['html']}"
            if here["isWanted"]:
                return
        pytest.fail(f"the keyboard does not reach {wanted} « {words} »")

    def here(self, wanted: str = "*", words: str = "") -> dict[str, Any]:
        """What has the focus."""
        return dict(self.page.evaluate(FOCUSED, [wanted, words]))

    def enter(self, wanted: str, words: str = "") -> None:
        """Reach something and press Enter; wait for the page that comes."""
        self.reach(wanted, words)
        self.press("Enter")

    def press(self, key: str) -> None:
        """Press a key that leads to another page."""
        with self.page.expect_navigation(wait_until="networkidle"):
            self.page.keyboard.press(key)
        self.places.clear()

    def type(self, wanted: str, text: str) -> None:
        """Reach a field, and write in the place of what it holds."""
        self.reach(wanted)
        if self.page.evaluate("document.activeElement.tagName") != "SELECT":
            self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def give_file(self, wanted: str, file: Path) -> None:
        """Reach a field of a file; no window of files opens where there is no screen."""
        self.reach(wanted)
        field = self.page.evaluate_handle("document.activeElement").as_element()
        assert field is not None
        field.set_input_files(file)

    def _check_order(self, here: dict[str, Any], back: bool) -> None:
        # a date has its day, its month and its year; an alert that took the focus is left behind
        before = self.places[-1] if self.places else here["place"]
        follows = here["place"] <= before if back else here["place"] >= before
        assert follows, f"out of order: {here['html']}"
        self.places.append(here["place"])
