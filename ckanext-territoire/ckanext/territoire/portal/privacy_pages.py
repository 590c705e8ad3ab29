"""The pages where personal data is decided of, and the register of the decisions.

Each page only calls the actions of `logic/privacy.py`, which check the rights.
"""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire.portal.deposit_words import say_lines
from ckanext.territoire.portal.deposits import ask_login
from ckanext.territoire.portal.matrix_pages import call
from ckanext.territoire.portal.refused import Errors, refusals
from ckanext.territoire.portal.spreadsheet import to_csv

privacy_pages = Blueprint("territoire_privacy", __name__, url_prefix="/pilotage")
privacy_pages.before_request(ask_login)
TYPED = ("kind", "column", "decision", "reason", "legal_basis")


@privacy_pages.route("/donnees-personnelles/<delivery_id>", methods=["GET", "POST"])
def decide(delivery_id: str) -> str | Response:
    """What was found in a delivery, where, and what is decided of it."""
    errors: Errors = {}
    if request.method == "POST":
        typed = {name: request.form.get(name, "") for name in TYPED}
        try:
            found = call("territoire_privacy_decide", id=delivery_id, **typed)
        except toolkit.ValidationError as fault:
            errors = refusals(fault)
        else:
            toolkit.h.flash_success(
                "Décision enregistrée : elle vaut aussi pour les prochains dépôts."
            )
            is_done = not found["is_held"]
            to = "territoire_deliveries.show" if is_done else "territoire_privacy.decide"
            return toolkit.redirect_to(to, delivery_id=delivery_id)
    shown = call("territoire_privacy_show", id=delivery_id)
    return toolkit.render("territoire/privacy_decide.html", {
        "delivery": call("territoire_delivery_show", id=delivery_id),
        "waiting": [each | {"where": _where(each)} for each in shown["findings"]
                    if each["is_waiting"]],
        "choices": sorted(shown["choices"], key=lambda each: each["value"] == "publish"),
        "errors": errors,
        "typed": request.form,
    })  # fmt: skip


def _where(finding: dict[str, Any]) -> str:
    return say_lines(finding["lines"], finding["count"])


@privacy_pages.route("/registre")
def register() -> str:
    """Every decision, the newest first."""
    rows = call("territoire_privacy_register")
    return toolkit.render("territoire/privacy_register.html", {"rows": rows[::-1]})


@privacy_pages.route("/registre.csv")
def register_file() -> Response:
    """The same as a file, for the data protection officer."""
    rows = call("territoire_privacy_register")
    header = list(rows[0]) if rows else ["numero"]
    answer = Response(to_csv(header, [list(row.values()) for row in rows]), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="registre.csv"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
