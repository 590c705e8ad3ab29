"""Actions on challenges: a commune or the EPCI says what it wishes that somebody made of data.

Those who publish for an organisation set its challenges, and the officers of the EPCI. Anybody
reads those that are published; the form of the portal takes those who take one up from everybody,
once an address of mail is confirmed. A challenge is over after its last day, whatever is done.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from ckan import model
from ckan.lib.munge import munge_title_to_name
from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire import publishers
from ckanext.territoire.community import challenge_store, reuse_store, store
from ckanext.territoire.community.challenge_store import Listed
from ckanext.territoire.community.model import (
    MAX_BODY,
    MAX_TITLE,
    ChallengeState,
    Contribution,
    Kind,
    NewChallenge,
    NewContribution,
)
from ckanext.territoire.community.written import MAX_NAME, Reading, clean
from ckanext.territoire.logic.reuse import kept, public_reuse
from ckanext.territoire.logic.who import everyone, somebody
from ckanext.territoire.portal.typography import PARIS
from ckanext.territoire.territory import officers
from harvesters.errors import sentence
from harvesters.model import Issue

Data = dict[str, Any]
TAKEN = ("nouveau", "gerer")  # addresses below /defis that are no challenge


@toolkit.side_effect_free
def territoire_challenge_list(context: Context, data_dict: Data) -> list[Data]:
    """List the published challenges: the open ones, the soonest over first, then those that are
    over. With `organization`, those that it sets, drafts too, for those who publish for it."""
    toolkit.check_access("territoire_challenge_list", context, data_dict)
    asked = data_dict.get("organization")
    if asked is None:
        return [challenge_to_dict(each) for each in challenge_store.public(_today())]
    owner = publishers.find(asked) if asked else None
    toolkit.check_access("territoire_challenge_create", context, {"organization": asked})
    listed = challenge_store.of_organizations([owner.id] if owner else None)
    return [challenge_to_dict(each) for each in listed]


@toolkit.side_effect_free
def territoire_challenge_show(context: Context, data_dict: Data) -> Data:
    """Show the challenge `id` (or its address), who took it up (`attempts`), and what came of it
    (`reuses`). One that is not published is for those who set it."""
    toolkit.check_access("territoire_challenge_list", context, data_dict)
    found = _found(data_dict)
    if found.challenge.state is not ChallengeState.OPEN and not _sets(context, found):
        raise toolkit.ObjectNotFound(sentence(Issue("TER-PUB-184")))
    reuses, _ = reuse_store.listed(reuse_store.Wanted(challenge=found.challenge.id, limit=100))
    return challenge_to_dict(found) | {
        "attempts": [_attempt(each) for each in store.attempts_of(found.challenge.id)],
        "reuses": [public_reuse(each) for each in reuses],
    }


def territoire_challenge_create(context: Context, data_dict: Data) -> Data:
    """Set a challenge for an `organization`: `title`, `body` (Markdown: what is wished), `datasets`
    (ids or names), `until` (its last day), `contact`, `prize` if there is one. It is a draft until
    `territoire_challenge_move` publishes it."""
    toolkit.check_access("territoire_challenge_create", context, data_dict)
    owner = publishers.find(toolkit.get_or_bust(data_dict, "organization"))
    if owner is None:
        raise toolkit.ObjectNotFound("Cette organisation n’existe pas.")
    new = _read(data_dict, owner.id)
    slug = munge_title_to_name(new.title)[:60].strip("-_")
    slug = f"{slug or 'defi'}-1" if slug in ("", *TAKEN) else slug
    made, _ = challenge_store.add(new, slug, _user_id(context))
    return challenge_to_dict(_found({"id": made}))


def territoire_challenge_update(context: Context, data_dict: Data) -> Data:
    """Change what the challenge `id` says."""
    found = _set_by(context, data_dict)
    challenge_store.amend(found.challenge.id, _read(data_dict, found.challenge.org_id))
    return challenge_to_dict(_found(data_dict))


def territoire_challenge_move(context: Context, data_dict: Data) -> Data:
    """Publish (`state`: open) or withdraw (`state`: withdrawn) the challenge `id`; `undo` puts back
    the state from before."""
    found = _set_by(context, data_dict)
    seen, told = found.challenge.state, str(data_dict.get("state") or "")
    if data_dict.get("undo"):
        is_done = challenge_store.undo(found.challenge.id, seen)
    else:
        is_known = told in (ChallengeState.OPEN.value, ChallengeState.WITHDRAWN.value)
        is_done = is_known and challenge_store.move(found.challenge.id, seen, ChallengeState(told))
    if not is_done:
        raise toolkit.ValidationError({"state": [sentence(Issue("TER-PUB-187"))]})
    return challenge_to_dict(_found(data_dict))


def territoire_attempt_create(context: Context, data_dict: Data) -> Data:
    """Take up the `challenge` (id or address): `title` (what is proposed), `body`, `author` (the
    name that is shown), `url` if there is something to see.

    It is read before it is shown. Without an account, `email` gets a letter to confirm.
    """
    toolkit.check_access("territoire_attempt_create", context, data_dict)
    found = _found({"id": data_dict.get("challenge")})
    if found.challenge.state is not ChallengeState.OPEN:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-PUB-184")))
    reading = Reading(data_dict)
    if not found.challenge.is_open_on(_today()):
        reading.refuse("title", Issue("TER-PUB-186"))
    new = NewContribution(
        Kind.ATTEMPT,
        found.challenge.org_id,
        reading.line("title", "Votre proposition", MAX_TITLE),
        reading.text("body", "Ce que vous proposez", MAX_BODY),
        reading.line("author", "Votre nom", MAX_NAME),
        reading.url("url", "Adresse", is_needed=False),
        found.challenge.id,
    )
    writer = reading.writer(context.get("user") or "")
    reading.end()
    return kept(store.keep(new, writer))


def challenge_to_dict(told: Listed) -> Data:
    """A challenge as its page shows it."""
    this = told.challenge
    owner = publishers.find(this.org_id)
    return {
        "id": this.id,
        "slug": this.slug,
        "state": this.state.value,
        "is_open": this.is_open_on(_today()),
        "can_undo": bool(this.former_state),
        "title": this.title,
        "body": this.body,
        "contact": this.contact,
        "prize": this.prize,
        "until": this.until.isoformat(),
        "organization_id": this.org_id,
        "organization_title": owner.title if owner else "",
        "organization_name": owner.name if owner else "",
        "datasets": [{"name": name, "title": title} for name, title in told.data],
        "attempt_count": told.attempts,
        "reuse_count": told.reuses,
    }


def _attempt(told: Contribution) -> Data:
    return {"title": told.title, "body": told.body, "author": told.author, "url": told.url,
            "made_at": told.made_at.isoformat(timespec="seconds") + "Z"}  # fmt: skip


def _read(data_dict: Data, org_id: str) -> NewChallenge:
    reading = Reading(data_dict)
    new = NewChallenge(
        org_id,
        reading.line("title", "Titre", MAX_TITLE),
        reading.text("body", "Ce que vous cherchez", MAX_BODY),
        reading.line("contact", "Contact", MAX_NAME),
        reading.line("prize", "Récompense", MAX_TITLE * 2, is_needed=False),
        reading.day("until", "Dernier jour", _today()),
        tuple(each.id for each in reading.datasets("datasets", is_needed=False)),
    )
    reading.end()
    return new


def _found(data_dict: Data) -> Listed:
    found = challenge_store.load(clean(data_dict.get("id")))
    if found is None:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-PUB-184")))
    return found


def _set_by(context: Context, data_dict: Data) -> Listed:
    found = _found(data_dict)
    asked = {"organization": found.challenge.org_id}
    toolkit.check_access("territoire_challenge_create", context, asked)
    return found


def _sets(context: Context, told: Listed) -> bool:
    return officers.publishes_for(context.get("user") or "", told.challenge.org_id)


def _user_id(context: Context) -> str:
    user: Any = model.User.get(context.get("user"))
    return str(user.id) if user else ""


def _today() -> date:
    return datetime.now(PARIS).date()


def _may_set(context: Context, data_dict: Data) -> AuthResult:
    is_one = officers.publishes_for(context.get("user") or "", data_dict.get("organization") or "")
    return {"success": is_one, "msg": "Réservé aux personnes qui publient ces données."}


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_challenge_list": territoire_challenge_list,
    "territoire_challenge_show": territoire_challenge_show,
    "territoire_challenge_create": territoire_challenge_create,
    "territoire_challenge_update": territoire_challenge_update,
    "territoire_challenge_move": territoire_challenge_move,
    "territoire_attempt_create": territoire_attempt_create,
}
AUTH: dict[str, Callable[..., Any]] = {
    "territoire_challenge_list": everyone,
    "territoire_challenge_create": _may_set,
    "territoire_attempt_create": somebody,
}
