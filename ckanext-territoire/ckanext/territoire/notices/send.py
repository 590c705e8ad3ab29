"""Look at what stands and tell those whom it concerns: once each, in one mail a person.

Runs in the job worker. What a mail tells is noted before it leaves: killed at any point, the next
look sends the same mail again under the same Message-ID, or goes on.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from ckanext.territoire.links import mail
from ckanext.territoire.notices import choices, facts, people, store
from ckanext.territoire.notices.model import ENDING, Kept, News, Person, hears
from ckanext.territoire.notices.news import to_letter
from ckanext.territoire.notices.post import Post, frame_of
from ckanext.territoire.notices.timing import is_due, is_settled
from ckanext.territoire.only_one import only_one

ENDS_TOLD_FOR = timedelta(days=2)


def look(now: datetime) -> int:
    """Keep what has begun and ended, then send what is due; answer how many mails have left."""
    with only_one("notices") as is_mine:
        if not is_mine:
            return 0
        store.settle(facts.read_standing(now), now)
        return _send_due(now) if mail.is_configured() else 0


def pending(
    person: Person, kept: Sequence[Kept], told: set[str], mutes: choices.Mutes
) -> list[News]:
    """List what a person has not been told: what stands, and the end of what they were told of."""
    news = [News(each, is_end=each.ended_at is not None) for each in kept]
    return [
        each
        for each in news
        if hears(person, each.kept.standing)
        and each.change not in told
        and mutes.wants(person.key, each)
        and (not each.is_end or _is_good_news(each, told))
    ]


def _is_good_news(news: News, told: set[str]) -> bool:
    standing = news.kept.standing
    is_well = bool(standing.facts.get("is_well"))
    return standing.kind in ENDING and is_well and News(news.kept).change in told


def _send_due(now: datetime) -> int:
    post, by_key = Post(store, now), {each.key: each for each in people.reachable()}
    for key, mail_id, news in store.cut_mails():
        if key not in by_key:
            store.unclaim(mail_id)
        elif not post.is_given_up:
            _send(post, by_key[key], mail_id, news)
    kept, told = store.standing(now - ENDS_TOLD_FOR), store.told(by_key)
    mutes, last = choices.read_mutes(), store.last_mails()
    for person in by_key.values():
        listed = pending(person, kept, told.get(person.key, set()), mutes)
        news = [each for each in listed if is_settled(each, now)]
        if post.is_given_up or not is_due(news, last.get(person.key), now):
            continue
        mail_id = uuid.uuid4().hex
        store.claim(person.key, news, mail_id, now)
        _send(post, person, mail_id, news)
    return post.sent


def _send(post: Post, person: Person, mail_id: str, news: Sequence[News]) -> None:
    post.send(person, mail_id, to_letter(news, frame_of(person)))
