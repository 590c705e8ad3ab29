"""« À relire »: what was harvested and nobody has read; and the corrections of a dataset.

Each page only calls actions, which check the rights.
"""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Response, request

from ckanext.territoire.portal.run_pages import form_labels
from ckanext.territoire.portal.run_words import MORE_LABELS, to_line, to_value
from ckanext.territoire.portal.source_add_pages import sources
from ckanext.territoire.portal.source_pages import call, sentences, show_page
from ckanext.territoire.portal.typography import count

__all__ = ["sources"]
PAGE = 25


@sources.route("/a-relire")
def reviews() -> str:
    """What waits of every source that the reader may change, or of one."""
    if not toolkit.g.user:
        toolkit.abort(403, "Connectez-vous pour relire ce qui est moissonné.")
    name, words = request.args.get("source", ""), request.args.get("q", "").strip()
    page = max(request.args.get("page", 1, int), 1)
    asked = {"id": name, "q": words, "limit": PAGE, "offset": (page - 1) * PAGE}
    found = call("territoire_review_list", **asked)
    labels, files = form_labels()
    for item in found["items"]:
        item["lines"] = [to_line(detail, labels, files) for detail in item["details"]]
    listed = call("territoire_source_list")
    return show_page(
        "review_list.html",
        items=found["items"], total=found["total"], words=words, page=page,
        pages=-(-found["total"] // PAGE), listed=listed,
        chosen=next((s for s in listed if s["name"] == name), None),
        organizations=_organizations(),
    )  # fmt: skip


def _organizations() -> list[dict[str, Any]]:
    """The organisations whose rule the reader may set."""
    found = toolkit.get_action("organization_list_for_user")(
        {"user": toolkit.g.user}, {"permission": "admin"}
    )
    rules = call("territoire_organization_review_list")
    return [each | {"review": rules.get(each["id"], "at_once")} for each in found]


@sources.route("/a-relire/decider", methods=["POST"])
def review() -> Response:
    """Publish or refuse what was ticked, or publish all that a source has waiting."""
    act, ticked = request.form.get("act", ""), request.form.getlist("dataset")
    by_source: dict[str, list[str]] = {}
    for each in ticked:
        source_id, _, dataset_id = each.partition(":")
        by_source.setdefault(source_id, []).append(dataset_id)
    done = 0
    if act == "publish_all":
        done = call("territoire_review_publish", id=request.form["source"])["count"]
    elif act in ("publish", "refuse"):
        for source_id, ids in by_source.items():
            done += call(f"territoire_review_{act}", id=source_id, datasets=ids)["count"]
    _tell(act, done)
    where = {"source": request.form["source"]} if request.form.get("source") else {}
    return toolkit.redirect_to("territoire_sources.reviews", **where)


def _tell(act: str, done: int) -> None:
    if not done:
        toolkit.h.flash_notice("Cochez d’abord ce que vous voulez publier ou refuser.")
    elif act == "refuse":
        told = count(done, "refusé", "refusés")
        toolkit.h.flash_success(f"{told} : proposés de nouveau seulement si la source change.")
    else:
        toolkit.h.flash_success(f"{count(done, 'publié', 'publiés')}.")


@sources.route("/a-relire/regle", methods=["POST"])
def organization_rule() -> Response:
    """Say whether what is harvested for an organisation is read first."""
    try:
        call("territoire_organization_review", id=request.form.get("organization", ""),
             review=request.form.get("review", ""))  # fmt: skip
        toolkit.h.flash_success("Règle gardée : elle vaut dès la prochaine moisson.")
    except toolkit.ValidationError as fault:
        toolkit.h.flash_error(" ".join(sentences(fault)))
    return toolkit.redirect_to("territoire_sources.reviews")


@sources.route("/corrections/<dataset>", methods=["GET", "POST"])
def overlay(dataset: str) -> str | Response:
    """The corrected fields of a harvested dataset, and the choices that wait."""
    if request.method == "POST":
        keep = request.form.get("keep") == "oui"
        call(
            "territoire_overlay_decide", id=dataset, field=request.form.get("field", ""), keep=keep
        )
        told = "Votre correction est gardée." if keep else "Le champ suit de nouveau la source."
        toolkit.h.flash_success(told)
        return toolkit.redirect_to("territoire_sources.overlay", dataset=dataset)
    rows = call("territoire_overlay_list", id=dataset)
    labels, files = form_labels()
    shown = toolkit.get_action("package_show")({"user": toolkit.g.user}, {"id": dataset})
    return show_page(
        "overlay_list.html",
        dataset=shown, rows=[_row(row, labels, files) for row in rows],
    )  # fmt: skip


def _row(row: dict[str, Any], labels: dict[str, str], files: dict[str, str]) -> dict[str, Any]:
    field = row["name"] if row["file"] else row["field"]
    label = (files if row["file"] else labels).get(field) or MORE_LABELS.get(field, field)
    says = row["said"] if row["says"] is None else row["says"]
    return {
        **row,
        "label": f"{label} du fichier « {row['file']} »" if row["file"] else label,
        "correction": to_value(field, row["correction"]),
        "says_shown": to_value(field, says),
        "waits": row["says"] is not None,
    }
