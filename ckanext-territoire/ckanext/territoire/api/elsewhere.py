"""Addresses of the API that do not exist, and methods that it does not know."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

from ckanext.territoire.api.edge import READ, guard
from ckanext.territoire.api.error import refuse
from ckanext.territoire.api.given import cut
from harvesters.model import Issue

PREFIX = "/api/territoire/v1"
elsewhere = guard(Blueprint("territoire_elsewhere", __name__, url_prefix=PREFIX))


@elsewhere.before_app_request
def refuse_unknown() -> Response | None:
    """Say, in the one shape, that nothing is at an address of the API, or that it only reads."""
    if not f"{request.path}/".startswith(f"{PREFIX}/"):
        return None
    # what no route takes goes to the files that CKAN serves from the root
    if isinstance(request.routing_exception, NotFound) or request.endpoint == "static":
        return refuse(404, Issue("TER-API-182", found=cut(request.path)))
    if isinstance(request.routing_exception, MethodNotAllowed):
        answer = refuse(405, Issue("TER-API-180", found=request.method))
        answer.headers["Allow"] = READ
        return answer
    return None
