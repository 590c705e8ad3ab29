"""Challenges: what communes wish that somebody made with the data, and who takes them up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire.portal import contribution_door as door
from ckanext.territoire.portal.data_choice import DataChoice, read_choice
from ckanext.territoire.portal.deposits import ask_login, call, chosen
from ckanext.territoire.portal.reuse_pages import words
from ckanext.territoire.portal.typography import PARIS
from ckanext.territoire.publishers import find
from ckanext.territoire.territory.officers import publishes_for

challenges = Blueprint("territoire_challenges", __name__, url_prefix="/defis")
FIELDS = ("title", "body", "contact", "prize", "until")
TAKEN_UP = ("title", "body", "author", "url", "email")
USUAL = timedelta(days=90)
MOVED = {"open": "Le défi est publié.", "withdrawn": "Le défi n’est plus montré."}


@challenges.route("")
def index() -> str:
    """The published challenges: the open ones, then what came of the others."""
    listed = toolkit.get_action("territoire_challenge_list")({}, {})
    return toolkit.render("territoire/challenge_list.html", {
        "open": [each for each in listed if each["is_open"]],
        "past": [each for each in listed if not each["is_open"]],
    })  # fmt: skip


@challenges.route("/gerer")
def mine() -> str | Response:
    """The challenges of an organisation, drafts too, for those who set them."""
    if answer := ask_login():
        return answer
    who = chosen()
    listed = call("territoire_challenge_list", organization=who.name)
    return toolkit.render("territoire/challenge_mine.html", {"who": who, "listed": listed})


@challenges.route("/nouveau", methods=["GET", "POST"])
def new() -> str | Response:
    """Write a challenge; it is a draft until it is published."""
    if answer := ask_login():
        return answer
    who, choice = chosen(), read_choice()
    errors: door.Errors = {}
    if request.method == "POST":
        made, errors = _keep("territoire_challenge_create", choice, {"organization": who.name})
        if made:
            toolkit.h.flash_success("Votre brouillon est gardé. Relisez-le, puis publiez-le.")
            return toolkit.redirect_to("territoire_challenges.show", slug=made["slug"])
    until = (datetime.now(PARIS).date() + USUAL).isoformat()
    return _written(who, choice, errors, request.form or {"until": until})


@challenges.route("/<slug>")
def show(slug: str) -> str:
    """A challenge: what is wished, until when, who takes it up, what came of it."""
    found = _found(slug)
    may_set = publishes_for(toolkit.g.user, found["organization_id"])
    return toolkit.render(
        "territoire/challenge_show.html", {"challenge": found, "may_set": may_set, **words()}
    )


@challenges.route("/<slug>/modifier", methods=["GET", "POST"])
def edit(slug: str) -> str | Response:
    """Change what a challenge says."""
    if answer := ask_login():
        return answer
    found = _found(slug)
    if not publishes_for(toolkit.g.user, found["organization_id"]):
        toolkit.abort(403, "Vous ne publiez pas pour cette organisation.")
    choice = read_choice([each["name"] for each in found["datasets"]])
    errors: door.Errors = {}
    if request.method == "POST":
        made, errors = _keep("territoire_challenge_update", choice, {"id": found["id"]})
        if made:
            toolkit.h.flash_success("Le défi est modifié.")
            return toolkit.redirect_to("territoire_challenges.show", slug=slug)
    owner = find(found["organization_id"])
    return _written(owner, choice, errors, request.form or found, found)


@challenges.route("/<slug>/etat", methods=["POST"])
def move(slug: str) -> Response:
    """Publish, withdraw, or undo the last of both."""
    found = _found(slug)
    told = request.form.get("state", "")
    try:
        call("territoire_challenge_move", id=found["id"], state=told, undo=told == "undo")
        toolkit.h.flash_success(MOVED.get(told, "C’est annulé."))
    except toolkit.ValidationError as fault:
        toolkit.h.flash_error(" ".join(text for each in door.to_errors(fault).values()
                                       for text in each))  # fmt: skip
    return toolkit.redirect_to("territoire_challenges.show", slug=slug)


@challenges.route("/<slug>/relever", methods=["GET", "POST"])
def take_up(slug: str) -> str | Response:
    """Take a challenge up; it works without script."""
    found, errors, wait = _found(slug), {}, 0
    if request.method == "POST":
        wait = door.wait_s()
        errors = door.too_fast() if wait else _send(found)
        if not errors:
            return toolkit.redirect_to("territoire_challenges.show", slug=slug)
    shown = {"challenge": found, "errors": errors, "typed": request.form}
    return door.answered("territoire/challenge_take_up.html", shown, wait)


def _send(challenge: Mapping[str, Any]) -> door.Errors:
    if door.is_robot():
        door.thank(None)
        return {}
    data = {name: request.form.get(name, "") for name in TAKEN_UP}
    made, errors = door.send("territoire_attempt_create", data | {"challenge": challenge["id"]})
    if not errors:
        door.thank(made)
    return errors


def _keep(
    action: str, choice: DataChoice, more: Mapping[str, Any]
) -> tuple[dict[str, Any] | None, door.Errors]:
    data = {name: request.form.get(name, "") for name in FIELDS}
    try:
        return call(action, **data, **more, datasets=choice.names), {}
    except toolkit.ValidationError as fault:
        return None, door.to_errors(fault)


def _written(
    who: Any, choice: DataChoice, errors: door.Errors, typed: Mapping[str, Any],
    challenge: Mapping[str, Any] | None = None,
) -> str:  # fmt: skip
    return toolkit.render("territoire/challenge_form.html", {
        "who": who, "choice": choice, "errors": errors, "typed": typed, "challenge": challenge,
    })  # fmt: skip


def _found(slug: str) -> dict[str, Any]:
    try:
        asked = {"user": toolkit.g.user}
        return dict(toolkit.get_action("territoire_challenge_show")(asked, {"id": slug}))
    except toolkit.ObjectNotFound:
        return toolkit.abort(404, "Ce défi n’existe pas, ou n’est pas publié.")
