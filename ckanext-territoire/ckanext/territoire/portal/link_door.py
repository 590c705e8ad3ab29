"""What every page of a link shares: it is opened by its token, told to nobody, slowed down.

The token is in the address. Hence no referrer, no cache, no index; and no log line holds it.
"""

from __future__ import annotations

import logging
import re
import time
from typing import NoReturn

from ckan.config.middleware.flask_app import csrf
from ckan.plugins import toolkit
from ckan.types import Response
from flask import Blueprint, abort, g, make_response, request
from flask_wtf.csrf import validate_csrf
from wtforms import ValidationError

from ckanext.territoire.links import store, throttle
from ckanext.territoire.links.model import Kind, Link
from ckanext.territoire.portal.visitor import visitor
from harvesters.errors import sentence
from harvesters.model import Issue

HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}
# the two loggers that write the addresses of requests
LOGGERS = ("ckan.config.middleware.flask_app", "werkzeug")
OPENED = "|".join((*store.PATHS.values(), "avis", "contribution", "inscription"))
TOKEN = re.compile(rf"(/(?:{OPENED})/)[^/\s?\"']+")
# what a mail box posts by itself has no token of a form: the address is the right
ONE_CLICK = "territoire_notices.stop"
GONE = {"TER-API-122": 410, "TER-API-123": 410, "TER-API-124": 429}
TITLES = {
    "TER-API-122": "Ce lien a été annulé",
    "TER-API-123": "Ce lien a expiré",
    "TER-API-124": "Un instant",
}


class HideTokens(logging.Filter):
    """Write log lines without the tokens of the addresses in them."""

    def filter(self, record: logging.LogRecord) -> bool:
        told = record.getMessage()
        if TOKEN.search(told):
            record.msg, record.args = TOKEN.sub(r"\1…", told), ()
        return True


HIDE_TOKENS = HideTokens()


def guard(pages: Blueprint) -> None:
    """Put the pages of a blueprint behind the door."""
    # CKAN's own check wants a Referer over HTTPS, which these pages never send: see `_enter`
    csrf.exempt(pages)
    pages.before_request(_enter)
    pages.after_request(_leave)
    for name in LOGGERS:
        logging.getLogger(name).addFilter(HIDE_TOKENS)


def opened(token: str, kind: Kind) -> Link:
    """Answer the link of a token; else a page says why it opens nothing."""
    link = store.open_link(token, kind)
    if isinstance(link, Issue):
        refuse(link)
    return link


def _enter() -> None:
    """Slow down, then ask for the token of the form."""
    token = str((request.view_args or {}).get("token") or "")
    if wait := throttle.wait_s((f"link {token}", f"from {visitor()}"), time.time()):
        refuse(Issue("TER-API-124"), wait)
    request.environ["__no_cache__"] = True  # for CKAN: nothing of this is public
    if request.method == "POST" and request.endpoint != ONE_CLICK:
        try:
            validate_csrf(request.form.get(g.csrf_field_name))
        except ValidationError:
            toolkit.abort(400, "Rechargez la page, puis recommencez.")


def _leave(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


def refuse(issue: Issue, wait_s: int = 0) -> NoReturn:
    """End the request with a page that says why a link opens nothing."""
    said = sentence(issue).removeprefix(f"{issue.code} : ")
    shown = {"title": TITLES.get(issue.code, "Ce lien n’ouvre rien"), "said": said}
    page = make_response(toolkit.render("territoire/link_refused.html", shown))
    page.status_code = GONE.get(issue.code, 404)
    if wait_s:
        page.headers["Retry-After"] = str(wait_s)
    abort(page)
