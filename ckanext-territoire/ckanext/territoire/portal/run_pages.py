"""The officer's screens on one run: what it changes, field by field; accept, refuse, undo, release.

Each page only calls actions, which check the rights.
"""

from __future__ import annotations

import json
from typing import Any

from ckan.plugins import toolkit
from flask import Response, make_response, request

from ckanext.territoire.logic.run import to_csv
from ckanext.territoire.portal.run_words import labels_of, to_change, to_counts
from ckanext.territoire.portal.source_add_pages import sources
from ckanext.territoire.portal.source_pages import back_to, call, sentences, show_page
from ckanext.territoire.portal.typography import count

PAGE = 25
EXPORT = 1_000
MAX_EXPORTED = 50_000


def form_labels() -> tuple[dict[str, str], dict[str, str]]:
    """Name the fields of a dataset and those of a file as the form does."""
    schema = toolkit.h.scheming_get_dataset_schema("dataset")
    return labels_of(schema["dataset_fields"]), labels_of(schema["resource_fields"])


@sources.route("/<name>/<job_id>")
def report(name: str, job_id: str) -> str:
    """One run: what it did or would do, what may be decided of it, what did not enter and why."""
    source = call("territoire_source_show", id=name)
    run = call("territoire_run_show", id=name, job_id=job_id)
    only, words = request.args.get("voir", ""), request.args.get("q", "").strip()
    page = max(request.args.get("page", 1, int), 1)
    asked = {"only": only, "q": words, "limit": PAGE, "offset": (page - 1) * PAGE}
    diff = call("territoire_run_diff", id=name, job_id=job_id, **asked)
    labels, files = form_labels()
    is_undoable = run["state"] in ("finished", "rolled_back") and run["undoable"]
    conflicts = call("territoire_run_conflicts", id=name, job_id=job_id) if is_undoable else []
    return show_page(
        "run_show.html",
        source=source, run=run, report=run["report"], only=only, words=words, page=page,
        counts=to_counts(diff["counts"]), total=diff["total"], pages=-(-diff["total"] // PAGE),
        changes=[to_change(row, labels, files) for row in diff["changes"]],
        is_undoable=is_undoable, conflicts=conflicts,
    )  # fmt: skip


@sources.route("/<name>/essai", methods=["POST"])
def rehearse(name: str) -> Response:
    """Plan a run, write nothing, and show what would change."""
    try:
        made = call("territoire_run_preview", id=name)
    except toolkit.ValidationError as fault:
        toolkit.h.flash_error(" ".join(sentences(fault)))
        return back_to(name)
    return toolkit.redirect_to("territoire_sources.report", name=name, job_id=made["job_id"])


@sources.route("/<name>/<job_id>/annuler", methods=["POST"])
def roll_back(name: str, job_id: str) -> Response:
    """Undo a finished run; what was changed since is left, but for what was ticked."""
    try:
        done = call("territoire_run_rollback", id=name, job_id=job_id,
                    overwrite=request.form.getlist("overwrite"))  # fmt: skip
        toolkit.h.flash_success(_say_undone(done))
    except toolkit.ValidationError as fault:
        toolkit.h.flash_error(" ".join(sentences(fault)))
    return toolkit.redirect_to("territoire_sources.report", name=name, job_id=job_id)


def _say_undone(done: dict[str, Any]) -> str:
    words = (
        ("restored", "jeu revenu à son contenu d’avant", "jeux revenus à leur contenu d’avant"),
        ("removed", "jeu dépublié", "jeux dépubliés"),
        ("returned", "jeu de retour", "jeux de retour"),
        ("unmarked", "jeu gardé sans délai", "jeux gardés sans délai"),
    )
    told = [count(done[key], one, many) for key, one, many in words if done[key]]
    if done["left"]:
        told.append(count(len(done["left"]), "laissé tel quel", "laissés tels quels"))
    return f"Moisson annulée : {', '.join(told) or 'rien à changer'}."


@sources.route("/<name>/relacher", methods=["POST"])
def release(name: str) -> Response:
    """Take again what the source says of the records that decisions froze."""
    done = call("territoire_run_release", id=name)["count"]
    told = count(done, "fiche relâchée", "fiches relâchées")
    toolkit.h.flash_success(f"{told} : la prochaine moisson reprend ce que dit la source.")
    return back_to(name)


@sources.route("/<name>/reglages", methods=["POST"])
def rules(name: str) -> Response:
    """Say how a source is harvested: read first or not, its grace period, what portal it is."""
    try:
        call("territoire_source_update", id=name, review=request.form.get("review", ""),
             grace_days=request.form.get("grace_days", "").strip(),
             nearness=request.form.get("nearness", ""))  # fmt: skip
        toolkit.h.flash_success("Réglages gardés : ils valent dès la prochaine moisson.")
    except toolkit.ValidationError as fault:
        toolkit.h.flash_error(" ".join(sentences(fault)))
    return back_to(name)


@sources.route("/<name>/<job_id>/changements.<kind>")
def export(name: str, job_id: str, kind: str) -> Response:
    """Every change of a run, as a table or as JSON."""
    if kind not in ("csv", "json"):
        toolkit.abort(404, "Ce format n’existe pas.")
    rows: list[dict[str, Any]] = []
    total = 1
    while len(rows) < min(total, MAX_EXPORTED):
        found = call("territoire_run_diff", id=name, job_id=job_id, limit=EXPORT, offset=len(rows))
        rows, total = [*rows, *found["changes"]], found["total"]
    body = to_csv(rows) if kind == "csv" else json.dumps(rows, ensure_ascii=False)
    response = make_response(f"\ufeff{body}" if kind == "csv" else body)
    response.mimetype = "text/csv" if kind == "csv" else "application/json"
    attached = f'attachment; filename="changements-{job_id[:8]}.{kind}"'
    response.headers["Content-Disposition"] = attached
    return response
