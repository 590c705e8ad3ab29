"""How authors are told: each state once, and the addresses that have served are erased."""

from __future__ import annotations

from uuid import UUID

from ckan.plugins import toolkit

from ckanext.territoire import config
from ckanext.territoire.community import challenge_store, reuse_store, store
from ckanext.territoire.community.letters import Around, to_letter
from ckanext.territoire.community.model import Contribution, Kind
from ckanext.territoire.links import later, mail
from ckanext.territoire.links.facts import place_of, site_title
from ckanext.territoire.links.token import sign, unsign

PURPOSE, PATH = "contribution", "contribution"
CONFIRM_HOURS = 48


def send_later() -> None:
    """Leave the letters to the job worker; without Redis they leave now."""
    later.leave(send_news, "suites des contributions")


def send_news() -> int:
    """Tell each author what became of their contribution; answer how many letters have left."""
    sent = 0
    for each in store.to_tell():
        letter = to_letter(each, _around(each))
        issue = mail.send(each.email, letter)
        if issue is None or issue.code not in later.WAITS:
            store.set_told(each.id, each.state)
            sent += issue is None
    forget_old()
    return sent


def forget_old() -> int:
    """Erase what is not to be kept any longer; answer how many contributions went."""
    return store.forget(config.flag_email_days(), CONFIRM_HOURS)


def own_address(contribution_id: str) -> str:
    """The page where an author confirms, follows, changes and withdraws: whoever has the address
    has these rights."""
    return f"{_site()}/{PATH}/{to_token(contribution_id)}"


def to_token(contribution_id: str) -> str:
    """Sign the id of a contribution."""
    return sign(UUID(contribution_id).bytes, PURPOSE, str(toolkit.config["SECRET_KEY"]))


def read_token(token: str) -> str:
    """Read the id of a contribution; `""` when the token was not signed here."""
    value = unsign(token, PURPOSE, str(toolkit.config["SECRET_KEY"]))
    return str(UUID(bytes=value)) if value is not None and len(value) == 16 else ""


def public_address(told: Contribution) -> str:
    """Where everybody sees a contribution once it is accepted."""
    if told.kind is Kind.QUESTION:
        return f"{_site()}/questions/{told.id}"
    if told.kind is Kind.ATTEMPT:
        found = challenge_store.load(told.challenge_id or "")
        return f"{_site()}/defis/{found.challenge.slug}" if found else ""
    reuse = reuse_store.load_by_id(told.id)
    return f"{_site()}/reutilisations/{reuse.slug}" if reuse else ""


def _around(told: Contribution) -> Around:
    place, page = place_of(told.org_id), public_address(told)
    return Around(site_title(), place, page, own_address(told.id), CONFIRM_HOURS)


def _site() -> str:
    return str(toolkit.config["ckan.site_url"]).rstrip("/")
