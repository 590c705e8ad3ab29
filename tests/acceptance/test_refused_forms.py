"""A form that is refused, in a browser without scripts: the focus is on what is wrong, each line of
it leads to its field, the field is described by it, and the title of the page says it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ckan.common import config
from playwright.sync_api import Page

from tests.acceptance.portal_site import Visit, chromium, new_page, serving
from tests.ckan import contribution_rows
from tests.ckan.conftest import act
from tests.ckan.form_browser import PASSWORD
from tests.ckan.parking_rows import SLUG, deposit, park
from tests.ckan.whole_portal import whole_portal

OTHER = {"password1": "abc", "password2": "abd", "old_password": PASSWORD}
# who, where, the button that is pressed, what is written first; the rest stays as it is shown
FORMS = {
    "sign-in": ("", "/user/login", "Se connecter", {"login": "mairie", "password": "oublié"}),
    "sign-in left empty": ("", "/user/login", "Se connecter", {"login": "", "password": ""}),
    "dataset": ("mairie", "/dataset/new", "Continuer", {}),
    "dataset changed": ("mairie", "/dataset/edit/arbres", "Enregistrer", {"title": ""}),
    "file": ("mairie", "/dataset/arbres/resource/new", "Enregistrer et ajouter", {}),
    "organisation": ("agent", "/organization/edit/acigne", "Enregistrer", {"title": ""}),
    "account": ("mairie", "/user/edit", "Enregistrer", {"email": "x", "old_password": PASSWORD}),
    "password": ("mairie", "/user/edit", "Enregistrer", OTHER),
    "deposit": ("mairie", f"/deposer/{SLUG}", "Lire cette adresse", {"url": "https://"}),
    "deposit without a file": ("mairie", "/deposer", "Déposer ce fichier", {}),
    "link": ("mairie", "/depots/liens/nouveau", "Créer le lien", {"days": "0"}),
    "source": ("agent", "/moissons/ajouter", "Continuer", {"url": ""}),
    "identity": ("agent", "/pilotage/identite", "Publier cette identité", {"name": ""}),
    "announcement": ("agent", f"/pilotage/annonces/nouvelle?table={SLUG}", "Annoncer", {"why": ""}),
    "address": ("agent", "/pilotage/adresses", "Ne plus rien y envoyer", {"address": "x"}),
    "reuse": ("mairie", "/reutilisations/proposer?jeu=arbres", "Proposer", {"url": "x"}),
    "question": ("mairie", "/demander", "Envoyer", {}),
    "challenge": ("mairie", "/defis/nouveau", "Garder le brouillon", {}),
    "key": ("mairie", "/developpeurs/cles", "Faire la clé", {}),
    "webhook": ("mairie", "/developpeurs/abonnements", "Abonner cette adresse", {"url": "x"}),
    "moderation": ("agent", "/pilotage/contributions", "Refuser, avec cette raison", {}),
    "answer": ("mairie", "/signalements", "Refuser, avec cette raison", {"answer": ""}),
    "flag": ("", f"/ligne/{SLUG}/signaler?cle=35001-P-001", "Envoyer", {}),
}  # fmt: skip
# what the focus is on, where the lines lead, and what tells of the fields that are marked
TOLD = """() => {
    const here = document.activeElement
    const ids = (field) => (field.getAttribute("aria-describedby") || "").split(" ")
    const said = (field) => ids(field).map((id) => document.getElementById(id)?.textContent ?? "?")
    const goal = (link) => document.querySelector(`[id="${link.getAttribute("href").slice(1)}"]`)
    return {
        isAlert: here.matches("[role=alert]") && here.getBoundingClientRect().top >= 0,
        lost: [...here.querySelectorAll("a")].filter((link) => !goal(link)).length,
        goals: [...here.querySelectorAll("a")].length,
        wrong: [...document.querySelectorAll("main [aria-invalid=true]")].map(said),
    }
}"""
Go = Callable[[str], Page]


@pytest.fixture(scope="module")
def site(portal_app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Go]]:
    """A portal with a dataset, a table and a reuse to read, and a page of each person."""
    with (
        whole_portal(portal_app, tmp_path_factory.mktemp("territory")),
        serving(portal_app) as address,
        chromium() as browser,
    ):
        contribution_rows.make_trees()
        contribution_rows.propose()
        deposit("acigne", park(1))
        act("territoire_flag_create", schema=SLUG, key="35001-P-001", kind="gone")
        pages: dict[str, Page] = {}

        def page_of(person: str) -> Page:
            if person not in pages:
                pages[person] = new_page(browser, java_script_enabled=False, base_url=address)
                if person:
                    Visit(pages[person], address).log_in(person)
            return pages[person]

        yield address, page_of


@pytest.fixture
def go(site: tuple[str, Go], monkeypatch: pytest.MonkeyPatch) -> Go:
    """Open a page of a person, who is signed in once."""
    # forms may lead to our own address only
    monkeypatch.setitem(config, "ckan.site_url", site[0])
    return site[1]


@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_is_refused_says_where_and_why(go: Go, form: str) -> None:
    person, path, button, typed = FORMS[form]
    page = go(person)
    page.goto(path)
    send(page, button, typed)
    page.locator("[role=alert]:focus").wait_for()  # the browser gives it once the page is drawn

    told = page.evaluate(TOLD)

    assert page.title().startswith("Erreur\xa0: ")
    assert told["isAlert"]
    assert told["goals"], page.inner_text("[role=alert]")
    assert told["lost"] == 0
    assert told["wrong"], "no field is marked"
    assert all(texts and all(each.strip("? \n") for each in texts) for texts in told["wrong"])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('.field, .is-wrong, main') !== null")


def send(page: Page, button: str, typed: dict[str, str]) -> None:
    """Fill a form and send it, past what the browser itself would ask."""
    pressed = page.locator("main form button").filter(has_text=button).first
    form = pressed.locator("xpath=ancestor::form")
    form.evaluate("form => { form.noValidate = true }")
    for name, value in typed.items():
        form.locator(f"[name='{name}']").fill(value)
    with page.expect_navigation():
        pressed.click()


def test_a_visitor_without_an_account_is_told_which_answers_are_missing(go: Go) -> None:
    page = go("")
    page.goto("/user/login")
    send(page, "Se connecter", {"login": "mairie", "password": PASSWORD + "!"})
    described = page.get_attribute("#field-password", "aria-describedby")
    assert described
    assert page.inner_text(f"#{described}") == page.inner_text("[role=alert] a")
