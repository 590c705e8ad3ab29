"""After a publication that leaves bad rows: the person who deposited gets a repair link by mail."""

from __future__ import annotations

from ckanext.territoire import config
from ckanext.territoire.delivery import store as deliveries
from ckanext.territoire.delivery.database import read
from ckanext.territoire.delivery.model import Delivery, Feed, State, Way
from ckanext.territoire.links import later, letters, mail, store
from ckanext.territoire.links.facts import email_of, facts_of
from ckanext.territoire.links.model import Kind, Link, NewLink

BY_ACCOUNT = (Way.DEPOSIT, Way.MANDATE)
# the same file once more, with corrections: its depositor knows already
IS_SAME_FILE = """
    SELECT 1 FROM territoire.delivery WHERE feed_id::text = %s AND sha256 = %s AND number < %s
       AND state IN ('live', 'replaced') LIMIT 1
"""


def after_publish(delivery: Delivery, feed: Feed) -> None:
    """Send a repair link to the depositor, once for a delivery; call it when it is live."""
    if delivery.state is not State.LIVE or not delivery.bad or not config.mail_notices():
        return
    email = depositor_email(delivery)
    if not email or read(IS_SAME_FILE, (feed.id, delivery.sha256, delivery.number)):
        return
    link = repair_link(delivery, feed, email)
    if link.mailed_at is None:
        later.leave(send_notice, "courriel de correction", [link.id])


def repair_link(delivery: Delivery, feed: Feed, email: str = "") -> Link:
    """The repair link of a delivery, made at the first question."""
    wanted = NewLink(Kind.REPAIR, feed.org_id, feed.slug, feed.id, email, delivery_id=delivery.id)
    return store.make(wanted)


def send_notice(link_id: str) -> None:
    """Send the letter of a repair link that the platform has made; at most once."""
    link = store.load(link_id)
    delivery = deliveries.load_delivery(link.delivery_id or "") if link else None
    if link is None or delivery is None or link.mailed_at is not None or link.revoked_at:
        return
    if mail.send(link.email, letters.repair(facts_of(link, delivery))) is None:
        store.set_mailed(link.id)


def depositor_email(delivery: Delivery) -> str:
    """Where to write to the person who has deposited; `""` when it is nobody in particular."""
    if delivery.by_way in BY_ACCOUNT:
        return email_of(delivery.by_id)
    if delivery.by_way is Way.INVITATION:
        link = store.load(delivery.by_id)
        return link.email if link else ""
    return ""
