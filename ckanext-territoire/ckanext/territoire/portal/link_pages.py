"""The pages where links are made, copied and revoked, and where a mandate is kept.

Each page only calls the actions of `logic/link.py`, which check the rights.
"""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire import publishers
from ckanext.territoire.delivery import store as deliveries
from ckanext.territoire.links.model import DEFAULT_DAYS, MAX_DAYS
from ckanext.territoire.links.notice import depositor_email
from ckanext.territoire.portal.depositor import Depositor
from ckanext.territoire.portal.deposits import ask_login, call, chosen, problems
from ckanext.territoire.portal.refused import Errors, refusals

links = Blueprint("territoire_links", __name__, url_prefix="/depots/liens")
links.before_request(ask_login)
Page = str | Response
STATES = {
    "open": ("ouvert", "is-good"),
    "expired": ("expiré", ""),
    "revoked": ("annulé", ""),
}
KINDS = {"deposit": "invitation à déposer", "repair": "correction"}


@links.route("")
def index() -> str:
    """The links of an organisation, and its mandate."""
    who = chosen()
    owner = publishers.find(who.name)
    return toolkit.render(
        "territoire/link_list.html",
        {
            "who": who,
            "is_commune": owner is not None and bool(owner.insee),
            "links": call("territoire_link_list", organization=who.name),
            "mandate": call("territoire_mandate_show", organization=who.name)["mandate"],
            "states": STATES,
            "kinds": KINDS,
        },
    )


@links.route("/nouveau", methods=["GET", "POST"])
def new() -> Page:
    """Make a link: an invitation, or a repair link for the delivery that `depot` names."""
    who = chosen()
    typed = request.values
    errors: Errors = {}
    delivery_id = typed.get("depot", "")
    delivery = call("territoire_delivery_show", id=delivery_id) if delivery_id else None
    if request.method == "POST":
        try:
            made = call("territoire_link_create", **_wished(who, delivery_id))
        except toolkit.ValidationError as fault:
            errors = refusals(fault)
        else:
            return _made(who, made)
    shown = {
        "who": who,
        "typed": typed,
        "errors": errors,
        "delivery": delivery,
        "email": typed.get("email") or (_known_email(delivery_id) if delivery else ""),
        "schemas": call("territoire_schema_list"),
        "days": DEFAULT_DAYS,
        "max_days": MAX_DAYS,
    }
    return toolkit.render("territoire/link_new.html", shown)


def _known_email(delivery_id: str) -> str:
    """Where the depositor of these rows is written to; the action has checked the rights."""
    found = deliveries.load_delivery(delivery_id)
    return depositor_email(found) if found else ""


def _wished(who: Depositor, delivery_id: str) -> dict[str, Any]:
    typed = {name: request.form.get(name, "") for name in ("email", "days")}
    if delivery_id:
        return {"kind": "repair", "delivery": delivery_id, **typed}
    schema = request.form.get("schema", "")
    return {"kind": "deposit", "organization": who.name, "schema": schema, **typed}


def _made(who: Depositor, made: dict[str, Any]) -> Response:
    if made["issue"]:
        toolkit.h.flash_error(made["issue"])
    elif made["mailed_at"]:
        toolkit.h.flash_success("Le courriel est parti.")
    return toolkit.redirect_to("territoire_links.show", link_id=made["id"], pour=who.name)


@links.route("/<link_id>")
def show(link_id: str) -> str:
    """One link: its address to copy, what became of it."""
    who = chosen()
    listed = call("territoire_link_list", organization=who.name)
    link = next((each for each in listed if each["id"] == link_id), None)
    if link is None:
        toolkit.abort(404, "Ce lien n’existe pas ou plus.")
    shown = {"who": who, "link": link, "states": STATES, "kinds": KINDS}
    return toolkit.render("territoire/link_show.html", shown)


@links.route("/<link_id>/annuler", methods=["POST"])
def revoke(link_id: str) -> Response:
    """Shut a link."""
    done = call("territoire_link_revoke", id=link_id)
    toolkit.h.flash_success("Lien annulé : il n’ouvre plus rien.")
    return _list(done["organization_id"])


@links.route("/mandat", methods=["POST"])
def mandate() -> Response:
    """Record the mandate of an organisation, or end it."""
    who = chosen()
    try:
        if "end" in request.form:
            call("territoire_mandate_end", organization=who.name)
            toolkit.h.flash_success("Mandat terminé.")
        else:
            told = {name: request.form.get(name, "") for name in ("reference", "until")}
            call("territoire_mandate_set", organization=who.name, **told)
            toolkit.h.flash_success("Mandat enregistré.")
    except toolkit.ValidationError as fault:
        toolkit.h.flash_error(" ".join(problems(fault)))
    return _list(who.name)


def _list(organization: str) -> Response:
    owner = publishers.find(organization)
    name = owner.name if owner else organization
    return toolkit.redirect_to("territoire_links.index", pour=name)
