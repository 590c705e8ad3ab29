"""A map library of others draws our tiles in a real browser, under the policy of our own pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from ckanext.territoire.delivery.database import read
from tests.acceptance.portal_site import Visit, chromium
from tests.ckan.ogc_server import Ogc, serving_ogc
from tests.ckan.parking_rows import SLUG, park
from tests.ckan.test_delivery import Deposit, deposit, territory  # noqa: F401 (fixtures)
from tests.ckan.test_ogc_tiles import bring_a_cycle_way

# as a start-up would write it, from the guide
DRAW = """async ([slug, site]) => {
  const { default: whole, ...named } = await import("/vendor/maplibre/maplibre-gl.mjs");
  const library = named.Map ? named : whole;
  library.setWorkerUrl?.("/vendor/maplibre/maplibre-gl-worker.mjs");
  const box = document.createElement("div");
  box.style.cssText = "position:fixed;inset:0;z-index:9999;background:#fff";
  document.body.append(box);
  const map = new library.Map({
    container: box, center: [-1.5364, 48.1332], zoom: 13, fadeDuration: 0,
    style: { version: 8, sources: {}, layers: [] },
  });
  await new Promise((done) => map.once("load", done));
  map.addSource("places", {
    type: "vector", url: `${site}/ogc/collections/${slug}/tiles/WebMercatorQuad/tilejson.json`,
  });
  map.addLayer({
    id: "places", type: "circle", source: "places", "source-layer": slug,
    paint: { "circle-radius": 8, "circle-color": "#14506e" },
  });
  const keys = async () => {
    await new Promise((done) => map.once("idle", done));
    const found = map.queryRenderedFeatures({ layers: ["places"] });
    return [...new Set(found.map((each) => each.properties.territoire_cle))].sort();
  };
  const near = await keys();
  map.jumpTo({ zoom: 8 });
  const far = await keys();
  return { near, far, named: document.querySelector(".maplibregl-ctrl-attrib")?.textContent ?? "" };
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


@pytest.fixture(scope="module")
def ogc(portal_app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ogc]:
    with serving_ogc(tmp_path_factory.mktemp("ogc"), portal_app) as served:
        yield served


def test_maplibre_draws_every_row_near_and_far_and_names_whom_to_name(
    ogc: Ogc,
    deposit: Deposit,  # noqa: F811
    browser: Browser,
    tmp_path: Path,
) -> None:
    deposit(*(park(n, Xlong=-1.5364 + n / 1_000) for n in range(1, 6)))
    ogc.await_rows(SLUG, 5)
    visit = Visit.begin(browser, ogc.site)
    visit.open("/aide/developpeurs")

    drawn = visit.page.evaluate(DRAW, [SLUG, ogc.site])

    keys = [f"35001-P-00{n}" for n in range(1, 6)]
    assert drawn["near"] == keys
    assert drawn["far"] == keys
    assert "Rennes Métropole" in drawn["named"]
    assert visit.foreign() == []
    visit.page.screenshot(path=tmp_path / "tiles.png")
    visit.close()


def test_the_page_of_a_table_of_lines_opens_on_its_map_drawn_from_tiles_and_named_by_keyboard(
    ogc: Ogc, browser: Browser
) -> None:
    way = {"type": "LineString", "coordinates": [[-1.56, 48.12], [-1.53, 48.14]]}
    slug = bring_a_cycle_way(way)
    ogc.await_rows(slug, 1)
    (row,) = read("SELECT dataset_id, resource_id FROM territoire.merged WHERE slug = %s", (slug,))
    visit = Visit.begin(browser, ogc.site)
    tiles: list[int] = []
    visit.page.on(
        "response",
        lambda got: tiles.append(got.status) if f"/{slug}/tiles/" in got.url else None,
    )

    visit.open(f"/dataset/{row['dataset_id']}/resource/{row['resource_id']}")
    assert visit.page.locator(".view-nav [aria-current]").inner_text() == "Carte"
    assert visit.page.locator(".map-lines").count() == 1
    visit.page.locator("[data-place-map]").scroll_into_view_if_needed()
    visit.page.wait_for_selector("[data-place-map][data-state=live]")
    show = visit.page.get_by_role("button", name="Voir sur la carte")
    show.focus()
    visit.page.keyboard.press("Enter")

    told = visit.page.locator(".maplibregl-popup-content")
    assert told.locator("a").inner_text() == visit.page.locator(".place-list h3").inner_text()
    assert told.locator("a").get_attribute("href") in visit.page.content()
    assert set(tiles) <= {200, 204}
    assert 200 in tiles
    assert visit.foreign() == []
    visit.page.get_by_role("link", name="Tableau", exact=True).click()
    assert visit.page.locator("#apercu table").count() == 1
    visit.close()
