"""Refuse each form that another site could have sent, also where CKAN 2.12 lets it through.

CKAN exempts a view from its check of tokens when an API token or *nobody* is recognised, and means
that request; but the exemption is kept by the process for that view (`csrf.exempt`). One anonymous
visit to a page thus takes the check from all who are signed in. Here each request is looked at by
itself: a token of the API stands for itself, everybody else shows the token of the form.
"""

from __future__ import annotations

from ckan.common import current_user
from ckan.config.middleware.flask_app import csrf
from flask import Blueprint, current_app, g, request

forms = Blueprint("territoire_forms", __name__)
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# programs ask there without any session, and have no form
API = "/api/"


@forms.before_app_request
def check_token() -> None:
    """Answer 400 to a form without the token of its page."""
    if request.method in SAFE or not request.endpoint or _has_own_door():
        return
    if _is_by_api_token() or (request.path.startswith(API) and not current_user.is_authenticated):
        return
    csrf.protect()


def _is_by_api_token() -> bool:
    return bool(g.get("login_via_auth_header") and current_user.is_authenticated)


def _has_own_door() -> bool:
    """Pages of links check their token themselves (`portal.link_door`)."""
    return current_app.blueprints.get(request.blueprint or "") in csrf._exempt_blueprints
