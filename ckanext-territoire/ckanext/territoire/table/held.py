"""Until when a file waits because its server is not to be asked now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ckanext.territoire.harvest_adapter import hosts
from harvesters.fetch.polite import FIRST_REST
from harvesters.model import Issue

BUSY, TOO_MANY, BROKEN = "TER-FET-027", "TER-FET-010", "TER-FET-009"
UNAVAILABLE = "503"
A_MOMENT = timedelta(minutes=1)


def held_until(url: str, issue: Issue, now: datetime) -> datetime | None:
    """Answer the moment (UTC, without zone) from which to ask again; `None` when waiting is vain.

    The server rests, or says that it cannot answer now, or others are asking it.
    """
    until = hosts.hosts().resting_until(url)
    if until is None and _asks_to_wait(issue):
        until = now + FIRST_REST
    if until is None and issue.code == BUSY:
        until = now + A_MOMENT
    return until.astimezone(UTC).replace(tzinfo=None) if until else None


def _asks_to_wait(issue: Issue) -> bool:
    return issue.code == TOO_MANY or (issue.code == BROKEN and issue.found == UNAVAILABLE)
