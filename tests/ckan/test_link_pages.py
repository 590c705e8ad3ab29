"""The pages of links, as a person without account opens them, and as those who make them do."""

from __future__ import annotations

import io
import logging
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from ckan.common import config
from ckan.plugins import toolkit
from redis import Redis

from ckanext.territoire import publishers
from ckanext.territoire.delivery import keep, publish
from ckanext.territoire.delivery import store as deliveries
from ckanext.territoire.delivery.database import read, transaction
from ckanext.territoire.delivery.model import By, Delivery
from ckanext.territoire.links import throttle
from schemas.load import latest
from tests.ckan.conftest import act
from tests.ckan.form_browser import Browser, Page
from tests.ckan.mail_sink import Sink, receiving
from tests.ckan.parking_rows import SLUG, park, to_csv
from tests.ckan.people import make_territory

Row = dict[str, Any]


@pytest.fixture(autouse=True)
def people(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_territory(tmp_path, monkeypatch)


@pytest.fixture(autouse=True)
def mails(people: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    with receiving(monkeypatch) as sink:
        yield sink


@pytest.fixture
def visitor(app: Any, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """Somebody without account; tests ask faster than people."""
    monkeypatch.setattr(throttle, "LIMIT", 10**6)
    return Browser(app)


def bad(number: int, **changes: Any) -> Row:
    return park(number, **({"nb_places": "beaucoup"} | changes))


def deliver(*rows: Row, organization: str = "acigne") -> Delivery:
    owner = publishers.find(organization)
    assert owner is not None
    feed = deliveries.open_feed(SLUG, owner.id, owner.insee)
    by = By(act("user_show", id="mairie")["id"])
    return publish.deliver(feed, keep.keep_rows(latest(SLUG), rows), by, SLUG)


def link_to(user: str = "agent", **data: Any) -> str:
    """Make a link; answer its path."""
    context = {"user": user, "ignore_auth": False}
    made = toolkit.get_action("territoire_link_create")(context, data)
    return str(made["address"]).removeprefix(str(config["ckan.site_url"]))


def repair_link(live: Delivery) -> str:
    return link_to(kind="repair", delivery=live.id)


def invitation(organization: str = "acigne", **data: Any) -> str:
    return link_to(kind="deposit", organization=organization, schema=SLUG, **data)


def text(page: Page) -> str:
    return " ".join(page.tree.text_content().split()).replace("\xa0", " ").replace("\u202f", " ")


def form_of(page: Page, ending: str = "") -> Any:
    """The first form of the page whose address ends so."""
    forms = page.tree.xpath("//main//form")
    return next(form for form in forms if (form.action or "").endswith(ending))


def names_online() -> list[str]:
    found = read("SELECT resource_id FROM territoire.merged WHERE slug = %s", (SLUG,))
    if not found:
        return []
    shown = act("datastore_search", resource_id=found[0]["resource_id"], sort="id", limit=1000)
    return [record["nom"] for record in shown["records"]]


def refused_with(browser: Browser, path: str) -> tuple[int, str]:
    page = browser.open(path)
    return page.status, text(page)


# the repair link


def test_a_repair_link_shows_the_bad_rows_alone_and_what_is_corrected_enters_at_once(
    visitor: Browser,
) -> None:
    path = repair_link(deliver(park(1), bad(2), bad(3)))
    page = visitor.open(path)
    assert "2 lignes à corriger" in text(page)
    assert "Parking 2" in text(page)
    assert "Parking 1" not in text(page)
    answered = visitor.send(page, form_of(page), {"c.3.nb_places": "40"})
    assert "1 correction enregistrée : 1 ligne vient d’entrer en ligne, 1 attend encore" in text(
        answered
    )
    assert names_online() == ["Parking 1", "Parking 2"]
    done = visitor.send(answered, form_of(answered), {"c.4.nb_places": "12"})
    assert "Merci, plus rien à corriger" in text(done)
    assert names_online() == ["Parking 1", "Parking 2", "Parking 3"]
    assert done.tree.xpath('//main//a[contains(@href, "/dataset/")]')


def test_a_proposal_is_accepted_alone_and_all_similar_at_once(visitor: Browser) -> None:
    wrong = [park(number, type_usagers="tou") for number in (2, 3, 4)]
    page = visitor.open(repair_link(deliver(park(1), *wrong)))
    first = page.tree.xpath('//button[@name="accept"]/@value')[0]
    one = visitor.send(page, form_of(page), {}, button=("accept", first))
    assert "2 attendent encore" in text(one)
    [every] = set(one.tree.xpath('//main//section//button[@name="accept_all"]/@value'))
    done = visitor.send(one, form_of(one), {}, button=("accept_all", every))
    assert "Merci" in text(done)
    assert len(names_online()) == 4


def test_who_corrected_is_traced_to_the_link(visitor: Browser) -> None:
    live = deliver(park(1), bad(2))
    page = visitor.open(repair_link(live))
    visitor.send(page, form_of(page), {"c.3.nb_places": "40"})
    now = deliveries.live_delivery(live.feed_id)
    [link] = read("SELECT id::text, uses FROM territoire.link")
    assert now is not None
    assert (now.by_way.value, now.by_id) == ("repair", link["id"])
    assert link["uses"] == 1


def test_a_correction_that_needs_a_decision_is_kept_and_waits_for_the_officer(
    visitor: Browser, mails: Sink
) -> None:
    path = repair_link(deliver(park(1), bad(2)))
    page = visitor.open(path)
    typed = {"c.3.nb_places": "40", "c.3.info": "Gardien : 06 12 34 56 78"}
    answered = visitor.send(page, form_of(page), typed)
    assert "Vos corrections sont gardées" in text(answered)
    assert names_online() == ["Parking 1"]
    assert mails.recipients == [["agent@mairie.example"]]
    [held] = read("SELECT id::text FROM territoire.delivery WHERE state = 'held'")
    assert f"/depots/{held['id']}" in mails.text()
    act("territoire_delivery_refuse", id=held["id"])
    assert "1 ligne à corriger" in text(visitor.open(path))


def test_rows_that_were_replaced_meanwhile_are_said_and_nothing_is_written(
    visitor: Browser,
) -> None:
    page = visitor.open(repair_link(deliver(park(1), bad(2))))
    deliver(park(1), bad(5), bad(6))
    answered = visitor.send(page, form_of(page), {"c.3.nb_places": "40"})
    assert "remplacées entre-temps par un dépôt plus récent" in text(answered)
    assert "2 lignes à corriger" in text(answered)
    assert names_online() == ["Parking 1"]
    assert read("SELECT 1 FROM territoire.correction") == []


def test_a_repair_link_neither_reads_nor_corrects_another_feed(visitor: Browser) -> None:
    mine = repair_link(deliver(park(1), bad(2)))
    other = deliver(
        park(7, "35024"), bad(8, insee="35024", id="35024-P-008"), organization="betton"
    )
    page = visitor.open(mine)
    seen = visitor.open(f"{mine}/{other.id}")
    assert "Parking 8" not in text(seen)
    form = form_of(page)
    form.action = f"{mine}/{other.id}"
    answered = visitor.send(page, form, {"c.3.nb_places": "40"})
    assert "Parking 8" not in text(answered)
    assert read("SELECT 1 FROM territoire.correction") == []
    assert deliveries.live_delivery(other.feed_id) == other


def test_a_field_that_the_schema_does_not_have_is_no_correction(visitor: Browser) -> None:
    page = visitor.open(repair_link(deliver(park(1), bad(2))))
    answered = visitor.send(page, form_of(page), {"c.3._feed": "x", "c.2.nom": "Autre"})
    assert "Aucune valeur n’a été changée" in text(answered)
    assert read("SELECT 1 FROM territoire.correction") == []


def test_a_link_opens_no_page_of_the_other_kind(visitor: Browser) -> None:
    repair = repair_link(deliver(park(1), bad(2)))
    invited = invitation()
    crossed = (
        repair.replace("/reparer/", "/invitation/"),
        invited.replace("/invitation/", "/reparer/"),
    )
    assert [visitor.open(path).status for path in crossed] == [404, 404]


# the invitation


def test_an_invited_person_deposits_reads_publishes_and_is_thanked(visitor: Browser) -> None:
    page = visitor.open(invitation())
    assert "Lieux de stationnement hors voirie" in text(page)
    report = deposit(visitor, page, park(1), bad(2))
    assert "1 ligne bonne" in text(report)
    assert names_online() == []
    done = visitor.send(report, form_of(report, "/publier"), {})
    assert "C’est en ligne, merci" in text(done)
    assert names_online() == ["Parking 1"]
    assert done.tree.xpath('//main//a[contains(@href, "/reparer/")]')
    [found] = read("SELECT by_way, by_id FROM territoire.delivery")
    [link] = read("SELECT id::text FROM territoire.link WHERE kind = 'deposit'")
    assert (found["by_way"], found["by_id"]) == ("invitation", link["id"])


def deposit(browser: Browser, page: Page, *rows: Row, name: str = "parkings.csv") -> Page:
    """Send a file by the form of the page."""
    [form] = page.tree.xpath('//form[@class="drop"]')
    token = form.fields["_csrf_token"]
    response = browser.client.post(
        form.action,
        data={"_csrf_token": token, "upload": (io.BytesIO(to_csv(*rows)), name)},
        follow_redirects=True,
    )
    return browser._page(response)


def test_an_invited_person_types_rows_and_corrects_before_publishing(visitor: Browser) -> None:
    page = visitor.open(f"{invitation()}/saisir")
    typed = {f"r.0.{name}": str(value) for name, value in park(1).items()}
    typed |= {f"r.1.{name}": str(value) for name, value in bad(2).items()}
    report = visitor.send(page, form_of(page, "/saisir"), typed, button=("check", "1"))
    assert "1 ligne à corriger" in text(report)
    [grid] = report.tree.xpath('//main//a[contains(@href, "/corriger")]/@href')
    shown = visitor.open(grid)
    mended = visitor.send(shown, form_of(shown, "/corriger"), {"c.3.nb_places": "9"})
    assert "2 lignes bonnes" in text(mended)
    visitor.send(mended, form_of(mended, "/publier"), {})
    assert names_online() == ["Parking 1", "Parking 2"]


def test_a_deposit_that_is_held_goes_to_the_officer_and_says_so(
    visitor: Browser, mails: Sink
) -> None:
    path = invitation()
    report = deposit(visitor, visitor.open(path), park(7, "35024"), park(8, "35024"))
    assert "surtout celles d’autres communes" in text(report)
    assert "relit ce dépôt avant sa publication" in text(report)
    assert not report.tree.xpath('//main//input[@name="accept"]')
    assert not report.tree.xpath('//form[contains(@action, "/publier")]')
    assert mails.recipients == [["agent@mairie.example"]]
    [held] = read("SELECT id::text, state FROM territoire.delivery")
    assert held["state"] == "held"
    assert f"/depots/{held['id']}" in mails.text()
    forced = visitor.client.post(
        f"{path}/{held['id']}/publier",
        data={"_csrf_token": csrf_of(report), "accept": ["commune", "brake", "privacy"]},
        follow_redirects=True,
    )
    assert "attend une décision" in forced.get_data(as_text=True)
    assert names_online() == []


def csrf_of(page: Page) -> str:
    return str(page.tree.xpath('//input[@name="_csrf_token"]/@value')[0])


def test_an_invitation_deposits_no_other_theme(visitor: Browser) -> None:
    path = invitation()
    report = deposit(visitor, visitor.open(path), park(1))
    [own] = read("SELECT id::text, feed_id::text FROM territoire.delivery")
    answered = visitor.client.post(
        f"{path}/{own['id']}/choisir",
        data={"_csrf_token": csrf_of(report), "schema": "arbres"},
        follow_redirects=True,
    )
    assert "seulement" in answered.get_data(as_text=True)
    assert [row["slug"] for row in read("SELECT slug FROM territoire.feed")] == [SLUG]


def test_an_invitation_shows_what_came_by_it_alone(visitor: Browser) -> None:
    others = [deliver(park(1), bad(2)).id]
    neighbour = invitation()
    deposit(visitor, visitor.open(neighbour), park(3), bad(4))
    others += [
        row["id"]
        for row in read("SELECT id::text FROM territoire.delivery WHERE by_way = 'invitation'")
    ]
    path = invitation()
    for other in others:
        for ending in ("", "/corriger"):
            assert visitor.open(f"{path}/{other}{ending}").status == 404
        csrf = csrf_of(visitor.open(path))
        for ending in ("/publier", "/choisir", "/corriger"):
            answer = visitor.client.post(f"{path}/{other}{ending}", data={"_csrf_token": csrf})
            assert answer.status_code == 404
    assert names_online() == ["Parking 1"]


def test_another_file_leaves_the_one_before_out(visitor: Browser) -> None:
    path = invitation()
    deposit(visitor, visitor.open(path), park(1))
    assert "Vous avez commencé un dépôt" in text(visitor.open(path))
    deposit(visitor, visitor.open(path), park(2))
    states = read("SELECT state FROM territoire.delivery ORDER BY number")
    assert [row["state"] for row in states] == ["refused", "draft"]


# the door


@pytest.mark.parametrize("kind", ["repair", "deposit"])
def test_pages_of_a_link_are_kept_by_nobody_and_tell_nobody(visitor: Browser, kind: str) -> None:
    path = repair_link(deliver(park(1), bad(2))) if kind == "repair" else invitation()
    for address in (path, f"{path}xx"):
        headers = visitor.client.get(address).headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        assert headers["Cache-Control"].startswith("no-store")
        assert "public" not in headers["Cache-Control"]
    assert visitor.open(path).tree.xpath('//meta[@name="robots"]/@content') == ["noindex, nofollow"]


def test_a_dead_link_says_why_and_names_nobody(visitor: Browser) -> None:
    live = deliver(park(1), bad(2))
    expired, revoked = repair_link(live), repair_link(live)
    first, second = (
        row["id"] for row in read("SELECT id::text FROM territoire.link ORDER BY made_at")
    )
    with transaction() as cursor:
        cursor.execute(
            "UPDATE territoire.link SET expires_at = now() - interval '1 s' WHERE id::text = %s",
            (first,),
        )
    act("territoire_link_revoke", id=second)
    told = {
        "expired": refused_with(visitor, expired),
        "revoked": refused_with(visitor, revoked),
        "altered": refused_with(visitor, revoked[:-3]),
        "unknown": refused_with(visitor, "/reparer/n-importe-quoi"),
    }
    assert {name: status for name, (status, _) in told.items()} == {
        "expired": 410, "revoked": 410, "altered": 404, "unknown": 404,
    }  # fmt: skip
    assert "Ce lien a expiré" in told["expired"][1]
    assert "Ce lien a été annulé" in told["revoked"][1]
    assert "incomplète ou a été modifiée" in told["altered"][1]
    for _, said in told.values():
        for secret in ("Acigné", "Stationnement", "stationnement", "Parking", "agent"):
            assert secret not in said.replace("Lieux de stationnement", "")


def test_a_revoked_invitation_shuts_the_repair_links_of_what_came_by_it(visitor: Browser) -> None:
    report = deposit(visitor, visitor.open(invitation()), park(1), bad(2))
    done = visitor.send(report, form_of(report, "/publier"), {})
    [repair] = done.tree.xpath('//main//a[contains(@href, "/reparer/")]/@href')
    path = repair.removeprefix(str(config["ckan.site_url"]))
    assert visitor.open(path).status == 200
    [link] = read("SELECT id::text FROM territoire.link WHERE kind = 'deposit'")
    act("territoire_link_revoke", id=link["id"])
    assert visitor.open(path).status == 410


def test_a_form_without_its_token_is_refused(visitor: Browser) -> None:
    live = deliver(park(1), bad(2))
    repair, invited = repair_link(live), invitation()
    visitor.open(repair)
    for path in (f"{repair}/{live.id}", invited, f"{invited}/saisir", f"{invited}/x/publier"):
        assert visitor.client.post(path, data={"c.3.nb_places": "4"}).status_code == 400
    assert read("SELECT 1 FROM territoire.correction") == []


def test_a_form_is_sent_over_https_without_a_referrer(visitor: Browser) -> None:
    path = repair_link(deliver(park(1), bad(2)))
    client = visitor.client
    base = "https://donnees.example"
    page = lxml.html.fromstring(client.get(path, base_url=base).get_data(as_text=True))
    form = page.xpath("//main//form")[0]
    data = dict(form.form_values()) | {"c.3.nb_places": "4"}
    answered = client.post(form.action, data=data, base_url=base, follow_redirects=False)
    assert answered.status_code == 302
    assert names_online() == ["Parking 1", "Parking 2"]


def test_who_asks_too_fast_waits_and_the_others_do_not(
    visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "LIMIT", 3)
    monkeypatch.setattr(time, "time", lambda: 1_800_000_030.0)
    path, other = invitation(), invitation(organization="betton")
    here, elsewhere = (
        {"X-Forwarded-For": f"198.51.100.{number}, {uuid.uuid4()}"} for number in (1, 2)
    )

    def ask(path: str, headers: dict[str, str]) -> Any:
        return visitor.client.get(path, headers=headers)

    assert [ask(path, here).status_code for _ in range(4)] == [200, 200, 200, 429]
    slowed = ask(other, here)
    assert (slowed.status_code, slowed.headers["Retry-After"]) == (429, "30")
    assert "Attendez une minute" in slowed.get_data(as_text=True)
    assert ask(path, elsewhere).status_code == 429
    assert ask(other, elsewhere).status_code == 200


def test_everybody_is_let_through_when_redis_is_away(
    visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "LIMIT", 0)
    monkeypatch.setattr(
        throttle, "connect_to_redis", lambda: Redis(host="127.0.0.1", port=9, retry=None)
    )
    assert visitor.open(invitation()).status == 200


def test_no_log_line_holds_a_token(visitor: Browser, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("ckan.config.middleware.flask_app").setLevel(logging.DEBUG)
    path = repair_link(deliver(park(1), bad(2)))
    token = path.rsplit("/", 1)[-1]
    page = visitor.open(path)
    visitor.send(page, form_of(page), {"c.3.nb_places": "40"})
    visitor.open(f"{path}/rien")
    said = [record.getMessage() for record in caplog.records]
    assert any("/reparer/…" in line for line in said)
    assert [line for line in said if token in line] == []


# those who make links


@pytest.fixture
def officer(app: Any) -> Browser:
    browser = Browser(app)
    browser.log_in("agent")
    return browser


def test_the_officer_invites_a_commune_sees_the_link_and_revokes_it(
    officer: Browser, visitor: Browser, mails: Sink
) -> None:
    page = officer.open("/depots/liens?pour=acigne")
    assert "Aucun lien pour l’instant" in text(page)
    form = officer.open("/depots/liens/nouveau?pour=acigne")
    typed = {"schema": SLUG, "email": "secretariat@acigne.example", "days": "20"}
    made = officer.send(form, form_of(form, "/nouveau?pour=acigne"), typed)
    assert "Le courriel est parti" in text(made)
    [address] = made.tree.xpath('//textarea[@id="address"]/text()')
    assert address in mails.text()
    path = address.removeprefix(str(config["ckan.site_url"]))
    assert visitor.open(path).status == 200
    listed = officer.open("/depots/liens?pour=acigne")
    assert "courriel envoyé" in text(listed)
    revoked = officer.send(listed, form_of(listed, "/annuler"), {})
    assert "Lien annulé" in text(revoked)
    assert visitor.open(path).status == 410


def test_what_is_wrong_in_the_form_is_said_and_kept(officer: Browser) -> None:
    form = officer.open("/depots/liens/nouveau?pour=acigne")
    typed = {"schema": SLUG, "email": "secretariat", "days": "20"}
    answered = officer.send(form, form_of(form, "/nouveau?pour=acigne"), typed)
    assert "n’est pas une adresse de courriel" in text(answered)
    assert answered.tree.xpath('//input[@id="email"]/@value') == ["secretariat"]
    assert answered.tree.xpath("//option[@selected]/@value") == [SLUG]


def test_a_report_leads_to_a_repair_link_for_its_rows(officer: Browser, visitor: Browser) -> None:
    live = deliver(park(1), bad(2))
    report = officer.open(f"/depots/{live.id}")
    [link] = report.tree.xpath('//main//a[contains(@href, "/depots/liens/nouveau")]/@href')
    form = officer.open(link)
    assert form.tree.xpath('//input[@id="email"]/@value') == ["mairie@mairie.example"]
    made = officer.send(form, form_of(form, "pour=acigne"), {"email": "", "days": "5"})
    [address] = made.tree.xpath('//textarea[@id="address"]/text()')
    path = address.removeprefix(str(config["ckan.site_url"]))
    assert "Parking 2" in text(visitor.open(path))


def test_the_officer_keeps_a_mandate_and_ends_it(officer: Browser) -> None:
    page = officer.open("/depots/liens?pour=acigne")
    given = officer.send(
        page, form_of(page, "/mandat?pour=acigne"), {"reference": "Délibération 14", "until": ""}
    )
    assert "mandat en cours" in text(given)
    ended = officer.send(given, form_of(given, "/mandat?pour=acigne"), {}, button=("end", "1"))
    assert "Mandat terminé" in text(ended)


def test_others_see_and_make_no_link_of_the_commune(app: Any, visitor: Browser) -> None:
    invitation()
    neighbour = Browser(app)
    neighbour.log_in("voisine")
    [link] = read("SELECT id::text FROM territoire.link")
    assert neighbour.open("/depots/liens?pour=acigne").status == 403
    assert neighbour.open(f"/depots/liens/{link['id']}?pour=betton").status == 404
    page = neighbour.open("/depots/liens?pour=betton")
    csrf = csrf_of(page)
    refused = neighbour.client.post(
        f"/depots/liens/{link['id']}/annuler", data={"_csrf_token": csrf}
    )
    assert refused.status_code == 403
    assert (
        "user/login"
        in visitor.client.get("/depots/liens", follow_redirects=False).headers["Location"]
    )
