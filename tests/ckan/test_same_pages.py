"""The officer's screen on doubles, the public list of origins and the commands, from real pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from ckan.plugins import toolkit
from click.testing import CliRunner

from ckanext.territoire.cli import territoire
from ckanext.territoire.harvest_adapter import runner, sources
from tests.ckan.conftest import act
from tests.ckan.form_browser import Browser, Page
from tests.ckan.people import make_territory
from tests.ckan.portal_server import Portal, package, portal_of

FILE = {"url": "https://f.example/arbres.csv", "name": "Inventaire", "format": "CSV"}
LIST = "/moissons/doublons"


@pytest.fixture
def twins(
    clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Portal, Portal]]:
    """Rennes Métropole, its people, and two sources that publish datasets with one file."""
    make_territory(tmp_path, monkeypatch)
    with ExitStack() as stack:
        one, other = (stack.enter_context(portal_of()) for _ in range(2))
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", f"{one.host},{other.host}")
        one.packages = [package(1, title="Arbres", notes="Par an.", resources=[FILE])]
        other.packages = [package(2, title="Les arbres", notes="Par mois.", resources=[FILE],
                                  url="https://region.example/arbres")]  # fmt: skip
        for portal, title, owner in ((one, "Ville", "acigne"), (other, "Région", "betton")):
            made = act("territoire_source_create", kind="ckan_portal", url=portal.url,
                       organization=owner, title=title)  # fmt: skip
            runner.run_now(sources.load_source(made["id"]))
        yield one, other


def signed_in(app: Any, name: str = "agent") -> Browser:
    browser = Browser(app)
    browser.log_in(name)
    return browser


def text(page: Page) -> str:
    return " ".join(page.tree.xpath("//main")[0].text_content().split())


def form_to(page: Page, action: str) -> Any:
    return next(form for form in page.tree.forms if (form.action or "").endswith(action))


def published() -> list[str]:
    found = act("package_search", rows=9, sort="title asc")["results"]
    return [doc["title"] for doc in found]


def test_two_datasets_stand_side_by_side_with_what_differs(twins: Any, app: Any) -> None:
    page = signed_in(app).open(LIST)
    assert "1 doublon possible" in text(page)
    assert "les mêmes fichiers" in text(page)
    [table] = page.tree.xpath('//table[contains(@class, "compare")]')
    rows = {row.xpath("./th")[0].text_content().strip(): row for row in table.xpath(".//tbody/tr")}
    for label in ("Source", "Publié par", "Mis à jour", "Fichiers", "Description"):
        assert label in rows, sorted(rows)
    assert "Par an." in rows["Description"].text_content()
    assert rows["Fichiers"].text_content().count("commun") == 2
    assert len(table.xpath('.//input[@name="winner"]')) == 2
    assert len(table.xpath('.//input[@name="winner"][@checked]')) == 1


def test_a_merge_is_done_from_the_page_and_undone_from_it(twins: Any, app: Any) -> None:
    browser = signed_in(app)
    page = browser.open(LIST)
    winner = act("package_show", id="arbres")["id"]
    answers = {"winner": winner, "reason": "Même <b>fichier</b>."}
    page = browser.send(page, form_to(page, "/decider"), answers, ("same", "oui"))
    assert "Réunis" in text(page)
    assert "Aucun doublon à examiner" in text(page)
    assert "« Même <b>fichier</b>. »" in text(page)
    assert published() == ["Arbres"]
    shown = Browser(app).open("/dataset/les-arbres")
    assert shown.url == "/dataset/arbres"
    origins = shown.tree.xpath('//section[@aria-labelledby="origins"]')[0]
    assert origins.xpath('.//a[@href="https://region.example/arbres"]')
    assert [li.text_content().split()[0] for li in origins.xpath(".//li")] == ["Ville", "Région"]
    page = browser.send(page, form_to(page, "/separer"), {})
    assert "Séparés" in text(page)
    assert published() == ["Arbres", "Les arbres"]
    assert "Jugés différents" in text(page)
    assert not Browser(app).open("/dataset/arbres").tree.xpath('//*[@id="origins"]')
    decide = [f for f in page.tree.forms if (f.action or "").endswith("/decider")][-1]
    browser.send(page, decide, {}, ("same", "oui"))
    assert len(published()) == 1


def test_two_different_datasets_leave_the_list(twins: Any, app: Any) -> None:
    browser = signed_in(app)
    page = browser.open(LIST)
    page = browser.send(page, form_to(page, "/decider"), {}, ("same", "non"))
    assert "Aucun doublon à examiner" in text(page)
    assert len(published()) == 2


def test_an_officer_lets_another_origin_publish(twins: Any, app: Any) -> None:
    browser = signed_in(app)
    page = browser.open(LIST)
    winner = act("package_show", id="arbres")["id"]
    page = browser.send(page, form_to(page, "/decider"), {"winner": winner}, ("same", "oui"))
    form = form_to(page, "/separer")
    form.action = f"{LIST}/choisir"
    page = browser.send(page, form, {})
    assert "Origine choisie" in text(page)
    runner.run_waiting()
    shown = act("package_show", id="arbres")
    assert (shown["title"], shown["organization"]["name"]) == ("Les arbres", "betton")


def test_only_those_who_look_after_the_epci_see_and_decide(twins: Any, app: Any) -> None:
    assert signed_in(app, "mairie").open(LIST).status == 403
    assert Browser(app).open(LIST).url == "/user/login"
    page = signed_in(app, "redactrice").open(LIST)
    assert "Un administrateur de l’intercommunalité décide" in text(page)
    assert not page.tree.xpath('//form[contains(@action, "doublons")]//button')
    for action in ("merge", "separate", "choose", "dismiss"):
        with pytest.raises(toolkit.NotAuthorized):
            toolkit.get_action(f"territoire_same_{action}")({"user": "redactrice"}, {})


def test_an_empty_list_says_what_would_come(twins: tuple[Portal, Portal], app: Any) -> None:
    twins[1].packages[0]["resources"] = []
    for source in sources.list_sources():
        runner.run_now(source)
    page = text(signed_in(app).open(LIST))
    assert "Aucun doublon à examiner" in page
    assert "ne vient que d’une source" in page


def test_the_origins_of_a_private_dataset_are_shown_to_nobody_else(twins: Any) -> None:
    act("package_patch", id="arbres", private=True)
    with pytest.raises(toolkit.NotAuthorized):
        toolkit.get_action("territoire_same_show")({"user": ""}, {"id": "arbres"})
    assert act("territoire_same_list")["proposals"] == []


def test_the_commands_list_merge_and_separate(twins: Any) -> None:
    def told(*args: str) -> str:
        done = CliRunner().invoke(territoire, ["source", "same", *args])
        assert done.exit_code == 0, done.output
        return done.output

    assert "ils ont les mêmes fichiers" in told("list")
    assert "2 origines" in told("merge", "arbres", "les-arbres", "--winner", "arbres")
    listed = told("list")
    [name] = [line.split()[0] for line in listed.splitlines() if line.endswith("présent")]
    assert "Séparés" in told("separate", "arbres", name)
    assert published() == ["Arbres", "Les arbres"]
