"""A start-up, from the first address it reads to its reuse on the page of the dataset: an account,
a key, rows with it, a webhook that tells of what a clerk publishes, a question, a picture."""

from __future__ import annotations

import io
import json
import re
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from ckan.common import config
from PIL import Image
from playwright.sync_api import Browser, Page

from ckanext.territoire.portal import contribution_door, developer_pages
from ckanext.territoire.webhooks.worker import deliver_round
from tests.acceptance.portal_site import Visit, chromium, serving
from tests.acceptance.test_clerk_story import said
from tests.acceptance.test_pages import violations
from tests.ckan.mail_sink import Sink
from tests.ckan.mail_sink import receiving as receiving_mail
from tests.ckan.parking_rows import SLUG, deposit, park
from tests.ckan.webhook_receiver import Receiver, is_signed, receiving
from tests.ckan.whole_portal import whole_portal

EMAIL = "equipe@jeune-pousse.example"
WORDS = "un long mot de passe"


@dataclass(frozen=True)
class Site:
    address: str
    browser: Browser
    mail: Sink
    receiver: Receiver


@pytest.fixture(scope="module")
def site(portal_app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The car parks of one commune; mail and webhooks arrive on loopback."""
    with (
        whole_portal(portal_app, tmp_path_factory.mktemp("territory")),
        serving(portal_app) as address,
        chromium() as browser,
        pytest.MonkeyPatch.context() as patch,
        receiving_mail(patch) as mail,
        receiving() as receiver,
    ):
        patch.setitem(config, "ckan.site_url", address)
        patch.setattr(developer_pages, "LETTERS", 1_000_000)
        patch.setattr(contribution_door, "SENT", 1_000_000)
        patch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", receiver.host)
        deposit("acigne", park(1), park(2))
        yield Site(address, browser, mail, receiver)


def test_a_start_up_builds_on_the_data_and_shows_it(site: Site) -> None:
    visit = Visit.begin(site.browser, site.address)
    page = visit.page
    visit.open("/developpeurs")
    assert "Construire avec les données" in said(page)
    make_account(site, page)
    token = make_key(site, page)
    assert rows(site, token)["rows"][0]["nom"] == "Parking 1"
    secret = subscribe(site, page)

    deposit("betton", park(1, "35024", nom="Parking du canal"))
    deliver_round()
    told = [each for each in site.receiver.received if each.told["type"] == "table.changed"]
    assert [change["row"]["nom"] for each in told for change in each.changes] == [
        "Parking du canal"
    ]
    assert all(is_signed(each, secret) for each in told)
    page.reload()
    assert "1 changement" in said(page)

    dataset = propose(site, page)
    officer = Visit.begin(site.browser, site.address)
    decide(officer)
    officer.close()
    page.goto(dataset)
    assert "La carte des parkings" in said(page)
    assert violations(visit) == []
    assert visit.foreign() == []
    assert visit.errors == []
    visit.close()


def make_account(site: Site, page: Page) -> None:
    """From the page of keys, by the link of a letter."""
    page.click("main >> text=Clés")
    page.click("main >> text=Créer un compte")
    page.fill("#email", EMAIL)
    page.click("main form button")
    assert "C’est envoyé" in said(page)
    (link,) = re.findall(r"http://\S+/inscription/\S+", site.mail.text())
    page.goto(link)
    page.fill("#password", WORDS)
    page.click("main form button")
    page.wait_for_load_state()


def make_key(site: Site, page: Page) -> str:
    page.goto(f"{site.address}/developpeurs/cles")
    page.fill("#name", "Où je me gare")
    page.click("text=Faire la clé")
    token = page.input_value("#token")
    page.goto(f"{site.address}/developpeurs/cles")
    assert token not in page.content()
    return token


def rows(site: Site, token: str) -> dict[str, Any]:
    """Read the table with the key, as a program does."""
    asked = urllib.request.Request(
        f"{site.address}/api/territoire/v1/tables/{SLUG}/rows?sort=nom",
        headers={"Authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(asked, timeout=60) as answer:
        quota = int(re.findall(r";q=(\d+)", answer.headers["RateLimit-Policy"])[0])
        assert quota > int(config["ckanext.territoire.api.anonymous_per_minute"])
        return dict(json.load(answer))


def subscribe(site: Site, page: Page) -> str:
    """Subscribe the receiver to the table of car parks; answer the secret."""
    page.goto(f"{site.address}/developpeurs/abonnements")
    page.fill("#url", f"http://{site.receiver.host}/")
    page.check("input[name=kind][value=table]")
    page.select_option("select[name=of_table]", SLUG)
    page.click("text=Abonner cette adresse")
    secret = page.input_value("#secret")
    page.click("text=Vérifier l’adresse")
    assert "Adresse vérifiée" in said(page)
    return secret


def propose(site: Site, page: Page) -> str:
    """Show, from the page of the dataset, what was made; answer the address of the dataset."""
    page.goto(f"{site.address}/dataset?q=stationnement")
    page.click(".dataset-list a >> nth=0")
    page.wait_for_load_state()
    dataset = page.url
    page.click("text=Montrez ce que vous en faites")
    page.fill("#title", "La carte des parkings")
    page.select_option("#type", index=1)
    page.fill("#body", "Une carte de tous les parkings de l’agglomération.")
    page.fill("#url", "https://jeune-pousse.example/carte")
    page.fill("#author", "Jeune pousse")
    page.select_option("#theme", index=1)
    picture = io.BytesIO()
    Image.new("RGB", (640, 400), (20, 90, 60)).save(picture, "PNG")
    page.set_input_files(
        "#picture",
        {"name": "carte.png", "mimeType": "image/png", "buffer": picture.getvalue()},
    )
    page.fill("#alt", "La carte, avec un point par parking")
    page.click("main >> text=Proposer >> nth=-1")
    page.wait_for_load_state()
    page.goto(dataset)
    assert "La carte des parkings" not in said(page)
    return dataset


def decide(officer: Visit) -> None:
    """The officer reads the proposal and shows it."""
    page = officer.page
    officer.log_in("agent")
    officer.open("/pilotage/contributions")
    assert "La carte des parkings" in said(page)
    page.click("main .flag-answer button >> nth=0")
    page.wait_for_load_state()
    assert "Rien n’attend votre lecture" in said(page)
