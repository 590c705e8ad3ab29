"""Send mails one by one: each was noted before it leaves, and what became of it is noted after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ckan.plugins import toolkit

from ckanext.territoire import config, publishers
from ckanext.territoire.links import mail
from ckanext.territoire.links.letter import Letter
from ckanext.territoire.notices import choices
from ckanext.territoire.notices.model import Person
from ckanext.territoire.notices.news import Frame

PATIENCE = 3  # mails that do not leave, one after the other, before the server is left alone


class Book(Protocol):
    """Where mails are noted."""

    def set_sent(self, mail_id: str, now: datetime) -> None:
        """Note that a mail has left. Commits."""

    def unclaim(self, mail_id: str) -> None:
        """Take back a mail that cannot be sent to anybody. Commits."""


@dataclass(slots=True)
class Post:
    """The mails of one look: how many have left, how many in a row have not."""

    book: Book
    now: datetime
    sent: int = 0
    failures: int = 0

    @property
    def is_given_up(self) -> bool:
        return self.failures >= PATIENCE

    def send(self, person: Person, mail_id: str, letter: Letter, kind: str = "") -> None:
        """Send one mail that is claimed, and note what became of it. `kind` is what its reader
        leaves in one click; `""`: everything."""
        issue = mail.send(person.address, letter, _headers(person, mail_id, kind))
        if issue is None:
            self.book.set_sent(mail_id, self.now)
            self.sent, self.failures = self.sent + 1, 0
        elif issue.code in (mail.DEAD, mail.PAUSED):
            self.book.unclaim(mail_id)
        else:
            self.failures += 1


def _headers(person: Person, mail_id: str, kind: str) -> Mapping[str, str]:
    """The Message-ID by which a mail box knows a mail again, and how to leave in one click."""
    domain = str(toolkit.config["smtp.mail_from"]).rpartition("@")[2] or "localhost"
    what = f"?avis={kind}" if kind else ""
    return {
        "Message-ID": f"<{mail_id}@{domain}>",
        "List-Unsubscribe": f"<{choices.address_of(person.key)}/arreter{what}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def frame_of(person: Person | None) -> Frame:
    """What stands around what a person is told; `None`: an officer who reads it before."""
    return Frame(
        site=str(toolkit.config["ckan.site_title"]),
        address=str(toolkit.config["ckan.site_url"]).rstrip("/"),
        contact=config.mail_contact(),
        choices=choices.address_of(person.key) if person else "",
        has_account=person is None or person.has_account,
        places={id_: each.title for id_, each in publishers.publishers().items()},
    )
