"""What a link does with deliveries: the actions, called for the feed or the theme it was made for.

The caller has opened the link; each function here looks again that the delivery is one of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ckan.plugins import toolkit

from ckanext.territoire.delivery import store as deliveries
from ckanext.territoire.delivery.merged import load_merged
from ckanext.territoire.delivery.model import By, Delivery, Feed, Reason, State, Way
from ckanext.territoire.links import letters, mail, notice, store
from ckanext.territoire.links.facts import email_of, facts_of, keeper_of
from ckanext.territoire.links.model import Kind, Link
from harvesters.errors import sentence
from harvesters.model import Issue

WAYS = {Kind.REPAIR: Way.REPAIR, Kind.DEPOSIT: Way.INVITATION}
# an invited person does not settle these; the others, they can: another file, corrected rows
FOR_OFFICER = frozenset({Reason.BRAKE, Reason.COMMUNE, Reason.PRIVACY})


def act(link: Link, action: str, **data: Any) -> Any:
    """Call an action in the name of a link."""
    by = By(link.id, WAYS[link.kind])
    return toolkit.get_action(action)({"user": "", "ignore_auth": True, "territoire_by": by}, data)


def feed_of(link: Link) -> Feed:
    """The feed of a repair link."""
    feed = deliveries.load_feed(link.feed_id or "")
    return feed or toolkit.abort(404, sentence(Issue("TER-API-121")))


def own_delivery(link: Link, delivery_id: str) -> Delivery:
    """A delivery that came by this very invitation."""
    found = deliveries.load_delivery(delivery_id)
    if found is None or found.by_way is not Way.INVITATION or found.by_id != link.id:
        toolkit.abort(404, sentence(Issue("TER-API-130")))
    return found


def own_deliveries(link: Link) -> list[Delivery]:
    """The deliveries that came by this invitation, newest first."""
    listed = deliveries.list_deliveries(link.org_id, link.slug)
    return [d for d, _ in listed if d.by_way is Way.INVITATION and d.by_id == link.id]


def is_for_officer(delivery: Delivery) -> bool:
    """Say whether somebody of the EPCI must look at a delivery before it is published."""
    return delivery.state is State.HELD and bool(FOR_OFFICER.intersection(delivery.reasons))


def tell_officer(link: Link, delivery: Delivery) -> None:
    """Write to the person who answers for the link that a delivery waits for a decision."""
    address = email_of(keeper_of(link))
    if address:
        site = str(toolkit.config["ckan.site_url"]).rstrip("/")
        told = replace(facts_of(link, delivery), address=f"{site}/depots/{delivery.id}")
        mail.send(address, letters.waiting(told))


def public_dataset(dataset_id: str) -> dict[str, Any] | None:
    """A dataset as a visitor sees it; `None` when it is not for everybody."""
    try:
        context = {"user": "", "ignore_auth": False}
        return dict(toolkit.get_action("package_show")(context, {"id": dataset_id}))
    except (toolkit.NotAuthorized, toolkit.ObjectNotFound):
        return None


def merged_dataset(slug: str) -> dict[str, Any] | None:
    """The dataset of the merged table of a theme, as a visitor sees it."""
    merged = load_merged(slug)
    return public_dataset(merged.dataset_id) if merged else None


def repair_address(link: Link, delivery: Delivery) -> str:
    """Where the rows that a publication has set aside are corrected: the link of its mail."""
    feed = deliveries.load_feed(delivery.feed_id)
    return store.address_of(notice.repair_link(delivery, feed, link.email)) if feed else ""
