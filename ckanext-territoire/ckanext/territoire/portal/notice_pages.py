"""Where a person chooses what to hear, with an account or by the link of a mail; and the officer's
page of the addresses that no longer answer."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire.logic.notice import kinds_of
from ckanext.territoire.notices import choices, people
from ckanext.territoire.notices.model import Person
from ckanext.territoire.notices.offers import set_wanted
from ckanext.territoire.portal import link_door
from ckanext.territoire.portal.deposits import ask_login
from ckanext.territoire.portal.matrix_pages import call
from ckanext.territoire.portal.refused import Errors, refusals
from ckanext.territoire.portal.typography import of_place
from ckanext.territoire.territory.officers import may_act

mine = Blueprint("territoire_my_notices", __name__)
mine.before_request(ask_login)
by_link = Blueprint("territoire_notices", __name__, url_prefix="/avis")
link_door.guard(by_link)
KEPT = "C’est noté."
STOPPED = "C’est noté : vous ne recevrez plus d’avis."
STOPPED_ONE = "C’est noté : vous ne recevrez plus cette lettre."


@mine.route("/mes-avis", methods=["GET", "POST"])
def choose() -> str | Response:
    """What the person at work wants to hear."""
    if request.method == "POST":
        call("territoire_notice_update", wanted=request.form.getlist("wanted"))
        toolkit.h.flash_success(KEPT)
        return toolkit.redirect_to("territoire_my_notices.choose")
    shown = call("territoire_notice_show")
    listed = call("territoire_source_list") if shown["may_act"] else []
    return toolkit.render("territoire/notice_choices.html", {**shown, "sources": listed})


@mine.route("/mes-avis/source", methods=["POST"])
def mute_source() -> Response:
    """Tell nobody of a source, or tell of it again."""
    is_quiet = request.form.get("is_quiet") == "oui"
    call("territoire_notice_mute_source", id=request.form.get("id", ""), is_quiet=is_quiet)
    toolkit.h.flash_success(KEPT)
    return toolkit.redirect_to("territoire_my_notices.choose")


@mine.route("/pilotage/adresses", methods=["GET", "POST"])
def addresses() -> str | Response:
    """The addresses that no longer answer; mark another one."""
    errors: Errors = {}
    if request.method == "POST":
        try:
            call("territoire_address_pause", address=request.form.get("address", ""))
            return toolkit.redirect_to("territoire_my_notices.addresses")
        except toolkit.ValidationError as fault:
            errors = refusals(fault)
    tasks = [each | {"who": _who(each)} for each in call("territoire_address_list")]
    return toolkit.render("territoire/notice_addresses.html", {"tasks": tasks, "errors": errors})


@mine.route("/pilotage/adresses/regler", methods=["POST"])
def resume() -> Response:
    """End the task of an address."""
    call("territoire_address_resume", address=request.form.get("address", ""))
    toolkit.h.flash_success("Tâche réglée : les courriels repartent vers cette adresse.")
    return toolkit.redirect_to("territoire_my_notices.addresses")


@by_link.route("/<token>", methods=["GET", "POST"])
def show(token: str) -> str:
    """What the person of a mail wants to hear, without an account."""
    person = _opened(token)
    told = ""
    if request.method == "POST":
        wanted = request.form.getlist("wanted") if "stop" not in request.form else []
        set_wanted(person.key, wanted)
        told = KEPT if wanted else STOPPED
    shown = {"token": token, "told": told, "may_act": False, "sources": [], "quiet_sources": []}
    return toolkit.render("territoire/notice_choices.html", {**kinds_of(person.key), **shown})


@by_link.route("/<token>/arreter", methods=["GET", "POST"])
def stop(token: str) -> str | Response:
    """Leave in one click, as mail boxes do (RFC 8058: a POST alone); a visitor reads first. A
    letter that names its kind (`avis`) is left alone; the others go on."""
    person = _opened(token)
    kind = request.args.get("avis", "")
    if request.method == "GET":
        return toolkit.redirect_to("territoire_notices.show", token=token)
    if choices.is_mutable(kind):
        choices.mute(person.key, kind)
        return STOPPED_ONE
    set_wanted(person.key, [])
    return STOPPED


def waiting_addresses() -> int:
    """Count the addresses that no longer answer, for the officer's screens; 0 for others."""
    user = str(toolkit.g.user or "")
    return len(call("territoire_address_list")) if may_act(user) else 0


def _opened(token: str) -> Person:
    key = choices.person_of(token)
    person = people.find(key) if key else None
    return person or toolkit.abort(404, "Ce lien n’ouvre rien : il a peut-être été coupé.")


def _who(task: dict[str, Any]) -> dict[str, str]:
    """Whom to call for an address that no longer answers, and by which number."""
    communes = [each for each in task["organizations"] if each["kind"] == "commune"]
    if communes:
        town = communes[0]
        hall = call("territoire_commune_show", id=town["insee"])["town_hall"]
        name = f"Joindre la mairie {of_place(town['title'])}"
        return {"name": name, "phone": hall.get("phone") or ""}
    known = [each["title"] for each in task["organizations"]]
    return {"name": f"Joindre {known[0]}" if known else "Retrouver la personne", "phone": ""}
