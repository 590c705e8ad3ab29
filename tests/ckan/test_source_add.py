"""Adding a source: the kind is recognised at the address, then it is tried, then it is added."""

from __future__ import annotations

from typing import Any

import pytest
from ckan.plugins import toolkit
from click.testing import CliRunner

from ckanext.territoire.cli.source import source as commands
from ckanext.territoire.harvest_adapter import runner, sources
from harvesters.recognise import MAX_REQUESTS
from tests.ckan.conftest import act
from tests.ckan.form_browser import Browser, Page
from tests.ckan.portal_server import Portal, package
from tests.ckan.test_source_pages import form_to, officer, person, text
from tests.unit.loopback import http

__all__ = ["officer"]
ASK = ("step", "recognise")
TRY = ("step", "preview")


def give_address(browser: Browser, url: str) -> Page:
    page = browser.open("/moissons/ajouter")
    return browser.send(page, form_to(page, "/moissons/ajouter"), {"url": url}, button=ASK)


def chosen(page: Page) -> list[str]:
    return list(page.tree.xpath('//input[@name="kind"][@checked]/@value'))


def run(*words: str) -> Any:
    return CliRunner().invoke(commands, list(words))


def test_an_address_is_enough_to_know_the_kind(officer: Browser, portal: Portal) -> None:
    page = give_address(officer, portal.url)
    assert chosen(page) == ["ckan_portal"]
    assert "12 jeux de données annoncés" in text(page)
    assert sources.list_sources() == []


def test_what_was_recognised_is_tried_then_added(officer: Browser, portal: Portal) -> None:
    page = give_address(officer, portal.url)
    form = form_to(page, "/moissons/ajouter")
    tried = officer.send(page, form, {"organization": "acigne", "title": "Portail"}, button=TRY)
    assert "Jeu numéro 3" in text(tried)
    assert sources.list_sources() == []
    assert tried.tree.xpath('//input[@name="title"]/@value') == ["Portail"]
    added = officer.send(tried, form_to(tried, "/moissons/ajouter"), {})
    assert "Source ajoutée" in text(added)
    [source] = sources.list_sources()
    assert (source.kind, source.url, source.title) == ("ckan_portal", portal.url, "Portail")


def test_a_page_of_nothing_known_says_what_was_tried(officer: Browser, portal: Portal) -> None:
    portal.fault = lambda start: http(b"<!doctype html><html></html>", "Content-Type: text/html")
    page = give_address(officer, portal.url)
    assert "TER-SRC-071" in text(page)
    assert "/api/3/action/package_search" in text(page)
    assert page.tree.xpath('//input[@name="url"]/@value') == [portal.url]
    assert len(portal.asked) <= MAX_REQUESTS


def test_an_address_that_is_away_may_still_be_kept_as_a_draft(
    officer: Browser, portal: Portal
) -> None:
    portal.fault = lambda start: http(b"", status="403 Interdit")
    page = give_address(officer, portal.url)
    answers = {"kind": "ckan_portal", "organization": "acigne"}
    added = officer.send(page, form_to(page, "/moissons/ajouter"), answers)
    assert "brouillon" in text(added)


def test_a_secret_typed_for_a_preview_is_never_shown(officer: Browser, portal: Portal) -> None:
    page = give_address(officer, portal.url)
    typed = {"ckan_portal.api_key": "cle-tres-secrete", "organization": "acigne"}
    tried = officer.send(page, form_to(page, "/moissons/ajouter"), typed, button=TRY)
    assert "Jeu numéro 3" in text(tried)
    assert "cle-tres-secrete" not in tried.text
    assert "de nouveau" in text(tried)


def test_a_preview_counts_what_is_published_here_already(officer: Browser, portal: Portal) -> None:
    act("territoire_source_create", kind="ckan_portal", url=portal.url, organization="acigne")
    runner.run_now(sources.list_sources()[0])
    other = "https://autre.example/jeu"
    portal.packages.append(package(50, upstream_uri=other, resources=[]))
    found = act(
        "territoire_source_preview",
        kind="ckan_portal", url=f"{portal.url}/dataset", organization="acigne",
    )  # fmt: skip
    assert found["double_count"] == 12
    assert {double["by"] for double in found["doubles"]} == {"fichier"}
    named = {double["title"]: double["dataset"] for double in found["doubles"]}
    assert act("package_show", id=named["Jeu numéro 3"])["title"] == "Jeu numéro 3"


def test_a_preview_of_a_source_does_not_call_its_own_datasets_doubles(portal: Portal) -> None:
    made = act(
        "territoire_source_create", kind="ckan_portal", url=portal.url, organization="acigne"
    )
    runner.run_now(sources.list_sources()[0])
    portal.packages.append(package(50))
    found = act("territoire_source_preview", id=made["name"])
    assert (found["double_count"], found["created"], found["kept"]) == (0, 1, 12)


def test_a_double_of_a_private_dataset_of_others_is_not_told(portal: Portal) -> None:
    act("organization_create", name="betton", title="Betton")
    act(
        "package_create",
        name="cache", title="Caché", owner_org=act("organization_show", id="betton")["id"],
        private=True, license_id="lov2", resources=[{"url": "https://portail.example/3/0.pdf"}],
    )  # fmt: skip
    found = act(
        "territoire_source_preview", kind="ckan_portal", url=portal.url, organization="acigne"
    )
    assert found["double_count"] == 0


def test_a_preview_shows_licences_and_fields_nobody_reads(portal: Portal) -> None:
    portal.packages[0] |= {"license_id": "licence-maison", "champ_inconnu": "x"}
    found = act("territoire_source_preview", kind="ckan_portal", url=portal.url)
    assert found["unknown_licences"] == [{"label": "licence-maison", "count": 1}]
    assert found["unread_fields"] == ["champ_inconnu"]
    assert found["licences"][0]["count"] == 11


def test_only_who_publishes_may_have_an_address_asked(portal: Portal, app: Any) -> None:
    act("organization_create", name="betton", title="Betton")
    reader = person("lectrice", "member", "betton")
    for user in ("", reader):
        with pytest.raises(toolkit.NotAuthorized):
            toolkit.get_action("territoire_source_recognise")({"user": user}, {"url": portal.url})
    assert portal.asked == []


def test_the_command_adds_an_address_without_a_kind(portal: Portal) -> None:
    done = run("add", portal.url, "--org", "acigne")
    assert done.exit_code == 0, done.output
    assert "sûr" in done.output
    [source] = sources.list_sources()
    assert source.kind == "ckan_portal"


def test_the_command_refuses_a_doubt_when_nobody_can_answer(portal: Portal) -> None:
    portal.packages = []
    done = run("add", portal.url, "--org", "acigne")
    assert done.exit_code == 1
    assert "le type serait « ckan_portal »" in done.output
    assert run("add", portal.url, "--org", "acigne", "--kind", "ckan_portal").exit_code == 0


def test_the_command_previews_an_address(portal: Portal) -> None:
    done = run("preview", portal.url)
    assert done.exit_code == 0, done.output
    assert "Jeu numéro 3" in done.output
    assert sources.list_sources() == []
