"""Send the monthly letters: once a month to each person of each commune, and one to officers.

Runs in the job worker. The letters of a month are made once; each is noted before it leaves.
Killed at any point, the next look makes what is not made, sends a cut letter again under the same
Message-ID, and goes on.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from ckanext.territoire import config
from ckanext.territoire.links import mail
from ckanext.territoire.links.letter import Letter
from ckanext.territoire.notices import choices, month_facts, month_store, people
from ckanext.territoire.notices.choices import Mutes
from ckanext.territoire.notices.model import LETTER, Person
from ckanext.territoire.notices.month import Month, due_month
from ckanext.territoire.notices.month_letter import to_letter, to_summary
from ckanext.territoire.notices.month_model import Told, Written
from ckanext.territoire.notices.month_store import ALL
from ckanext.territoire.notices.post import Post, frame_of
from ckanext.territoire.only_one import only_one
from ckanext.territoire.territory import members


def send_due(now: datetime) -> int:
    """Send the letters that leave now; answer how many have left."""
    month = due_month(now, config.letter_day()) if config.mail_letter() else None
    return send_month(month, now) if month else 0


def send_month(month: Month, now: datetime) -> int:
    """Make and send the letters of a month to those who have not got them."""
    if not mail.is_configured():
        return 0
    with only_one("notices") as is_mine:
        return _send(month, now) if is_mine else 0


def letters_of(month: Month, now: datetime) -> dict[str, Told]:
    """Answer the letters of a month by organisation: as they were made, else as they would be."""
    kept = month_store.made(month)
    return month_facts.read_month(month, now) if kept is None else kept


def written(letters: Mapping[str, Told], reached: Sequence[Person], mutes: Mutes) -> list[Written]:
    """Put the letters of communes in alphabetical order, with how many people get each."""
    towns = [each for each in members.members() if each.organization_id in letters]
    counts = {
        each.organization_id: sum(
            each.organization_id in person.org_ids
            and not person.is_officer
            and mutes.wants_letter(person.key, each.organization_id)
            for person in reached
        )
        for each in towns
    }
    rows = [(each, each.organization_id) for each in towns]
    return [Written(i, each.title, each.slug, letters[i], counts[i]) for each, i in rows]


def _send(month: Month, now: datetime) -> int:
    if month_store.made(month) is None:
        found = month_facts.read_month(month, now)
        month_store.make(month, {i: t for i, t in found.items() if not t.is_silent}, now)
    reached, mutes, post = people.reachable(), choices.read_mutes(), Post(month_store, now)
    listed = written(month_store.made(month) or {}, reached, mutes)
    claimed = month_store.claimed(month)
    for person in reached:
        for org_id, letter in _letters_to(person, month, listed, mutes):
            mail_id = claimed.get((person.key, org_id), "")
            if mail_id is None or post.is_given_up:
                continue
            if not mail_id:
                mail_id = uuid.uuid4().hex
                month_store.claim(month, org_id, person.key, (mail_id, now))
            kind = LETTER if org_id == ALL else choices.letter_of(org_id)
            post.send(person, mail_id, letter, kind)
    return post.sent


def _letters_to(
    person: Person, month: Month, listed: Sequence[Written], mutes: Mutes
) -> Iterator[tuple[str, Letter]]:
    """An officer gets one letter on all communes; the others that of each commune of theirs."""
    if person.is_officer:
        if listed and mutes.wants_letter(person.key):
            silent = len(members.members()) - len(listed)
            yield ALL, to_summary(month, listed, silent, frame_of(person))
        return
    for each in listed:
        if each.org_id in person.org_ids and mutes.wants_letter(person.key, each.org_id):
            yield each.org_id, to_letter(month, each.name, each.told, frame_of(person))
