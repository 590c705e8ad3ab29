"""What the letters of a link tell: whose data, which theme, until when, whom to ask."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit

from ckanext.territoire import config, publishers
from ckanext.territoire.delivery import store as deliveries
from ckanext.territoire.delivery.model import Delivery, Way
from ckanext.territoire.links import store
from ckanext.territoire.links.letters import Facts
from ckanext.territoire.links.model import Link
from ckanext.territoire.portal.typography import day
from schemas.load import find


def facts_of(link: Link, delivery: Delivery | None = None) -> Facts:
    """Gather what is said of a link, and of the delivery whose rows wait."""
    return Facts(
        site=site_title(),
        place=place_of(link.org_id),
        theme=theme_of(link.slug),
        address=store.address_of(link),
        until=day(link.expires_at),
        contact=contact_of(link),
        good=(delivery.good or 0) if delivery else 0,
        bad=(delivery.bad or 0) if delivery else 0,
        file_name=delivery.file_name if delivery else "",
    )


def site_title() -> str:
    """The name of the portal."""
    return str(toolkit.config["ckan.site_title"])


def place_of(org_id: str) -> str:
    """The name of an organisation, as its page says it."""
    owner = publishers.find(org_id)
    return owner.title if owner else org_id


def theme_of(slug: str) -> str:
    """The title of a schema."""
    schema = find(slug)
    return schema.title if schema else slug


def contact_of(link: Link) -> str:
    """Whom to ask: what the operator has set, else who answers for the link, else the EPCI."""
    if told := config.mail_contact():
        return told
    person: Any = model.User.get(keeper_of(link))
    if person is not None and person.email and person.email != link.email:
        return f"{person.display_name}, {person.email}"
    epci = (each.title for each in publishers.publishers().values() if each.kind == "epci")
    return next(epci, "")


def keeper_of(link: Link) -> str:
    """The user who answers for a link: who made it; else who had invited or had deposited."""
    if link.made_by or not link.delivery_id:
        return link.made_by
    delivery = deliveries.load_delivery(link.delivery_id)
    if delivery is None or delivery.by_way is not Way.INVITATION:
        return delivery.by_id if delivery else ""
    invitation = store.load(delivery.by_id)
    return invitation.made_by if invitation else ""


def email_of(user_id: str) -> str:
    """The address of mail of an active account; `""` when there is none."""
    person: Any = model.User.get(user_id) if user_id else None
    return str(person.email or "") if person is not None and person.state == "active" else ""
