"""Tell the owner of a token or of a key of the API, by mail, that it ends: 30 days before and 7.

Runs in the job worker. Each delay is told once; a mail is noted before it leaves, so that one that
was cut leaves again under the same Message-ID. A token that was made for less than a delay is not
told of it, and of two delays that are over the nearer to the end alone is told.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import sqlalchemy as sa
from ckan import model

from ckanext.territoire.developers.scope import EXTRA, READ
from ckanext.territoire.links import mail
from ckanext.territoire.links.letter import Letter, Way
from ckanext.territoire.notices import choices, people
from ckanext.territoire.notices.mail_book import MailBook
from ckanext.territoire.notices.model import ENDS
from ckanext.territoire.notices.news import Frame, ending
from ckanext.territoire.notices.post import Post, frame_of
from ckanext.territoire.only_one import only_one
from ckanext.territoire.portal.typography import PARIS, count, day

DELAYS = (7, 30)  # days before the end, the nearest first
BOOK = MailBook("territoire_token_mail")
ENDING = sa.text(f"""
    SELECT t.id, t.name, t.created_at, t.user_id, u.name AS login,
           t.plugin_extras->'{EXTRA}'->>'scope' AS scope,
           (t.plugin_extras->'{EXTRA}'->>'expires_at')::timestamp AS ends_at,
           (SELECT json_object_agg(m.days, CASE WHEN m.sent_at IS NULL THEN m.mail_id END)
              FROM territoire_token_mail m WHERE m.token_id = t.id) AS told
      FROM api_token t JOIN "user" u ON u.id = t.user_id AND u.state = 'active'
     WHERE (t.plugin_extras->'{EXTRA}'->>'expires_at')::timestamp
           BETWEEN :now AND :now + make_interval(days => :most)
     ORDER BY ends_at, t.id
""")


@dataclass(frozen=True, slots=True)
class Ending:
    """A token that ends soon; times are UTC. `told` are the delays that were told: `None`, or the
    mail of one that was cut."""

    id: str
    name: str
    user_id: str
    login: str
    is_key: bool
    made_at: datetime
    ends_at: datetime
    told: dict[str, str | None]

    def due(self, now: datetime) -> int | None:
        """The delay that is to be told now."""
        nearest = next((n for n in DELAYS if self.ends_at - timedelta(days=n) <= now), None)
        if nearest is None or self.ends_at - timedelta(days=nearest) <= self.made_at:
            return None
        return nearest if self.told.get(str(nearest), "") is not None else None


def tell_of_ends(now: datetime) -> int:
    """Send what is due; answer how many mails have left."""
    if not mail.is_configured():
        return 0
    with only_one("token ends") as is_mine:
        return _tell(now) if is_mine else 0


def to_letter(token: Ending, frame: Frame, now: datetime) -> Letter:
    """Write the mail on one token."""
    what = "clé de l’API" if token.is_key else "jeton de l’API"
    left = count(max((token.ends_at - now).days, 1), "jour")
    ends = f"Votre {what} « {token.name} » se termine le {day(token.ends_at.astimezone(PARIS))}"
    new = "une autre clé" if token.is_key else "un autre jeton"
    page = "developpeurs/cles" if token.is_key else f"user/{quote(token.login)}/api-tokens"
    return Letter(f"{frame.site} : {ends}", (
        "Bonjour,",
        f"{ends}, dans {left} au plus. Après ce jour, les programmes qui s’en servent"
        " n’obtiendront plus de réponse.",
        f"Faites-en {new} avant, et donnez-{'la' if token.is_key else 'le'} à ces programmes.",
        Way(f"Faire {new}", f"{frame.address}/{page}"),
        *ending(frame),
    ))  # fmt: skip


def _tell(now: datetime) -> int:
    post, mutes = Post(BOOK, now), choices.read_mutes()
    for token in _ending(now):
        days, person = token.due(now), people.find(token.user_id)
        is_muted = (token.user_id, ENDS) in mutes.pairs
        if days is None or person is None or is_muted or post.is_given_up:
            continue
        mail_id = token.told.get(str(days)) or ""
        if not mail_id:
            mail_id = uuid.uuid4().hex
            BOOK.claim(mail_id, now, token_id=token.id, days=days)
        post.send(person, mail_id, to_letter(token, frame_of(person), now), ENDS)
    return post.sent


def _ending(now: datetime) -> list[Ending]:
    values = {"now": now.astimezone(UTC).replace(tzinfo=None), "most": max(DELAYS)}
    with model.meta.engine.connect() as connection:
        rows = connection.execute(ENDING, values).all()
    return [
        Ending(
            row.id, row.name, row.user_id, row.login, row.scope == READ,
            row.created_at.replace(tzinfo=UTC), row.ends_at.replace(tzinfo=UTC), row.told or {},
        )
        for row in rows
    ]  # fmt: skip
