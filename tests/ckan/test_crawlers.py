"""Robots find every public page and nothing else; readers follow what moves, in French."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html

from ckanext.territoire import minute
from ckanext.territoire.portal import crawlers
from tests.ckan.conftest import act
from tests.ckan.people import use_communes
from tests.cog_folder import RENNES

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ATOM = "{http://www.w3.org/2005/Atom}"
EVIL = "</script><script>alert(1)</script><!-- & « »"


@pytest.fixture
def three(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Acigné with a public, a private and a removed dataset."""
    use_communes(tmp_path, monkeypatch, ["35001"])
    act("territoire_territory_init", epci=RENNES)
    for name in ("arbres", "secret", "retire"):
        act("package_create", name=name, title=f"{name} {EVIL}", owner_org="acigne",
            license_id="lov2", notes=EVIL, private=name == "secret",
            resources=[{"url": "https://ailleurs.example/a.csv", "format": "CSV"}])  # fmt: skip
    act("package_delete", id="retire")
    minute.forget()


def read(app: Any, path: str) -> Any:
    answer = app.get(path)
    assert "xml" in answer.headers["Content-Type"]
    return etree.fromstring(answer.get_data())


@pytest.mark.usefixtures("three")
def test_the_list_of_pages_holds_what_is_public_and_nothing_else(app: Any) -> None:
    places = [loc.text for loc in read(app, "/sitemap.xml").iter(f"{MAP}loc")]
    paths = {place.split("/", 3)[3] for place in places}

    assert {"dataset/arbres", "commune/acigne", "organization/acigne", "communes"} <= paths
    assert not [path for path in paths if "secret" in path or "retire" in path]
    assert all(app.get(f"/{path}").status_code == 200 for path in paths)


@pytest.mark.usefixtures("three")
def test_many_pages_are_listed_in_parts(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    act("package_create", name="bancs", title="Bancs", owner_org="acigne", license_id="lov2")
    monkeypatch.setattr(crawlers, "PER_FILE", 1)

    parts = [loc.text for loc in read(app, "/sitemap.xml").iter(f"{MAP}loc")]
    found = [
        loc.text
        for part in parts
        for loc in read(app, "/" + part.split("/", 3)[3]).iter(f"{MAP}loc")
    ]

    assert len(parts) >= 3
    assert sum("/dataset/arbres" in place for place in found) == 1
    assert sum("/dataset/bancs" in place for place in found) == 1
    app.get(f"/sitemap-{len(parts)}.xml", status=404)


@pytest.mark.usefixtures("three")
def test_robots_are_told_where_the_list_is_and_what_to_leave(app: Any) -> None:
    told = app.get("/robots.txt").body
    assert "/sitemap.xml" in told
    assert "Disallow: /api/" in told


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("path", ["/flux/donnees.atom", "/flux/producteurs/acigne.atom"])
def test_what_moves_can_be_followed(app: Any, path: str) -> None:
    feed = read(app, path)

    titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    assert titles == [f"arbres {EVIL}"]
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
    assert "dernières mises à jour" in feed.findtext(f"{ATOM}title")
    (entry,) = feed.iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}updated").endswith("+00:00")


@pytest.mark.usefixtures("three")
def test_who_follows_a_publisher_reads_that_a_dataset_went_to_another(app: Any) -> None:
    act("organization_create", name="betton", title="Betton")
    act("package_patch", id="arbres", owner_org="betton")

    (entry,) = read(app, "/flux/producteurs/acigne.atom").iter(f"{ATOM}entry")
    assert "changement de producteur" in entry.findtext(f"{ATOM}title")
    assert "mais par Betton" in entry.findtext(f"{ATOM}summary")
    (come,) = read(app, "/flux/producteurs/betton.atom").iter(f"{ATOM}entry")
    assert come.findtext(f"{ATOM}id") != entry.findtext(f"{ATOM}id")


@pytest.mark.usefixtures("three")
def test_a_feed_that_did_not_change_is_not_sent_again(app: Any) -> None:
    tag = app.get("/flux/donnees.atom").headers["ETag"]
    assert app.get("/flux/donnees.atom", headers={"If-None-Match": tag}).status_code == 304
    app.get("/flux/producteurs/nulle-part.atom", status=404)


@pytest.mark.usefixtures("three")
def test_a_page_describes_its_dataset_to_search_engines_and_nothing_in_it_runs(app: Any) -> None:
    page = html.fromstring(app.get("/dataset/arbres").body)

    (block,) = page.xpath('//script[@type="application/ld+json"]/text()')
    told = json.loads(block)
    assert told["@type"] == "Dataset"
    assert told["name"] == f"arbres {EVIL}"
    assert told["license"].startswith("https://")
    assert told["distribution"][0]["contentUrl"] == "https://ailleurs.example/a.csv"
    assert page.xpath("//script[not(@src) and not(@type)]") == []


@pytest.mark.usefixtures("organization")
def test_a_dataset_without_description_is_in_the_feeds(app: Any) -> None:
    act("package_create", name="sans-rien", title="Sans rien", owner_org="acigne",
        license_id="lov2")  # fmt: skip
    for path in ("/flux/donnees.atom", "/flux/producteurs/acigne.atom"):
        assert "Sans rien" in app.get(path).body
