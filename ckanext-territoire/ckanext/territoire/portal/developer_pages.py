"""The space of those who build with the data: what there is, their keys, their quotas.

A visitor reads what each page offers; what is done needs an account. Each page only calls actions.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, make_response, request

from ckanext.territoire import config
from ckanext.territoire.api.documents import served_schemas
from ckanext.territoire.api.quota import by_address, by_key, left_of
from ckanext.territoire.developers import registration
from ckanext.territoire.developers.announced import public
from ckanext.territoire.developers.keys import MAX_NAME, MAX_PER_MINUTE, MAX_WHY
from ckanext.territoire.links import mail, throttle
from ckanext.territoire.portal.deposits import call
from ckanext.territoire.portal.refused import Errors, of_item, refusals
from ckanext.territoire.portal.row_pages import TRAP
from ckanext.territoire.portal.visitor import visitor

developers = Blueprint("territoire_developers", __name__, url_prefix="/developpeurs")
Page = str | Response
LASTS = (30, 90, 365)
LETTERS, HOUR_S = 5, 3600
SENT = (
    "C’est envoyé. Si cette adresse peut recevoir un compte, un lien y arrive dans quelques"
    " minutes ; regardez aussi dans les indésirables."
)


@developers.route("")
def index() -> str:
    """What there is for developers."""
    today = datetime.now(UTC).date()
    coming = [each for each in public() if not each.is_over(today)]
    served = served_schemas()
    root = f"{str(toolkit.config['ckan.site_url']).rstrip('/')}/api/territoire/v1"
    table = f"{root}/tables/{served[0].slug}" if served else f"{root}/sandbox/tables/arbres"
    return toolkit.render("territoire/developers.html", {"coming": len(coming), "table": table})


@developers.route("/cles", methods=["GET", "POST"])
def keys() -> Page:
    """The caller's keys; make one, which is shown once."""
    made: dict[str, Any] | None = None
    errors: Errors = {}
    if request.method == "POST":
        _need_account()
        typed = {"name": request.form.get("name", ""), "days": request.form.get("days", "")}
        try:
            made = call("territoire_key_create", **typed)
        except toolkit.ValidationError as fault:
            errors = refusals(fault)
    page = toolkit.render("territoire/key_list.html", _account() | {
        "made": made,
        "errors": errors,
        "typed": {} if made else request.form,
        "days": sorted({min(each, config.key_days()) for each in LASTS}),
        "max_name": MAX_NAME,
        "each": config.keys_each(),
    })  # fmt: skip
    answer = make_response(page, 400 if errors else 200)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@developers.route("/cles/<key_id>/annuler", methods=["POST"])
def revoke(key_id: str) -> Response:
    """Revoke a key."""
    _need_account()
    done = call("territoire_key_revoke", id=key_id)
    toolkit.h.flash_success(f"La clé « {done['name']} » est annulée : elle n’ouvre plus rien.")
    return toolkit.redirect_to("territoire_developers.keys")


@developers.route("/quotas")
def quotas() -> Page:
    """What is left this minute, the calls of each day, how to ask for more."""
    return _quotas({}, "")


@developers.route("/quotas/<key_id>", methods=["POST"])
def ask(key_id: str) -> Page:
    """Ask for a larger quota."""
    _need_account()
    typed = {name: request.form.get(name, "") for name in ("per_minute", "why")}
    try:
        call("territoire_key_ask", id=key_id, **typed)
    except toolkit.ValidationError as fault:
        return make_response(_quotas(of_item(refusals(fault), key_id), key_id), 400)
    toolkit.h.flash_success("Demande transmise : la réponse arrivera par courriel.")
    return toolkit.redirect_to("territoire_developers.quotas")


@developers.route("/inscription", methods=["GET", "POST"])
def register() -> Page:
    """Ask for an account: a link is sent to the address."""
    errors: Errors = {}
    sent, status, email = "", 200, request.form.get("email", "").strip()
    if request.method == "POST" and registration.is_open():
        if wait := throttle.wait_s(_names(email), time.time(), LETTERS, HOUR_S):
            errors = {"": [f"Trop de demandes. Revenez dans {-(-wait // 60)} minutes."]}
            status = 429
        elif not request.form.get(TRAP):
            errors = _send(email)
            status = 400 if errors else 200
        sent = "" if errors else SENT
    shown = {"errors": errors, "sent": sent, "email": email, "is_open": registration.is_open(),
             "trap": TRAP}  # fmt: skip
    return make_response(toolkit.render("territoire/registration.html", shown), status)


def _send(email: str) -> Errors:
    """Send the link; only what is no address is said, whoever has an account."""
    try:
        address = mail.to_address(email) if len(email) <= registration.MAX_ADDRESS else ""
    except toolkit.Invalid:
        address = ""
    if not address:
        return {"email": ["Écrivez une adresse électronique, comme nom@exemple.fr."]}
    registration.invite(address, datetime.now(UTC))
    return {}


def _names(email: str) -> tuple[str, ...]:
    return (f"registration {visitor()}", f"registration for {email.casefold()}")


def _quotas(errors: Errors, about: str) -> str:
    own, of_keys = by_address(visitor()), by_key("")
    return toolkit.render("territoire/quota_list.html", _account() | {
        "errors": errors,
        "about": about,
        "typed": request.form,
        "own": own.limit,
        "own_left": left_of(own, time.time()),
        "of_keys": of_keys.limit,
        "max_why": MAX_WHY,
        "max_per_minute": MAX_PER_MINUTE,
    })  # fmt: skip


def _account() -> dict[str, Any]:
    """The keys of who is signed in; for a visitor whether an account can be made."""
    if not toolkit.g.user:
        return {"is_known": False, "keys": [], "is_open": registration.is_open()}
    return {"is_known": True, "keys": call("territoire_key_list"), "is_open": False}


def _need_account() -> None:
    if not toolkit.g.user:
        toolkit.abort(403, "Connectez-vous pour gérer vos clés.")
