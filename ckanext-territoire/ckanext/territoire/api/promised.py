"""Refuse what the promised actions of CKAN answer with a fault of theirs.

CKAN 2.12 answers 500 to a parameter that is given twice (it becomes a list) and to a number that is
empty. Here both are a validation error in CKAN's own shape.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, jsonify, request

from ckanext.territoire.api.actions import ACTIONS
from ckanext.territoire.api.given import cut
from ckanext.territoire.api.operation import Operation
from harvesters.errors import sentence
from harvesters.model import Issue

promised = Blueprint("territoire_promised", __name__)
PROMISED = {each.id: each for each in ACTIONS}
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
KIND = "un nombre entier"


@promised.before_app_request
def check_call() -> Response | None:
    """Refuse a call that CKAN would fail on."""
    if request.endpoint != "api.action":
        return None
    action = PROMISED.get(str((request.view_args or {}).get("logic_function")))
    faults = find_faults(action, dict(request.args.lists())) if action else {}
    if not faults:
        return None
    told = {name: [sentence(issue)] for name, issue in faults.items()}
    answer = jsonify({"success": False, "error": {"__type": "Validation Error", **told}})
    answer.status_code = 409
    return answer


def find_faults(action: Operation, given: Mapping[str, Sequence[str]]) -> dict[str, Issue]:
    """Find the parameters that are given twice, and the numbers that are none."""
    faults: dict[str, Issue] = {}
    for param in action.params:
        values = given.get(param.name, ())
        if len(values) > 1:
            faults[param.name] = Issue("TER-API-166", where=param.name)
        elif values and param.schema.get("type") == "integer" and not _NUMBER.fullmatch(values[0]):
            found = cut(values[0])
            faults[param.name] = Issue("TER-API-162", param.name, found, KIND)
    return faults
