"""The officer dresses the portal: the sample follows what is chosen, then every page does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.common import config
from ckan.lib import app_globals
from PIL import Image
from playwright.sync_api import Page

from ckanext.territoire.identity import store
from tests.acceptance.portal_site import Visit, chromium, serving
from tests.ckan.whole_portal import whole_portal

LOOK = "getComputedStyle(document.querySelector('{}')).getPropertyValue('--action').trim()"
PALE, BLUE = "#ffcc00", "#1d3f9b"


@pytest.fixture(scope="module")
def visit(portal_app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    folder = tmp_path_factory.mktemp("territory")
    with (
        whole_portal(portal_app, folder),
        serving(portal_app) as address,
        chromium() as browser,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setitem(config, "ckan.site_url", address)
        # what CKAN puts back when settings change
        patch.setitem(app_globals._CONFIG_CACHE, "ckan.site_url", address)
        visit = Visit.begin(browser, address)
        yield visit
        visit.close()
        with model.meta.engine.begin() as connection:
            connection.execute(store.UNSET, {"keys": [*store.SETTINGS.values(), store.MARK]})
        store.follow()


def wait_for_colour(page: Page, selector: str, wanted: str) -> None:
    """Wait for a style sheet; the policy of the pages lets no text be run as a script for it."""
    for _ in range(100):
        if page.evaluate(LOOK.format(selector)) == wanted:
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{selector} is not {wanted}")


def test_the_officer_dresses_the_portal(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    visit.log_in("agent")
    assert visit.open("/pilotage/identite") == 200
    usual = page.evaluate(LOOK.format("body"))

    page.fill("#name", "Le pays ouvert")
    page.fill("#colour", PALE)
    page.wait_for_selector("[data-sample] .tag.is-error")
    assert page.text_content(".identity-sample .identity-head b") == "Le pays ouvert"
    assert page.evaluate(LOOK.format("body")) == usual
    assert store.past() == []

    page.click("button[data-use=colour]")
    page.wait_for_selector("[data-sample] .tag.is-error", state="detached")
    assert page.input_value("#colour") != PALE
    page.fill("#colour", BLUE)
    page.wait_for_selector(f"[data-sample] link[href*='{BLUE[1:]}']", state="attached")
    wait_for_colour(page, ".identity-sample", BLUE)

    logo = tmp_path / "logo.png"
    Image.new("RGB", (200, 100), BLUE).save(logo)
    page.set_input_files("#logo", logo)
    page.wait_for_selector(".identity-logo img[src^='blob:']")
    page.click("text=Publier cette identité")
    page.wait_for_selector(".site-logo")
    page.wait_for_load_state("networkidle")

    assert page.text_content(".site-name") == "Le pays ouvert"
    assert page.evaluate("document.querySelector('.site-logo').naturalWidth") == 200
    wait_for_colour(page, "body", BLUE)
    assert visit.errors == []
    assert visit.foreign() == []
