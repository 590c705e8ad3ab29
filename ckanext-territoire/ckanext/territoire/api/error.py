"""The one shape of an error of the API: `{"error": {code, message, field, accepted, help}}`.

When several parameters are wrong, `others` holds the further ones in the same shape.
"""

from __future__ import annotations

from typing import Any, NoReturn

from ckan.plugins import toolkit
from flask import Response, abort, jsonify

from ckanext.territoire.api.asked import Fault
from ckanext.territoire.api.error_shape import to_shape
from harvesters.model import Issue


def refuse(status: int, issue: Issue, field: str = "", accepted: tuple[str, ...] = ()) -> Response:
    """Answer an error: what is wrong, in which parameter, and what is accepted."""
    return refuse_all(status, (Fault(issue, field, accepted),))


def refuse_all(status: int, faults: tuple[Fault, ...]) -> Response:
    """Answer all that is wrong in a request, the first fault first."""
    told = [to_error(fault) for fault in faults]
    shown = told[0] | ({"others": told[1:]} if len(told) > 1 else {})
    answer = jsonify({"error": shown})
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return open_to_all(answer)


def to_error(fault: Fault) -> dict[str, Any]:
    """One fault as the API shows it."""
    return to_shape(fault, toolkit.config["ckan.site_url"])


def stop(answer: Response) -> NoReturn:
    """End the request with this answer."""
    abort(answer)


def open_to_all(answer: Any) -> Response:
    """Let any site read an answer: the data is open."""
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    opened: Response = answer
    return opened
