"""What stands, and what was told to whom. Times are UTC without a zone, as CKAN keeps them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ckan import model
from sqlalchemy import text

from ckanext.territoire.notices.facts import Found
from ckanext.territoire.notices.model import Kept, Kind, News, Standing

COLUMNS = "id, kind, subject, change, org_id, source_id, facts, since, ended_at"
KEPT_DAYS = 90
OPEN = text("""
    INSERT INTO territoire_standing (kind, subject, change, org_id, source_id, facts, since)
    VALUES (:kind, :subject, :change, :org_id, :source_id, cast(:facts AS jsonb), :now)
    ON CONFLICT (subject, kind, change) WHERE ended_at IS NULL DO UPDATE
       SET facts = excluded.facts, org_id = excluded.org_id
     WHERE (territoire_standing.facts, territoire_standing.org_id)
           IS DISTINCT FROM (excluded.facts, excluded.org_id)
""")
FORGET = text("""
    DELETE FROM territoire_standing WHERE ended_at < :old
        OR (ended_at IS NULL AND source_id <> '' AND NOT source_id = ANY(:served))
""")
END = text("""
    UPDATE territoire_standing SET ended_at = :now,
           facts = facts || jsonb_build_object('is_well', source_id = ANY(:well))
     WHERE id = ANY(:ids)
""")
CLAIM = text("""
    INSERT INTO territoire_notice (person, subject, change, mail_id, claimed_at)
    VALUES (:person, :subject, :change, :mail_id, :now) ON CONFLICT DO NOTHING
""")


def settle(found: Found, now: datetime) -> None:
    """Keep what has begun and what is over, in one transaction. What stood for a source that is no
    longer served is forgotten: nobody may say that it works again. Commits."""
    values = {"now": _naive(now), "served": list(found.served), "well": list(found.well)}
    model.Session.execute(FORGET, values | {"old": _naive(now - timedelta(days=KEPT_DAYS))})
    rows = [_row(each) | values for each in found.standing]
    if rows:
        model.Session.execute(OPEN, rows)
    now_open = {each.key for each in found.standing}
    query = "SELECT id, subject, kind, change FROM territoire_standing WHERE ended_at IS NULL"
    over = [
        row.id
        for row in model.Session.execute(text(query))
        if (row.subject, row.kind, row.change) not in now_open
    ]
    if over:
        model.Session.execute(END, values | {"ids": over})
    model.Session.commit()


def standing(since: datetime) -> list[Kept]:
    """Read what stands, and what was over since, in the order in which it was seen."""
    query = text(f"""SELECT {COLUMNS} FROM territoire_standing
                      WHERE ended_at IS NULL OR ended_at > :since ORDER BY since, id""")
    rows = model.Session.execute(query, {"since": _naive(since)}).mappings().all()
    return [_kept(row) for row in rows]


def told(people: Collection[str]) -> dict[str, set[str]]:
    """Read what each person was told, or is being told."""
    query = text("SELECT person, change FROM territoire_notice WHERE person = ANY(:people)")
    found: dict[str, set[str]] = {}
    for row in model.Session.execute(query, {"people": list(people)}):
        found.setdefault(row.person, set()).add(row.change)
    return found


def last_mails() -> dict[str, datetime]:
    """Read when each person was last written to."""
    query = text("SELECT person, max(claimed_at) AS at FROM territoire_notice GROUP BY person")
    return {row.person: row.at.replace(tzinfo=UTC) for row in model.Session.execute(query)}


def claim(person: str, news: Sequence[News], mail_id: str, now: datetime) -> None:
    """Note what a mail is about to tell, before it leaves. Commits."""
    rows = [
        {"person": person, "subject": each.kept.standing.subject, "change": each.change,
         "mail_id": mail_id, "now": _naive(now)}
        for each in news
    ]  # fmt: skip
    model.Session.execute(CLAIM, rows)
    model.Session.commit()


def cut_mails() -> list[tuple[str, str, list[News]]]:
    """Read the mails that were claimed and have not left: person, mail id, what they tell. What is
    forgotten since is left out."""
    rows = model.Session.execute(
        text(f"""
        SELECT n.person, n.mail_id, n.change AS told, s.*
          FROM territoire_notice n
          JOIN (SELECT {COLUMNS} FROM territoire_standing) s ON s.id = split_part(n.change, ':', 2)
               ::bigint AND n.subject = s.subject
         WHERE n.sent_at IS NULL ORDER BY n.mail_id, s.id
    """)
    ).mappings()
    found: dict[tuple[str, str], list[News]] = {}
    for row in rows:
        news = News(_kept(row), str(row["told"]).endswith(":end"))
        found.setdefault((row["person"], row["mail_id"]), []).append(news)
    return [(person, mail_id, news) for (person, mail_id), news in found.items()]


def set_sent(mail_id: str, now: datetime) -> None:
    """Note that a mail has left. Commits."""
    query = text("UPDATE territoire_notice SET sent_at = :now WHERE mail_id = :id")
    model.Session.execute(query, {"id": mail_id, "now": _naive(now)})
    model.Session.commit()


def unclaim(mail_id: str) -> None:
    """Take back a mail that cannot be sent to anybody. Commits."""
    query = text("DELETE FROM territoire_notice WHERE mail_id = :id AND sent_at IS NULL")
    model.Session.execute(query, {"id": mail_id})
    model.Session.commit()


def _row(each: Standing) -> dict[str, Any]:
    names = ("subject", "change", "org_id", "source_id")
    told = {name: getattr(each, name) for name in names}
    return told | {"kind": each.kind.value, "facts": json.dumps(dict(each.facts))}


def _kept(row: Mapping[str, Any]) -> Kept:
    names = ("subject", "org_id", "source_id", "change", "facts")
    standing_ = Standing(Kind(row["kind"]), **{name: row[name] for name in names})
    ended = row["ended_at"]
    return Kept(
        row["id"],
        standing_,
        row["since"].replace(tzinfo=UTC),
        ended.replace(tzinfo=UTC) if ended else None,
    )


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
