"""Forms of sign-in that CKAN answers with an error of its own: what they hold is checked first.

Without a mail server nobody can be sent a link: the page says it to everybody alike, so that it
does not tell which accounts there are.
"""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, request

from ckanext.territoire import config
from ckanext.territoire.links import mail

sign_in_forms = Blueprint("territoire_sign_in_forms", __name__)
EMPTY = "Écrivez votre identifiant et votre mot de passe."
UNREADABLE = "Ce formulaire contient un caractère ou une valeur qui ne peut pas s’y trouver."
RESET = ("user.request_reset",)
PRIVATE = {"Cache-Control": "no-store"}


@sign_in_forms.before_app_request
def answer_wrong_form() -> Any:
    """Answer a page to a form that cannot be read, and where no mail can leave."""
    if request.endpoint in RESET and not mail.is_configured():
        page = toolkit.render("territoire/no_mail.html", {"contact": config.mail_contact()})
        return page, 503 if request.method == "POST" else 200, PRIVATE
    if request.method != "POST" or request.endpoint not in ("user.login", *RESET):
        return None
    fault = fault_of_form(request.form.to_dict(), is_login=request.endpoint == "user.login")
    if not fault:
        return None
    if request.endpoint == "user.login":
        return toolkit.render("user/login.html", {"error_summary": {"": fault}}), 400, PRIVATE
    toolkit.h.flash_error(fault)
    return toolkit.redirect_to("user.request_reset")


def fault_of_form(typed: dict[str, str], is_login: bool) -> str:
    """Say what is wrong with a form of sign-in; `""` when CKAN can read it.

    >>> fault_of_form({"login": "a", "password": "b"}, True), fault_of_form({"user": "a"}, False)
    ('', '')
    """
    if any("\0" in value for value in typed.values()):
        return UNREADABLE
    remember = typed.get("remember", "")
    if remember and not (remember.isascii() and remember.isdigit() and len(remember) < 12):
        return UNREADABLE
    is_empty = is_login and not (typed.get("login", "").strip() and typed.get("password"))
    return EMPTY if is_empty else ""
