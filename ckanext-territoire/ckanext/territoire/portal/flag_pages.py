"""Where those who publish read what readers say of their rows, and answer in public.

Each page only calls the actions of `logic/flag.py`, which check the rights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire import publishers
from ckanext.territoire.delivery.correct_row import correctable
from ckanext.territoire.flags import store
from ckanext.territoire.portal.deposits import ask_login, call, chosen
from ckanext.territoire.portal.refused import Errors, of_item, refusals
from ckanext.territoire.portal.typography import count
from ckanext.territoire.territory.officers import is_officer
from schemas.load import latest, slugs
from schemas.to_form import Control, to_form

flags = Blueprint("territoire_flags", __name__, url_prefix="/signalements")
flags.before_request(ask_login)
STATES = {
    "open": ("à lire", "is-late"),
    "fixed": ("corrigé", "is-good"),
    "answered": ("répondu", "is-good"),
    "refused": ("refusé", ""),
    "dropped": ("écarté", ""),
}
DONE = {
    "fixed": "La ligne est corrigée en ligne et votre réponse est publique.",
    "answered": "Votre réponse est publique.",
    "refused": "Votre refus et sa raison sont publics.",
    "dropped": "Écarté : rien n’en est montré, et le texte est effacé.",
}
HELD = "Votre réponse est publique. La correction attend une décision : voyez vos dépôts."
REOPENED = (
    "La réponse est retirée ; le signalement attend de nouveau. "
    "Ce qui a été corrigé en ligne le reste."
)
EVERYBODY = "tout"
SHOWN = 50  # each with its form; those after come as these are answered


@flags.route("")
def index() -> str:
    """What waits for an answer, then what was answered."""
    return _render({})


@flags.route("/<flag_id>", methods=["POST"])
def answer(flag_id: str) -> str | Response:
    """Answer one: correct and answer, answer, refuse, or drop what is no flag at all."""
    form = request.form
    state = form.get("state", "")
    data: dict[str, Any] = {"id": flag_id, "state": state, "answer": form.get("answer", "")}
    data["is_text_shown"] = form.get("is_text_shown") == "oui"
    if state == "fixed" and "value" in form:
        data["value"] = form["value"]
    try:
        done = call("territoire_flag_answer", **data)
    except toolkit.ValidationError as fault:
        return _render(of_item(refusals(fault, flag="", state=""), flag_id), flag_id)
    is_held = state == "fixed" and done["state"] == "answered"
    toolkit.h.flash_success(HELD if is_held else DONE[done["state"]])
    return toolkit.redirect_to("territoire_flags.index", **_pour())


@flags.route("/<flag_id>/reprendre", methods=["POST"])
def reopen(flag_id: str) -> Response:
    """Take an answer back."""
    try:
        call("territoire_flag_reopen", id=flag_id)
        toolkit.h.flash_success(REOPENED)
    except toolkit.ValidationError as fault:
        toolkit.h.flash_error(" ".join(fault.error_dict["flag"]))
    return toolkit.redirect_to("territoire_flags.index", **_pour())


def waiting_flags(organization: str = "") -> int:
    """Count the flags that wait for an organisation (its name), or for all. A template helper."""
    owner = publishers.find(organization) if organization else None
    return store.waiting([owner.id] if owner else None)[0]


def _pour() -> dict[str, str]:
    asked = request.args.get("pour", "")
    return {"pour": asked} if asked else {}


def _render(errors: Errors, refused: str = "") -> str:
    may_see_all = is_officer(toolkit.g.user)
    is_all = may_see_all and request.args.get("pour", EVERYBODY) == EVERYBODY
    who = None if is_all else chosen()
    listed = call("territoire_flag_list", **({} if who is None else {"organization": who.name}))
    waiting = [each for each in listed if each["state"] == "open"][:SHOWN]
    number = waiting_flags(who.name if who else "")
    mended = correctable([each["feed_id"] for each in waiting])
    waiting = [_with_control(each, each["feed_id"] in mended) for each in waiting]
    return toolkit.render("territoire/flag_list.html", {
        "who": who,
        "waiting": waiting,
        "past": [each for each in listed if each["state"] != "open"],
        "states": STATES,
        "errors": errors,
        "refused": refused,
        "typed": request.form,
        "may_see_all": may_see_all,
        "more": number - len(waiting),
        "headline": count(number, "signalement à lire", "signalements à lire"),
    })  # fmt: skip


def _with_control(flag: Mapping[str, Any], is_mended: bool) -> dict[str, Any]:
    """Add what corrects the row: a control for its field, unless it is harvested or its key."""
    control = _control(flag["slug"], flag["field"])
    return dict(flag) | {
        "control": control if is_mended else None,
        "value": _to_value(control, flag["proposed"]),
    }


def _control(slug: str, field: str) -> Control | None:
    if slug not in slugs():
        return None
    schema = latest(slug)
    if field in schema.key:
        return None
    return next((each for each in to_form(schema) if each.name == field), None)


def _to_value(control: Control | None, proposed: str) -> str:
    """What a reader proposes, in the words of the control: « oui » is the value of « Oui »."""
    words = proposed.strip().casefold()
    choices = control.choices if control else ()
    return next((c.value for c in choices if c.label.casefold() == words), proposed)
