"""Read what somebody writes in a form or sends by the API, field by field; every fault is told.

Texts are kept as they are written, without the characters that no database keeps; they are made
safe where they are shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from ckan import model
from ckan.plugins import toolkit

from ckanext.territoire.community.datasets import Dataset, public_datasets
from ckanext.territoire.community.model import MAX_DATASETS, Writer
from ckanext.territoire.links import mail
from ckanext.territoire.links.facts import email_of
from harvesters.address import fault_of_url
from harvesters.errors import sentence
from harvesters.model import Issue

MAX_URL, MAX_NAME = 500, 120
LONGEST = timedelta(days=2 * 366)


@dataclass(slots=True)
class Reading:
    """What is being read, and the faults found so far, by field."""

    given: Mapping[str, Any]
    faults: dict[str, list[str]] = field(default_factory=dict)

    def refuse(self, name: str, issue: Issue) -> None:
        """Remember what is wrong in a field."""
        self.faults.setdefault(name, []).append(sentence(issue))

    def end(self) -> None:
        """Raise all that is wrong."""
        if self.faults:
            raise toolkit.ValidationError(self.faults)

    def line(self, name: str, label: str, most: int, is_needed: bool = True) -> str:
        """Read a text of one line."""
        return self._checked(name, label, " ".join(self._text(name).split()), (most, is_needed))

    def text(self, name: str, label: str, most: int, is_needed: bool = True) -> str:
        """Read a text of several lines."""
        lines = self._text(name).replace("\r\n", "\n").strip()
        return self._checked(name, label, lines, (most, is_needed))

    def url(self, name: str, label: str, is_needed: bool = True) -> str:
        """Read an address of the web."""
        url = self.line(name, label, MAX_URL, is_needed)
        if url and (not url.startswith(("https://", "http://")) or fault_of_url(url)):
            self.refuse(name, Issue("TER-API-251", found=url[:100]))
        return url

    def choice(self, name: str, label: str, among: Collection[str], is_needed: bool = True) -> str:
        """Read one of some values."""
        told = self.line(name, label, MAX_NAME, is_needed)
        if told and told not in among:
            self.refuse(name, Issue("TER-API-254", label, told[:80]))
        return told

    def datasets(self, name: str, is_needed: bool = True) -> tuple[Dataset, ...]:
        """Read the public datasets that are named, by name or id; the others are left out."""
        told = self.given.get(name) or ()
        asked = [told] if isinstance(told, str) else [str(each) for each in told]
        found = public_datasets([clean(each) for each in asked if each][:MAX_DATASETS])
        if is_needed and not found:
            self.refuse(name, Issue("TER-API-253"))
        return found

    def day(self, name: str, label: str, today: date) -> date:
        """Read a day to come."""
        told = self.line(name, label, 20)
        try:
            day = date.fromisoformat(told)
        except ValueError:
            day = None
        if told and (day is None or not today <= day <= today + LONGEST):
            self.refuse(name, Issue("TER-PUB-185", found=told))
        return day or today

    def writer(self, user: str) -> Writer:
        """Read who writes: the account at work, else an address that will have to be confirmed."""
        account = model.User.get(user) if user else None
        if account is not None:
            return Writer(account.id, email_of(account.id))
        told = self.line("email", "Votre adresse électronique", 200)
        try:
            return Writer("", mail.to_address(told))
        except toolkit.Invalid:
            self.refuse("email", Issue("TER-API-252", found=told[:100]))
            return Writer()

    def _text(self, name: str) -> str:
        return clean(self.given.get(name))

    def _checked(self, name: str, label: str, told: str, bounds: tuple[int, bool]) -> str:
        most, is_needed = bounds
        if not told and is_needed:
            self.refuse(name, Issue("TER-API-249", label))
        if len(told) > most:
            self.refuse(name, Issue("TER-API-250", label, str(len(told)), str(most)))
        return told


def clean(told: object) -> str:
    """Read a text without what PostgreSQL does not keep: NUL, halves of characters."""
    return str(told or "").replace("\0", "").encode("utf-8", "replace").decode()


def to_number(told: object, default: int) -> int:
    """Read a whole number that is asked for; what is none is the default."""
    text = str(told)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else default
