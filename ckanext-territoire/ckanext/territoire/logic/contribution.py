"""Actions on contributions of any kind: read what waits, decide, undo; confirm and withdraw.

Those who publish for the organisation that a contribution is for read and decide, and the officers
of the EPCI. What an author does of their own stands behind the signed address that they have got by
mail (`portal/own_pages.py`), or their account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire import publishers
from ckanext.territoire.community import post, queue, reuse_store, store
from ckanext.territoire.community.model import (
    MAX_ANSWER,
    REASONED,
    Contribution,
    Decision,
    Kind,
    State,
    may_follow,
)
from ckanext.territoire.community.words import STATES
from ckanext.territoire.community.written import clean, to_number
from ckanext.territoire.logic.reuse import reuse_to_dict
from ckanext.territoire.territory import officers
from harvesters.errors import sentence
from harvesters.model import Issue

Data = dict[str, Any]
MAX_LISTED = 100


@toolkit.side_effect_free
def territoire_contribution_list(context: Context, data_dict: Data) -> Data:
    """List the contributions for an `organization`, or for all for the officers: `waiting`, first
    what nobody has read, the oldest first; then what was `decided`, the newest first.

    `kind` narrows both lists, `limit` (20, 100 at most) cuts them: `next` and `next_decided` are
    given back as `after` and `decided_after` to read on. `counts` tells all that waits, by
    organisation and kind. They carry what authors wrote, but not where to reach them.
    """
    toolkit.check_access("territoire_contribution_list", context, data_dict)
    asked = data_dict.get("organization")
    owner = publishers.find(asked) if asked else None
    if asked and owner is None:
        raise toolkit.ObjectNotFound("Cette organisation n’existe pas.")
    wanted = queue.Wanted(
        (owner.id,) if owner else None,
        next((each for each in Kind if each.value == data_dict.get("kind")), None),
        clean(data_dict.get("after")),
        min(max(to_number(data_dict.get("limit"), queue.PAGE), 1), MAX_LISTED),
    )
    waiting = queue.waiting(wanted)
    decided = queue.decided(replace(wanted, after=clean(data_dict.get("decided_after"))))
    listed = (*waiting.listed, *decided.listed)
    reuses = reuse_store.of_ids([e.id for e in listed if e.kind is Kind.REUSE])
    return {
        "waiting": [contribution_to_dict(each, reuses) for each in waiting.listed],
        "decided": [contribution_to_dict(each, reuses) for each in decided.listed],
        "next": waiting.after,
        "next_decided": decided.after,
        "counts": [_count(each) for each in queue.counts(wanted.org_ids)],
    }


def territoire_contribution_decide(context: Context, data_dict: Data) -> Data:
    """Decide of the contribution `id`: `state`, one of its `choices`; `answer` is public under a
    question, else for the author. The author is told by mail."""
    found = _found(context, data_dict)
    told, answer = str(data_dict.get("state") or ""), _answer(data_dict)
    seen = str(data_dict.get("seen") or found.state.value)
    if seen != found.state.value or told not in {
        e.value for e in may_follow(found.kind, found.state)
    }:
        raise _refused(Issue("TER-PUB-181", found=STATES[found.state].label), "state")
    state = State(told)
    if state in REASONED and not answer:
        raise _refused(Issue("TER-PUB-182"), "answer")
    if not store.decide(found.id, Decision(found.state, state, answer, _user_id(context))):
        raise _refused(Issue("TER-PUB-181", found=STATES[found.state].label), "state")
    return _done(found.id)


def territoire_contribution_undo(context: Context, data_dict: Data) -> Data:
    """Put back what the last decision on the contribution `id` has changed."""
    found = _found(context, data_dict)
    if not store.undo(found.id, found.state, _user_id(context)):
        raise _refused(Issue("TER-PUB-183"))
    return _done(found.id)


def territoire_contribution_withdraw(context: Context, data_dict: Data) -> Data:
    """Withdraw the contribution `id`, as its author."""
    found = load(data_dict)
    toolkit.check_access("territoire_contribution_withdraw", context, {"user_id": found.user_id})
    if not store.leave(found.id):
        raise _refused(Issue("TER-PUB-181", found=STATES[found.state].label))
    return contribution_to_dict(load(data_dict), {})


def load(data_dict: Mapping[str, Any]) -> Contribution:
    """Read the contribution `id`."""
    found = store.load(clean(data_dict.get("id")))
    if found is None:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-PUB-180")))
    return found


def contribution_to_dict(told: Contribution, reuses: Mapping[str, reuse_store.Reuse]) -> Data:
    """A contribution as those who decide see it."""
    owner = publishers.find(told.org_id)
    reuse = reuses.get(told.id)
    return {
        "id": told.id,
        "kind": told.kind.value,
        "state": told.state.value,
        "choices": sorted(each.value for each in may_follow(told.kind, told.state)),
        "can_undo": bool(told.former_state),
        "title": told.title,
        "body": told.body,
        "author": told.author,
        "url": told.url,
        "challenge_id": told.challenge_id,
        "answer": told.answer,
        "is_by_account": bool(told.user_id),
        "wants_answer": bool(told.email),
        "organization_id": told.org_id,
        "organization_title": owner.title if owner else "",
        "made_at": told.made_at.isoformat(timespec="seconds"),
        "decided_at": told.decided_at.isoformat(timespec="seconds") if told.decided_at else None,
        "reuse": reuse_to_dict(reuse) if reuse else None,
    }


def _count(told: queue.Count) -> Data:
    owner = publishers.find(told.org_id)
    return {
        "organization": owner.name if owner else "",
        "organization_title": owner.title if owner else "",
        "kind": told.kind.value,
        "waiting": told.waiting,
        "unread": told.unread,
        "since": told.since.isoformat(timespec="seconds"),
    }


def _done(contribution_id: str) -> Data:
    post.send_later()
    found = store.load(contribution_id)
    assert found is not None
    return contribution_to_dict(found, reuse_store.of_ids([found.id]))


def _found(context: Context, data_dict: Data) -> Contribution:
    found = load(data_dict)
    asked = {"organization": found.org_id}
    toolkit.check_access("territoire_contribution_list", context, asked)
    return found


def _answer(data_dict: Data) -> str:
    answer = clean(data_dict.get("answer")).strip()
    if len(answer) > MAX_ANSWER:
        issue = Issue("TER-API-250", "Votre réponse", str(len(answer)), str(MAX_ANSWER))
        raise _refused(issue, "answer")
    return answer


def _user_id(context: Context) -> str:
    user: Any = model.User.get(context.get("user"))
    return str(user.id) if user else ""


def _refused(issue: Issue, name: str = "contribution") -> toolkit.ValidationError:
    return toolkit.ValidationError({name: [sentence(issue)]})


def _may_read(context: Context, data_dict: Data) -> AuthResult:
    is_one = officers.publishes_for(context.get("user") or "", data_dict.get("organization") or "")
    return {"success": is_one, "msg": "Réservé aux personnes qui publient ces données."}


def _is_author(context: Context, data_dict: Data) -> AuthResult:
    user_id = _user_id(context)
    return {"success": bool(user_id) and user_id == data_dict.get("user_id")}


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_contribution_list": territoire_contribution_list,
    "territoire_contribution_decide": territoire_contribution_decide,
    "territoire_contribution_undo": territoire_contribution_undo,
    "territoire_contribution_withdraw": territoire_contribution_withdraw,
}
AUTH: dict[str, Callable[..., Any]] = {
    "territoire_contribution_list": _may_read,
    "territoire_contribution_withdraw": _is_author,
}
