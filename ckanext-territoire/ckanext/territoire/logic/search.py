"""CKAN's search of datasets, asked in French: `package_search` with a question for `q`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
from ckan.lib.search import SearchError, SearchQueryError
from ckan.logic import auth_audit_exempt
from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire.search import answer

UNREAD = "Cette recherche ne se lit pas."


@toolkit.chained_action
@auth_audit_exempt
@toolkit.side_effect_free
def package_search(
    next_action: Callable[..., Any], context: Context, data_dict: dict[str, Any]
) -> dict[str, Any]:
    """Search datasets; plain words in `q` are read as a French question.

    The answer then has `understood`: the words, the communes and themes recognised, the words
    corrected, and `way`: `all` of the question, `elsewhere` than in its commune, `any` word of it,
    or `nothing`. `ext_sans=commune,theme` recognises none. A `q` in Solr's syntax is CKAN's.
    """
    question = answer.question_of(data_dict)
    if question is None:
        return _in_syntax(next_action, context, data_dict)
    found = answer.answer(next_action, context, data_dict, question)
    told = answer.to_dict(found["understood"])
    if flask.has_request_context():
        flask.g.territoire_understood = told | {"text": question.text}
    return found | {"understood": told}


def _in_syntax(
    next_action: Callable[..., Any], context: Context, data_dict: dict[str, Any]
) -> dict[str, Any]:
    """Ask in Solr's syntax; of what it cannot read nothing is told but that."""
    try:
        return dict(next_action(context, data_dict))
    except SearchError as fault:
        told = str(fault)  # CKAN refuses some by itself, Solr others; all else is a breakdown
        is_theirs = "(HTTP 400)" in told or not told.startswith("SOLR")
        if isinstance(fault, SearchQueryError) or not is_theirs:
            raise
        raise SearchQueryError(UNREAD) from fault
    except OverflowError as fault:  # a number without end
        raise toolkit.ValidationError({"rows": [UNREAD]}) from fault


ACTIONS = {"package_search": package_search}
AUTH: dict[str, Callable[..., Any]] = {}
