"""The officer's screens on sources: what is harvested, how it went, what to decide.

Each page only calls the actions of `logic/source.py`, which check the rights.
"""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire.harvest_adapter.entered import entered_datasets

sources = Blueprint("territoire_sources", __name__, url_prefix="/moissons")
FREQUENCIES = {
    "MANUAL": "à la demande",
    "DAILY": "chaque jour",
    "WEEKLY": "chaque semaine",
    "BIWEEKLY": "toutes les deux semaines",
    "MONTHLY": "chaque mois",
    "ALWAYS": "sans cesse",
}
STATES = {
    "running": ("en cours", ""),
    "finished": ("terminée", "is-good"),
    "held": ("retenue", "is-late"),
    "accepted": ("acceptée", "is-good"),
    "refused": ("refusée", ""),
    "failed": ("échouée", "is-error"),
    "interrupted": ("interrompue", "is-late"),
}
PAGE = 50
TYPED = ("kind", "url", "organization", "title", "frequency")


def _call(action: str, **data: Any) -> Any:
    try:
        return toolkit.get_action(action)({"user": toolkit.g.user}, data)
    except toolkit.NotAuthorized:
        toolkit.abort(403, "Cette page est réservée aux responsables des données.")
    except toolkit.ObjectNotFound as fault:
        toolkit.abort(404, str(fault.message or "Cette source n’existe pas."))


def _show(template: str, **values: Any) -> str:
    shown = {"frequencies": FREQUENCIES, "states": STATES, **values}
    return str(toolkit.render(f"territoire/{template}", shown))


def _back(name: str) -> Response:
    return toolkit.redirect_to("territoire_sources.show", name=name)


@sources.route("/")
def index() -> str:
    """Every source that the reader may change, with its last run."""
    if not toolkit.g.user:
        toolkit.abort(403, "Connectez-vous pour voir les moissons.")
    return _show("source_list.html", sources=_call("territoire_source_list"))


@sources.route("/ajouter", methods=["GET", "POST"])
def add() -> str | Response:
    """The form to add a source; a refusal keeps what was typed and says why."""
    kinds = _call("territoire_source_kinds")
    typed, errors = dict(request.form), []
    if request.method == "POST":
        try:
            made = toolkit.get_action("territoire_source_create")(
                {"user": toolkit.g.user}, _typed_source(typed, kinds)
            )
            _tell_added(made)
            return _back(made["name"])
        except toolkit.ValidationError as fault:
            errors = [text for texts in fault.error_dict.values() for text in _flat(texts)]
        except toolkit.NotAuthorized:
            errors = ["Vous n’êtes pas responsable de cette organisation."]
    organizations = toolkit.get_action("organization_list_for_user")(
        {"user": toolkit.g.user}, {"permission": "create_dataset"}
    )
    return _show(
        "source_form.html", kinds=kinds, typed=typed, errors=errors, organizations=organizations
    )


def _flat(texts: Any) -> list[str]:
    return [str(text) for text in texts] if isinstance(texts, list) else [str(texts)]


def _typed_source(typed: dict[str, str], kinds: list[dict[str, Any]]) -> dict[str, Any]:
    """Keep of the form only the settings of the chosen kind."""
    kind = typed.get("kind", "")
    names = [s["name"] for k in kinds if k["kind"] == kind for s in k["settings"]]
    settings = {n: typed[f"{kind}.{n}"].strip() for n in names if typed.get(f"{kind}.{n}")}
    kept = {name: typed.get(name, "").strip() for name in TYPED}
    return {**kept, "settings": settings}


def _tell_added(made: dict[str, Any]) -> None:
    if made["is_draft"]:
        toolkit.h.flash_notice(f"Source gardée en brouillon. {made['issue']}")
    else:
        toolkit.h.flash_success("Source ajoutée. Essayez-la, puis lancez sa première moisson.")


@sources.route("/<name>")
def show(name: str) -> str:
    """A source, its last runs, and what can be done."""
    return _show("source_show.html", source=_call("territoire_source_show", id=name))


@sources.route("/<name>/apercu", methods=["POST"])
def preview(name: str) -> str:
    """What a run would do; nothing is written."""
    source = _call("territoire_source_show", id=name)
    report = _call("territoire_source_preview", id=name)
    return _show("source_report.html", source=source, report=report, run=None, entered=[])


@sources.route("/<name>/lancer", methods=["POST"])
def run(name: str) -> Response:
    """Ask for a run."""
    try:
        _call("territoire_source_run", id=name)
        toolkit.h.flash_success("Moisson demandée : elle commence dans quelques secondes.")
    except toolkit.ValidationError as fault:
        toolkit.h.flash_error(" ".join(t for v in fault.error_dict.values() for t in _flat(v)))
    return _back(name)


@sources.route("/<name>/decider", methods=["POST"])
def decide(name: str) -> Response:
    """Accept or refuse a held run."""
    is_accepted = request.form.get("accept") == "oui"
    _call("territoire_source_decide", id=name, job_id=request.form["job_id"], accept=is_accepted)
    accepted, refused = (
        "Moisson acceptée : elle est relancée.",
        "Moisson refusée : rien n’a changé.",
    )
    toolkit.h.flash_success(accepted if is_accepted else refused)
    return _back(name)


@sources.route("/<name>/retirer", methods=["POST"])
def remove(name: str) -> Response:
    """Remove a source; the form says what becomes of its datasets."""
    keep = request.form.get("datasets") != "retirer"
    try:
        done = _call("territoire_source_remove", id=name, keep_datasets=keep)
    except toolkit.ValidationError as fault:
        toolkit.h.flash_error(" ".join(t for v in fault.error_dict.values() for t in _flat(v)))
        return _back(name)
    told = "ses jeux de données restent publiés" if keep else f"{done['retired']} jeux retirés"
    toolkit.h.flash_success(f"Source retirée, {told}.")
    return toolkit.redirect_to("territoire_sources.index")


@sources.route("/<name>/<job_id>")
def report(name: str, job_id: str) -> str:
    """The report of one run: what entered, what did not, why, what to do."""
    source = _call("territoire_source_show", id=name)
    found = _call("territoire_source_report", id=name, job_id=job_id)
    page = max(request.args.get("page", 1, int), 1)
    entered, total = entered_datasets(job_id, PAGE, (page - 1) * PAGE)
    return _show(
        "source_report.html",
        source=source, run=found, report=found["report"], entered=entered,
        entered_total=total, page=page, pages=-(-total // PAGE),
    )  # fmt: skip
