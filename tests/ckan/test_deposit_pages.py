"""The clerk's pages: deposit, read the report, decide, correct, type rows; from real forms."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from ckanext.territoire.portal import deposits
from schemas.load import latest
from tests.ckan.conftest import act
from tests.ckan.form_browser import Browser, Page
from tests.ckan.parking_rows import SLUG, park, to_csv
from tests.ckan.people import make_territory
from tests.unit.loopback import http, serving

DEPOSIT = f"/deposer/{SLUG}"
EXAMPLES = Path(deposits.__file__).resolve().parents[4] / "schemas" / "tables"


@pytest.fixture(autouse=True)
def people(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rennes Métropole with Acigné, Betton and Cesson-Sévigné, and who publishes for whom."""
    make_territory(tmp_path, monkeypatch)


@pytest.fixture
def clerk(app: Any) -> Browser:
    return logged_in(app, "mairie")


def logged_in(app: Any, name: str) -> Browser:
    browser = Browser(app)
    browser.log_in(name)
    return browser


def text(page: Page) -> str:
    """What a page says in its main part, without its title and menus."""
    return " ".join(page.tree.xpath("//main")[0].text_content().split())


def form_to(page: Page, ending: str) -> Any:
    return next(f for f in page.tree.forms if (f.action or "").split("?")[0].endswith(ending))


def send(
    browser: Browser, page: Page, ending: str, answers: Any = None, button: Any = None
) -> Page:
    return browser.send(page, form_to(page, ending), answers or {}, button)


def drop(browser: Browser, content: bytes, name: str = "parkings.csv", at: str = DEPOSIT) -> Page:
    """Choose a file in the drop zone and send it."""
    page = browser.open(at)
    form = next(f for f in page.tree.forms if f.get("class") == "drop")
    return browser.send(page, form, {"upload": [(io.BytesIO(content), name)]})


def publish(browser: Browser, page: Page, **answers: Any) -> Page:
    return send(browser, page, "/publier", answers)


def live_rows() -> list[dict[str, Any]]:
    """The rows of the merged table."""
    shown = act("package_show", id=SLUG)
    resource = next(r for r in shown["resources"] if r["format"] == "CSV")
    found = act("datastore_search", resource_id=resource["id"], limit=1000, sort="id")
    return list(found["records"])


# --- choose and deposit


def test_themes_expected_of_communes_come_first_with_their_help(clerk: Browser) -> None:
    page = clerk.open("/deposer")

    assert text(page).index("Attendu des communes") < text(page).index("Aussi possible")
    assert page.tree.xpath(f'//a[@href="/modeles/{SLUG}"]')
    assert text(page).count("Acigné") == 1  # one organisation: nothing to choose
    assert page.tree.xpath('//nav//a[@href="/deposer"]')


def test_a_search_narrows_the_themes_or_says_another_way(clerk: Browser) -> None:
    assert text(clerk.open("/deposer?q=parkings")).count("Lieux de stationnement") == 1
    assert "Rien ne répond à « licorne »" in text(clerk.open("/deposer?q=licorne")).replace(
        "\u00a0", " "
    )


def test_a_file_is_deposited_reported_published_and_taken_back(clerk: Browser) -> None:
    report = drop(clerk, to_csv(park(1), park(2), park(3, gratuit="parfois")))
    said = text(report)
    assert said.index("2 lignes bonnes") < said.index("1 ligne à corriger")
    assert said.index("1 ligne à corriger") < said.index("Ce que nous avons compris")
    assert "2 lignes ajoutées" in said
    assert "Gratuit" in said.split("Ligne à corriger")[1]

    done = publish(clerk, report)
    assert "2 lignes publiées" in done.text.replace("\u00a0", " ")
    assert [row["id"] for row in live_rows()] == ["35001-P-001", "35001-P-002"]
    assert done.tree.xpath(f'//main//a[@href="/dataset/{SLUG}"]')

    taken = send(clerk, done, "/annuler")
    assert "ne sont plus en ligne" in text(taken)
    assert live_rows() == []


def test_the_live_version_stands_beside_the_draft_and_comes_back(clerk: Browser) -> None:
    publish(clerk, drop(clerk, to_csv(*(park(n) for n in range(1, 8)))))
    second = drop(clerk, to_csv(*(park(n) for n in range(2, 10))))
    said = text(second)
    assert "8 lignes bonnes" in said
    assert "7 lignes en ligne aujourd’hui" in said
    assert "2 lignes ajoutées" in said
    assert "1 ligne retirée" in said

    done = publish(clerk, second)
    assert "7 lignes du dépôt précédent" in text(done).replace("\u00a0", " ")
    send(clerk, done, "/annuler")
    assert len(live_rows()) == 7


def test_a_file_without_a_declared_theme_is_recognised(clerk: Browser) -> None:
    valid = (EXAMPLES / "subventions" / latest("subventions").version / "valid.csv").read_bytes()
    report = drop(clerk, valid, "liste.csv", at="/deposer")
    assert "Subventions versées" in text(report)
    assert "lignes bonnes" in text(report)


def test_a_file_of_another_theme_is_asked_about_and_read_as_chosen(clerk: Browser) -> None:
    valid = (EXAMPLES / "subventions" / latest("subventions").version / "valid.csv").read_bytes()
    report = drop(clerk, valid, "liste.csv")
    assert "De quoi parle ce fichier ?" in text(report).replace("\u202f", " ")
    chosen = send(clerk, report, "/choisir", {"schema": latest("subventions").id})
    assert "Le fichier a été relu" in chosen.text
    assert "Publier les 3 lignes bonnes" in text(chosen)


def test_an_address_is_read_and_one_that_fails_keeps_what_was_typed(
    clerk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = http(to_csv(park(1)), "Content-Type: text/csv")

    def answer(path: Any, say: Any) -> None:
        say(good if path == "/parkings.csv" else http(b"", status="404 Not Found"))

    with serving(answer) as host:
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", host)
        page = clerk.open(DEPOSIT)
        form = next(f for f in page.tree.forms if "url" in f.fields)
        assert "1 ligne bonne" in text(
            clerk.send(page, form, {"url": f"http://{host}/parkings.csv"})
        )
        away = clerk.send(page, form, {"url": f"http://{host}/rien.csv"})
    assert "TER-FET-007" in text(away)
    assert away.tree.xpath('//input[@name="url"]/@value') == [f"http://{host}/rien.csv"]


def test_a_form_without_file_says_so(clerk: Browser) -> None:
    page = clerk.open(DEPOSIT)
    form = next(f for f in page.tree.forms if f.get("class") == "drop")
    assert "aucun fichier n’a été reçu" in text(clerk.send(page, form, {}))


def test_an_unreadable_file_says_what_it_is_and_gives_the_template(clerk: Browser) -> None:
    report = drop(clerk, b"%PDF-1.7\n...", "parkings.csv")
    assert "PDF" in text(report)
    assert "Publier" not in text(report)
    assert report.tree.xpath('//main//a[contains(@href, "/modele.xlsx")]')


def test_the_same_file_twice_is_said_to_be_in_line_already(clerk: Browser) -> None:
    publish(clerk, drop(clerk, to_csv(park(1))))
    assert "déjà en ligne" in drop(clerk, to_csv(park(1))).text


# --- decide


def test_the_brake_shows_the_difference_and_asks_for_a_tick(clerk: Browser) -> None:
    publish(clerk, drop(clerk, to_csv(*(park(n) for n in range(1, 21)))))
    report = drop(clerk, to_csv(*(park(n) for n in range(1, 11))))
    assert "Beaucoup de lignes disparaîtraient" in text(report)
    assert "10 lignes en ligne aujourd’hui ne sont plus dans ce fichier, sur 20" in text(report)
    [tick] = report.tree.xpath('//input[@name="accept"]')
    assert (tick.get("value"), tick.get("form")) == ("brake", "publish")

    refused = publish(clerk, report)
    assert "TER-TAB-071" in refused.text
    assert len(live_rows()) == 20
    publish(clerk, refused, accept="brake")
    assert len(live_rows()) == 10


def test_rows_of_another_commune_are_counted_by_name(clerk: Browser) -> None:
    report = drop(clerk, to_csv(park(1), park(2, "35024"), park(3, "35024")))
    assert "surtout celles d’autres communes" in text(report)
    assert "Betton : 2 lignes" in text(report).replace("\u00a0", " ")


def test_personal_data_is_told_where_it_is_and_decided_from_the_report(clerk: Browser) -> None:
    report = drop(clerk, to_csv(park(1, nom="Appeler le 06 12 34 56 78"), park(2)))
    said = text(report).replace("\u00a0", " ")
    assert "Numéros de téléphone : colonne « Nom », ligne 2" in said
    assert "12 34 56 78" not in said
    assert "Publier" not in said.split("Ce que nous avons compris")[0].split("Décider")[1]
    assert "téléphone" in text(clerk.open(link(report, "/donnees-personnelles/")))


def test_a_page_left_open_does_not_take_back_what_came_after_it(clerk: Browser) -> None:
    first = publish(clerk, drop(clerk, to_csv(park(1))))
    publish(clerk, drop(clerk, to_csv(park(1), park(2))))
    answered = send(clerk, first, "/annuler")
    assert "n’est plus en ligne" in answered.text
    assert len(live_rows()) == 2


def test_a_refused_deposit_changes_nothing(clerk: Browser) -> None:
    publish(clerk, drop(clerk, to_csv(park(1))))
    refused = send(clerk, drop(clerk, to_csv(park(2))), "/refuser")
    assert "Ce dépôt a été refusé" in text(refused)
    assert [row["id"] for row in live_rows()] == ["35001-P-001"]


def test_a_reading_is_changed_and_taken_back(clerk: Browser) -> None:
    content = to_csv(park(1)).replace(b"nom,", b"etiquette,", 1)
    report = drop(clerk, content)
    assert "Colonnes obligatoires absentes du fichier : Nom" in text(report).replace("\u00a0", " ")
    assert "0 ligne bonne" in text(report)

    chosen = send(clerk, report, "/choisir", {"column-1": "nom"})
    assert "1 ligne bonne" in text(chosen)
    again = send(clerk, chosen, "/choisir", button=("again", "1"))
    assert "0 ligne bonne" in text(again)


# --- correct


def test_bad_rows_are_corrected_by_hand_in_all_rows_alike(clerk: Browser) -> None:
    report = drop(clerk, to_csv(*(park(n, gratuit="parfois") for n in (1, 2, 3)), park(4)))
    grid = clerk.open(link(report, "/corriger"))
    assert "Corriger de même les 3 lignes" in text(grid)
    done = send(clerk, grid, "/corriger", {"c.2.gratuit": "true", "a.2.gratuit": "1"})
    assert "1 correction enregistrée" in done.text.replace("\u00a0", " ")
    assert "4 lignes bonnes" in text(done)


def test_one_proposal_is_accepted_then_all_similar_ones(clerk: Browser) -> None:
    rows = [park(n, type_usagers="abonnes!") for n in (1, 2, 3)]
    report = drop(clerk, to_csv(*rows, park(4)))
    grid = clerk.open(link(report, "/corriger"))
    [one] = grid.tree.xpath('//button[@name="accept" and @value="2.type_usagers"]')
    assert "abonnés" in one.text_content()
    done = send(clerk, grid, "/corriger", button=("accept", "2.type_usagers"))
    assert "2 lignes bonnes" in text(done)

    grid = clerk.open(link(done, "/corriger"))
    [every] = set(grid.tree.xpath('//button[@name="accept_all" and @value!="*"]/@value'))
    done = send(clerk, grid, "/corriger", button=("accept_all", every))
    assert "4 lignes bonnes" in text(done)


def test_a_file_without_identifiers_gets_them_in_one_click_and_keeps_them(clerk: Browser) -> None:
    rows = [park(n, id="", type_usagers="abonnes!") for n in (1, 2, 3)]
    report = drop(clerk, to_csv(*rows))
    grid = clerk.open(link(report, "/corriger"))
    assert "la plateforme en propose un" in text(grid)
    done = send(clerk, grid, "/corriger", button=("accept_all", "*"))
    assert "3 lignes bonnes" in text(done)
    publish(clerk, done)
    first = {row["nom"]: row["id"] for row in live_rows()}

    fuller = [*reversed(rows), park(4, id="")]
    later = drop(clerk, to_csv(*fuller))
    assert "3 lignes bonnes" in text(later)
    publish(clerk, later)
    assert {row["nom"]: row["id"] for row in live_rows()} == first


def test_a_live_row_that_is_corrected_is_in_line_at_once(clerk: Browser) -> None:
    live = publish(clerk, drop(clerk, to_csv(park(1), park(2, gratuit="parfois"))))
    grid = clerk.open(link(live, "/corriger"))
    send(clerk, grid, "/corriger", {"c.3.gratuit": "false"})
    assert [row["gratuit"] for row in live_rows()] == [True, False]


def test_nothing_changed_is_said_and_the_page_stays(clerk: Browser) -> None:
    report = drop(clerk, to_csv(park(1, gratuit="parfois")))
    grid = clerk.open(link(report, "/corriger"))
    assert "Aucune valeur n’a été changée" in text(send(clerk, grid, "/corriger"))


def test_bad_rows_are_downloaded_with_their_reasons_and_no_formula(clerk: Browser) -> None:
    cheat = "=HYPERLINK(1)"
    report = drop(clerk, to_csv(park(1, gratuit="parfois", nom=cheat), park(2)))
    answer = clerk.client.get(link(report, "/lignes-a-corriger.csv"))
    content = answer.get_data().decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(content), delimiter=";")
    assert row["ligne"] == "2"
    assert "TER-VAL-102" in row["a_corriger"]
    assert row["nom"] == f"'{cheat}"
    assert answer.cache_control.private
    assert not answer.cache_control.public


# --- type rows


def entry(browser: Browser, page: Page, answers: Any = None, button: str = "check") -> Page:
    form = next(f for f in page.tree.forms if f.get("data-entry") is not None)
    return browser.send(page, form, answers or {}, (button, "1"))


def typed(number: int, row: dict[str, Any]) -> dict[str, str]:
    return {f"r.{number}.{name}": str(value) for name, value in row.items()}


def test_rows_are_typed_checked_and_taken_up_again(clerk: Browser) -> None:
    page = clerk.open(f"{DEPOSIT}/saisir")
    assert len(page.tree.xpath("//main//tbody/tr")) == 5
    report = entry(clerk, page, typed(0, park(1)) | typed(1, park(2, nb_places="beaucoup")))
    assert "1 ligne bonne" in text(report)
    assert "1 ligne à corriger" in text(report)

    again = clerk.open(link(report, "depot="))
    assert again.tree.xpath('//input[@name="r.1.nb_places"]/@value') == ["beaucoup"]
    report = entry(clerk, again, {"r.1.nb_places": "12"})
    assert "2 lignes bonnes" in text(report)
    assert text(clerk.open("/depots")).count("à publier") == 1  # the first draft is left out


def test_adding_rows_loses_nothing_that_was_typed(clerk: Browser) -> None:
    page = clerk.open(f"{DEPOSIT}/saisir")
    more = entry(clerk, page, {"r.4.nom": "Parking de la gare"}, button="add")
    assert len(more.tree.xpath("//main//tbody/tr")) == 10
    assert more.tree.xpath('//input[@name="r.4.nom"]/@value') == ["Parking de la gare"]


def test_nothing_typed_is_refused_with_a_sentence(clerk: Browser) -> None:
    answered = entry(clerk, clerk.open(f"{DEPOSIT}/saisir"))
    assert "TER-API-100" in text(answered)
    assert len(answered.tree.xpath("//main//tbody/tr")) == 5


def test_the_grid_begins_with_the_rows_in_line_and_those_that_wait(clerk: Browser) -> None:
    rows = [park(1), park(2, gratuit="false"), park(4, nb_places="beaucoup")]
    publish(clerk, drop(clerk, to_csv(*rows)))
    page = clerk.open(f"{DEPOSIT}/saisir")
    [chosen] = page.tree.xpath('//select[@name="r.1.gratuit"]/option[@selected]/@value')
    assert page.tree.xpath('//input[@name="r.0.id"]/@value') == ["35001-P-001"]
    assert chosen == "false"
    assert page.tree.xpath('//input[@name="r.2.nb_places"]/@value') == ["beaucoup"]
    report = entry(clerk, page, typed(3, park(3)))
    assert "1 ligne ajoutée" in text(report)
    assert "1 ligne à corriger" in text(report)
    assert "retirée" not in text(report).split("Ce qui changerait")[1]


# --- the list


def test_what_waits_is_listed_first_and_an_empty_list_says_how_to_begin(clerk: Browser) -> None:
    assert "Rien n’a encore été déposé pour Acigné" in text(clerk.open("/depots"))
    publish(clerk, drop(clerk, to_csv(park(1))))
    drop(clerk, to_csv(park(1), park(2)))
    said = text(clerk.open("/depots"))
    assert said.index("Vous attendent") < said.index("Déjà traités")
    assert said.index("à publier") < said.index("en ligne")
    assert "1 dépôt vous attend" in text(clerk.open("/deposer")).replace("\u00a0", " ")


def test_an_officer_chooses_for_whom(app: Any) -> None:
    officer = logged_in(app, "agent")
    page = officer.open("/deposer")
    assert page.tree.xpath('//select[@name="pour"]/option[@selected]/@value') == [
        "rennes-metropole"
    ]
    report = drop(officer, to_csv(park(1)), at=f"{DEPOSIT}?pour=acigne")
    assert "n’a pas donné mandat" in text(report)
    act("territoire_mandate_set", organization="acigne", reference="Délibération du 12 mai")
    assert "1 ligne bonne" in text(drop(officer, to_csv(park(1)), at=f"{DEPOSIT}?pour=acigne"))
    assert "sur mandat" in text(officer.open("/depots?pour=acigne"))


# --- rights and safety

PAGES = ("/deposer", DEPOSIT, f"{DEPOSIT}/saisir", "/depots", "/depots/inconnu")
ACTIONS = ("publier", "refuser", "annuler", "choisir", "corriger")


def test_a_visitor_is_led_to_the_login_page_and_back(app: Any) -> None:
    browser = Browser(app)
    for path in PAGES:
        answer = browser.client.get(path, follow_redirects=False)
        assert answer.headers["Location"].endswith(f"/user/login?came_from={path}")


def test_another_commune_sees_and_changes_nothing(app: Any, clerk: Browser) -> None:
    report = drop(clerk, to_csv(park(1), park(2, gratuit="parfois")))
    other = logged_in(app, "voisine")
    for page in ("", "/corriger", "/lignes-a-corriger.csv"):
        assert other.open(f"{report.url}{page}").status == 403
    assert other.open("/deposer?pour=acigne").status == 403
    assert other.open("/depots?pour=acigne").status == 403
    own = other.open("/deposer")
    token = {"_csrf_token": own.tree.xpath('//input[@name="_csrf_token"]/@value')[0]}
    for action in ACTIONS:
        assert other.client.post(f"{report.url}/{action}", data=token).status_code == 403
    assert "Publier la ligne bonne" in text(clerk.open(report.url))


def test_a_reader_of_the_commune_is_told_whom_to_ask(app: Any) -> None:
    page = logged_in(app, "lectrice").open("/deposer")
    assert page.status == 403
    assert "à l’intercommunalité" in page.text


def test_a_form_without_its_token_is_refused(clerk: Browser) -> None:
    report = drop(clerk, to_csv(park(1)))
    for action in ACTIONS:
        assert 400 <= clerk.client.post(f"{report.url}/{action}").status_code < 500
    assert "Publier la ligne bonne" in text(clerk.open(report.url))


def test_markup_of_a_file_is_shown_as_text(clerk: Browser) -> None:
    evil = "<img src=x onerror=alert(1)>"
    content = to_csv(park(1, gratuit=evil, nom=evil), park(2)).replace(b"tarif_1h", evil.encode())
    report = drop(clerk, content, f"{evil}.csv")
    grid = clerk.open(link(report, "/corriger"))
    for page in (report, grid, clerk.open("/depots")):
        assert page.tree.xpath('//img[@src="x"]') == []
        assert "<img src=x" not in page.text
    assert grid.tree.xpath('//*[@name="c.2.gratuit"]')


def test_the_guides_are_in_the_help_and_lead_to_one_another(clerk: Browser) -> None:
    listed = clerk.open("/aide")
    assert "Guide de l’agent de la commune" in text(listed)
    guide = clerk.open("/aide/agent-commune")
    assert "Corriger des lignes" in text(guide)
    assert guide.tree.xpath('//a[@href="/aide/publier-un-jeu"]')
    assert clerk.open("/aide/licorne").status == 404


def test_a_member_finds_the_way_from_the_page_of_the_commune(app: Any, clerk: Browser) -> None:
    link_to = '//main//a[@href="/deposer?pour=acigne"]'
    assert clerk.open("/commune/acigne").tree.xpath(link_to)
    assert not logged_in(app, "voisine").open("/commune/acigne").tree.xpath(link_to)
    assert not Browser(app).open("/commune/acigne").tree.xpath(link_to)


def link(page: Page, part: str) -> str:
    """The address of the link of a page that holds a part."""
    return str(page.tree.xpath(f'//main//a[contains(@href, "{part}")]/@href')[0])
