"""Where a person subscribes addresses to changes, and reads what was sent to them.

Each page only calls the actions of `logic/webhook.py`, which check the rights. A secret is shown in
the answer that made it, and never again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ckan.plugins import toolkit
from flask import Blueprint, Response, make_response, request

from ckanext.territoire.delivery.figures import merged_tables
from ckanext.territoire.portal.deposits import ask_login, call, problems
from ckanext.territoire.portal.refused import Errors, refusals
from ckanext.territoire.territory import members
from ckanext.territoire.webhooks.model import DATASETS, TABLE
from harvesters.errors import sentence
from harvesters.model import Issue
from schemas.load import latest

webhooks = Blueprint("territoire_webhooks", __name__, url_prefix="/developpeurs/abonnements")
webhooks.before_request(ask_login)
Page = str | Response
KINDS = {
    "all": "Tout le portail",
    "table": "Une table réunie",
    "dataset": "Un jeu de données",
    "commune": "Une commune",
}
STATES = {
    "waiting": ("à vérifier", "is-late"),
    "active": ("actif", "is-good"),
    "paused": ("en pause", "is-late"),
    "stopped": ("arrêté", "is-error"),
}
FATES = {
    "pending": ("en attente", "is-late"),
    "delivered": ("accepté", "is-good"),
    "dropped": ("abandonné", "is-error"),
}
DONE = {
    "verify": "Adresse vérifiée : les changements lui sont envoyés à partir de maintenant.",
    "pause": "Abonnement en pause : rien n’est envoyé.",
    "resume": "Abonnement repris là où il en était.",
    "resend": "C’est noté : cet envoi repart dans la minute.",
}
PRIVATE = {"Cache-Control": "private, no-store"}


@webhooks.route("", methods=["GET", "POST"])
def index() -> Page:
    """The addresses of the person at work; subscribe another one."""
    errors: Errors = {}
    if request.method == "POST":
        try:
            return _with_secret(call("territoire_webhook_create", **_wished()))
        except toolkit.ValidationError as fault:
            errors = refusals(fault, subject=f"of_{request.form.get('kind')}")
    return toolkit.render("territoire/webhook_list.html", {
        "listed": call("territoire_webhook_list"),
        "errors": errors,
        "typed": request.form,
        "kinds": KINDS,
        "states": STATES,
        "tables": sorted((_title(each.slug), each.slug) for each in merged_tables()),
        "communes": members.members(),
    })  # fmt: skip


@webhooks.route("/<webhook_id>")
def show(webhook_id: str) -> str:
    """One address: its state, and what was sent."""
    return _page(call("territoire_webhook_show", id=webhook_id))


@webhooks.route("/<webhook_id>/<act>", methods=["POST"])
def do(webhook_id: str, act: str) -> Response:
    """Verify, pause, resume, or send again."""
    if act not in DONE:
        toolkit.abort(404, "Cette page n’existe pas.")
    asked = {"message": request.form.get("message", "")} if act == "resend" else {}
    try:
        call(f"territoire_webhook_{act}", id=webhook_id, **asked)
        toolkit.h.flash_success(DONE[act])
    except toolkit.ValidationError as fault:
        for each in problems(fault):
            toolkit.h.flash_error(each)
    return toolkit.redirect_to("territoire_webhooks.show", webhook_id=webhook_id)


@webhooks.route("/<webhook_id>/secret", methods=["POST"])
def rotate(webhook_id: str) -> Response:
    """Make a new secret and show it once."""
    return _with_secret(call("territoire_webhook_rotate", id=webhook_id))


@webhooks.route("/<webhook_id>/supprimer", methods=["POST"])
def delete(webhook_id: str) -> Response:
    """Forget an address."""
    call("territoire_webhook_delete", id=webhook_id)
    toolkit.h.flash_success("Abonnement supprimé.")
    return toolkit.redirect_to("territoire_webhooks.index")


def stream_name(stream: str) -> str:
    """Name a stream as people name what it holds."""
    return "Catalogue" if stream == DATASETS else _title(stream.removeprefix(TABLE))


def outcome(attempt: Mapping[str, Any], url: str) -> str:
    """Say what an address answered to one try, or why it did not."""
    if attempt["status"]:
        return f"réponse {attempt['status']}"
    told = sentence(Issue(attempt["code"], urlsplit(url).netloc))
    return told.partition(" : ")[2].partition(". ")[0]


def _title(slug: str) -> str:
    try:
        return latest(slug).title
    except LookupError:
        return slug


def _wished() -> dict[str, str]:
    typed = request.form
    kind = typed.get("kind", "all")
    return {"url": typed.get("url", ""), "kind": kind, "subject": typed.get(f"of_{kind}", "")}


def _with_secret(made: dict[str, Any]) -> Response:
    shown = call("territoire_webhook_show", id=made["id"])
    answer = make_response(_page(shown, made["secret"]))
    answer.headers.update(PRIVATE)
    return answer


def _page(shown: dict[str, Any], secret: str = "") -> str:
    return toolkit.render("territoire/webhook_show.html", {
        "shown": shown,
        "secret": secret,
        "kinds": KINDS,
        "states": STATES,
        "fates": FATES,
        "stream_name": stream_name,
        "outcome": outcome,
    })  # fmt: skip
