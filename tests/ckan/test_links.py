"""Links without account: who may make them, what they open, when they die, the mails that leave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ckan.common import config
from ckan.plugins import toolkit
from redis.exceptions import RedisError

from ckanext.territoire import minute, publishers
from ckanext.territoire.delivery import keep, publish
from ckanext.territoire.delivery import store as deliveries
from ckanext.territoire.delivery.database import transaction
from ckanext.territoire.delivery.model import By, Delivery, Feed, Way
from ckanext.territoire.links import notice, store
from ckanext.territoire.links.model import Kind, Link
from ckanext.territoire.links.token import to_token
from harvesters.model import Issue
from schemas.load import latest
from tests.ckan.conftest import act
from tests.ckan.mail_sink import Sink, receiving
from tests.ckan.parking_rows import park
from tests.ckan.people import PEOPLE, make_territory

PARKING = "stationnement-hors-voirie"


@pytest.fixture
def people(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rennes Métropole with Acigné, Betton and Cesson-Sévigné, and who publishes for whom."""
    make_territory(tmp_path, monkeypatch)


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    with receiving(monkeypatch) as sink:
        yield sink


def call(user: str, action: str, **data: Any) -> Any:
    return toolkit.get_action(action)({"user": user, "ignore_auth": False}, data)


def user_id(name: str) -> str:
    return str(act("user_show", id=name)["id"])


def bad(number: int) -> dict[str, Any]:
    return park(number, nb_places="beaucoup")


def feed_of(organization: str, slug: str = PARKING) -> Feed:
    owner = publishers.find(organization)
    assert owner is not None
    return deliveries.open_feed(slug, owner.id, owner.insee)


def deliver(*rows: dict[str, Any], by: By | None = None, organization: str = "acigne") -> Delivery:
    """Publish these rows for a commune."""
    feed = feed_of(organization)
    file = keep.keep_rows(latest(PARKING), rows)
    return publish.deliver(feed, file, by or By(user_id("mairie")), PARKING)


def make(user: str = "agent", **data: Any) -> Any:
    told = {"kind": "deposit", "organization": "acigne", "schema": PARKING} | data
    return call(user, "territoire_link_create", **told)


def token_of(made: dict[str, Any]) -> str:
    return str(made["address"]).rsplit("/", 1)[-1]


def opened(made: dict[str, Any]) -> Link | Issue:
    return store.open_link(token_of(made), Kind(made["kind"]))


pytestmark = pytest.mark.usefixtures("people")


@pytest.mark.parametrize("user", ["agent", "mairie"])
def test_a_person_who_may_deposit_makes_a_link_that_opens_this_theme_alone(user: str) -> None:
    made = make(user)
    link = opened(made)
    assert isinstance(link, Link)
    assert (link.org_id, link.slug, link.feed_id) == (feed_of("acigne").org_id, PARKING, None)
    assert made["address"].startswith(f"{config['ckan.site_url']}/invitation/")
    lasts = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=29, hours=23) < lasts <= timedelta(days=30)


ACTIONS: dict[str, dict[str, Any]] = {
    "territoire_link_create": {"kind": "deposit", "schema": PARKING},
    "territoire_link_list": {},
    "territoire_mandate_set": {"reference": "Délibération 12"},
    "territoire_mandate_show": {},
    "territoire_mandate_end": {},
}


def test_only_those_who_deposit_for_a_commune_invite_and_give_a_mandate_for_it() -> None:
    everyone = ("", *PEOPLE)
    allowed = {(user, action) for user in everyone for action in ACTIONS if may(user, action)}
    assert allowed == {(user, action) for user in ("agent", "mairie") for action in ACTIONS}


def may(user: str, action: str) -> bool:
    try:
        call(user, action, organization="acigne", **ACTIONS[action])
    except toolkit.NotAuthorized:
        return False
    return True


def test_a_repair_link_is_made_by_those_of_the_feed_alone() -> None:
    live = deliver(park(1), bad(2))
    for user in ("", "voisine", "lectrice"):
        with pytest.raises(toolkit.NotAuthorized):
            make(user, kind="repair", delivery=live.id)
    link = opened(make("agent", kind="repair", delivery=live.id))
    assert isinstance(link, Link)
    assert link.feed_id == live.feed_id


def test_a_repair_link_is_refused_when_nothing_waits() -> None:
    live = deliver(park(1))
    with pytest.raises(toolkit.ValidationError, match="TER-API-125"):
        make(kind="repair", feed=live.feed_id)


WRONG: list[tuple[str, dict[str, str]]] = [
    ("TER-API-126", {"days": "0"}),
    ("TER-API-126", {"days": "91"}),
    ("TER-API-126", {"days": "-3"}),
    ("TER-API-126", {"days": "un mois"}),
    ("TER-API-127", {"email": "mairie"}),
    ("TER-API-127", {"email": "a@b.fr, c@d.fr"}),
    ("TER-API-127", {"email": "a@b.fr\nBcc: c@d.fr"}),
    ("TER-API-131", {"kind": "lire"}),
    ("TER-TAB-075", {"schema": "licornes"}),
]


def test_a_wrong_wish_is_refused_with_its_reason_and_makes_no_link() -> None:
    for code, data in WRONG:
        with pytest.raises(toolkit.ValidationError, match=code):
            make(**data)
    assert call("agent", "territoire_link_list", organization="acigne") == []


def test_a_link_dies_when_it_is_revoked_and_stays_dead() -> None:
    made = make()
    call("mairie", "territoire_link_revoke", id=made["id"])
    call("agent", "territoire_link_revoke", id=made["id"])
    assert opened(made) == Issue("TER-API-122")
    [listed] = call("agent", "territoire_link_list", organization="acigne")
    assert (listed["state"], listed["address"]) == ("revoked", "")


def test_a_link_is_revoked_by_those_of_its_organisation_alone() -> None:
    made = make()
    for user in ("", "voisine", "lectrice", "redactrice"):
        with pytest.raises(toolkit.NotAuthorized):
            call(user, "territoire_link_revoke", id=made["id"])
    assert isinstance(opened(made), Link)


def test_a_link_dies_when_its_days_are_over() -> None:
    made = make(days="1")
    with transaction() as cursor:
        cursor.execute("UPDATE territoire.link SET expires_at = now() - interval '1 second'")
    assert opened(made) == Issue("TER-API-123")


def test_a_link_that_is_gone_a_forged_one_and_one_of_another_kind_are_told_apart() -> None:
    made = make()
    secret = str(config["SECRET_KEY"])
    for token in (token_of(made)[:-4], to_token(made["id"], Kind.DEPOSIT, "un autre secret")):
        assert store.open_link(token, Kind.DEPOSIT) == Issue("TER-API-120")
    assert store.open_link(token_of(made), Kind.REPAIR) == Issue("TER-API-120")
    as_repair = to_token(made["id"], Kind.REPAIR, secret)
    assert store.open_link(as_repair, Kind.REPAIR) == Issue("TER-API-121")
    with transaction() as cursor:
        cursor.execute("DELETE FROM territoire.link")
    assert opened(made) == Issue("TER-API-121")


def test_an_invitation_arrives_with_its_address_and_until_when(mails: Sink) -> None:
    made = make(email=" secretariat@acigne.example ", days="10")
    assert (made["issue"], mails.recipients) == ("", [["secretariat@acigne.example"]])
    assert made["mailed_at"]
    letter, text = mails.letters[0], mails.text()
    assert made["address"] in text
    assert made["address"] in letter.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "Acigné" in str(letter["Subject"])
    assert "agent@mairie.example" in text
    assert str((date.today() + timedelta(days=10)).year) in text


def test_a_repair_mail_counts_what_waits_and_names_the_contact_that_is_set(
    mails: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(config, "ckanext.territoire.mail.contact", "Service des données, 02 99")
    live = deliver(park(1), park(9), bad(2))
    make(kind="repair", delivery=live.id, email="mairie@acigne.example")
    text = mails.text()
    assert "2 lignes sont en ligne. 1 ligne attend une correction" in text
    assert "Service des données, 02 99" in text
    assert "agent@mairie.example" not in text


def test_no_title_adds_a_header_to_a_mail(mails: Sink) -> None:
    act("organization_patch", id="acigne", title="Acigné\nBcc: espion@exemple.fr")
    minute.forget()
    make(email="mairie@acigne.example")
    assert mails.recipients == [["mairie@acigne.example"]]
    assert mails.letters[0]["Bcc"] is None


@pytest.mark.parametrize("fault", ["unset", "refused", "away"])
def test_a_mail_that_does_not_leave_is_said_and_the_link_is_there_to_copy(
    mails: Sink, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    if fault == "unset":
        monkeypatch.setitem(config, "smtp.mail_from", "")
    elif fault == "refused":
        mails.answer = "550 non"
    else:
        monkeypatch.setitem(config, "smtp.server", "127.0.0.1:9")
    made = make(email="mairie@acigne.example")
    assert ("TER-CFG-130" if fault == "unset" else "TER-CFG-131") in made["issue"]
    assert made["mailed_at"] is None
    assert isinstance(opened(made), Link)
    [listed] = call("agent", "territoire_link_list", organization="acigne")
    assert listed["address"] == made["address"]


def sent_after(delivery: Delivery) -> None:
    """Tell of a publication, and let the job worker work."""
    feed = deliveries.load_feed(delivery.feed_id)
    assert feed is not None
    notice.after_publish(delivery, feed)
    link = store.link_of(delivery.id)
    if link is not None:
        notice.send_notice(link.id)


def test_the_depositor_gets_the_repair_link_once(mails: Sink) -> None:
    live = deliver(park(1), bad(2))
    for _ in range(3):
        sent_after(live)
    assert mails.recipients == [["mairie@mairie.example"]]
    link = store.link_of(live.id)
    assert link is not None
    assert store.address_of(link) in mails.text()
    assert "Une question ? Rennes Métropole" in mails.text()


def test_an_invited_clerk_gets_the_repair_link_at_the_address_of_the_invitation(
    mails: Sink,
) -> None:
    made = make(email="secretariat@acigne.example")
    live = deliver(park(1), bad(2), by=By(made["id"], Way.INVITATION))
    sent_after(live)
    assert mails.recipients == [["secretariat@acigne.example"]] * 2


def test_no_mail_leaves_when_all_is_good_when_muted_or_when_the_same_file_is_corrected(
    mails: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent_after(deliver(park(1)))
    live = deliver(park(1), bad(2))
    with monkeypatch.context() as muted:
        muted.setitem(config, "ckanext.territoire.mail.notices", False)
        sent_after(live)
    feed = feed_of("acigne")
    told = {"sha256": live.sha256, "name": live.file_name, "choice": dict(live.choice)}
    again = deliveries.new_delivery(feed, live.schema_id, told, By(user_id("mairie")))
    publish.examine_again(again)
    sent_after(publish.publish(again, By(user_id("mairie"))))
    sent_after(deliver(park(1), bad(3), by=By("", Way.HARVEST)))
    assert mails.letters == []


def test_the_notice_is_left_to_the_job_worker(mails: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, list[Any]]] = []
    live = deliver(park(1), bad(2))
    monkeypatch.setattr(toolkit, "enqueue_job", lambda job, args, **_: asked.append((job, args)))
    notice.after_publish(live, feed_of("acigne"))
    link = store.link_of(live.id)
    assert link is not None
    assert asked == [(notice.send_notice, [link.id])]
    assert mails.letters == []


def test_the_notice_leaves_at_once_when_the_job_queue_is_away(
    mails: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = deliver(park(1), bad(2))

    def away(*_: Any, **__: Any) -> None:
        raise RedisError

    monkeypatch.setattr(toolkit, "enqueue_job", away)
    notice.after_publish(live, feed_of("acigne"))
    assert mails.recipients == [["mairie@mairie.example"]]


def test_a_mandate_is_given_traced_and_ended() -> None:
    with pytest.raises(toolkit.ValidationError, match="TER-API-132"):
        call("agent", "territoire_mandate_set", organization="acigne", reference="  ")
    with pytest.raises(toolkit.ValidationError, match="TER-API-133"):
        call(
            "agent",
            "territoire_mandate_set",
            organization="acigne",
            reference="D",
            until="2020-01-01",
        )
    with pytest.raises(toolkit.ValidationError, match="TER-CFG-008"):
        call(
            "agent", "territoire_mandate_set", organization="acigne", reference="D", until="demain"
        )
    with pytest.raises(toolkit.ValidationError, match="TER-TAB-076"):
        deposit_as("agent")
    last = (date.today() + timedelta(days=365)).isoformat()
    given = call(
        "agent", "territoire_mandate_set",
        organization="acigne", reference="Délibération du 12 mars", until=last,
    )  # fmt: skip
    assert given["mandate"] == {
        "reference": "Délibération du 12 mars", "since": date.today().isoformat(), "until": last,
        "by": "agent",
    }  # fmt: skip
    made = deposit_as("agent")
    assert (made["way"], made["by_id"]) == ("mandate", user_id("agent"))
    ended = call("mairie", "territoire_mandate_end", organization="acigne")
    assert ended == {"mandate": None}
    with pytest.raises(toolkit.ValidationError, match="TER-TAB-076"):
        deposit_as("agent")


def deposit_as(user: str) -> dict[str, Any]:
    told = {"organization": "acigne", "schema": PARKING, "rows": [park(1)]}
    return dict(call(user, "territoire_delivery_create", **told))
