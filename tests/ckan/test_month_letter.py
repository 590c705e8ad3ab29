"""The monthly letter: made once, sent once to each person, from a few statements, read before."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ckan.common import config
from ckan.plugins import toolkit
from click.testing import CliRunner

from ckanext.territoire.cli.letter import letter as letter_command
from ckanext.territoire.delivery.coverage_facts import read_matrix
from ckanext.territoire.harvest_adapter.jobs import utc_now
from ckanext.territoire.links import addresses, smtp
from ckanext.territoire.links.letter import Letter
from ckanext.territoire.notices import month_facts, month_send, month_store
from ckanext.territoire.notices.month import Month, leaves_on, month_of
from ckanext.territoire.notices.month_model import Event, Need, Usage
from ckanext.territoire.portal.typography import PARIS
from schemas.load import latest
from tests.ckan.child import start_child
from tests.ckan.conftest import act
from tests.ckan.form_browser import Browser
from tests.ckan.harvest_rows import add_run, add_source, execute
from tests.ckan.mail_sink import Sink, receiving
from tests.ckan.parking_rows import SLUG, park, to_csv, upload
from tests.ckan.people import make_territory
from tests.ckan.statements import statements

MONTH = month_of(datetime.now(PARIS).date())


@pytest.fixture
def mails(clean: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    make_territory(tmp_path, monkeypatch)
    monkeypatch.setitem(config, "ckanext.territoire.mail.notices", False)
    # only car parks are expected, and no law asks for them: a commune may have nothing to do
    parks = replace(latest(SLUG), duty=None)
    monkeypatch.setattr(month_facts, "read_matrix", lambda: read_matrix([parks]))
    with receiving(monkeypatch) as sink:
        yield sink


def leaving(hours: int = 10) -> datetime:
    """A moment of the day on which the letters of this month leave."""
    day = leaves_on(MONTH, 1)
    return datetime(day.year, day.month, day.day, hours, tzinfo=PARIS).astimezone(UTC)


def deposit(organization: str, *rows: dict[str, Any]) -> dict[str, Any]:
    """Deposit car parks and publish the good rows."""
    made = act(
        "territoire_delivery_create", organization=organization, schema=SLUG,
        upload=upload(to_csv(*rows)),
    )  # fmt: skip
    return dict(act("territoire_delivery_publish", id=made["id"]))


def told(mails: Sink) -> dict[str, list[str]]:
    """The subjects that each person has received."""
    found: dict[str, list[str]] = {}
    for letter, recipients in zip(mails.letters, mails.recipients, strict=True):
        subject = str(letter["Subject"]).replace("\xa0", " ")
        found.setdefault(recipients[0].split("@")[0], []).append(subject)
    return found


def text_of(mails: Sink, person: str) -> str:
    at = next(n for n, to in enumerate(mails.recipients) if to[0].startswith(person))
    return mails.text(at)


def test_letters_leave_on_the_morning_of_their_day_once_to_each_person(mails: Sink) -> None:
    deposit("acigne", park(1), park(2), park(3, nom=""))
    assert month_send.send_due(leaving(7)) == 0
    assert month_send.send_due(leaving(9)) == 2
    assert told(mails) == {
        "agent": [f"{config['ckan.site_title']} : les lettres {plain(MONTH.of)}, 1 commune"],
        "mairie": [f"Acigné : vos données en {plain(MONTH.name)}, 1 chose à faire"],
    }
    for hours in (1, 24, 24 * 6, 24 * 20):
        assert month_send.send_due(leaving(9) + timedelta(hours=hours)) == 0
    clerk, officer = text_of(mails, "mairie"), text_of(mails, "agent")
    assert "2 lignes en ligne, par dépôt." in clerk
    assert "1. Corriger 1 ligne de « Lieux de stationnement" in clerk
    assert "/corriger\n" in clerk
    assert "utilisées" not in clerk
    assert f"/pilotage/lettres/{MONTH.key}/acigne" in officer
    assert "2 n’en ont pas" in officer


def test_what_happened_is_read_for_all_communes(mails: Sink) -> None:
    act("package_create", name="arbres", title="Arbres", owner_org="betton", license_id="lov2")
    act("package_create", name="secret", title="S", owner_org="betton", private=True)
    source = add_source("portail", "acigne")
    skip = {"code": "TER-PUB-005", "consequence": "skip", "where": "fiche"}
    add_run(source, "finished", 0, issues=[skip, skip, skip | {"where": "autre"}])
    other = add_source("autre", "cesson-sevigne")
    add_run(other, "held", 0, sentence="Retenue.")
    add_run(add_source("panne", "acigne"), "failed", 0)
    name = {each["id"]: each["name"] for each in act("organization_list", all_fields=True)}
    found = {name[i]: t for i, t in month_facts.read_month(MONTH, utc_now()).items()}
    assert [(e.event, e.count, e.way) for e in found["betton"].happened] == [(Event.NEW, 1, "form")]
    assert [(e.event, e.count) for e in found["acigne"].happened] == [(Event.SKIPPED, 2)]
    assert [(e.event, e.way) for e in found["cesson-sevigne"].happened] == [(Event.HELD, "run")]
    needs = {who: [task.need for task in told.tasks] for who, told in found.items()}
    assert needs == {
        "acigne": [Need.SOURCE, Need.INVITE],
        "betton": [Need.INVITE],
        "cesson-sevigne": [Need.DECIDE, Need.INVITE],
    }
    before = month_facts.read_month(MONTH.before, utc_now())
    assert all(not told.entered for told in before.values())


def test_harvested_datasets_are_new_changed_or_gone_in_the_month_that_saw_them(mails: Sink) -> None:
    source = add_source("portail", "acigne")
    for number, (created, changed, state) in enumerate((
        ("2026-10-02", "2026-10-02", "live"), ("2026-10-03", "2026-10-03", "missing"),
        ("2026-09-02", "2026-10-31 22:59", "live"), ("2026-09-02", "2026-10-31 23:00", "live"),
        ("2026-09-02", "2026-10-12", "retired"), ("2026-08-02", "2026-09-12", "live"),
    )):  # fmt: skip
        made = act("package_create", name=f"jeu-{number}", title="J", owner_org="acigne")
        execute(
            "UPDATE package SET metadata_created = :at, state = :state WHERE id = :id",
            id=made["id"], at=created, state="deleted" if state == "retired" else "active",
        )  # fmt: skip
        execute(
            """INSERT INTO territoire_source_record (source_id, remote_id, dataset_id, content_hash,
                      state, changed_at) VALUES (:s, :id, :id, '', :state, :at)""",
            s=source, id=made["id"], state=state, at=changed,
        )  # fmt: skip
    acigne = act("organization_show", id="acigne")["id"]
    found = month_facts.read_month(Month(2026, 10), utc_now())[acigne]
    assert [(e.event, e.count, e.way) for e in found.happened] == [
        (Event.NEW, 2, "harvest"), (Event.UPDATED, 1, "harvest"), (Event.RETIRED, 1, ""),
    ]  # fmt: skip


def test_more_communes_are_read_in_as_many_statements(
    mails: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count() -> int:
        asked: list[str] = []
        real = month_facts.read
        with monkeypatch.context() as patch, statements() as seen:
            patch.setattr(month_facts, "read", lambda q, v=(): asked.append(q) or real(q, v))
            month_facts.read_month(MONTH, utc_now())
        return len(seen) + len(asked)

    deposit("acigne", park(1), park(2, nom=""))
    add_run(add_source("portail-a", "acigne"), "failed", 3)
    count()
    few = count()
    for name, insee in (("betton", "35024"), ("cesson-sevigne", "35051")):
        deposit(name, park(1, insee), park(2, insee, nom=""))
        add_run(add_source(f"portail-{name}", name), "failed", 3)
        act("package_create", name=f"jeu-{name}", title="J", owner_org=name)
    count()
    assert count() == few


def test_a_letter_stays_as_it_left_and_leaves_to_who_comes_later(mails: Sink) -> None:
    deposit("acigne", park(1), park(2, nom=""))
    month_send.send_due(leaving(9))
    deposit("acigne", park(1), park(2), park(3))
    act("organization_member_create", id="acigne", username="voisine", role="editor")
    assert month_send.send_due(leaving(11)) == 1
    assert "1 ligne en ligne" in text_of(mails, "voisine")
    shown = act("territoire_letter_show", commune="acigne", month=MONTH.key)
    assert shown["is_made"]
    assert "Corriger 1" in plain(shown["text"])
    assert shown["sent"]["people"] == 2


def test_nobody_gets_what_they_muted_and_nobody_that_of_a_quiet_commune(
    mails: Sink, app: Any
) -> None:
    act("organization_member_create", id="betton", username="mairie", role="editor")
    for name, insee in (("acigne", "35001"), ("betton", "35024")):
        deposit(name, park(1, insee), park(2, insee, nom=""))
    clerk, agent = Browser(app), Browser(app)
    clerk.log_in("mairie")
    agent.log_in("agent")
    page = clerk.open("/mes-avis")
    wanted = page.tree.xpath('//input[@name="wanted"]/@value')
    betton = act("organization_show", id="betton")["id"]
    assert [each for each in wanted if each.startswith("letter")] == [
        f"letter:{act('organization_show', id='acigne')['id']}", f"letter:{betton}",
    ]  # fmt: skip
    assert "La lettre d’Acigné" in page.text
    form = next(f for f in page.tree.forms if (f.action or "").endswith("/mes-avis"))
    page = clerk.send(page, form, {"wanted": [each for each in wanted if betton not in each]})
    assert page.tree.xpath('//input[@name="wanted"][not(@checked)]/@value') == [f"letter:{betton}"]
    page = agent.open("/pilotage/lettres")
    form = next(f for f in page.tree.forms if (f.action or "").endswith("/acigne/sourdine"))
    page = agent.send(page, form, {}, button=("is_quiet", "oui"))
    assert "en sourdine" in page.text
    assert month_send.send_due(leaving(9)) == 2
    assert sorted(told(mails)) == ["agent", "voisine"]
    link = str(mails.letters[0]["List-Unsubscribe"]).strip("<>")
    path = link.removeprefix(config["ckan.site_url"])
    assert path.endswith("/arreter?avis=letter")
    assert Browser(app).client.post(path).status_code == 200
    act("territoire_letter_mute", commune="Acigné", is_quiet=False)
    assert month_send.send_due(leaving(11)) == 1
    assert sorted(told(mails)) == ["agent", "mairie", "voisine"]
    person = act("user_show", id="agent")["id"]
    muted = month_send.choices.mutes_of(person)
    assert muted == {"letter"}, "the notices go on"


def test_the_contact_address_gets_the_letter_of_a_commune_without_account(mails: Sink) -> None:
    act("organization_patch", id="cesson-sevigne", contact_email="contact@cesson.example")
    deposit("cesson-sevigne", park(1, "35051"), park(2, "35051", nom=""))
    assert month_send.send_due(leaving(9)) == 2
    text = text_of(mails, "contact")
    assert "demandez un lien" in text
    assert "/depots/" not in text


def test_nothing_is_sent_when_nothing_happened_or_when_letters_are_off(
    mails: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert month_send.send_due(leaving(9)) == 0
    deposit("acigne", park(1), park(2, nom=""))
    assert month_send.send_due(leaving(10)) == 0, "the letters of the month are made"
    execute("DELETE FROM territoire_letter")
    with monkeypatch.context() as patch:
        patch.setitem(config, "ckanext.territoire.mail.letter", False)
        assert month_send.send_due(leaving(11)) == 0
    with monkeypatch.context() as patch:
        patch.setitem(config, "smtp.server", "")
        assert month_send.send_due(leaving(11)) == 0
    assert month_store.made(MONTH) is None
    assert month_send.send_due(leaving(12)) == 2


def test_a_refused_address_becomes_a_task_and_a_server_that_is_away_is_tried_again(
    mails: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    deposit("acigne", park(1), park(2, nom=""))
    server = str(config["smtp.server"])
    monkeypatch.setitem(config, "smtp.server", "127.0.0.1:9")
    assert month_send.send_due(leaving(9)) == 0
    monkeypatch.setitem(config, "smtp.server", server)

    async def refuse(_: Any, __: Any, ___: Any, envelope: Any, address: str, *more: Any) -> str:
        if address.startswith("mairie"):
            return "550 5.1.1 inconnu"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    monkeypatch.setattr(Sink, "handle_RCPT", refuse, raising=False)
    assert month_send.send_due(leaving(10)) == 1
    assert [each.address for each in addresses.paused()] == ["mairie@mairie.example"]
    addresses.resume("mairie@mairie.example", "agent")
    monkeypatch.delattr(Sink, "handle_RCPT")
    assert month_send.send_due(leaving(11)) == 1
    assert sorted(told(mails)) == ["agent", "mairie"]


@pytest.mark.parametrize("is_before", [True, False])
def test_a_worker_killed_at_the_sending_goes_on_and_a_mail_box_knows_a_double(
    mails: Sink, monkeypatch: pytest.MonkeyPatch, is_before: bool
) -> None:
    deposit("acigne", park(1), park(2, nom=""))
    real = smtp.deliver

    def killed(address: str, letter: Letter, headers: Any) -> None:
        if not is_before:
            real(address, letter, headers)
        os.kill(os.getpid(), signal.SIGKILL)

    with monkeypatch.context() as patch:
        patch.setattr(smtp, "deliver", killed)
        child = start_child(lambda: month_send.send_due(leaving(9)))
        child.join(60)
        assert child.exitcode == -signal.SIGKILL
    deposit("acigne", park(1), park(2))
    for hours in (10, 11, 12):
        month_send.send_due(leaving(hours))
    ids: dict[str, set[str]] = {}
    for letter, to in zip(mails.letters, mails.recipients, strict=True):
        ids.setdefault(to[0].split("@")[0], set()).add(str(letter["Message-ID"]))
    assert {who: len(found) for who, found in ids.items()} == {"agent": 1, "mairie": 1}
    assert len(mails.letters) == (2 if is_before else 3)
    assert "Corriger 1 ligne" in text_of(mails, "mairie"), "the letter is the one that was made"


def test_an_officer_reads_the_letters_before_they_leave_and_a_clerk_does_not(
    mails: Sink, app: Any
) -> None:
    deposit("acigne", park(1), park(2, nom="<b>"), park(3, nom=""))
    agent, editor, clerk = Browser(app), Browser(app), Browser(app)
    for browser, name in ((agent, "agent"), (editor, "redactrice"), (clerk, "mairie")):
        browser.log_in(name)
    page = agent.open(f"/pilotage/lettres?mois={MONTH.key}")
    assert "Elles partiront le" in page.text
    [row] = page.tree.xpath("//tbody/tr")
    told = plain(" ".join(row.text_content().split()))
    assert "Corriger 1 ligne" in told
    assert "1 personne la recevra" in told
    page = agent.open(f"/pilotage/lettres/{MONTH.key}/acigne")
    assert "Les" not in page.tree.xpath("string(//article//h2[1])")
    assert "Corriger 1 ligne" in plain(page.tree.xpath("string(//article)"))
    assert not page.tree.xpath("//article//*[@style]")
    assert "sourdine" not in editor.open("/pilotage/lettres").text
    assert clerk.open("/pilotage/lettres").status == 403
    assert agent.open("/pilotage/lettres?mois=hier").status == 404
    assert agent.open(f"/pilotage/lettres/{MONTH.key}/brest").status == 404
    with pytest.raises(toolkit.NotAuthorized):
        toolkit.get_action("territoire_letter_mute")(
            {"user": "redactrice"}, {"commune": "acigne", "is_quiet": True}
        )


def test_the_uses_of_a_month_are_told_as_far_as_they_were_counted(mails: Sink) -> None:
    made = act("package_create", name="arbres", title="Arbres", owner_org="acigne")
    acigne, betton = (act("organization_show", id=n)["id"] for n in ("acigne", "betton"))
    assert month_facts.read_month(Month(2026, 10), utc_now())[acigne].usage is None
    for day, act_, hits in (("2026-10-12", "view", 40), ("2026-10-20", "download", 3),
                            ("2026-11-02", "view", 500)):  # fmt: skip
        execute(
            """INSERT INTO territoire_usage (day, act, agent, dataset_id, resource_id, page, hits)
               VALUES (:day, :act, 'person', :id, '', '', :hits)""",
            day=day, act=act_, id=made["id"], hits=hits,
        )  # fmt: skip
    found = month_facts.read_month(Month(2026, 10), utc_now())
    assert found[acigne].usage == Usage(40, 3, 0, "2026-10-12")
    assert found[betton].usage == Usage(since="2026-10-12")
    assert month_facts.read_month(Month(2026, 9), utc_now())[acigne].usage is None


def test_the_command_lists_reads_and_sends_a_month_that_is_over(mails: Sink) -> None:
    run = CliRunner().invoke
    assert "Aucune lettre" in run(letter_command, ["list"]).output
    deposit("acigne", park(1), park(2, nom=""))
    listed = run(letter_command, ["list", "--month", MONTH.key])
    assert "Acigné : Corriger 1" in plain(listed.output)
    read = run(letter_command, ["preview", "Acigné", "--month", MONTH.key])
    assert plain(read.output).startswith("Objet : Acigné : vos données")
    assert "ne part pas" in run(letter_command, ["preview", "35024"]).output
    assert "TER-PUB-161" in run(letter_command, ["send", "--month", MONTH.key]).output
    assert "TER-PUB-160" in run(letter_command, ["send", "--month", "demain"]).output
    assert run(letter_command, ["send", "--month", MONTH.before.key]).output.startswith("2 lettres")
    assert month_store.made(MONTH.before) is not None


def plain(text: str) -> str:
    return text.replace("\xa0", " ").replace("\u202f", " ")
