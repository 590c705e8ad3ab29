"""Where officers read the keys of the API and give quotas; and who uses which column of a table."""

from __future__ import annotations

from ckan.plugins import toolkit
from flask import Blueprint, Response, make_response, request

from ckanext.territoire.api.quota import by_key
from ckanext.territoire.developers.keys import MAX_PER_MINUTE
from ckanext.territoire.portal.deposits import ask_login
from ckanext.territoire.portal.matrix_pages import call
from ckanext.territoire.portal.refused import Errors, of_item, refusals
from ckanext.territoire.territory.officers import may_act

officer_keys = Blueprint("territoire_officer_keys", __name__, url_prefix="/pilotage/cles")
officer_keys.before_request(ask_login)
column_uses = Blueprint("territoire_column_uses", __name__)
Page = str | Response
NO_PUBLISHER = "Cette page est réservée aux personnes qui publient des données."


@officer_keys.route("")
def index() -> str:
    """The keys, those whose owner asks for more first."""
    return _render({}, "")


@officer_keys.route("/<key_id>", methods=["POST"])
def answer(key_id: str) -> Page:
    """Give a key its quota; its owner is told."""
    typed = {name: request.form.get(name, "") for name in ("per_minute", "remark")}
    try:
        done = call("territoire_key_answer", id=key_id, **typed)
    except toolkit.ValidationError as fault:
        return make_response(_render(of_item(refusals(fault), key_id), key_id), 400)
    if done["issue"]:
        toolkit.h.flash_notice(done["issue"])
    toolkit.h.flash_success("Quota enregistré.")
    return toolkit.redirect_to("territoire_officer_keys.index")


@officer_keys.route("/<key_id>/annuler", methods=["POST"])
def revoke(key_id: str) -> Response:
    """Revoke a key that is misused."""
    call("territoire_key_revoke", id=key_id)
    toolkit.h.flash_success("Clé annulée : elle n’ouvre plus rien.")
    return toolkit.redirect_to("territoire_officer_keys.index")


@column_uses.route("/modeles/<slug>/utilisation")
def show(slug: str) -> str:
    """Who would be touched by a change of a table, in numbers."""
    try:
        told = toolkit.get_action("territoire_column_use_show")(
            {"user": toolkit.g.user}, {"id": slug}
        )
    except toolkit.NotAuthorized:
        return toolkit.abort(403, NO_PUBLISHER)
    except toolkit.ValidationError:
        return toolkit.abort(404, "Aucun modèle ne porte ce nom.")
    used = [each for each in told["columns"] if each["calls"] or each["others"]]
    return toolkit.render("territoire/column_use.html", {
        "told": told,
        "used": sorted(used, key=lambda each: (-each["keys"], -each["calls"], each["column"])),
        "unused": [each for each in told["columns"] if each not in used],
        "may_announce": may_act(str(toolkit.g.user or "")),
    })  # fmt: skip


def _render(errors: Errors, about: str) -> str:
    return toolkit.render("territoire/key_officer.html", {
        "keys": call("territoire_key_all"),
        "errors": errors,
        "about": about,
        "typed": request.form,
        "usual": by_key("").limit,
        "max_per_minute": MAX_PER_MINUTE,
    })  # fmt: skip
