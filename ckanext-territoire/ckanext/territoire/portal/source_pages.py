"""The officer's screens on sources: what is harvested, how it went, what to decide.

Each page only calls the actions of `logic/source.py`, which check the rights. The pages that come
before a source exists stand in `source_add_pages`.
"""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire.portal.typography import spaced

sources = Blueprint("territoire_sources", __name__, url_prefix="/moissons")
FREQUENCIES = {
    "AUTO": "au rythme de ses changements",
    "DAILY": "au plus une fois par jour",
    "WEEKLY": "au plus une fois par semaine",
    "BIWEEKLY": "au plus toutes les deux semaines",
    "MONTHLY": "au plus une fois par mois",
    "ALWAYS": "sans cesse, chaque minute",
    "MANUAL": "à la demande seulement",
}
STATES = {
    "running": ("en cours", ""),
    "finished": ("terminée", "is-good"),
    "held": ("retenue", "is-late"),
    "accepted": ("acceptée", "is-good"),
    "refused": ("refusée", ""),
    "failed": ("échouée", "is-error"),
    "interrupted": ("interrompue", "is-late"),
    "preview": ("essai", ""),
    "rolled_back": ("annulée", ""),
}


def call(action: str, **data: Any) -> Any:
    """Call an action as the reader; what they may not do or does not exist ends the request."""
    try:
        return toolkit.get_action(action)({"user": toolkit.g.user}, data)
    except toolkit.NotAuthorized:
        toolkit.abort(403, "Cette page est réservée aux responsables des données.")
    except toolkit.ObjectNotFound as fault:
        toolkit.abort(404, spaced(str(fault.message or "Cette source n’existe pas.")))


def show_page(template: str, **values: Any) -> str:
    """Render a page on sources."""
    shown = {"frequencies": FREQUENCIES, "states": STATES, **values}
    return str(toolkit.render(f"territoire/{template}", shown))


def back_to(name: str) -> Response:
    """Lead to the page of a source."""
    return toolkit.redirect_to("territoire_sources.show", name=name)


def sentences(fault: toolkit.ValidationError) -> list[str]:
    """List what a refusal says."""
    told = fault.error_dict.values()
    each = (t for texts in told for t in (texts if isinstance(texts, list) else [texts]))
    return [spaced(str(text)) for text in each]


@sources.route("/<name>")
def show(name: str) -> str:
    """A source, its last runs, and what can be done."""
    return show_page("source_show.html", source=call("territoire_source_show", id=name))


@sources.route("/<name>/lancer", methods=["POST"])
def run(name: str) -> Response:
    """Ask for a run."""
    try:
        call("territoire_source_run", id=name)
        toolkit.h.flash_success("Moisson demandée : elle commence dans quelques secondes.")
    except toolkit.ValidationError as fault:
        toolkit.h.flash_error(" ".join(sentences(fault)))
    return back_to(name)


@sources.route("/<name>/rythme", methods=["POST"])
def rhythm(name: str) -> Response:
    """Set when a source is harvested."""
    wish = {key: request.form.get(key, "").strip() for key in ("frequency", "quiet_hours")}
    try:
        call("territoire_source_update", id=name, **wish)
        toolkit.h.flash_success("Rythme enregistré.")
    except toolkit.ValidationError as fault:
        toolkit.h.flash_error(" ".join(sentences(fault)))
    return back_to(name)


@sources.route("/<name>/decider", methods=["POST"])
def decide(name: str) -> Response:
    """Accept or refuse a held run."""
    is_accepted = request.form.get("accept") == "oui"
    call("territoire_source_decide", id=name, job_id=request.form["job_id"], accept=is_accepted)
    accepted, refused = (
        "Moisson acceptée : elle est relancée.",
        "Moisson refusée : rien n’a changé.",
    )
    toolkit.h.flash_success(accepted if is_accepted else refused)
    return back_to(name)


@sources.route("/<name>/retirer", methods=["POST"])
def remove(name: str) -> Response:
    """Remove a source; the form says what becomes of its datasets."""
    keep = request.form.get("datasets") != "retirer"
    try:
        done = call("territoire_source_remove", id=name, keep_datasets=keep)
    except toolkit.ValidationError as fault:
        toolkit.h.flash_error(" ".join(sentences(fault)))
        return back_to(name)
    told = "ses jeux de données restent publiés" if keep else f"{done['retired']} jeux retirés"
    toolkit.h.flash_success(f"Source retirée, {told}.")
    return toolkit.redirect_to("territoire_sources.index")
