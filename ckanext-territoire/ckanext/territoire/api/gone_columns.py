"""Columns that have ended: no answer shows them, and a call that names one is told since when.

What is served of a merged table (rows, filters, files, changes, webhooks, archive, pages of rows)
follows `open_schema`, and CKAN's own DataStore `gone_of_resource` (`logic.datastore`); features and
tiles follow views that `delivery.published` makes of the same list of columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ckanext.territoire.api.columns import Reckoning
from ckanext.territoire.api.error import refuse, stop
from ckanext.territoire.delivery.database import read
from ckanext.territoire.developers.announced import Announced, gone_columns, has_gone_columns
from ckanext.territoire.portal.typography import day
from harvesters.model import Issue
from schemas.load import load
from schemas.model import Schema

MERGED = """
    SELECT slug FROM territoire.merged WHERE resource_id = %s
        OR resource_id IN (SELECT alias_of FROM public._table_metadata WHERE name = %s)
"""
LISTS = frozenset({"fields", "sort", "group_by", *(what.value for what in Reckoning)})


def open_schema(schema_id: str) -> Schema:
    """The schema of a merged table as it is served today: without the columns that have ended."""
    schema = load(*schema_id.split("/"))
    return schema.without(gone_columns(schema.slug, datetime.now(UTC).date()))


def gone_of_resource(resource_id: Any) -> Mapping[str, Announced]:
    """The columns that have ended of the merged table that is kept under a resource, or under an
    alias of it; none of any other table."""
    today = datetime.now(UTC).date()
    if not resource_id or not has_gone_columns(today):
        return {}
    found = read(MERGED, (str(resource_id), str(resource_id)))
    return gone_columns(found[0]["slug"], today) if found else {}


def stop_at_gone_columns(slug: str, pairs: Iterable[tuple[str, str]]) -> None:
    """End the request with 410 when it names a column that was announced to go, and has gone."""
    gone = gone_columns(slug, datetime.now(UTC).date())
    for parameter, name in names_in(pairs) if gone else ():
        if name in gone:
            told = gone[name]
            near = (told.becomes,) if told.becomes else ()
            issue = Issue("TER-API-221", name, day(told.at), told.becomes or "rien")
            stop(refuse(410, issue, parameter, near))


def names_in(pairs: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """List what a request may name as a column: the parameter, and the name.

    >>> list(names_in([("sort", "-nom"), ("nb_places__gte", "3")]))
    [('sort', 'nom'), ('nb_places__gte', 'nb_places')]
    """
    for parameter, value in pairs:
        if parameter in LISTS:
            for part in value.split(","):
                yield parameter, part.strip().removeprefix("-")
        else:
            yield parameter, parameter.partition("__")[0]
