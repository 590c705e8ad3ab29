"""Actions on reuses: who shows what they made of the data, and how it is found.

Anybody reads those that are accepted. The form of the portal takes them from everybody, once an
address of mail is confirmed; the API takes them from people with an account. See
`logic/contribution.py` for what is decided of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ckan import model
from ckan.lib.munge import munge_title_to_name
from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire.community import challenge_store, post, reuse_store, store
from ckanext.territoire.community.datasets import epci_id
from ckanext.territoire.community.model import (
    AMENDABLE,
    MAX_BODY,
    MAX_TITLE,
    SIDES,
    Facts,
    Kind,
    NewContribution,
    State,
)
from ckanext.territoire.community.reuse_store import Reuse, Shown, Wanted
from ckanext.territoire.community.words import STATES, TYPES
from ckanext.territoire.community.written import MAX_NAME, Reading, clean, to_number
from ckanext.territoire.logic.who import everyone, somebody
from ckanext.territoire.notices.worker import look_later
from ckanext.territoire.picture import MAX_BYTES, Picture, to_pictures
from ckanext.territoire.territory import members
from harvesters.errors import Refused, sentence
from harvesters.model import Issue
from schemas.vocabulary import load_vocabulary

Data = dict[str, Any]
LISTED, MAX_LISTED = 24, 100
TAKEN = ("proposer", "image")  # addresses below /reutilisations that are no reuse


@toolkit.side_effect_free
def territoire_reuse_list(context: Context, data_dict: Data) -> Data:
    """List the accepted reuses, the newest first: `type`, `theme`, `commune` (INSEE code or name),
    `dataset` (id or name) and `challenge` (id) narrow the list, `limit` and `offset` cut it.

    `total` counts them all.
    """
    toolkit.check_access("territoire_reuse_list", context, data_dict)
    told = {name: clean(data_dict.get(name))[:200] for name in
            ("type", "theme", "commune", "dataset", "challenge")}  # fmt: skip
    commune = members.find_commune(told["commune"]) if told["commune"] else None
    dataset = model.Package.get(told["dataset"]) if told["dataset"] else None
    wanted = Wanted(
        told["type"], told["theme"],
        commune.insee if commune else told["commune"],
        dataset.id if dataset else told["dataset"],
        told["challenge"],
        min(max(to_number(data_dict.get("limit"), LISTED), 1), MAX_LISTED),
        to_number(data_dict.get("offset"), 0),
    )  # fmt: skip
    found, total = reuse_store.listed(wanted)
    return {"total": total, "reuses": [public_reuse(each) for each in found]}


@toolkit.side_effect_free
def territoire_reuse_show(context: Context, data_dict: Data) -> Data:
    """Show the accepted reuse `id` (its address)."""
    toolkit.check_access("territoire_reuse_show", context, data_dict)
    found = reuse_store.load(clean(toolkit.get_or_bust(data_dict, "id")))
    if found is None or not found.contribution.is_public:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-PUB-180")))
    return public_reuse(found)


def territoire_reuse_create(context: Context, data_dict: Data) -> Data:
    """Propose a reuse: `title`, `body` (Markdown), `author` (the name that is shown), `url`,
    `type`, `theme`, `commune` (INSEE code, none for the whole territory), `datasets` (ids or
    names), `picture` (a file: PNG, JPEG or WebP) and `alt`; `challenge` (id) when it ends one.

    It is read before it is shown. Without an account, `email` gets a letter to confirm.
    """
    toolkit.check_access("territoire_reuse_create", context, data_dict)
    reading = Reading(data_dict)
    new, facts = _read(reading)
    pictures = _pictures(reading, facts.alt)
    writer = reading.writer(context.get("user") or "")
    reading.end()
    made = reuse_store.keep(new, writer, facts, _slug(new.title), pictures)
    return kept(made)


def territoire_reuse_update(context: Context, data_dict: Data) -> Data:
    """Change the reuse `id` (that of its contribution), as its author: it is read again before it
    is shown. Without a `picture`, the one it has stays."""
    found = reuse_store.load_by_id(clean(toolkit.get_or_bust(data_dict, "id")))
    if found is None:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-PUB-180")))
    author = {"user_id": found.contribution.user_id}
    toolkit.check_access("territoire_contribution_withdraw", context, author)
    state = found.contribution.state
    reading = Reading(data_dict)
    if state not in AMENDABLE:
        reading.refuse("title", Issue("TER-PUB-181", found=STATES[state].label))
    new, facts = _read(reading)
    pictures = _pictures(reading, facts.alt, has_one=found.large is not None)
    reading.end()
    if not reuse_store.amend(found.contribution.id, new, facts, pictures):
        raise toolkit.ValidationError({"title": [sentence(Issue("TER-PUB-181", found="close"))]})
    return kept(found.contribution.id)


def kept(contribution_id: str) -> Data:
    """Answer what was kept, once it is said to those who have to hear of it."""
    found = store.load(contribution_id)
    assert found is not None
    if found.state is State.UNCONFIRMED:
        post.send_later()
    else:
        look_later()
    return {"id": found.id, "state": found.state.value, "title": found.title}


def public_reuse(told: Reuse) -> Data:
    """A reuse as everybody sees it."""
    page = f"{str(toolkit.config['ckan.site_url']).rstrip('/')}/reutilisations/{told.slug}"
    this = told.contribution
    return {
        "slug": told.slug,
        "title": this.title,
        "body": this.body,
        "author": this.author,
        "url": this.url,
        "page": page,
        "type": told.facts.type,
        "theme": told.facts.theme,
        "commune": told.facts.insee or None,
        "datasets": [{"name": name, "title": title} for name, title in told.data],
        "picture": _picture(page, "large", told.large, told.facts.alt),
        "thumbnail": _picture(page, "small", told.small, told.facts.alt),
        "published_at": this.decided_at.isoformat(timespec="seconds") + "Z" if this.decided_at
        else None,
    }  # fmt: skip


def reuse_to_dict(told: Reuse) -> Data:
    """A reuse as those who decide see it."""
    return public_reuse(told) | {
        "link_failures": told.link_failures,
        "link_fault": told.link_fault,
        "link_asked_at": told.link_asked_at.isoformat() if told.link_asked_at else None,
    }


def _picture(page: str, size: str, shown: Shown | None, alt: str) -> Data | None:
    if shown is None:
        return None
    url = f"{page}/{size}.webp?v={shown.version}"
    told = {"url": url, "width": shown.width, "height": shown.height, "alt": alt}
    return told | {"version": shown.version}


def _read(reading: Reading) -> tuple[NewContribution, Facts]:
    data = reading.datasets("datasets")  # the faults stand in the order of the page
    title = reading.line("title", "Titre", MAX_TITLE)
    body = reading.text("body", "Ce que c’est", MAX_BODY)
    author = reading.line("author", "Auteur", MAX_NAME)
    url = reading.url("url", "Adresse")
    facts = Facts(
        reading.choice("type", "Genre", TYPES.keys()),
        reading.choice("theme", "Thème", theme_choices()),
        reading.choice("commune", "Commune", {e.insee for e in members.members()}, is_needed=False),
        reading.line("alt", "Description de l’image", MAX_TITLE * 2, is_needed=False),
    )
    return NewContribution(
        Kind.REUSE, epci_id(), title, body, author, url, _challenge(reading),
        tuple(each.id for each in data),
    ), facts  # fmt: skip


def theme_choices() -> dict[str, str]:
    """The local themes, by id; those of Europe above them are no choice."""
    terms = load_vocabulary("themes")
    return {term.id: term.label for term in terms if not term.id.startswith("eu-")}


def _challenge(reading: Reading) -> str | None:
    told = reading.line("challenge", "Défi", 60, is_needed=False)
    found = challenge_store.load(told) if told else None
    return found.challenge.id if found else None


def _pictures(reading: Reading, alt: str, has_one: bool = False) -> Mapping[str, Picture]:
    """Read the picture that is sent, if one is; what is shown is described."""
    sent = reading.given.get("picture")
    content = sent.read(MAX_BYTES + 1) if hasattr(sent, "read") else b""
    if (content or has_one) and not alt:
        reading.refuse("alt", Issue("TER-API-248"))
    if not content:
        return {}
    try:
        return dict(zip(SIDES, to_pictures(content, tuple(SIDES.values())), strict=True))
    except Refused as fault:
        reading.refuse("picture", fault.issue)
        return {}


def _slug(title: str) -> str:
    """The end of the address of a page, from its title."""
    slug = munge_title_to_name(title)[:60].strip("-_")
    return f"{slug or 'reutilisation'}-1" if slug in ("", *TAKEN) else slug


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_reuse_list": territoire_reuse_list,
    "territoire_reuse_show": territoire_reuse_show,
    "territoire_reuse_create": territoire_reuse_create,
    "territoire_reuse_update": territoire_reuse_update,
}
AUTH: dict[str, Callable[..., Any]] = {
    "territoire_reuse_list": everyone,
    "territoire_reuse_show": everyone,
    "territoire_reuse_create": somebody,
}
