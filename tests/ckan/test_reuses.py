"""Somebody shows what they made of the data; the EPCI reads it first; everybody then sees it."""

from __future__ import annotations

import io
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit
from PIL import Image

from ckanext.territoire import minute
from ckanext.territoire.community import post, queue, store
from ckanext.territoire.community.model import State
from ckanext.territoire.portal import contribution_door
from tests.ckan import contribution_rows as rows
from tests.ckan.conftest import act
from tests.ckan.contribution_rows import accepted, decide, form_at, own_page, picture, propose, text
from tests.ckan.contribution_site import app, sink
from tests.ckan.form_browser import Browser, Page
from tests.ckan.mail_sink import Sink

FORM = "/reutilisations/proposer?jeu=arbres"
TYPED = rows.REUSE | {"email": "racines@asso.example", "alt": "", "commune": ""}
__all__ = ["app", "sink"]
pytestmark = pytest.mark.usefixtures("sink")


def fill_in(app: Any, address: str = FORM, **typed: Any) -> Page:
    """Fill the form in, as a browser without script does, without an account."""
    browser = Browser(app)
    page = browser.open(address)
    return browser.send(page, form_at(page, "reuse-form"), TYPED | typed)


def listed(**asked: Any) -> list[str]:
    found = toolkit.get_action("territoire_reuse_list")({"user": ""}, asked)
    return [each["slug"] for each in found["reuses"]]


def test_a_visitor_proposes_confirms_and_is_read_before_anybody_sees_it(
    app: Any, sink: Sink
) -> None:
    upload = (picture(), "carte.jpg")
    assert "confirmez" in text(fill_in(app, picture=upload, alt="Une carte verte"))
    assert rows.REUSE["title"] not in sink.text()
    browser = Browser(app)
    page = browser.open(own_page(sink))
    assert "Confirmez votre envoi" in text(page)
    assert queue.counts(None) == []
    browser.send(page, form_at(page, "/contribution/"), {}, ("act", "confirm"))
    assert sum(each.unread for each in queue.counts(None)) == 1
    assert listed() == []
    assert "La carte des arbres" not in text(Browser(app).open("/reutilisations"))


def test_an_account_needs_no_confirmation_and_the_officer_accepts(app: Any, sink: Sink) -> None:
    propose(picture=picture(), alt="Une carte verte")
    officer = Browser(app)
    officer.log_in("agent")
    page = officer.open("/pilotage/contributions")
    assert "1 contribution à lire" in text(page)
    done = officer.send(page, form_at(page, "/pilotage/contributions/"), {}, ("state", "accepted"))
    assert "La réutilisation est publique" in text(done)
    minute.forget()
    shown = Browser(app).open("/reutilisations/la-carte-des-arbres")
    for told in ("Association Racines", "Arbres des parcs", "racines.example"):
        assert told in text(shown)
    assert "<strong>arbre</strong>" in shown.text
    assert "mairie@" not in shown.text
    for page in ("/reutilisations", "/dataset/arbres", "/commune/acigne", "/"):
        assert "La carte des arbres" in text(Browser(app).open(page)), page
    assert "est publiée" in str(sink.letters[-1]["subject"])


def test_a_picture_is_served_as_ours_and_only_once_it_is_accepted(app: Any) -> None:
    made = propose(picture=picture(), alt="Une carte verte")
    address = "/reutilisations/la-carte-des-arbres/large.webp"
    client = app.test_client(use_cookies=False)
    assert client.get(address).status_code == 404
    decide(made["id"], "accepted")
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    assert Image.open(io.BytesIO(answer.get_data())).size == (1200, 675)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"title": ""}, "title", "est vide"),
        ({"title": "x" * 121}, "title", "trop long"),
        ({"url": "javascript:alert(1)"}, "url", "n’est pas une adresse web"),
        ({"url": "https://a:b@racines.example"}, "url", "n’est pas une adresse web"),
        ({"type": "licorne"}, "type", "n’est pas un choix"),
        ({"theme": "licorne"}, "theme", "n’est pas un choix"),
        ({"commune": "75056"}, "commune", "n’est pas un choix"),
        ({"email": "pas une adresse"}, "email", "n’est pas une adresse électronique"),
        ({"picture": (io.BytesIO(b"<svg onload=alert(1)>"), "a.svg")}, "picture", "lisible"),
        ({"picture": (picture(), "a.jpg")}, "alt", "n’est pas décrite"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field_and_what_was_typed_stays(
    app: Any, typed: dict[str, Any], field: str, said: str
) -> None:
    if field == "picture":
        typed = typed | {"alt": "Une image"}
    done = fill_in(app, **typed)
    [fault] = done.tree.xpath(f"//*[@id='{field}-fault']")
    assert said in fault.text_content()
    [control] = done.tree.xpath(f"//*[@id='{field}']")
    assert control.get("aria-invalid") == "true"
    assert f"{field}-fault" in control.get("aria-describedby", "")
    assert done.tree.xpath(f"//*[@role='alert']//a[@href='#{field}']")
    assert rows.REUSE["body"] in done.text
    assert queue.counts(None) == []


def test_what_is_typed_comes_back_as_text(app: Any) -> None:
    typed = '"><script>alert(1)</script>'
    done = fill_in(app, title=typed, body=f"</textarea>{typed}", author="")
    assert done.tree.xpath("//input[@id='title']/@value") == [typed]
    assert not done.tree.xpath("//form//script")


def test_a_reuse_stands_on_public_data_alone(app: Any) -> None:
    act("package_create", **(rows.TREES | {"name": "secret", "title": "Canari", "private": True}))
    try:
        done = fill_in(app, "/reutilisations/proposer?jeu=secret")
        assert "aucun jeu de données public" in text(done).lower()
        assert "Canari" not in done.text
    finally:
        act("package_delete", id="secret")


def test_data_are_searched_added_and_taken_away_without_script(app: Any) -> None:
    browser = Browser(app)
    page = browser.open("/reutilisations/proposer?mots=arbres")
    [add] = page.tree.xpath("//ul[@class='found-data']//a/@href")
    chosen = browser.open(add)
    assert "Arbres des parcs" in text(chosen)
    [away] = chosen.tree.xpath("//ul[@class='chosen-data']//a/@href")
    assert "Aucun jeu de données n’est encore choisi" in text(browser.open(away))


def test_the_officer_asks_for_a_change_and_the_author_makes_it(app: Any, sink: Sink) -> None:
    fill_in(app)
    browser = Browser(app)
    page = browser.open(own_page(sink))
    browser.send(page, form_at(page, "/contribution/"), {}, ("act", "confirm"))
    [waiting] = queue.waiting(queue.Wanted()).listed
    with pytest.raises(toolkit.ValidationError, match="TER-PUB-182"):
        decide(waiting.id, "changes")
    decide(waiting.id, "changes", "Dites la source des photos.")
    assert "Dites la source des photos." in sink.text()
    own = own_page(sink)
    page = browser.open(f"{own}/modifier")
    assert rows.REUSE["author"] in page.text
    done = browser.send(page, form_at(page, "reuse-form"), {"body": "Photos de la ville."})
    assert "Photos de la ville." in text(done)
    assert [each.state for each in queue.waiting(queue.Wanted()).listed] == [State.WAITING]


def test_an_author_withdraws_and_their_address_is_gone(app: Any, sink: Sink) -> None:
    fill_in(app)
    browser = Browser(app)
    page = browser.open(own_page(sink))
    assert "retiré" in text(browser.send(page, form_at(page, "/contribution/"), {},
                                         ("act", "withdraw")))  # fmt: skip
    with model.meta.engine.connect() as connection:
        row = connection.execute(sa.text("SELECT state, email FROM territoire_contribution")).one()
    assert (row.state, row.email) == ("withdrawn", "")


def test_a_decision_is_undone_and_the_author_hears_of_it(sink: Sink) -> None:
    slug = accepted()
    made = queue.decided(queue.Wanted()).listed[0]
    undo = toolkit.get_action("territoire_contribution_undo")
    undo({"user": "agent"}, {"id": made.id})
    assert listed() == []
    assert "est relue à nouveau" in str(sink.letters[-1]["subject"])
    with pytest.raises(toolkit.ValidationError, match="TER-PUB-183"):
        undo({"user": "agent"}, {"id": made.id})
    decide(made.id, "accepted")
    decide(made.id, "withdrawn", "Le site vend autre chose.")
    assert listed() == []
    undo({"user": "agent"}, {"id": made.id})
    assert listed() == [slug]


def test_two_officers_do_not_decide_one_after_the_other_of_the_same_reading() -> None:
    made = propose()
    decide(made["id"], "refused", "Hors sujet.")
    action = toolkit.get_action("territoire_contribution_decide")
    with pytest.raises(toolkit.ValidationError, match="TER-PUB-181"):
        action({"user": "agent"}, {"id": made["id"], "state": "accepted", "seen": "waiting"})


@pytest.mark.parametrize("user", ["", "mairie", "lectrice", "voisine"])
def test_nobody_but_the_officer_decides_of_reuses(user: str) -> None:
    made = propose()
    for state in ("accepted", "dropped"):
        with pytest.raises(toolkit.NotAuthorized):
            decide(made["id"], state, user=user)
    with pytest.raises(toolkit.NotAuthorized):
        toolkit.get_action("territoire_contribution_list")({"user": user}, {})


def test_a_reuse_is_changed_by_its_author_alone() -> None:
    made = propose()
    update = toolkit.get_action("territoire_reuse_update")
    data = rows.REUSE | {"id": made["id"], "datasets": ["arbres"], "title": "Autre titre"}
    with pytest.raises(toolkit.NotAuthorized):
        update({"user": "voisine"}, data)
    assert update({"user": "mairie"}, data)["title"] == "Autre titre"


def test_the_list_is_narrowed_by_type_theme_commune_and_dataset(app: Any) -> None:
    here = accepted(commune="35001")
    everywhere = accepted(title="Le manuel", type="enseignement")
    assert listed(commune="35024") == [everywhere]
    assert listed(commune="35001") == [here, everywhere]
    assert listed(commune="Acigné") == [here, everywhere]
    assert listed(type="enseignement") == [everywhere]
    assert listed(theme="transition-ecologique", dataset="arbres", limit=1) == [everywhere]
    assert listed(dataset="licorne") == listed(type="licorne") == []
    page = text(Browser(app).open("/reutilisations?type=enseignement"))
    assert "Le manuel" in page
    assert "La carte des arbres" not in page


def test_two_reuses_of_one_title_have_two_addresses() -> None:
    assert accepted() != accepted()


def test_a_robot_is_thanked_and_nothing_is_kept(app: Any, sink: Sink) -> None:
    assert "Merci." in text(fill_in(app, site_web="https://spam.example"))
    assert sink.letters == []


def test_who_sends_too_much_waits_and_no_letter_box_is_filled(
    app: Any, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contribution_door, "LETTERS", 2)
    address = f"{id(monkeypatch)}@asso.example"
    codes = [fill_in(app, email=address).status for _ in range(3)]
    assert codes == [200, 200, 429]
    assert len(sink.letters) == 2


def test_without_a_mail_server_a_visitor_is_sent_to_their_account(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(toolkit.config, "smtp.server", "")
    done = fill_in(app)
    assert "connectez-vous" in text(done)
    assert "ne peut pas être envoyée" in text(done)


def test_what_nobody_confirmed_or_shows_any_more_is_erased() -> None:
    kept, refused = propose(), propose(title="Refusée")
    decide(refused["id"], "refused", "Hors sujet.")
    with model.meta.engine.begin() as connection:
        connection.execute(
            sa.text("""
            UPDATE territoire_contribution SET made_at = made_at - interval '1 year',
                   changed_at = changed_at - interval '1 year'""")
        )
        connection.execute(
            sa.text("""
            INSERT INTO territoire_contribution (kind, state, org_id, title, body, made_at)
            VALUES ('question', 'unconfirmed', '', 'x', '', now() - interval '3 days')""")
        )
    assert post.forget_old() == 2
    assert store.load(kept["id"]) is not None
    assert store.load(refused["id"]) is None


@pytest.mark.parametrize("token", ["licorne", "a.b", "%00", "x" * 500])
def test_an_address_that_was_not_signed_here_opens_nothing(app: Any, token: str) -> None:
    assert Browser(app).open(f"/contribution/{token}").status == 404


def test_an_account_reads_what_it_wrote_among_its_data_and_follows_it(app: Any) -> None:
    propose()
    browser = Browser(app)
    browser.log_in("mairie")
    page = browser.open("/vos-donnees")
    [address] = page.tree.xpath("//dd/a[contains(@href, '/contribution/')]/@href")
    assert "attend d’être lu" in text(browser.open(address[address.index("/contribution/") :]))
    assert browser.open("/vos-donnees.json").text.count("La carte des arbres") == 1


def test_the_journal_says_who_decided_and_not_what_was_written(app: Any) -> None:
    made = propose(body="Canari")
    officer = Browser(app)
    officer.log_in("agent")
    page = officer.open("/pilotage/contributions")
    form = form_at(page, made["id"])
    officer.send(page, form, {"answer": "Canari"}, ("state", "refused"))
    with model.meta.engine.connect() as connection:
        query = "SELECT action, title FROM territoire_act ORDER BY id DESC LIMIT 1"
        act_ = connection.execute(sa.text(query)).one()
    assert (act_.action, act_.title) == ("territoire_contribution_decide", "La carte des arbres")
