"""The sources that the territory already has in the national catalogue: found, chosen, added."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit
from click.testing import CliRunner

from ckanext.territoire.cli.source import source as commands
from ckanext.territoire.harvest_adapter import discover, runner, sources
from deployment.demo.server import DemoServer
from tests.ckan.conftest import act
from tests.ckan.form_browser import Browser
from tests.ckan.people import make_territory
from tests.ckan.test_source_pages import text
from tests.cog_folder import RENNES

PAGE = "/moissons/decouvrir"


@pytest.fixture
def demo(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DemoServer]:
    """The demo sources on loopback, their national catalogue as ours, and the territory."""
    make_territory(tmp_path, monkeypatch)
    connect_to_redis().delete(discover._key(RENNES))
    with DemoServer(("127.0.0.1", 0), has_faults=True) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        host = server.site.removeprefix("http://")
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", host)
        setting = "ckanext.territoire.harvest.catalogue_url"
        monkeypatch.setitem(toolkit.config, setting, f"{server.site}/national")
        yield server
        server.shutdown()


def browser_of(app: Any, name: str) -> Browser:
    browser = Browser(app)
    browser.log_in(name)
    return browser


def found_by_title(**asked: Any) -> dict[str, dict[str, Any]]:
    found = act("territoire_source_discover", **asked)
    return {each["title"]: each for each in found["proposals"]}


def harvest_folder(demo: DemoServer) -> None:
    made = act(
        "territoire_source_create",
        kind="csv_folder", url=f"{demo.site}/communes/betton/", organization="betton",
    )  # fmt: skip
    runner.run_now(sources.load_source(made["name"]))


def test_what_the_catalogue_holds_of_the_territory_is_proposed(demo: DemoServer) -> None:
    found = found_by_title()
    betton, metropolis = found["Commune de Betton"], found["Rennes Métropole"]
    assert (betton["organization"], betton["count"], betton["is_chosen"]) == ("betton", 6, True)
    [portal] = [each for each in found.values() if each["sort"] == "portail"]
    assert (portal["kind"], portal["is_chosen"]) == ("ckan_portal", True)
    assert not metropolis["is_chosen"]
    assert "Commune de Mordelles" not in found
    assert sources.list_sources() == []


def test_what_is_here_already_is_counted_and_not_advised(demo: DemoServer) -> None:
    harvest_folder(demo)
    betton = found_by_title()["Commune de Betton"]
    assert betton["double_count"] == betton["read_count"] == 6
    assert not betton["is_chosen"]


def test_a_source_that_is_here_is_named_and_not_proposed_again(demo: DemoServer) -> None:
    [chosen] = [each for each in found_by_title().values() if each["sort"] == "portail"]
    told = {key: chosen[key] for key in ("kind", "url", "title", "organization")}
    done = act("territoire_source_create_many", sources=[told, told])
    assert len(done["added"]) == 1
    assert "TER-SRC-069" in done["refused"][0]["told"]
    [again] = [each for each in found_by_title().values() if each["sort"] == "portail"]
    assert again["here"]["name"] == done["added"][0]["name"]
    assert not again["is_chosen"]


def test_an_epci_that_is_not_installed_is_refused_with_the_one_that_is(demo: DemoServer) -> None:
    with pytest.raises(toolkit.ValidationError, match=r"TER-CFG-141.*243500139"):
        act("territoire_source_discover", epci="200000925")


def test_another_catalogue_may_be_asked(demo: DemoServer) -> None:
    with pytest.raises(toolkit.ValidationError, match=r"TER-CFG-140"):
        act("territoire_source_discover", url=f"{demo.site}/portail")


def test_an_officer_searches_ticks_and_adds(demo: DemoServer, app: Any) -> None:
    officer = browser_of(app, "agent")
    page = officer.open(PAGE)
    assert "Rien n’est ajouté sans votre accord" in text(page)
    started = officer.send(page, page.tree.forms[-1], {}, button=("step", "search"))
    assert "Recherche en cours" in text(started)
    assert started.tree.xpath('//meta[@http-equiv="refresh"]')
    discover.search_job(RENNES)
    page = officer.open(PAGE)
    ticked = page.tree.xpath('//input[@name="key"][@checked]/@value')
    assert len(ticked) == 2
    form = next(form for form in page.tree.forms if "frequency" in form.fields)
    added = officer.send(page, form, {"key": [*ticked, "999"]})
    assert "2 sources ajoutées" in text(added).replace("\xa0", " ")
    assert {source.frequency for source in sources.list_sources()} == {"WEEKLY"}


def test_the_page_of_a_search_that_failed_says_what_to_do(demo: DemoServer, app: Any) -> None:
    demo.set_fault("maintenance")
    discover.search_job(RENNES)
    page = browser_of(app, "agent").open(PAGE)
    assert "TER-CFG-140" in text(page)
    assert "Chercher de nouveau" in text(page)


def test_a_territory_that_publishes_nothing_is_told_how_to_go_on(
    demo: DemoServer, app: Any
) -> None:
    demo.set_fault("empty")
    kept = {"state": "finished", "found": act("territoire_source_discover") | {"proposals": []}}
    discover._keep(RENNES, kept)
    page = browser_of(app, "agent").open(PAGE)
    assert "Rien à proposer" in text(page)


def test_a_search_is_for_those_who_publish_for_the_epci(demo: DemoServer, app: Any) -> None:
    assert browser_of(app, "voisine").open(PAGE).status == 403
    for user in ("", "mairie", "voisine"):
        for action in ("territoire_source_discover", "territoire_source_discovery_start"):
            with pytest.raises(toolkit.NotAuthorized):
                toolkit.get_action(action)({"user": user}, {})
    assert demo.asked == []


def test_many_sources_are_added_with_the_rights_of_the_caller(demo: DemoServer) -> None:
    told = {"kind": "ckan_portal", "url": f"{demo.site}/portail", "organization": "betton"}
    with pytest.raises(toolkit.NotAuthorized):
        toolkit.get_action("territoire_source_create_many")({"user": "mairie"}, {"sources": [told]})
    assert sources.list_sources() == []


def test_the_command_adds_what_is_advised_once_confirmed(demo: DemoServer) -> None:
    words = ["discover", "--epci", RENNES]
    refused = CliRunner().invoke(commands, words, input="n\n")
    assert refused.exit_code == 0, refused.output
    assert "[x] Commune de Betton" in refused.output
    assert sources.list_sources() == []
    done = CliRunner().invoke(commands, [*words, "--yes"])
    assert done.exit_code == 0, done.output
    assert {source.kind for source in sources.list_sources()} == {"ckan_portal", "data_gouv"}
    again = CliRunner().invoke(commands, [*words, "--yes"])
    assert "Rien de nouveau" in again.output
