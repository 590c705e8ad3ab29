"""Actions on links without an account, and on mandates: make, list, revoke; give, end.

Whoever may deposit for an organisation may invite somebody for it, and the EPCI for its communes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire import publishers
from ckanext.territoire.delivery import mandate
from ckanext.territoire.delivery import store as deliveries
from ckanext.territoire.delivery.model import Delivery, Feed
from ckanext.territoire.links import letters, mail, store
from ckanext.territoire.links.facts import facts_of, theme_of
from ckanext.territoire.links.model import DEFAULT_DAYS, MAX_DAYS, Kind, Link, LinkState, NewLink
from ckanext.territoire.publishers import Publisher
from harvesters.errors import Refused, sentence
from harvesters.model import Issue
from schemas.load import find

Data = dict[str, Any]
# what the form of a link calls what a refusal is about
FIELDS = {"TER-TAB-075": "schema", "TER-API-126": "days", "TER-API-127": "email"}


@contextmanager
def _refusals(name: str) -> Iterator[None]:
    """Turn a refusal into the error of an action."""
    try:
        yield
    except Refused as fault:
        field = FIELDS.get(fault.issue.code, name)
        raise toolkit.ValidationError({field: [str(fault)]}) from fault


def link_to_dict(link: Link) -> Data:
    """A link as the API shows it; `address` is `""` once it opens nothing."""

    def moment(value: datetime | None) -> str | None:
        return value.isoformat(timespec="seconds") if value else None

    state = link.state_at(datetime.now(UTC))
    maker: Any = model.User.get(link.made_by) if link.made_by else None
    return {
        "id": link.id,
        "kind": link.kind.value,
        "state": state.value,
        "organization_id": link.org_id,
        "schema": link.slug,
        "schema_title": theme_of(link.slug),
        "feed_id": link.feed_id,
        "email": link.email,
        "address": store.address_of(link) if state is LinkState.OPEN else "",
        "made_by": maker.display_name if maker else "",
        "made_at": moment(link.made_at),
        "expires_at": moment(link.expires_at),
        "revoked_at": moment(link.revoked_at),
        "mailed_at": moment(link.mailed_at),
        "used_at": moment(link.used_at),
        "uses": link.uses,
    }


def territoire_link_create(context: Context, data_dict: Data) -> Data:
    """Make a link without account, and send it when there is an `email`.

    `kind` is `repair` (with a `feed` or a `delivery`) or `deposit` (with an `organization` and a
    `schema`); `days` from 1 to 90, 30 by default. Answers the link with its `address`, and the
    `issue` that kept the mail from leaving (`""`: it has left, or none was asked).
    """
    with _refusals("link"):
        is_repair = _kind(data_dict) is Kind.REPAIR
        wanted, live = (_to_repair if is_repair else _to_deposit)(context, data_dict)
        days, email = _days(data_dict), _email(data_dict)
    link = store.make(replace(wanted, email=email, made_by=_user_id(context)), days)
    told = facts_of(link, live)
    letter = letters.repair(told) if is_repair else letters.invitation(told)
    issue = mail.send(email, letter) if email else None
    if email and issue is None:
        store.set_mailed(link.id)
    return link_to_dict(store.load(link.id) or link) | {"issue": sentence(issue) if issue else ""}


@toolkit.side_effect_free
def territoire_link_list(context: Context, data_dict: Data) -> list[Data]:
    """List the links of an `organization`, newest first."""
    owner = _owner(context, data_dict)
    return [link_to_dict(link) for link in store.list_links(owner.id)]


def territoire_link_revoke(context: Context, data_dict: Data) -> Data:
    """Shut the link `id` now and for good."""
    link_id = str(toolkit.get_or_bust(data_dict, "id"))
    link = store.load(link_id)
    if link is None:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-API-128", found=link_id)))
    _check(context, link.org_id)
    store.revoke(link.id)
    return link_to_dict(store.load(link.id) or link)


def territoire_mandate_set(context: Context, data_dict: Data) -> Data:
    """Record that an `organization` lets the EPCI publish for it: `reference` names the decision,
    the letter or the mail that says so; `until` (year-month-day) is its last day, if it has one."""
    owner = _owner(context, data_dict)
    with _refusals("mandate"):
        reference = " ".join(str(data_dict.get("reference") or "").split())
        if not reference:
            raise Refused(Issue("TER-API-132"))
        mandate.give(owner.id, reference, _user_id(context), _last_day(data_dict))
    return territoire_mandate_show(context, {"organization": owner.id})


def territoire_mandate_end(context: Context, data_dict: Data) -> Data:
    """End the mandate of an `organization` now."""
    owner = _owner(context, data_dict)
    mandate.end(owner.id)
    return territoire_mandate_show(context, {"organization": owner.id})


@toolkit.side_effect_free
def territoire_mandate_show(context: Context, data_dict: Data) -> Data:
    """Show the mandate of an `organization` that is in force: `{"mandate": … or null}`."""
    owner = _owner(context, data_dict)
    found = mandate.in_force(owner.id)
    if found is None:
        return {"mandate": None}
    giver: Any = model.User.get(found["by_id"]) if found["by_id"] else None
    return {
        "mandate": {
            "reference": found["reference"],
            "since": found["since"].isoformat(),
            "until": found["until"].isoformat() if found["until"] else None,
            "by": giver.display_name if giver else "",
        }
    }


def _check(context: Context, org_id: str) -> None:
    toolkit.check_access("territoire_delivery_create", context, {"organization": org_id})


def _owner(context: Context, data_dict: Data) -> Publisher:
    _check(context, str(toolkit.get_or_bust(data_dict, "organization")))
    owner = publishers.find(data_dict["organization"])
    if owner is None:
        raise toolkit.ObjectNotFound("Cette organisation n’existe pas.")
    return owner


def _user_id(context: Context) -> str:
    user: Any = model.User.get(context.get("user"))
    return str(user.id) if user else ""


def _kind(data_dict: Data) -> Kind:
    told = str(toolkit.get_or_bust(data_dict, "kind"))
    try:
        return Kind(told)
    except ValueError as fault:
        names = ", ".join(kind.value for kind in Kind)
        raise Refused(Issue("TER-API-131", found=told, expected=names)) from fault


def _to_deposit(context: Context, data_dict: Data) -> tuple[NewLink, None]:
    owner = _owner(context, data_dict)
    slug = str(toolkit.get_or_bust(data_dict, "schema")).split("/", maxsplit=1)[0]
    if find(slug) is None:
        raise Refused(Issue("TER-TAB-075", found=slug))
    return NewLink(Kind.DEPOSIT, owner.id, slug), None


def _to_repair(context: Context, data_dict: Data) -> tuple[NewLink, Delivery]:
    """The link, and the live delivery whose rows wait."""
    feed = _feed(data_dict)
    _check(context, feed.org_id)
    live = deliveries.live_delivery(feed.id)
    if live is None or not live.bad:
        raise Refused(Issue("TER-API-125"))
    return NewLink(Kind.REPAIR, feed.org_id, feed.slug, feed.id), live


def _feed(data_dict: Data) -> Feed:
    feed_id = str(data_dict.get("feed") or "")
    if not feed_id:
        delivery = deliveries.load_delivery(str(toolkit.get_or_bust(data_dict, "delivery")))
        feed_id = delivery.feed_id if delivery else ""
    feed = deliveries.load_feed(feed_id)
    if feed is None:
        found = str(data_dict.get("delivery") or feed_id)
        raise toolkit.ObjectNotFound(sentence(Issue("TER-TAB-070", found=found)))
    return feed


def _days(data_dict: Data) -> int:
    told = str(data_dict.get("days") or DEFAULT_DAYS)
    if not told.isdecimal() or not 1 <= int(told) <= MAX_DAYS:
        raise Refused(Issue("TER-API-126", found=told, expected=str(MAX_DAYS)))
    return int(told)


def _email(data_dict: Data) -> str:
    told = str(data_dict.get("email") or "")
    try:
        return mail.to_address(told)
    except toolkit.Invalid as fault:
        raise Refused(Issue("TER-API-127", found=told)) from fault


def _last_day(data_dict: Data) -> date | None:
    told = str(data_dict.get("until") or "")
    try:
        last = date.fromisoformat(told) if told else None
    except ValueError as fault:
        raise Refused(Issue("TER-CFG-008", found=told, expected="année-mois-jour")) from fault
    if last and last < date.today():
        raise Refused(Issue("TER-API-133", found=told))
    return last


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_link_create": territoire_link_create,
    "territoire_link_list": territoire_link_list,
    "territoire_link_revoke": territoire_link_revoke,
    "territoire_mandate_set": territoire_mandate_set,
    "territoire_mandate_end": territoire_mandate_end,
    "territoire_mandate_show": territoire_mandate_show,
}
# whoever may deposit may do all of this: see `territoire_delivery_create`
AUTH: dict[str, Callable[..., Any]] = {}
