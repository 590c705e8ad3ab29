"""The one shape of an error of the API: `{"error": {code, message, field, accepted, help}}`."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Response, jsonify

from harvesters.errors import sentence
from harvesters.model import Issue


def refuse(status: int, issue: Issue, field: str = "", accepted: tuple[str, ...] = ()) -> Response:
    """Answer an error: what is wrong, in which parameter, and what is accepted."""
    answer = jsonify(
        {
            "error": {
                "code": issue.code,
                "message": sentence(issue),
                "field": field,
                "accepted": list(accepted),
                "help": f"{toolkit.config['ckan.site_url']}/modeles",
            }
        }
    )
    answer.status_code = status
    return open_to_all(answer)


def open_to_all(answer: Any) -> Response:
    """Let any site read an answer: the data is open."""
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    opened: Response = answer
    return opened
