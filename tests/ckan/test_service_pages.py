"""Where to park, what my commune publishes, what the home page asks: from real merged tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ckan.plugins import toolkit

from ckanext.territoire import minute
from ckanext.territoire.delivery import database
from ckanext.territoire.services import parking, places
from ckanext.territoire.services.asked import Asked
from ckanext.territoire.services.public_tables import public_tables
from tests.ckan.conftest import act
from tests.ckan.form_browser import Browser, Page
from tests.ckan.parking_rows import NAMES, SLUG, park, upload
from tests.ckan.whole_portal import whole_portal

PARKING = "/ou-se-garer"
MORE = (*NAMES, "nb_pmr", "nb_voitures_electriques", "adresse")


@pytest.fixture(scope="module")
def app(portal_app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Three communes of which none has published yet."""
    with whole_portal(portal_app, tmp_path_factory.mktemp("territory")) as test_app:
        forget()
        yield test_app
        forget()


def forget() -> None:
    with database.transaction() as cursor:
        cursor.execute("TRUNCATE territoire.flag")


@pytest.fixture(scope="module")
def parks(app: Any) -> None:
    """Three car parks of Acigné, one of Betton, online."""
    first = car_park(1, nb_pmr=2, adresse="3 rue de la Gare")
    low = car_park(3, hauteur_max="190", nb_voitures_electriques=4)
    publish("acigne", first, car_park(2, gratuit="false"), low)
    publish("betton", car_park(1, "35024", nom="Parking du canal", nb_pmr=1))


def car_park(number: int, insee: str = "35001", **more: Any) -> dict[str, Any]:
    return {"nb_pmr": 0, "nb_voitures_electriques": 0, "adresse": ""} | park(number, insee, **more)


def publish(owner: str, *rows: dict[str, Any]) -> None:
    lines = [",".join(MORE), *(",".join(str(row[name]) for name in MORE) for row in rows)]
    told = act("territoire_delivery_create", organization=owner, schema=SLUG,
               upload=upload("\n".join(lines).encode()))  # fmt: skip
    act("territoire_delivery_publish", id=told["id"])
    minute.forget()


def text(page: Page) -> str:
    told = page.tree.xpath("//main")[0].text_content()
    return " ".join(told.replace("\xa0", " ").replace("\u202f", " ").split())


def found(app: Any, query: str = "") -> list[str]:
    """The names on the list of the page, in their order."""
    page = Browser(app).open(f"{PARKING}{query}")
    return [each.text_content() for each in page.tree.xpath("//ol[@id='liste']//h3/a")]


def test_nobody_has_published_yet(app: Any) -> None:
    page = Browser(app).open(PARKING)
    assert page.status == 200
    assert "Aucune commune n’a encore publié" in text(page)
    assert page.tree.xpath("//main//a[@href='/communes']")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Parking 1", "Parking 2", "Parking 3", "Parking du canal"]),
        ("?pmr=oui", ["Parking 1", "Parking du canal"]),
        ("?pmr=oui&commune=35001", ["Parking 1"]),
        ("?gratuit=oui&commune=35001", ["Parking 1", "Parking 3"]),
        ("?recharge=oui", ["Parking 3"]),
        ("?hauteur=2,10&commune=35001", ["Parking 1", "Parking 2"]),
        ("?hauteur=1,90&commune=35001", ["Parking 1", "Parking 2", "Parking 3"]),
        ("?autour=Betton", ["Parking du canal", "Parking 1", "Parking 2", "Parking 3"]),
        ("?autour=48.1828,-1.643", ["Parking du canal", "Parking 1", "Parking 2", "Parking 3"]),
        ("?autour=canal", ["Parking du canal", "Parking 1", "Parking 2", "Parking 3"]),
        ("?pmr=oui&recharge=oui", []),
        ("?page=9", []),
    ],
)
def test_the_list_holds_what_fits(app: Any, parks: None, query: str, names: list[str]) -> None:
    assert found(app, query) == names


def test_a_place_says_its_facts_its_source_and_whom_to_ask(app: Any, parks: None) -> None:
    page = Browser(app).open(f"{PARKING}?commune=35001")
    told = text(page)
    for part in ("3 rue de la Gare", "gratuit", "11 places", "Source : Acigné", "Mairie d’Acigné",
                 "hauteur limitée à 1,90 m", "Signaler une erreur"):  # fmt: skip
        assert part in told
    report = page.tree.xpath("//ol[@id='liste']//a[contains(@href, 'signaler')]")
    assert len(report) == 3
    assert "Parking 1" in report[0].get("aria-label")


def test_what_is_not_understood_is_said(app: Any, parks: None) -> None:
    page = Browser(app).open(f"{PARKING}?autour=licorne&hauteur=haut")
    assert "« licorne » n’est pas un lieu" in text(page)
    assert "« haut » n’est pas une hauteur" in text(page)
    assert len(found(app, "?autour=licorne")) == 4


def test_the_empty_answer_has_a_way_out_and_keeps_what_was_asked(app: Any, parks: None) -> None:
    page = Browser(app).open(f"{PARKING}?pmr=oui&recharge=oui")
    assert "Rien ne répond à tous ces choix" in text(page)
    assert len(page.tree.xpath("//input[@type='checkbox' and @checked]")) == 2


def test_map_and_list_hold_the_same_things(app: Any, parks: None) -> None:
    page = Browser(app).open(f"{PARKING}?pmr=oui")
    dots = page.tree.xpath("//svg//a/@aria-label")
    told = app.get(f"{PARKING}/points.geojson?pmr=oui").json
    assert dots == ["Parking 1", "Parking du canal"]
    assert [each["properties"]["label"] for each in told["features"]] == dots
    longitude, latitude = told["features"][0]["geometry"]["coordinates"]
    assert (round(longitude, 4), round(latitude, 4)) == (-1.5364, 48.1332)


def test_the_list_costs_one_statement_whatever_its_length(
    parks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def reading(query: str, values: Any = ()) -> Any:
        seen.append(query)
        return database.read(query, values)

    monkeypatch.setattr(places, "read", reading)
    told = places.find_places(parking.PARKING, public_tables()[SLUG], Asked(), None)
    assert told.total == 4
    assert len(seen) == 1


def test_a_private_table_is_as_absent_everywhere(app: Any, parks: None) -> None:
    act("package_patch", id=SLUG, private=True)
    minute.forget()
    try:
        pages = [text(Browser(app).open(path)) for path in (PARKING, "/", "/commune/acigne")]
        assert app.get(f"{PARKING}/points.geojson", status=404)
    finally:
        act("package_patch", id=SLUG, private=False)
        minute.forget()
    assert "Aucune commune n’a encore publié" in pages[0]
    assert "Où se garer" not in pages[1]
    assert "places de parking" not in pages[2]


def test_no_other_site_is_allowed_but_that_of_the_base_map(
    app: Any, parks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "http" not in app.get(PARKING).headers["Content-Security-Policy"]
    monkeypatch.setitem(toolkit.config, "ckanext.territoire.map.base", "ign")
    policy = app.get(PARKING).headers["Content-Security-Policy"]
    assert policy.count("https://data.geopf.fr") == 2
    assert "script-src 'self';" in policy
    assert "http" not in app.get("/").headers["Content-Security-Policy"]


def test_a_flag_is_told_on_the_list(app: Any, parks: None) -> None:
    act("territoire_flag_create", schema=SLUG, key="35001-P-001", kind="gone")
    assert "la commune examine ce signalement" in text(Browser(app).open(PARKING))


# --- the home page and the communes


def test_the_home_page_asks_what_the_portal_can_answer(app: Any, parks: None) -> None:
    page = Browser(app).open("/")
    told = text(page)
    assert "Où se garer ? 4 parkings dans 2 communes" in told
    assert "Quand sortir mes poubelles" not in told
    assert "47 places de parking dans 4 parkings" in told
    assert "Betton : 1 ligne ajoutée" in told


def test_a_commune_shows_its_figures_its_questions_and_what_moved(app: Any, parks: None) -> None:
    told = text(Browser(app).open("/commune/acigne"))
    assert "36 places de parking dans 3 parkings" in told
    assert "Où se garer ? 3 parkings" in told
    assert "3 lignes ajoutées" in told
    assert "Mairie" in told
    other = text(Browser(app).open("/commune/cesson-sevigne"))
    assert "en chiffres" not in other
    assert "n’a pas encore publié" in other


def test_the_answer_to_a_flag_is_news_of_the_commune(app: Any, parks: None) -> None:
    made = act("territoire_flag_create", schema=SLUG, key="35001-P-001", kind="gone")
    act("territoire_flag_answer", id=made["id"], state="refused", answer="Il est toujours là.")
    assert "Il est toujours là." in text(Browser(app).open("/commune/acigne"))


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("Acigné", "acigne"),
        ("acigne", "acigne"),
        ("35510", "cesson-sevigne"),
        ("cesson sevigne", "cesson-sevigne"),
        ("Bettonn", "betton"),
    ],
)
def test_a_commune_is_chosen_by_its_name_or_its_postcode(
    app: Any, asked: str, leads_to: str
) -> None:
    assert Browser(app).open(f"/communes?q={asked}").url == f"/commune/{leads_to}"


def test_a_commune_that_is_not_here_is_said_and_no_cookie_is_set(app: Any) -> None:
    page = Browser(app).open("/communes?q=Marseille")
    assert "« Marseille » n’est pas une commune de ce territoire" in text(page)
    answer = app.get("/communes?q=Marseille")
    assert "Set-Cookie" not in answer.headers


def test_the_preview_of_the_merged_table_leads_to_each_row(app: Any, parks: None) -> None:
    shown = act("package_show", id=SLUG)
    resource = next(each for each in shown["resources"] if each["format"] == "CSV")
    page = Browser(app).open(f"/dataset/{SLUG}/resource/{resource['id']}/apercu")
    links = page.tree.xpath("//table//a[contains(@href, '/ligne/')]/@href")
    assert len(links) == 4
    row = Browser(app).open(links[0])
    assert "Signaler une erreur" in text(row)
    assert app.get(links[0], follow_redirects=False).location.endswith("cle=35001-P-001")
