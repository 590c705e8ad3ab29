"""The page of who wrote a contribution: confirm it, follow it, change it, withdraw it.

It is opened by the signed address that the author has got by mail. A page that is opened does
nothing: letter boxes open addresses by themselves. Only its buttons do.
"""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire.community import post, reuse_store, store
from ckanext.territoire.community.model import AMENDABLE, Contribution, Kind, State
from ckanext.territoire.community.words import KINDS, STATES
from ckanext.territoire.notices.worker import look_later
from ckanext.territoire.portal import contribution_door as door
from ckanext.territoire.portal.data_choice import read_choice
from ckanext.territoire.portal.link_door import guard, refuse
from ckanext.territoire.portal.reuse_pages import typed_data, words
from harvesters.model import Issue

own = Blueprint("territoire_own", __name__, url_prefix=f"/{post.PATH}")
guard(own)
OVER = frozenset({State.REFUSED, State.WITHDRAWN, State.DROPPED})


@own.route("/<token>", methods=["GET", "POST"])
def show(token: str) -> str | Response:
    """Where a contribution stands, and what its author may do."""
    told = _found(token)
    if request.method == "POST":
        _act(told, request.form.get("act", ""))
        return toolkit.redirect_to("territoire_own.show", token=token)
    return toolkit.render("territoire/own.html", {
        "token": token,
        "told": told,
        "kind": KINDS[told.kind],
        "state": STATES[told.state],
        "is_unconfirmed": told.state is State.UNCONFIRMED,
        "is_over": told.state in OVER,
        "may_change": told.kind is Kind.REUSE and told.state in AMENDABLE,
        "page": post.public_address(told) if told.is_public else "",
    })  # fmt: skip


@own.route("/<token>/modifier", methods=["GET", "POST"])
def edit(token: str) -> str | Response:
    """Change a reuse: it is read again before it is shown."""
    told = _found(token)
    found = reuse_store.load_by_id(told.id)
    if found is None or told.state not in AMENDABLE:
        return toolkit.redirect_to("territoire_own.show", token=token)
    choice = read_choice(store.datasets_of(told.id))
    errors: door.Errors = {}
    if request.method == "POST":
        errors = _change(told, typed_data(choice))
        if not errors:
            return toolkit.redirect_to("territoire_own.show", token=token)
    facts = {"type": found.facts.type, "theme": found.facts.theme, "commune": found.facts.insee,
             "alt": found.facts.alt}  # fmt: skip
    before = {name: getattr(told, name) for name in ("title", "body", "author", "url")}
    shown = {"choice": choice, "errors": errors, "typed": request.form or before | facts}
    return door.answered(
        "territoire/reuse_new.html",
        {**shown, "reuse": found, "token": token, "challenge": None, **words()},
    )


def _found(token: str) -> Contribution:
    contribution_id = post.read_token(token)
    told = store.load(contribution_id) if contribution_id else None
    return told or refuse(Issue("TER-API-255"))


def _act(told: Contribution, act: str) -> None:
    if act == "confirm" and store.confirm(told.id):
        look_later()
        toolkit.h.flash_success(door.THANKS)
    elif act == "withdraw" and store.leave(told.id):
        toolkit.h.flash_success("C’est retiré : rien n’en est plus montré.")
    else:
        toolkit.h.flash_notice("C’était déjà fait.")


def _change(told: Contribution, data: dict[str, Any]) -> door.Errors:
    try:
        # the signed address is the right
        toolkit.get_action("territoire_reuse_update")(
            {"ignore_auth": True, "user": ""}, data | {"id": told.id}
        )
    except toolkit.ValidationError as fault:
        return door.to_errors(fault)
    toolkit.h.flash_success(door.THANKS)
    return {}
