"""A reader says that a row is wrong; its commune reads, corrects and answers in public."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ckan.plugins import toolkit

from ckanext.territoire.delivery.database import read, transaction
from ckanext.territoire.flags import answers, store
from ckanext.territoire.notices import send
from ckanext.territoire.portal import row_pages
from tests.ckan.conftest import act
from tests.ckan.form_browser import Browser, Page
from tests.ckan.mail_sink import receiving
from tests.ckan.parking_rows import SLUG, park, to_csv, upload
from tests.ckan.whole_portal import whole_portal

KEY = "35001-P-001"
ADDRESS = f"/ligne/{SLUG}?cle={KEY}"
FORM = f"/ligne/{SLUG}/signaler?cle={KEY}"
ACIGNE = tuple(park(number) for number in range(1, 6))


@pytest.fixture(scope="module")
def app(portal_app: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Five car parks of Acigné, one of Betton, online; each correction has a row of its own."""
    with whole_portal(portal_app, tmp_path_factory.mktemp("territory")) as test_app:
        publish("acigne", *ACIGNE)
        publish("betton", park(1, "35024"))
        yield test_app


@pytest.fixture(autouse=True)
def rows(app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Rows that nobody has flagged; the limit of an hour is that of a test."""
    monkeypatch.setattr(row_pages, "FLAGS", 1_000_000)
    forget()
    yield
    forget()


def forget() -> None:
    with transaction() as cursor:
        cursor.execute("TRUNCATE territoire.flag")


def publish(owner: str, *parks: dict[str, Any]) -> dict[str, Any]:
    told = act("territoire_delivery_create", organization=owner, schema=SLUG,
               upload=upload(to_csv(*parks)))  # fmt: skip
    return act("territoire_delivery_publish", id=told["id"])


def flag(key: str = KEY, **said: Any) -> dict[str, Any]:
    data = {"kind": "value", "field": "nb_places", "proposed": "25"} | said
    return act("territoire_flag_create", schema=SLUG, key=key, **data)


def answer_as(user: str, flag_id: str, **told: Any) -> dict[str, Any]:
    action = toolkit.get_action("territoire_flag_answer")
    return action({"user": user}, {"id": flag_id, **told})


def row(key: str = KEY) -> dict[str, Any]:
    return toolkit.get_action("territoire_row_show")({"user": ""}, {"schema": SLUG, "key": key})


def texts(shown: dict[str, Any]) -> dict[str, str]:
    return {value["field"]: value["text"] for value in shown["values"]}


def text(page: Page) -> str:
    """What a page says in its main part, with plain spaces."""
    told = page.tree.xpath("//main")[0].text_content()
    return " ".join(told.replace("\xa0", " ").replace("\u202f", " ").split())


def form_of(page: Page, kind: str) -> Any:
    return next(f for f in page.tree.forms if f.get("class") == kind)


def fill_in(app: Any, **typed: str) -> Page:
    """Fill the form in, as a browser does, without an account."""
    browser = Browser(app)
    page = browser.open(FORM)
    return browser.send(page, form_of(page, "flag-form"), typed)


def test_a_row_says_where_it_comes_from_and_whom_to_ask(app: Any) -> None:
    page = text(Browser(app).open(ADDRESS))
    for told in ("Parking 1", "Acigné", "de son fichier", "Mairie d’Acigné", "Signaler une erreur"):
        assert told in page
    assert "Personne n’a signalé d’erreur" in page


def test_a_row_that_is_not_there_is_said_in_french(app: Any) -> None:
    for address in (f"/ligne/{SLUG}?cle=licorne", "/ligne/licorne?cle=1", f"/ligne/{SLUG}?cle=%00"):
        page = Browser(app).open(address)
        assert page.status == 404
        assert "aucune ligne" in text(page)


def test_a_row_of_a_hidden_table_is_as_absent() -> None:
    act("package_patch", id=SLUG, private=True)
    try:
        with pytest.raises(toolkit.ObjectNotFound, match="TER-PUB-170"):
            row()
    finally:
        act("package_patch", id=SLUG, private=False)


def test_a_reader_without_account_flags_a_row_and_their_words_are_shown_to_nobody(app: Any) -> None:
    done = fill_in(app, quoi="nb_places", proposed="25 places", remark="vu hier", email="a@b.fr")
    assert "Merci." in text(done)
    page = text(Browser(app).open(ADDRESS))
    assert "Signalé le" in page
    assert "À lire par la commune" in page
    for hidden in ("25 places", "vu hier", "a@b.fr"):
        assert hidden not in page
    shown = row()["flags"][0]
    assert (shown["proposed"], shown["remark"], shown["state"]) == ("", "", "open")
    assert "email" not in shown


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "ne dit pas ce qui est faux"),
        ({"quoi": "nb_places"}, "ne dit pas ce qui est faux"),
        ({"quoi": "other"}, "ne dit pas ce qui est faux"),
        ({"quoi": "licorne", "proposed": "x"}, "ne dit pas ce qui est faux"),
        ({"quoi": "gone", "email": "pas une adresse"}, "n’est pas une adresse électronique"),
        ({"quoi": "other", "remark": "x" * 1001}, "trop long"),
    ],
)
def test_what_cannot_be_kept_is_said_and_what_was_typed_stays(
    app: Any, typed: dict[str, str], said: str
) -> None:
    done = fill_in(app, **typed)
    assert said in text(done)
    assert typed.get("remark", "") in done.text
    assert store.waiting(None) == (0, None)


def test_a_robot_that_fills_the_hidden_field_is_thanked_and_nothing_is_kept(app: Any) -> None:
    assert "Merci." in text(fill_in(app, quoi="gone", site_web="https://spam.example"))
    assert store.waiting(None) == (0, None)


def test_a_form_without_its_token_is_refused(app: Any) -> None:
    assert app.test_client().post(FORM, data={"quoi": "gone"}).status_code == 400
    assert store.waiting(None) == (0, None)


def test_who_flags_too_much_waits_and_a_row_is_not_buried(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_pages, "FLAGS", 0)
    refused = fill_in(app, quoi="gone")
    assert refused.status == 429
    assert store.waiting(None) == (0, None)
    for _ in range(5):
        flag(kind="gone")
    with pytest.raises(toolkit.ValidationError, match="TER-PUB-174"):
        flag(kind="gone")


def test_the_api_takes_no_flag_from_nobody() -> None:
    with pytest.raises(toolkit.NotAuthorized):
        toolkit.get_action("territoire_flag_create")(
            {"user": ""}, {"schema": SLUG, "key": KEY, "kind": "gone"}
        )


@pytest.mark.parametrize(
    ("user", "may"),
    [("mairie", True), ("agent", True), ("redactrice", True),
     ("voisine", False), ("lectrice", False), ("", False)],
)  # fmt: skip
def test_the_commune_and_the_officers_answer_and_nobody_else(user: str, may: bool) -> None:
    made = flag()
    told = {"state": "answered", "answer": "Nous allons compter."}
    if may:
        assert answer_as(user, made["id"], **told)["state"] == "answered"
    else:
        with pytest.raises(toolkit.NotAuthorized):
            answer_as(user, made["id"], **told)


def test_a_corrected_value_is_online_and_stays_with_the_next_file() -> None:
    key = "35001-P-002"
    made = flag(key)
    done = answer_as("mairie", made["id"], state="fixed", value="25", answer="Merci, corrigé.")
    assert done["state"] == "fixed"
    assert texts(row(key))["nb_places"] == "25"
    publish("acigne", *ACIGNE, park(6))
    assert texts(row(key))["nb_places"] == "25"
    assert texts(row("35001-P-006"))["nb_places"] == "16"


def test_a_value_that_is_not_accepted_changes_nothing() -> None:
    made = flag()
    before = live_id()
    with pytest.raises(toolkit.ValidationError, match="TER-PUB-179"):
        answer_as("mairie", made["id"], state="fixed", value="beaucoup", answer="Corrigé.")
    assert texts(row())["nb_places"] == "11"
    assert live_id() == before
    assert read("SELECT 1 FROM territoire.correction WHERE becomes = 'beaucoup'") == []
    assert row()["flags"][0]["state"] == "open"


def live_id() -> str:
    listed = act("territoire_delivery_list", organization="acigne", schema=SLUG)
    return next(each["id"] for each in listed if each["state"] == "live")


def test_an_officer_without_mandate_answers_but_does_not_correct() -> None:
    made = flag()
    with pytest.raises(toolkit.ValidationError, match="TER-TAB-076"):
        answer_as("redactrice", made["id"], state="fixed", value="25", answer="Corrigé.")
    assert answer_as("redactrice", made["id"], state="refused", answer="Vérifié sur place.")


def test_the_answer_is_public_and_the_text_of_the_reader_only_when_the_commune_shows_it(
    app: Any,
) -> None:
    hidden, shown = flag(remark="texte caché"), flag(remark="texte montré")
    told = {"state": "refused", "answer": "Compté le 3 mai : 11 places."}
    answer_as("mairie", hidden["id"], **told)
    answer_as("mairie", shown["id"], **told, is_text_shown=True)
    page = text(Browser(app).open(ADDRESS))
    assert "Compté le 3 mai" in page
    assert "texte montré" in page
    assert "texte caché" not in page


def test_a_reason_is_needed_and_a_flag_is_answered_once() -> None:
    made = flag()
    with pytest.raises(toolkit.ValidationError, match="TER-PUB-177"):
        answer_as("mairie", made["id"], state="refused", answer=" ")
    answer_as("mairie", made["id"], state="answered", answer="Vu.")
    with pytest.raises(toolkit.ValidationError, match="TER-PUB-176"):
        answer_as("mairie", made["id"], state="refused", answer="Non.")
    with pytest.raises(toolkit.ObjectNotFound, match="TER-PUB-175"):
        answer_as("mairie", "licorne", state="refused", answer="Non.")


def test_an_answer_is_taken_back_and_the_flag_waits_again() -> None:
    made = flag(remark="vu hier")
    answer_as("mairie", made["id"], state="refused", answer="Non.", is_text_shown=True)
    reopen = toolkit.get_action("territoire_flag_reopen")
    for user in ("voisine", "lectrice", ""):
        with pytest.raises(toolkit.NotAuthorized):
            reopen({"user": user}, {"id": made["id"]})
    assert reopen({"user": "mairie"}, {"id": made["id"]})["state"] == "open"
    [shown] = row()["flags"]
    assert (shown["state"], shown["answer"], shown["remark"]) == ("open", "", "")
    assert answer_as("mairie", made["id"], state="answered", answer="Oui.")["answer"] == "Oui."


@pytest.mark.parametrize("state", ["open", "dropped"])
def test_there_is_an_answer_to_take_back_or_it_is_said(state: str) -> None:
    made = flag()
    if state == "dropped":
        answer_as("mairie", made["id"], state=state)
    with pytest.raises(toolkit.ValidationError, match="TER-PUB-188"):
        toolkit.get_action("territoire_flag_reopen")({"user": "mairie"}, {"id": made["id"]})


def test_the_clerk_takes_an_answer_back_on_the_page(app: Any) -> None:
    made = flag("35001-P-004")
    answer_as("mairie", made["id"], state="refused", answer="Non.")
    clerk = Browser(app)
    clerk.log_in("mairie")
    page = clerk.open("/signalements")
    form = next(
        f for f in page.tree.forms if f.action and f.action.split("?")[0].endswith("/reprendre")
    )
    done = clerk.send(page, form, {})
    assert "La réponse est retirée" in text(done)
    assert "1 signalement à lire" in text(done)


def test_what_is_dropped_is_shown_nowhere_and_its_texts_are_erased(app: Any) -> None:
    made = flag(remark="injure", email="a@example.org")
    answer_as("mairie", made["id"], state="dropped")
    assert row()["flags"] == []
    kept = store.load(made["id"])
    assert kept is not None
    assert (kept.remark, kept.proposed, kept.email) == ("", "", "")


def test_a_commune_sees_its_own_flags_and_the_officer_all() -> None:
    flag()
    flag("35024-P-001", kind="gone")
    listing = toolkit.get_action("territoire_flag_list")
    assert [each["key"] for each in listing({"user": "mairie"}, {"organization": "acigne"})] == [
        KEY
    ]
    assert len(listing({"user": "agent"}, {})) == 2
    for asked in ({}, {"organization": "betton"}):
        with pytest.raises(toolkit.NotAuthorized):
            listing({"user": "mairie"}, asked)


def test_the_answer_leaves_by_mail_and_the_address_is_erased(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with receiving(monkeypatch) as box:
        made = flag(email="lectrice@example.org")
        answer_as("mairie", made["id"], state="answered", answer="Nous comptons demain.")
        answers.send_answers()
        assert answers.send_answers() == 0
        assert len(box.letters) == 1
    assert box.recipients == [["lectrice@example.org"]]
    assert "« Nous comptons demain. »" in box.text()
    assert ADDRESS in box.text()
    kept = store.load(made["id"])
    assert kept is not None
    assert kept.email == ""


def test_an_address_is_kept_while_the_server_is_away_and_no_longer_than_said() -> None:
    made = flag(email="lectrice@example.org")
    answer_as("mairie", made["id"], state="answered", answer="Vu.")
    answers.send_answers()
    kept = store.load(made["id"])
    assert kept is not None
    assert kept.email == "lectrice@example.org"
    with transaction() as cursor:
        cursor.execute("UPDATE territoire.flag SET made_at = now() - interval '61 days'")
    answers.send_answers()
    kept = store.load(made["id"])
    assert kept is not None
    assert kept.email == ""


def test_the_clerk_corrects_and_answers_on_the_page(app: Any) -> None:
    key = "35001-P-003"
    flag(key, remark="j’ai compté")
    clerk = Browser(app)
    clerk.log_in("mairie")
    page = clerk.open("/signalements")
    assert "1 signalement à lire" in text(page)
    form = form_of(page, "flag-answer")
    assert form.fields["value"] == "25"
    done = clerk.send(page, form, {"answer": "Corrigé, merci."}, ("state", "fixed"))
    assert "La ligne est corrigée en ligne" in text(done)
    assert texts(row(key))["nb_places"] == "25"
    assert "Corrigé, merci." in text(Browser(app).open(f"/ligne/{SLUG}?cle={key}"))


def test_a_refused_correction_is_said_and_keeps_the_answer_that_was_typed(app: Any) -> None:
    flag(proposed="beaucoup")
    clerk = Browser(app)
    clerk.log_in("mairie")
    page = clerk.open("/signalements")
    sent = clerk.send(page, form_of(page, "flag-answer"), {"answer": "Merci."}, ("state", "fixed"))
    assert "« beaucoup » n’est pas accepté" in text(sent)
    assert form_of(sent, "flag-answer").fields["answer"].strip() == "Merci."


def test_the_page_of_the_clerk_is_shut_to_the_others(app: Any) -> None:
    made = flag()
    assert "login" in Browser(app).open("/signalements").url
    neighbour = Browser(app)
    neighbour.log_in("voisine")
    assert "Aucun signalement" in text(neighbour.open("/signalements"))
    assert neighbour.open("/signalements?pour=acigne").status == 403
    assert row()["flags"][0]["state"] == "open", made


def test_the_clerk_is_told_of_a_flag_by_mail_once_and_the_neighbour_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    flag(kind="gone")
    noon = datetime.now(UTC).replace(hour=11, minute=0) + timedelta(days=1)
    with receiving(monkeypatch) as box:
        for hours in (0, 1, 30):
            send.look(noon + timedelta(hours=hours))
    told = [address for addresses in box.recipients for address in addresses]
    assert told.count("mairie@mairie.example") == 1
    assert "voisine@mairie.example" not in told
    letter = box.text(told.index("mairie@mairie.example"))
    assert "1 signalement attend votre réponse" in letter
    assert "/signalements?pour=acigne" in letter
