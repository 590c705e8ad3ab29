"""The officer's screen on the datasets that several sources carry: compare, merge, separate.

Each page only calls the actions of `logic/same.py`, which check the rights.
"""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire.harvest_adapter import published, same_words
from ckanext.territoire.logic.same import PAGE
from ckanext.territoire.portal.deposits import ask_login, problems
from ckanext.territoire.territory.officers import may_act

same_pages = Blueprint("territoire_same", __name__, url_prefix="/moissons/doublons")
same_pages.before_request(ask_login)
ACTS = {
    "join": "Réunis d’eux-mêmes : même identifiant",
    "take": "Repris par le portail le plus proche du producteur",
    "hand_over": "Repris par une autre source : la première ne le donne plus",
    "release": "Une origine a changé d’identifiant et se publie à part",
    "merge": "Réunis",
    "separate": "Une origine a été séparée",
    "choose": "Origine choisie",
    "distinct": "Jugés différents d’un autre",
}


def _call(action: str, **data: Any) -> Any:
    try:
        return toolkit.get_action(action)({"user": toolkit.g.user}, data)
    except toolkit.NotAuthorized:
        toolkit.abort(403, "Cette page est réservée aux responsables des données de l’EPCI.")
    except toolkit.ObjectNotFound:
        toolkit.abort(404, "Ce jeu de données n’existe plus.")


@same_pages.route("")
def index() -> str:
    """What may be one dataset, what was made one, what was told apart."""
    page = max(request.args.get("page", 1, int), 1)
    merged_page = max(request.args.get("reunis", 1, int), 1)
    found = _call(
        "territoire_same_list", offset=(page - 1) * PAGE, merged_offset=(merged_page - 1) * PAGE
    )
    return toolkit.render("territoire/same_list.html", {
        **found,
        "acts": ACTS,
        "may_act": may_act(toolkit.g.user),
        "page": page,
        "pages": -(-found["proposal_count"] // PAGE),
        "merged_page": merged_page,
        "merged_pages": -(-found["merged_count"] // PAGE),
    })  # fmt: skip


def _act(action: str, done: str, **data: Any) -> Response:
    """Do, say what was done or why not, and come back to the list."""
    try:
        _call(action, reason=request.form.get("reason", ""), **data)
        toolkit.h.flash_success(done)
    except toolkit.ValidationError as fault:
        toolkit.h.flash_error(" ".join(problems(fault)))
    return toolkit.redirect_to("territoire_same.index")


@same_pages.route("/decider", methods=["POST"])
def decide() -> Response:
    """Merge the ticked datasets, or tell them apart."""
    ids = request.form.getlist("id")
    if request.form.get("same") == "oui":
        return _act(
            "territoire_same_merge",
            "Réunis : un seul jeu reste publié, les autres adresses y mènent.",
            ids=ids, winner=_winner(ids),
        )  # fmt: skip
    return _act("territoire_same_dismiss", "C’est noté : ils restent publiés à part.", ids=ids)


def _winner(ids: list[str]) -> str:
    """The choice of the officer, unless it is what the rule says anyway."""
    chosen = request.form.get("winner", "")
    return "" if chosen == request.form.get("by_rule") and chosen in ids else chosen


@same_pages.route("/separer", methods=["POST"])
def separate() -> Response:
    """Give one origin its own dataset back."""
    return _act(
        "territoire_same_separate",
        "Séparés : le jeu revient à son adresse, ou à la prochaine moisson s’il n’en avait pas.",
        id=request.form["id"], source=request.form["source"], remote_id=request.form["remote_id"],
    )  # fmt: skip


@same_pages.route("/choisir", methods=["POST"])
def choose() -> Response:
    """Let another known origin publish."""
    return _act(
        "territoire_same_choose",
        "Origine choisie : le jeu sera mis à jour par elle dans quelques minutes.",
        id=request.form["id"], source=request.form["source"],
    )  # fmt: skip


def known_origins(package: dict[str, Any]) -> list[dict[str, Any]]:
    """Answer the origins of a dataset for its public page, when there are several."""
    found = published.origins_of([package["id"]]).get(package["id"], [])
    return [same_words.origin(each) for each in found] if len(found) > 1 else []
