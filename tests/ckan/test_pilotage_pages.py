"""The officer's pages: matrix, lists, one cell, decisions, personal data; and the public page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ckanext.territoire import publishers
from ckanext.territoire.delivery import mandate
from ckanext.territoire.harvest_adapter import runner, sources
from tests.ckan.conftest import act
from tests.ckan.form_browser import Browser, Page
from tests.ckan.parking_rows import SLUG, park, to_csv, upload
from tests.ckan.people import make_territory
from tests.ckan.portal_server import package, portal_of

Deposit = Callable[..., dict[str, Any]]
CELL = f"/pilotage/35001/{SLUG}"


@pytest.fixture(autouse=True)
def people(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rennes Métropole with Acigné, Betton and Cesson-Sévigné, and who publishes for whom."""
    make_territory(tmp_path, monkeypatch)


@pytest.fixture
def deposit() -> Deposit:
    """Deposit rows for a commune and publish what is not held; answer the delivery."""

    def run(*rows: dict[str, Any], org: str = "acigne") -> Any:
        told = act("territoire_delivery_create", organization=org, schema=SLUG,
                   upload=upload(to_csv(*rows)))  # fmt: skip
        if told["state"] != "draft":
            return told
        return act("territoire_delivery_publish", id=told["id"])

    return run


@pytest.fixture
def officer(app: Any) -> Browser:
    browser = Browser(app)
    browser.log_in("agent")
    return browser


def text(page: Page, path: str = "//main") -> str:
    return " ".join(page.tree.xpath(path)[0].text_content().split())


def form_to(page: Page, action: str) -> Any:
    return next(form for form in page.tree.forms if (form.action or "").endswith(action))


def held(deposit: Deposit) -> dict[str, Any]:
    """Twenty car parks of Acigné online, and a file that would leave ten."""
    deposit(*(park(n) for n in range(1, 21)))
    return deposit(*(park(n) for n in range(1, 11)))


def test_the_matrix_shows_each_commune_and_table_with_the_word_of_its_state(
    officer: Browser, deposit: Deposit
) -> None:
    held(deposit)
    page = officer.open("/pilotage")

    assert page.tree.xpath("//table//tbody/tr/th/a/text()") == [
        "Cesson-Sévigné", "Betton", "Acigné",
    ]  # fmt: skip
    [word] = page.tree.xpath(f'//td/a[contains(@href, "{CELL}")]/span/text()')
    assert "à décider" in word
    assert "demandé par la loi" in word
    assert "1 dépôt retenu" in text(page)
    assert "de la population servie" in text(page)


def test_a_filter_makes_a_list_with_the_next_action_of_each_cell(
    officer: Browser, deposit: Deposit
) -> None:
    done = deposit(park(1), park(2, nom=""))
    page = officer.open("/pilotage")
    form = page.tree.xpath('//form[@class="matrix-filter"]')[0]

    listed = officer.client.get("/pilotage", query_string={"theme": SLUG, "etat": "invalid"})
    tree = Page(listed.status_code, "", listed.get_data(as_text=True)).tree

    assert set(form.fields) == {"theme", "commune", "etat", "obligation"}
    assert tree.xpath("//table//tbody/tr/th/a/text()") == ["Acigné"]
    assert tree.xpath('//a[@class="act"]/@href') == [
        f"/depots/liens/nouveau?pour=acigne&depot={done['id']}"
    ]


def test_a_filter_that_finds_nothing_says_so_and_an_unknown_one_is_left_out(
    officer: Browser,
) -> None:
    assert "Aucune case ne répond" in text(officer.open("/pilotage?etat=fine"))
    assert officer.open("/pilotage?etat=licorne&theme=licorne").tree.xpath(
        '//table[@class="matrix"]'
    )


def test_only_what_the_law_asks_leaves_the_other_tables_out(officer: Browser) -> None:
    page = officer.open("/pilotage?obligation=1")
    titles = " ".join(page.tree.xpath("//table//thead//a/text()"))
    assert "Budget" in titles
    assert "Associations" not in titles


def test_the_page_of_a_cell_tells_its_history_and_leads_to_each_way_of_acting(
    officer: Browser, deposit: Deposit
) -> None:
    waiting = held(deposit)
    owner = publishers.find("betton")
    assert owner
    mandate.give(owner.id, "Courriel du 2 mars", "")

    decide = officer.open(CELL)
    absent = officer.open(f"/pilotage/35024/{SLUG}")

    links = decide.tree.xpath('//article//a[contains(@class, "button")]/@href')
    assert links == [f"/depots/{waiting['id']}"]
    assert "en attente d’une décision" in text(decide, "//table")
    assert "en ligne" in text(decide, "//table")
    assert absent.tree.xpath('//article//a[contains(@class, "button")]/@href')[:2] == [
        f"/depots/liens/nouveau?pour=betton&schema={SLUG}",
        f"/deposer/{SLUG}?pour=betton",
    ]
    [letter] = absent.tree.xpath('//a[starts-with(@href, "mailto:")]/@href')
    assert "n%E2%80%99est%20pas%20encore%20publi%C3%A9" in letter
    assert f"/modeles/{SLUG}" in letter
    assert "Courriel du 2 mars" in text(absent)


def test_the_ways_of_acting_that_a_cell_leads_to_open(officer: Browser, deposit: Deposit) -> None:
    deposit(park(1), park(2, nom=""))
    links = [
        *officer.open(CELL).tree.xpath('//article//a[contains(@class, "button")]/@href'),
        *officer.open(f"/pilotage/35024/{SLUG}").tree.xpath("//article//ul//a/@href"),
    ]
    for link in links:
        if link.startswith("/"):
            assert officer.open(link).status == 200, link


def test_an_unknown_cell_is_a_page_in_french(officer: Browser) -> None:
    page = officer.open(f"/pilotage/75056/{SLUG}")
    assert page.status == 404
    assert "aucune commune membre" in text(page)


def test_a_decision_is_taken_where_it_is_read(officer: Browser, deposit: Deposit) -> None:
    waiting = held(deposit)
    page = officer.open("/pilotage/decisions")
    assert "10 lignes retirées, 10 inchangées" in text(page).replace("\xa0", " ")
    assert page.tree.xpath(f'//a[@href="/depots/{waiting["id"]}"]')

    done = officer.send(page, form_to(page, waiting["id"]), {}, button=("accept", "oui"))

    assert "Dépôt accepté" in text(done)
    assert "Rien n’attend votre décision" in text(done)
    assert act("territoire_delivery_show", id=waiting["id"])["state"] == "live"


def test_a_refusal_leaves_what_is_online(officer: Browser, deposit: Deposit) -> None:
    waiting = held(deposit)
    page = officer.open("/pilotage/decisions")

    done = officer.send(page, form_to(page, waiting["id"]), {}, button=("accept", "non"))

    assert "n’a pas changé" in text(done)
    assert act("territoire_delivery_show", id=waiting["id"])["state"] == "refused"
    again = officer.send(page, form_to(page, waiting["id"]), {}, button=("accept", "non"))
    assert "n’attend plus" in text(again)


def test_what_cannot_be_accepted_as_it_is_has_no_button_for_it(
    officer: Browser, deposit: Deposit
) -> None:
    deposit(park(1, nom=""))
    page = officer.open("/pilotage/decisions")
    assert "Aucune ligne n’est valable" in text(page)
    assert page.tree.xpath("//main//button/@value") == ["non"]


def test_deposits_that_a_newer_one_has_replaced_wait_apart_and_are_refused_at_once(
    officer: Browser, deposit: Deposit
) -> None:
    old = [held(deposit)["id"], deposit(*(park(n) for n in range(1, 9)))["id"]]
    deposit(*(park(n) for n in range(1, 22)))
    assert "retenus" not in text(officer.open("/pilotage"))
    page = officer.open("/pilotage/decisions")
    assert "2 dépôts dépassés" in text(page)
    assert not page.tree.xpath("//ol[@class='decision-list']")

    done = officer.send(page, form_to(page, "/depasses"), {})

    assert "2 dépôts dépassés sont refusés" in text(done)
    assert {act("territoire_delivery_show", id=each)["state"] for each in old} == {"refused"}
    assert "Rien n’attend votre décision" in text(done)


def test_a_held_harvest_waits_among_the_decisions(
    officer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with portal_of(*(package(n) for n in range(12))) as portal:
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", portal.host)
        act("territoire_source_create", kind="ckan_portal", url=portal.url,
            organization="acigne", title="Portail")  # fmt: skip
        [source] = sources.list_sources()
        runner.run_now(source)
        portal.packages = []
        job_id, _ = runner.run_now(source)
    page = officer.open("/pilotage/decisions")
    assert "moisson retenue" in text(page)

    done = officer.send(page, form_to(page, job_id), {}, button=("accept", "non"))

    assert "rien n’a changé" in text(done)
    assert "Rien n’attend" in text(done)


def private() -> dict[str, Any]:
    rows = [park(n, info=f"Demander au 06 12 34 56 {n:02}") for n in range(1, 9)]
    return dict(act("territoire_delivery_create", organization="acigne", schema=SLUG, rows=rows))


def test_personal_data_is_decided_with_its_reason_and_registered(
    officer: Browser,
) -> None:
    waiting = private()
    page = officer.open("/pilotage/decisions")
    [link] = page.tree.xpath('//a[contains(@href, "donnees-personnelles")]/@href')
    shown = officer.open(link)
    form = form_to(shown, waiting["id"])
    assert "06 12" not in text(shown)

    refused = officer.send(shown, form, {"decision": "publish", "reason": "Numéro de la mairie"})
    kept = form_to(refused, waiting["id"])
    assert "TER-PUB-113" in text(refused)
    assert kept.fields["reason"] == "Numéro de la mairie"

    done = officer.send(refused, kept, {"decision": "mask"})
    assert "Décision enregistrée" in text(done)
    assert act("territoire_delivery_show", id=waiting["id"])["state"] == "draft"
    live = officer.send(done, form_to(done, "/publier"), {})  # a decision needs no mandate
    assert "8 lignes publiées" in text(live).replace("\xa0", " ")
    assert "Numéro de la mairie" in text(officer.open("/pilotage/registre"))
    file = officer.client.get("/pilotage/registre.csv")
    assert "Numéro de la mairie" in file.get_data(as_text=True)


def test_a_clerk_keeps_data_in_and_lets_nothing_out(app: Any) -> None:
    waiting = private()
    clerk = Browser(app)
    clerk.log_in("mairie")

    page = clerk.open(f"/pilotage/donnees-personnelles/{waiting['id']}")

    values = page.tree.xpath('//input[@name="decision"]/@value')
    assert set(values) == {"mask", "withhold"}
    assert clerk.open("/pilotage/registre").status == 403


def test_an_editor_of_the_epci_reads_and_is_not_led_to_what_is_refused(
    app: Any, deposit: Deposit
) -> None:
    held(deposit)
    editor = Browser(app)
    editor.log_in("redactrice")

    cell, queue = editor.open(CELL), editor.open("/pilotage/decisions")

    assert "Seul un administrateur" in text(cell)
    assert cell.tree.xpath('//main//a[starts-with(@href, "/depots")]') == []
    assert queue.tree.xpath("//main//button") == []
    assert "Pilotage" in text(cell, "//header")


def test_the_pages_are_closed_to_others(app: Any, officer: Browser) -> None:
    clerk, visitor = Browser(app), Browser(app)
    clerk.log_in("mairie")
    for path in ("/pilotage", "/pilotage/decisions", CELL, "/pilotage/registre"):
        assert clerk.open(path).status == 403, path
        assert visitor.open(path).url == "/user/login", path
    assert "Pilotage" not in text(clerk.open("/"), "//header")
    assert "Pilotage" not in text(visitor.open("/"), "//header")
    assert "Pilotage" in text(officer.open("/"), "//header")


def test_a_decision_without_its_token_is_refused(officer: Browser, deposit: Deposit) -> None:
    waiting = held(deposit)
    for path in (f"decisions/delivery/{waiting['id']}", f"donnees-personnelles/{waiting['id']}"):
        answer = officer.client.post(f"/pilotage/{path}", data={"accept": "oui"})
        assert 400 <= answer.status_code < 500
    assert act("territoire_delivery_show", id=waiting["id"])["state"] == "held"


def test_everyone_reads_who_publishes_what_with_a_table_beside_the_map(
    app: Any, deposit: Deposit
) -> None:
    deposit(park(1))
    deposit(park(1, "35051", nom=""), org="cesson-sevigne")
    visitor = Browser(app)

    whole, one = visitor.open("/suivi"), visitor.open(f"/suivi?theme={SLUG}")

    assert "1 commune sur 3" in text(whole).replace("\xa0", " ")
    assert whole.tree.xpath("//svg//a/@aria-label")[0].startswith("Acigné : 1")
    cells = [" ".join(" ".join(r.itertext()).split()) for r in one.tree.xpath("//tbody/tr")]
    assert cells == ["Acigné à jour", "Betton pas encore", "Cesson-Sévigné en cours"]
    assert one.tree.xpath(f'//a[@href="/dataset/{SLUG}"]')
    assert "corriger" not in text(one)
    assert visitor.open("/suivi?theme=licorne").status == 200
    assert visitor.open("/").tree.xpath('//footer//a[@href="/suivi"]')
