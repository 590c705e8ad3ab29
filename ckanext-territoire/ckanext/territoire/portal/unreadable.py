"""What cannot be read is refused with 400, where CKAN would answer as if it had broken itself: a
question that the search engine does not take, a body of the API that is nested without end, a sign
that no XML may hold.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from ckan.lib.search import SearchQueryError
from ckan.plugins import toolkit
from flask import Blueprint, jsonify, request

from ckanext.territoire.security.forms import API

log = logging.getLogger(__name__)
unreadable = Blueprint("territoire_unreadable", __name__)
SIGNS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
RDF = frozenset({"jsonld", "n3", "rdf", "ttl", "xml"})
TOLD = "Cette demande ne se lit pas. Simplifiez-la, puis recommencez."


@unreadable.before_app_request
def refuse_signs() -> Any:
    """Refuse a feed whose title would hold a sign that no XML may."""
    if not str(request.endpoint).startswith("feeds."):
        return None
    told = (*request.args.values(), *(request.view_args or {}).values())
    return refuse(ValueError("sign")) if any(SIGNS.search(str(each)) for each in told) else None


@unreadable.before_app_request
def refuse_formats() -> None:
    """Answer 404 to a form of the catalogue that there is none of."""
    is_rdf = str(request.endpoint).startswith("dcat.")
    if is_rdf and (request.view_args or {}).get("_format", "ttl") not in RDF:
        toolkit.abort(404, "Le catalogue n’a pas cette forme.")


@unreadable.app_errorhandler(SearchQueryError)
@unreadable.app_errorhandler(RecursionError)
def refuse(fault: Exception) -> Any:
    """Answer 400: in JSON to a program, with a page to a person."""
    log.warning("%s: a demand could not be read", type(fault).__name__)
    if request.path.startswith(API):
        told = {"__type": "Bad Request", "message": TOLD}
        return jsonify({"success": False, "error": told}), 400
    shown = {"code": 400, "name": "", "content": TOLD, "show_login_redirect_link": False}
    return toolkit.render("error_document_template.html", shown), 400
