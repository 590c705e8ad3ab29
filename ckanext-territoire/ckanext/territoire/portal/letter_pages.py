"""The officer's pages on the monthly letters: those of a month, one letter as it is read."""

from __future__ import annotations

from ckan.plugins import toolkit
from flask import Blueprint, Response, request
from markupsafe import Markup

from ckanext.territoire.portal.deposits import ask_login
from ckanext.territoire.portal.matrix_pages import call

letters = Blueprint("territoire_letters", __name__, url_prefix="/pilotage/lettres")
letters.before_request(ask_login)


@letters.route("")
def index() -> str:
    """The letters of a month: those that leave first, the communes without one last."""
    shown = call("territoire_letter_list", month=request.args.get("mois", ""))
    communes = shown["communes"]
    return toolkit.render("territoire/letter_list.html", {
        "shown": shown,
        "told": [each for each in communes if not each["is_silent"]],
        "silent": [each for each in communes if each["is_silent"]],
    })  # fmt: skip


@letters.route("/<month>/<commune>")
def show(month: str, commune: str) -> str:
    """One letter, as its people read it."""
    shown = call("territoire_letter_show", month=month, commune=commune)
    # written by `links.letter`, which escapes all that people typed
    return toolkit.render(
        "territoire/letter_show.html", {"shown": shown, "letter": Markup(shown["html"])}
    )


@letters.route("/<commune>/sourdine", methods=["POST"])
def mute(commune: str) -> Response:
    """Send nobody the letter of a commune, or send it again."""
    is_quiet = request.form.get("is_quiet") == "oui"
    call("territoire_letter_mute", commune=commune, is_quiet=is_quiet)
    told = "Sa lettre ne partira plus." if is_quiet else "Sa lettre partira de nouveau."
    toolkit.h.flash_success(told)
    return toolkit.redirect_to("territoire_letters.index", mois=request.form.get("mois", ""))
