"""The queue of the officer: what waits for a decision, decided where it is read.

Each page only calls actions, which check the rights.
"""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire.delivery.references import references
from ckanext.territoire.portal.decision_words import accept_label, to_summary
from ckanext.territoire.portal.deposit_words import WAYS
from ckanext.territoire.portal.deposits import ask_login, problems
from ckanext.territoire.portal.matrix_pages import call
from ckanext.territoire.portal.typography import count
from ckanext.territoire.territory.officers import may_act

decisions = Blueprint("territoire_decisions", __name__, url_prefix="/pilotage/decisions")
decisions.before_request(ask_login)
GONE = "Cette décision n’attend plus : quelqu’un vient de la prendre."
DONE = {
    ("delivery", True): "Dépôt accepté : ses lignes sont en ligne.",
    ("delivery", False): "Dépôt refusé. Ce qui est en ligne n’a pas changé.",
    ("harvest", True): "Moisson acceptée : elle est relancée.",
    ("harvest", False): "Moisson refusée : rien n’a changé.",
}


@decisions.route("")
def index() -> str:
    """Everything that waits, the oldest first."""
    names = {each.insee: each.name for each in references().communes}
    listed = call("territoire_decision_list")
    items = [
        each | {"summary": to_summary(each, names), "accept_label": accept_label(each)}
        for each in listed
    ]
    return toolkit.render(
        "territoire/decision_list.html",
        {
            "items": [each for each in items if not each.get("is_overtaken")],
            "overtaken": [each for each in items if each.get("is_overtaken")],
            "ways": WAYS,
            "may_act": may_act(toolkit.g.user),
        },
    )


@decisions.route("/depasses", methods=["POST"])
def refuse_overtaken() -> Response:
    """Refuse all deposits that a newer one of the same commune and table has replaced online."""
    done = 0
    for item in call("territoire_decision_list"):
        if item.get("is_overtaken") and item["can_refuse"]:
            _decide(item, is_accepted=False)
            done += 1
    told = count(done, "dépôt dépassé est refusé", "dépôts dépassés sont refusés")
    toolkit.h.flash_success(f"{told}. Ce qui est en ligne n’a pas changé.")
    return toolkit.redirect_to("territoire_decisions.index")


@decisions.route("/<kind>/<item_id>", methods=["POST"])
def decide(kind: str, item_id: str) -> Response:
    """Accept or refuse one."""
    is_accepted = request.form.get("accept") == "oui"
    listed = call("territoire_decision_list")
    item = next((each for each in listed if (each["kind"], each["id"]) == (kind, item_id)), None)
    if item is None:
        toolkit.h.flash_notice(GONE)
        return toolkit.redirect_to("territoire_decisions.index")
    try:
        _decide(item, is_accepted)
        toolkit.h.flash_success(f"{item['title']}. {DONE[kind, is_accepted]}")
    except toolkit.ValidationError as fault:
        toolkit.h.flash_error(" ".join(problems(fault)))
    return toolkit.redirect_to("territoire_decisions.index")


def _decide(item: dict[str, Any], is_accepted: bool) -> None:
    if item["kind"] == "harvest":
        call("territoire_source_decide", id=item["source"], job_id=item["id"], accept=is_accepted)
    elif is_accepted:
        call("territoire_delivery_publish", id=item["id"], accept=item["reasons"])
    else:
        call("territoire_delivery_refuse", id=item["id"])
