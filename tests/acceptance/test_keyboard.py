"""The paths of a citizen, of a clerk and of the officer by the keyboard alone.

Every step is reached with Tab, in the order of the page, shows its focus and is left again. The
path of a citizen from a question to a flag is in `test_citizen_story`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from ckan import model
from ckan.common import config
from ckan.lib import app_globals
from ckan.plugins import toolkit

from ckanext.territoire.harvest_adapter import runner, sources
from ckanext.territoire.identity import store
from tests.acceptance.keyboard import TABS, Keyboard
from tests.acceptance.portal_site import Visit, chromium, serving
from tests.acceptance.test_clerk_story import said
from tests.ckan import contribution_rows
from tests.ckan.conftest import act, add_source
from tests.ckan.form_browser import PASSWORD
from tests.ckan.parking_rows import SLUG, deposit, park, to_csv
from tests.ckan.portal_server import Portal, package, portal_of
from tests.ckan.whole_portal import whole_portal

FILE = {"url": "https://fichiers.exemple.fr/bancs.csv", "name": "bancs.csv", "format": "CSV"}


class Site:
    """A portal that is served; each story has its own browser, since one that has downloaded a
    file gives up a later page now and then."""

    def __init__(self, address: str) -> None:
        self.address = address


@pytest.fixture(scope="module")
def site(portal_app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A table of car parks."""
    with (
        whole_portal(portal_app, tmp_path_factory.mktemp("territory")),
        serving(portal_app) as address,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setitem(config, "ckan.site_url", address)
        deposit("acigne", park(1), park(2))
        yield Site(address)


@pytest.fixture
def keys(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keyboard]:
    # CKAN's plugin of pytest puts the settings back before each test, and CKAN when they change
    for settings in (config, app_globals._CONFIG_CACHE):
        monkeypatch.setitem(settings, "ckan.site_url", site.address)
    with chromium() as browser:
        yield Keyboard(Visit.begin(browser, site.address).page)


def begin(keys: Keyboard, site: Site, path: str, person: str = "") -> None:
    """Open a page; a person signs in first, with the keyboard."""
    keys.page.emulate_media(reduced_motion="reduce")
    keys.page.goto(urljoin(site.address, path), wait_until="networkidle")
    if person:
        keys.type("main input[name=login]", person)
        keys.type("main input[name=password]", PASSWORD)
        keys.press("Enter")


def test_anybody_searches_reads_a_dataset_and_downloads_its_file(
    keys: Keyboard, site: Site
) -> None:
    begin(keys, site, "/")
    keys.type("main input[name=q]", "stationnement")
    keys.press("Enter")
    keys.enter(f"main a[href$='/dataset/{SLUG}']")
    keys.reach("main a[aria-label^='Télécharger']")
    with keys.page.expect_download() as downloading:
        keys.page.keyboard.press("Enter")
    assert "Parking 1" in Path(downloading.value.path()).read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("place", ["/", "/dataset/", f"/dataset/{SLUG}", "/ou-se-garer"])
def test_tab_follows_the_page_and_leaves_it(keys: Keyboard, site: Site, place: str) -> None:
    begin(keys, site, place)
    seen: list[int] = []
    for _ in range(TABS):
        keys.page.keyboard.press("Tab")
        here = keys.here()["place"]
        if here < 0 or here in seen:
            break
        seen.append(here)
    assert 10 < len(seen) < TABS
    assert seen == sorted(seen)


def link(**asked: Any) -> str:
    """The place of a link that the officer makes."""
    made = toolkit.get_action("territoire_link_create")({"user": "agent"}, asked)
    return urlsplit(made["address"]).path


def test_a_clerk_deposits_corrects_and_publishes_from_an_invitation(
    keys: Keyboard, site: Site, tmp_path: Path
) -> None:
    file = tmp_path / "parkings.csv"
    file.write_bytes(to_csv(park(1, "35024"), park(2, "35024", nb_places="une dizaine")))
    begin(keys, site, link(kind="deposit", organization="betton", schema=SLUG))
    keys.give_file("input[type=file]", file)
    keys.enter("button", "Déposer ce fichier")
    assert "1 ligne à corriger" in said(keys.page)

    keys.enter("a", "Corriger la ligne")
    keys.type("input[name='c.3.nb_places']", "12")
    keys.press("Enter")
    assert "2 lignes bonnes" in said(keys.page)
    keys.enter("button", "Publier les 2 lignes bonnes")
    assert "C’est en ligne, merci" in said(keys.page)


def test_a_clerk_corrects_from_a_repair_link_and_goes_back_on_the_way(
    keys: Keyboard, site: Site
) -> None:
    half = deposit("betton", park(1, "35024"), park(2, "35024", type_usagers="tou", nb_places="?"))
    begin(keys, site, link(kind="repair", delivery=half))
    keys.reach("button", "Accepter « tous »")
    keys.reach("main [name='c.3.type_usagers']", back=True)
    keys.places.clear()
    keys.reach("button", "Accepter « tous »")
    keys.page.keyboard.press("Space")
    assert keys.here("main [name='c.3.nb_places']")["isWanted"], "the next cell has the focus"
    keys.page.keyboard.press("Control+A")
    keys.page.keyboard.type("12")
    keys.press("Enter")
    assert "Merci, plus rien à corriger" in said(keys.page)


def test_a_clerk_writes_a_dataset_is_refused_once_and_changes_it(
    keys: Keyboard, site: Site
) -> None:
    begin(keys, site, "/user/login?next=/dataset/new", "mairie")
    keys.enter("main button", "Continuer")
    assert keys.page.title().startswith("Erreur")
    keys.page.locator(".error-explanation:focus").wait_for()  # once the page is drawn
    keys.reach(".error-explanation a", "Titre")
    keys.page.keyboard.press("Enter")
    assert keys.here("#field-title[aria-invalid=true]")["isWanted"]
    keys.page.keyboard.type("Bancs publics")
    keys.places.clear()
    keys.type("#field-license_id", "Licence Ouverte")
    keys.enter("main button", "Continuer")
    keys.type("#field-url", "https://fichiers.exemple.fr/bancs-publics.csv")
    keys.enter("main button", "Publier")
    assert "Bancs publics" in said(keys.page)

    keys.enter("main a[href*='/dataset/edit/']")
    keys.type("#field-title", "Bancs des parcs")
    keys.enter("main button", "Enregistrer")
    assert "Bancs des parcs" in keys.page.inner_text("h1")


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    """A portal of seven datasets, one of them on benches."""
    benches = package(40, title="Bancs", resources=[FILE])
    with portal_of(benches, *(package(n) for n in range(41, 47))) as served:
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", served.host)
        yield served


def test_the_officer_adds_a_source_and_accepts_a_run_that_is_held(
    keys: Keyboard, site: Site, portal: Portal
) -> None:
    begin(keys, site, "/user/login?next=/pilotage", "agent")
    keys.enter("header a", "Moissons")
    keys.enter("main a", "Ajouter une source")
    keys.type("#url", portal.url)
    keys.enter("main button", "Continuer")
    keys.type("#organization", "Acign")
    keys.enter("main button", "Voir un aperçu")
    assert "Bancs" in said(keys.page)
    keys.enter("main button", "Ajouter la source")
    assert "Source ajoutée" in said(keys.page)
    [source] = sources.list_sources()
    runner.run_now(source)

    portal.packages = portal.packages[:1]
    runner.run_now(source)
    keys.page.reload(wait_until="networkidle")
    keys.places.clear()
    keys.enter("main a", "Voir ce qui changerait, et décider")
    keys.reach("summary", "Accepter ces changements")
    keys.page.keyboard.press("Space")
    keys.enter("main button", "Confirmer l’acceptation")
    assert "relancée" in said(keys.page)


def test_the_officer_merges_two_datasets(
    keys: Keyboard, site: Site, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with portal_of(package(50, title="Bancs de la commune", resources=[FILE])) as other:
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", f"{portal.host},{other.host}")
        for each, owner in ((portal, "acigne"), (other, "rennes-metropole")):
            runner.run_now(add_source(each, organization=owner, title=f"Portail {owner}"))
    begin(keys, site, "/user/login?next=/moissons/doublons", "agent")
    keys.reach("main input[name=winner]")
    kept = keys.page.evaluate("document.activeElement.value")
    keys.page.keyboard.press("ArrowRight")
    chosen = keys.page.evaluate("document.activeElement.value")
    assert chosen != kept
    keys.places.clear()
    keys.enter("main button", "Fusionner")
    assert "1 jeu a plusieurs origines" in said(keys.page)
    assert act("package_show", id=chosen)["state"] == "active"


def test_the_officer_moderates_a_reuse_and_a_question(keys: Keyboard, site: Site) -> None:
    contribution_rows.make_trees()
    contribution_rows.propose()
    contribution_rows.ask()
    begin(keys, site, "/user/login?next=/pilotage/contributions", "agent")
    keys.enter("main .flag-answer button", "Publier")
    keys.type("main .flag-answer textarea", "Oui, depuis 2024.")
    keys.enter("main .flag-answer button", "Répondre en public")
    assert "Rien n’attend" in said(keys.page)


def test_the_officer_gives_the_portal_its_name(keys: Keyboard, site: Site) -> None:
    with ExitStack() as stack:
        stack.callback(undress)
        begin(keys, site, "/user/login?next=/pilotage/identite", "agent")
        keys.type("#name", "Le pays ouvert")
        keys.enter("main button", "Publier cette identité")
        assert keys.page.inner_text(".site-name") == "Le pays ouvert"


def undress() -> None:
    """Give the portal back the identity of its installation."""
    with model.meta.engine.begin() as connection:
        connection.execute(store.UNSET, {"keys": [*store.SETTINGS.values(), store.MARK]})
    store.follow()
