"""The letters of each month as they were made, and to whom they were sent.

A month is made once, in one transaction; the row without organisation says that it was. Times are
UTC without a zone, as CKAN keeps them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ckan import model
from sqlalchemy import text

from ckanext.territoire.notices.month import Month
from ckanext.territoire.notices.month_model import Told, told_from_dict, told_to_dict

ALL = ""  # stands for the organisation in the letter to an officer, which tells of all communes
KEPT_MONTHS = 36
MAKE = text("""
    INSERT INTO territoire_letter (month, org_id, facts, made_at)
    SELECT :month, org_id, facts, :now
      FROM unnest(cast(:orgs AS text[]), cast(:facts AS jsonb[])) AS told(org_id, facts)
    ON CONFLICT DO NOTHING
""")
CLAIM = text("""
    INSERT INTO territoire_letter_mail (month, org_id, person, mail_id, claimed_at)
    VALUES (:month, :org, :person, :mail_id, :now) ON CONFLICT DO NOTHING
""")


def made(month: Month) -> dict[str, Told] | None:
    """Read the letters of a month, by organisation; `None` before they are made."""
    query = text("SELECT org_id, facts FROM territoire_letter WHERE month = :month")
    rows = model.Session.execute(query, {"month": month.key}).all()
    if not rows:
        return None
    return {row.org_id: told_from_dict(row.facts) for row in rows if row.org_id != ALL}


def make(month: Month, letters: Mapping[str, Told], now: datetime) -> None:
    """Keep the letters of a month, which are then the same for everybody. Commits."""
    facts = [json.dumps(told_to_dict(each)) for each in letters.values()]
    values = {"month": month.key, "now": _naive(now)}
    model.Session.execute(MAKE, values | {"orgs": [*letters, ALL], "facts": [*facts, "{}"]})
    oldest = Month(month.year - KEPT_MONTHS // 12, month.number).key
    for table in ("territoire_letter_mail", "territoire_letter"):
        model.Session.execute(text(f"DELETE FROM {table} WHERE month < :m"), {"m": oldest})
    model.Session.commit()


def claim(month: Month, org_id: str, person: str, mail: tuple[str, datetime]) -> None:
    """Note that a letter is about to leave, under a mail id, at a moment. Commits."""
    values = {"month": month.key, "org": org_id, "person": person}
    model.Session.execute(CLAIM, values | {"mail_id": mail[0], "now": _naive(mail[1])})
    model.Session.commit()


def claimed(month: Month) -> dict[tuple[str, str], str | None]:
    """Read which letters have left or are leaving: person and organisation, to the mail id of one
    that was cut, `None` for one that has left."""
    query = text("""SELECT person, org_id, CASE WHEN sent_at IS NULL THEN mail_id END AS cut
                      FROM territoire_letter_mail WHERE month = :month""")
    rows = model.Session.execute(query, {"month": month.key})
    return {(row.person, row.org_id): row.cut for row in rows}


def left(month: Month) -> dict[str, dict[str, Any]]:
    """Read of each organisation to how many people its letter was sent, and when last."""
    query = text("""SELECT org_id, count(*) AS people, max(sent_at) AS sent_at
                      FROM territoire_letter_mail
                     WHERE month = :month AND sent_at IS NOT NULL GROUP BY org_id""")
    rows = model.Session.execute(query, {"month": month.key})
    return {
        row.org_id: {"people": row.people, "at": row.sent_at.replace(tzinfo=UTC)} for row in rows
    }


def set_sent(mail_id: str, now: datetime) -> None:
    """Note that a letter has left. Commits."""
    query = text("UPDATE territoire_letter_mail SET sent_at = :now WHERE mail_id = :id")
    model.Session.execute(query, {"id": mail_id, "now": _naive(now)})
    model.Session.commit()


def unclaim(mail_id: str) -> None:
    """Take back a letter that cannot be sent. Commits."""
    query = text("DELETE FROM territoire_letter_mail WHERE mail_id = :id AND sent_at IS NULL")
    model.Session.execute(query, {"id": mail_id})
    model.Session.commit()


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
