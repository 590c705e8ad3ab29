"""Tell the owners of keys, by mail and once each, what will change in what they use.

Runs in the job worker. A mail is noted before it leaves: killed at any point, the next look sends
it again under the same Message-ID, or goes on. Whoever begins to use it later is told later.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.developers import announced, uses
from ckanext.territoire.developers.announced import Announced
from ckanext.territoire.developers.announced_headers import page_of
from ckanext.territoire.developers.announced_words import headline, instead
from ckanext.territoire.links import mail
from ckanext.territoire.links.letter import Block, Letter, Way
from ckanext.territoire.notices import choices, people
from ckanext.territoire.notices.mail_book import MailBook
from ckanext.territoire.notices.model import CHANGE
from ckanext.territoire.notices.news import Frame, ending
from ckanext.territoire.notices.post import Post, frame_of
from ckanext.territoire.only_one import only_one

TOLD = sa.text("""
    SELECT user_id, mail_id, sent_at FROM territoire_announcement_mail
     WHERE announcement_id = :announcement
""")
BOOK = MailBook("territoire_announcement_mail")


def tell_owners(now: datetime) -> int:
    """Send what is due; answer how many mails have left."""
    if not mail.is_configured():
        return 0
    with only_one("announcements") as is_mine:
        return _tell(now) if is_mine else 0


def to_letter(told: Announced, frame: Frame, today: date) -> Letter:
    """Write the mail on one announcement."""
    said: Sequence[str] = [line for line in (told.why, instead(told)) if line]
    blocks: list[Block] = [
        "Bonjour,",
        f"{headline(told, today)}.",
        *said,
        Way("Voir l’annonce", page_of(told)),
        f"Ce message vous est envoyé parce qu’une de vos clés a lu ces données ces {uses.DAYS}"
        " derniers jours.",
        *ending(frame),
    ]
    return Letter(f"{frame.site} : {headline(told, today)}", tuple(blocks))


def _tell(now: datetime) -> int:
    post, mutes = Post(BOOK, now), choices.read_mutes()
    for each in announced.everything():
        slug = each.slug or announced.slug_of(each.address)
        if each.is_withdrawn or not slug or each.is_over(now.date()):
            continue
        told = _told(each)
        for user_id in uses.owners_using(slug, each.column):
            person = people.find(user_id)
            mail_id = told.get(user_id, "")
            is_muted = (user_id, CHANGE) in mutes.pairs
            if person is None or mail_id is None or is_muted or post.is_given_up:
                continue
            if not mail_id:
                mail_id = uuid.uuid4().hex
                BOOK.claim(mail_id, now, announcement_id=each.id, user_id=user_id)
            post.send(person, mail_id, to_letter(each, frame_of(person), now.date()), CHANGE)
    return post.sent


def _told(each: Announced) -> dict[str, str | None]:
    """Who was told: the mail of one that was cut, `None` for one that has left."""
    with model.meta.engine.connect() as connection:
        rows = connection.execute(TOLD, {"announcement": each.id}).all()
    return {row.user_id: None if row.sent_at else row.mail_id for row in rows}
