"""CKAN's own reading of the DataStore, without the columns of merged tables that have ended.

They leave `datastore_search`, its dumps and `datastore_info` on the day they leave our API. A call
that names one is refused with the day (TER-API-221). The actions of CKAN check the rights, but for
tables that it has open to all: like them, ours are exempt from its audit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import flask
from ckan.logic import auth_audit_exempt
from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire.api.gone_columns import gone_of_resource
from ckanext.territoire.developers.announced import Announced
from ckanext.territoire.portal.typography import day
from harvesters.errors import sentence
from harvesters.model import Issue

Data = dict[str, Any]
Next = Callable[[Context, Data], Data]
_SORTED = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^\s"]+))')


@toolkit.chained_action
@auth_audit_exempt
@toolkit.side_effect_free
def datastore_search(next_action: Next, context: Context, data_dict: Data) -> Data:
    """Search the rows of a table; a column that has ended is neither shown nor asked."""
    gone = gone_of_resource(data_dict.get("resource_id") or data_dict.get("id"))
    if not gone:
        return next_action(context, data_dict)
    every = _every_field(next_action, context, data_dict)
    for name in _named(data_dict):
        if name in gone:
            raise _refused(gone[name])
    if data_dict.get("fields"):
        return next_action(context, data_dict)
    kept = [name for name in every if name not in gone]
    return next_action(context, {**data_dict, "fields": [*kept, *_ranks(data_dict)]})


@toolkit.chained_action
@auth_audit_exempt
@toolkit.side_effect_free
def datastore_info(next_action: Next, context: Context, data_dict: Data) -> Data:
    """Tell of a table; a column that has ended is not among its fields."""
    told = next_action(context, data_dict)
    gone = gone_of_resource(data_dict.get("resource_id") or data_dict.get("id"))
    return told | {"fields": [each for each in told["fields"] if each["id"] not in gone]}


def _every_field(next_action: Next, context: Context, data_dict: Data) -> list[str]:
    """The fields of a table, for who may read it."""
    asked = {key: data_dict[key] for key in ("resource_id", "id") if key in data_dict}
    empty = next_action(toolkit.fresh_context(context), asked | {"limit": 0})
    return [each["id"] for each in empty["fields"]]


def _named(data_dict: Data) -> Iterator[str]:
    """List what a call names as columns, however it is written."""
    fields, sort = data_dict.get("fields") or (), data_dict.get("sort") or ()
    for each in fields.split(",") if isinstance(fields, str) else fields:
        yield str(each).strip().strip('"')
    for each in sort.split(",") if isinstance(sort, str) else sort:
        if found := _SORTED.match(str(each)):
            yield (found[1] or found[2]).replace('""', '"')
    yield from _keys(_read(data_dict.get("filters")))
    yield from _keys(_read(data_dict.get("q")))


def _keys(told: Any) -> Iterator[str]:
    """The keys of filters, those that stand within « and » and « or » too."""
    if isinstance(told, Mapping):
        for key, value in told.items():
            yield str(key)
            yield from _keys(value)
    elif isinstance(told, list):
        for each in told:
            yield from _keys(each)


def _read(told: Any) -> Any:
    """Filters as values; a text that is no JSON is left to CKAN to refuse, or to search."""
    if not isinstance(told, str):
        return told
    try:
        return json.loads(told)
    except (ValueError, RecursionError):
        return None


def _ranks(data_dict: Data) -> list[str]:
    """The columns that CKAN adds to what is searched by words."""
    words = _read(data_dict.get("q"))
    if isinstance(words, Mapping):
        return [f"rank {name}" for name in words]
    return ["rank"] if data_dict.get("q") else []


def _refused(told: Announced) -> Exception:
    text = sentence(Issue("TER-API-221", told.column, day(told.at), told.becomes or "rien"))
    if flask.has_request_context() and flask.request.endpoint == "datastore.dump":
        toolkit.abort(410, text)
    return toolkit.ValidationError({"fields": [text]})


ACTIONS: dict[str, Callable[..., Any]] = {
    "datastore_search": datastore_search,
    "datastore_info": datastore_info,
}
AUTH: dict[str, Callable[..., Any]] = {}
