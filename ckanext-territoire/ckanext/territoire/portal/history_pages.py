"""The history of a dataset: what changed in its rows and in its description, its former files."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, request

from ckanext.territoire import config
from ckanext.territoire.portal.files import send_kept
from ckanext.territoire.portal.history_words import to_entry
from ckanext.territoire.portal.run_pages import form_labels

history_pages = Blueprint("territoire_history", __name__, url_prefix="/dataset/<id>")
PAGE = 20
NONE = "Ce jeu de données n’existe pas ou plus."


@history_pages.route("/historique")
def show(id: str) -> str:
    """What changed in a dataset, newest first."""
    package = _shown(id)
    page = max(request.args.get("page", 1, int), 1)
    told = _call("territoire_history_show", id=id, limit=PAGE, offset=(page - 1) * PAGE)
    labels, files = form_labels()
    names = {r["id"]: r.get("name") or r.get("format") or "" for r in package["resources"]}
    return toolkit.render("territoire/history.html", {
        "pkg": package,
        "told": told,
        "entries": [to_entry(each, labels, files, names) for each in told["entries"]],
        "page": page,
        "pages": max(-(-told["total"] // PAGE), 1),
        "withdrawn_days": config.withdrawn_days(),
    })  # fmt: skip


@history_pages.route("/fichier/version/<int:number>/<name>")
def former_file(id: str, number: int, name: str) -> Any:
    """Serve the file of a former state, to who may read the dataset and while it is kept."""
    package = _shown(id)
    told = _call("territoire_history_show", id=id, limit=100)
    found = next((e for e in told["entries"] if e.get("version") == number), None)
    if not found or not found["is_kept"]:
        return toolkit.abort(404, "Ce fichier n’est plus gardé.")
    return send_kept(found["sha256"], name, package)


@history_pages.route("/historique/retirer", methods=["POST"])
def hide(id: str) -> Any:
    """Take a former file out of the public history."""
    try:
        asked = {name: request.form.get(name, "") for name in ("version", "erase")}
        done = _call("territoire_version_hide", id=id, **asked)
        toolkit.h.flash_success(
            "Ce fichier et ses exemples sont effacés pour de bon."
            if done["is_erased"]
            else "Ce fichier n’est plus téléchargeable, et ses exemples sont effacés."
        )
    except toolkit.ValidationError as fault:
        told: dict[str, Any] = fault.error_dict
        toolkit.h.flash_error(" ".join(told["version"]))
    return toolkit.redirect_to("territoire_history.show", id=id)


def _shown(id: str) -> dict[str, Any]:
    """Show with the rights of the visitor; what is hidden is as absent."""
    try:
        return dict(toolkit.get_action("package_show")({}, {"id": id}))
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized):
        return toolkit.abort(404, NONE)


def _call(action: str, **data: Any) -> Any:
    try:
        return toolkit.get_action(action)({"user": toolkit.g.user}, data)
    except toolkit.NotAuthorized:
        return toolkit.abort(
            403, "Cette action est réservée à ceux qui publient ce jeu de données."
        )
    except toolkit.ObjectNotFound:
        return toolkit.abort(404, NONE)
