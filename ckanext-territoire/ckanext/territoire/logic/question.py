"""Actions on questions: anybody asks, who publishes the data answers in public.

A question is on a dataset, or on data that nobody publishes yet: the EPCI reads those. The form of
the portal takes them from everybody, once an address of mail is confirmed; the API from people with
an account. See `logic/contribution.py` for what is decided of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire import publishers
from ckanext.territoire.community import store
from ckanext.territoire.community.datasets import epci_id, public_datasets
from ckanext.territoire.community.model import (
    MAX_BODY,
    MAX_TITLE,
    Contribution,
    Kind,
    NewContribution,
)
from ckanext.territoire.community.written import Reading, clean, to_number
from ckanext.territoire.logic.reuse import kept
from ckanext.territoire.logic.who import everyone, somebody

Data = dict[str, Any]
LISTED, MAX_LISTED = 20, 100


@toolkit.side_effect_free
def territoire_question_list(context: Context, data_dict: Data) -> Data:
    """List the public questions with their answers, the newest first: those on a `dataset` (id or
    name), else all; `limit` and `offset` cut the list. `total` counts them all."""
    toolkit.check_access("territoire_question_list", context, data_dict)
    asked = clean(data_dict.get("dataset"))
    named = public_datasets([asked]) if asked else ()
    if asked and not named:
        return {"total": 0, "questions": []}
    limit = min(max(to_number(data_dict.get("limit"), LISTED), 1), MAX_LISTED)
    about = named[0].id if named else ""
    found, total = store.questions_of(about, limit, to_number(data_dict.get("offset"), 0))
    return {"total": total, "questions": [public_question(each) for each in found]}


def territoire_question_create(context: Context, data_dict: Data) -> Data:
    """Ask a question: `title` (in a sentence), `body`, `dataset` (id or name; none for data that
    are missing), `author` (the name that is shown, if one is given).

    It is read before it is shown. Without an account, `email` gets a letter to confirm.
    """
    toolkit.check_access("territoire_question_create", context, data_dict)
    reading = Reading(data_dict)
    title = reading.line("title", "Votre question", MAX_TITLE)
    body = reading.text("body", "Précisions", MAX_BODY, is_needed=False)
    author = reading.line("author", "Votre nom", MAX_TITLE, is_needed=False)
    is_on_data = bool(data_dict.get("dataset"))
    named = reading.datasets("dataset", is_needed=is_on_data)
    writer = reading.writer(context.get("user") or "")
    reading.end()
    org_id = named[0].org_id if named else epci_id()
    about = tuple(each.id for each in named)
    new = NewContribution(Kind.QUESTION, org_id, title, body, author, datasets=about)
    return kept(store.keep(new, writer))


def public_question(told: Contribution) -> Data:
    """A question as everybody sees it, with its answer."""
    owner = publishers.find(told.org_id)
    return {
        "id": told.id,
        "title": told.title,
        "body": told.body,
        "author": told.author,
        "state": told.state.value,
        "answer": told.answer,
        "organization": owner.title if owner else "",
        "asked_at": told.made_at.isoformat(timespec="seconds") + "Z",
        "answered_at": told.decided_at.isoformat(timespec="seconds") + "Z"
        if told.decided_at and told.answer
        else None,
    }


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_question_list": territoire_question_list,
    "territoire_question_create": territoire_question_create,
}
AUTH: dict[str, Callable[..., Any]] = {
    "territoire_question_list": everyone,
    "territoire_question_create": somebody,
}
