"""The page of the link that confirms an address: a password, and the account is made."""

from __future__ import annotations

from datetime import UTC, datetime

from ckan.common import login_user
from ckan.plugins import toolkit
from ckan.views.user import regenerate_session, rotate_token
from flask import Blueprint, Response, make_response, request

from ckanext.territoire import config
from ckanext.territoire.developers.registration import (
    account_of,
    make_account,
    read_token,
)
from ckanext.territoire.portal.link_door import guard
from ckanext.territoire.portal.refused import Errors, refusals
from harvesters.errors import catalogue, cause
from harvesters.model import Issue

registration = Blueprint(
    "territoire_registration", __name__, url_prefix="/developpeurs/inscription"
)
guard(registration)
Page = str | Response
ENDED = "TER-API-232"
# what may be wrong, in the words of the page; CKAN's own are for its own form
WORDS = {
    "password": "Le mot de passe doit avoir huit caractères au moins.",
    "fullname": "Ce nom ne peut pas être gardé : écrivez-le en toutes lettres.",
    "email": "Cette adresse a déjà un compte : connectez-vous.",
}


@registration.route("/<token>", methods=["GET", "POST"])
def confirm(token: str) -> Page:
    """Choose a password; the account is made, and its owner is signed in."""
    found = read_token(token, datetime.now(UTC)) if config.registration() else None
    if found is None:
        issue = Issue(ENDED)
        said = f"{cause(issue)} {catalogue()[ENDED].remedy}"
        shown = {"title": "Ce lien n’est plus valable", "said": said[:1].upper() + said[1:]}
        return make_response(toolkit.render("territoire/link_refused.html", shown), 410)
    if account_of(found.email):
        toolkit.h.flash_notice("Votre compte est déjà créé : connectez-vous.")
        return toolkit.redirect_to("user.login")
    errors: Errors = {}
    if request.method == "POST":
        form = request.form
        try:
            made = make_account(found, form.get("fullname", "")[:100], form.get("password", ""))
        except toolkit.ValidationError as fault:
            errors = {name: [WORDS.get(name, *texts)] for name, texts in refusals(fault).items()}
        else:
            regenerate_session()
            login_user(made)
            rotate_token()
            toolkit.h.flash_success("Votre compte est créé. Faites votre première clé.")
            return toolkit.redirect_to("territoire_developers.keys")
    shown = {"email": found.email, "errors": errors, "token": token, "typed": request.form}
    page = toolkit.render("territoire/registration_confirm.html", shown)
    return make_response(page, 400 if errors else 200)
