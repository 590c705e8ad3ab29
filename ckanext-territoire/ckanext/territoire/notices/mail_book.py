"""Where mails of one sort are noted: a table with `mail_id`, `claimed_at` and `sent_at` (UTC)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from ckan import model


@dataclass(frozen=True, slots=True)
class MailBook:
    """The mails of one table; each statement commits."""

    table: str

    def claim(self, mail_id: str, now: datetime, **about: Any) -> None:
        """Note a mail before it leaves; `about` are the other columns of the table."""
        names = ", ".join((*about, "mail_id", "claimed_at"))
        values = ", ".join(f":{name}" for name in (*about, "mail_id", "claimed_at"))
        query = f"INSERT INTO {self.table} ({names}) VALUES ({values})"
        self._write(query, mail_id=mail_id, claimed_at=_naive(now), **about)

    def set_sent(self, mail_id: str, now: datetime) -> None:
        """Note that a mail has left. Commits."""
        query = f"UPDATE {self.table} SET sent_at = :now WHERE mail_id = :mail_id"
        self._write(query, mail_id=mail_id, now=_naive(now))

    def unclaim(self, mail_id: str) -> None:
        """Take back a mail that cannot be sent to anybody. Commits."""
        query = f"DELETE FROM {self.table} WHERE mail_id = :mail_id AND sent_at IS NULL"
        self._write(query, mail_id=mail_id)

    def _write(self, query: str, **values: Any) -> None:
        with model.meta.engine.begin() as connection:
            connection.execute(sa.text(query), values)


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
