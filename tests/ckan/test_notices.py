"""Notices: a change is told once, to those whom it concerns, in one mail; nothing secret leaves."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ckan.common import config
from ckan.plugins import toolkit

from ckanext.territoire.links import addresses, mail, smtp
from ckanext.territoire.links.letter import Letter
from ckanext.territoire.notices import send, worker
from ckanext.territoire.only_one import only_one
from tests.ckan.child import start_child
from tests.ckan.conftest import act
from tests.ckan.form_browser import Browser
from tests.ckan.harvest_rows import add_run, add_source, execute
from tests.ckan.mail_sink import Sink, receiving
from tests.ckan.people import make_territory

HOUR = timedelta(hours=1)


@pytest.fixture
def mails(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    make_territory(tmp_path, monkeypatch)
    with receiving(monkeypatch) as sink:
        yield sink


def noon(days: int = 0) -> datetime:
    """Noon in Paris, some days from now."""
    return datetime.now(UTC).replace(hour=11, minute=0, second=0) + timedelta(days=days)


def look(at: datetime) -> int:
    """See what stands ten minutes earlier, then tell; answer how many mails have left."""
    return send.look(at - timedelta(minutes=11)) + send.look(at)


def subject(mails: Sink, at: int = 0) -> str:
    return str(mails.letters[at]["Subject"]).replace("\xa0", " ")


def told(mails: Sink) -> dict[str, list[int]]:
    """Which letters each person has received."""
    found: dict[str, list[int]] = {}
    for number, recipients in enumerate(mails.recipients):
        for address in recipients:
            found.setdefault(address.split("@")[0], []).append(number)
    return found


def test_a_source_that_fails_is_told_once_and_that_it_works_again_to_the_same(mails: Sink) -> None:
    source = add_source("portail", "acigne")
    add_run(source, "failed", 3, issues=[{"code": "TER-FET-008", "consequence": "stop"}])
    assert send.look(noon()) == 0, "what has just begun waits for company"
    assert send.look(noon() + timedelta(minutes=11)) == 2
    assert sorted(told(mails)) == ["agent", "mairie"]
    assert subject(mails) == "Portail (Acigné) : la source ne peut plus être lue"
    add_run(source, "failed", 2)
    assert look(noon() + 5 * HOUR) == 0
    assert look(noon(1)) == 0
    add_run(source, "finished", 1)
    assert look(noon(1) + HOUR) == 2
    assert "la source est lue de nouveau" in mails.text()
    assert look(noon(1) + 3 * HOUR) == 0
    add_run(source, "failed", 0.5)
    assert look(noon(2)) == 2, "it fails anew: this is another change"
    assert all("secret" not in mails.text(n) for n in range(len(mails.letters)))


def test_what_ends_before_it_is_told_and_what_ends_with_its_source_is_never_told(
    mails: Sink,
) -> None:
    source, other = add_source("portail", "acigne"), add_source("autre", "acigne")
    add_run(source, "failed", 3)
    send.look(noon())
    add_run(source, "finished", 2)
    assert look(noon() + HOUR) == 0
    add_run(other, "failed", 3)
    assert look(noon() + 2 * HOUR) == 2
    execute("UPDATE package SET state = 'deleted' WHERE id = :id", id=other)
    assert look(noon(1)) == 0
    assert look(noon(2)) == 0


def test_several_states_are_one_mail_and_what_does_not_press_waits_for_the_morning(
    mails: Sink,
) -> None:
    for name, state, report in (("a", "failed", {}), ("b", "held", {"sentence": "Retenue."}),
                                ("c", "finished", {"retired": 3})):  # fmt: skip
        add_run(add_source(f"source-{name}", "acigne"), state, **report)
    assert look(noon()) == 2
    assert subject(mails).endswith(" : 3 nouvelles de vos données")
    text = mails.text(0)
    assert text.index("Retenue.") < text.index("Source-a") < text.index("3 jeux de données ont été")
    add_run(add_source("source-d", "acigne"), retired=1)
    assert look(noon() + 2 * HOUR) == 0
    assert look(noon(1)) == 2


def test_a_person_hears_of_what_is_theirs_and_leaves_by_the_link_of_the_mail(
    mails: Sink, app: Any
) -> None:
    betton, acigne = add_source("de-betton", "betton"), add_source("d-acigne", "acigne")
    for source in (betton, acigne):
        add_run(source, "failed", 3)
    assert look(noon()) == 3
    agent, mairie, voisine = (mails.text(told(mails)[n][0]) for n in ("agent", "mairie", "voisine"))
    assert "De-betton" in agent
    assert "D-acigne" in agent
    assert "De-betton" not in mairie
    assert "D-acigne" not in voisine
    assert "@" not in mairie.replace("portail@donnees.example", "")
    letter = mails.letters[told(mails)["mairie"][0]]
    link = str(letter["List-Unsubscribe"]).strip("<>").removeprefix(config["ckan.site_url"])
    browser = Browser(app)
    page = browser.open(link.removesuffix("/arreter"))
    assert page.status == 200
    assert "Mes avis" in page.text
    assert "/moissons/" not in page.tree.xpath("string(//main)")
    assert browser.client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    add_run(betton, "finished", 1)
    add_run(acigne, "finished", 1)
    assert look(noon(1)) == 2
    assert len(told(mails)["mairie"]) == 1
    assert Browser(app).open("/avis/faux.jeton").status == 404


def test_the_page_my_notices_mutes_a_kind_and_the_officer_a_source(mails: Sink, app: Any) -> None:
    source = add_source("portail", "acigne")
    add_run(source, "failed", 3)
    clerk, agent = Browser(app), Browser(app)
    clerk.log_in("mairie")
    agent.log_in("agent")
    page = clerk.open("/mes-avis")
    wanted = page.tree.xpath('//input[@name="wanted"]/@value')
    form = next(f for f in page.tree.forms if (f.action or "").endswith("/mes-avis"))
    page = clerk.send(page, form, {"wanted": [each for each in wanted if each != "failing"]})
    assert "C’est noté" in page.text
    assert page.tree.xpath('//input[@name="wanted"][not(@checked)]/@value') == ["failing"]
    assert look(noon()) == 1
    add_run(source, "held", 1)
    page = agent.open("/mes-avis")
    form = next(f for f in page.tree.forms if (f.action or "").endswith("/mes-avis/source"))
    agent.send(page, form, {}, button=("is_quiet", "oui"))
    assert look(noon(1)) == 0
    with pytest.raises(toolkit.NotAuthorized):
        toolkit.get_action("territoire_notice_mute_source")(
            {"user": "mairie"}, {"id": source, "is_quiet": False}
        )


def test_a_refused_address_is_paused_and_a_server_that_is_away_is_tried_again(
    mails: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_run(add_source("portail", "acigne"), "failed", 3)
    server = str(config["smtp.server"])
    monkeypatch.setitem(config, "smtp.server", "127.0.0.1:9")
    assert look(noon()) == 0
    monkeypatch.setitem(config, "smtp.server", server)

    async def refuse(_: Any, __: Any, ___: Any, envelope: Any, address: str, *more: Any) -> str:
        if address.startswith("mairie"):
            return "550 5.1.1 inconnu"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    monkeypatch.setattr(Sink, "handle_RCPT", refuse, raising=False)
    assert send.look(noon() + HOUR) == 1
    assert sorted(told(mails)) == ["agent"]
    [dead] = addresses.paused()
    assert (dead.address, dead.user_name) == ("mairie@mairie.example", "mairie")
    assert look(noon(1)) == 0
    assert addresses.resume(dead.address, "agent")
    monkeypatch.delattr(Sink, "handle_RCPT")
    assert look(noon(1) + 2 * HOUR) == 1
    assert sorted(told(mails)) == ["agent", "mairie"]


@pytest.mark.parametrize("is_before", [True, False])
def test_a_worker_killed_at_the_sending_tells_all_the_same_and_a_mail_box_knows_a_double(
    mails: Sink, monkeypatch: pytest.MonkeyPatch, is_before: bool
) -> None:
    add_run(add_source("portail", "betton"), "failed", 3)
    send.look(noon())
    real = smtp.deliver

    def killed(address: str, letter: Letter, headers: Any) -> None:
        if not is_before:
            real(address, letter, headers)
        os.kill(os.getpid(), signal.SIGKILL)

    with monkeypatch.context() as patch:
        patch.setattr(smtp, "deliver", killed)
        child = start_child(lambda: send.look(noon() + HOUR))
        child.join(60)
        assert child.exitcode == -signal.SIGKILL
    for hours in (2, 3, 30):
        send.look(noon() + hours * HOUR)
    by_person = {name: {str(mails.letters[n]["Message-ID"]) for n in numbers}
                 for name, numbers in told(mails).items()}  # fmt: skip
    assert {name: len(ids) for name, ids in by_person.items()} == {"agent": 1, "voisine": 1}
    assert len(mails.letters) == (2 if is_before else 3)


def test_an_address_whose_letter_came_back_is_a_task_and_gets_nothing_until_it_is_done(
    mails: Sink,
) -> None:
    add_run(add_source("portail", "acigne"), "failed", 3)
    assert act("territoire_address_pause", address="mairie@mairie.example")["is_new"]
    [task] = act("territoire_address_list")
    assert task["address"] == "mairie@mairie.example"
    look(noon())
    assert sorted(told(mails)) == ["agent"]
    assert act("territoire_address_resume", address="mairie@mairie.example")["is_done"]
    assert act("territoire_address_list") == []
    look(noon(1))
    assert "mairie" in told(mails)


def test_the_contact_address_is_told_when_nobody_has_an_account(mails: Sink) -> None:
    act("organization_patch", id="cesson-sevigne", contact_email="contact@cesson.example")
    act("organization_patch", id="acigne", contact_email="contact@acigne.example")
    for name in ("cesson-sevigne", "acigne"):
        add_run(add_source(f"portail-{name}", name), "failed", 3)
    assert look(noon()) == 3
    assert sorted(told(mails)) == ["agent", "contact", "mairie"]
    assert mails.recipients[told(mails)["contact"][0]] == ["contact@cesson.example"]
    assert "/moissons/" not in mails.text(told(mails)["contact"][0])


def test_a_look_is_asked_of_the_job_worker_once_and_two_never_tell_together(
    mails: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(toolkit, "enqueue_job", lambda job, **_: asked.append(job.__name__))
    redis = worker.connect_to_redis()
    redis.delete(worker._key("asked"), worker._key("waits"))
    worker.look_later()
    worker.look_later()
    assert asked == ["look_now"]
    add_run(add_source("portail", "betton"), "failed", 3)
    send.look(noon())
    with only_one("notices") as is_mine:
        assert is_mine
        child = start_child(lambda: os._exit(send.look(noon() + HOUR)))
        child.join(60)
        assert child.exitcode == 0
    assert mails.letters == []
    redis.delete(worker._key("asked"), worker._key("waits"))


def test_a_mail_server_that_accepts_and_says_nothing_is_left_after_seconds(
    mails: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setitem(config, "smtp.server", f"127.0.0.1:{silent.getsockname()[1]}")
        issue = mail.send("a@b.example", Letter("Essai", ("Bonjour,",)))
    assert issue is not None
    assert issue.code == "TER-CFG-131"
    assert addresses.paused() == []
