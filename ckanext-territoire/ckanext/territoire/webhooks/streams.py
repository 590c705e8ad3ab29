"""What changed since a cursor, as it may be told now: a merged table, or the catalogue.

A stream is `datasets`, or `table:<slug>` with the cursors of `/changes`. What is not public at this
moment is never told but as removed: a table with its dataset, a row with the dataset it comes from.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ckan import model
from sqlalchemy import text

from ckanext.territoire.api.gone_columns import open_schema
from ckanext.territoire.delivery.delta import read_changes, read_cursor
from ckanext.territoire.delivery.figures import merged_tables
from ckanext.territoire.delivery.merged import Merged, address, load_merged
from ckanext.territoire.territory import members
from ckanext.territoire.webhooks import datasets
from ckanext.territoire.webhooks.model import DATASETS, HIDDEN, TABLE, Kind, Page, Wish
from schemas.announcements import find_announcement

OF_DATASETS, OF_TABLE, TABLE_GONE = "datasets.changed", "table.changed", "table.removed"
IS_PUBLIC = text(f"SELECT p.id FROM package p WHERE p.id = ANY(:ids) AND {datasets.PUBLIC}")
Change = Mapping[str, Any]


def heads() -> dict[str, str]:
    """Read the cursor of the last change of each stream; `hidden` for a table that is not public.
    Numbers what has changed in the catalogue. Commits."""
    last = datasets.number_marks()
    tables = merged_tables()
    shown = _public(each.dataset_id for each in tables)
    found = {TABLE + each.slug: _head(each, shown) for each in tables}
    return found | {DATASETS: str(last)}


def read_page(wish: Wish, stream: str, since: str, limit: int) -> Page:
    """Read what is told of a stream since a cursor, `limit` changes at most."""
    if stream == DATASETS:
        return _of_datasets(wish, since, limit)
    slug = stream.removeprefix(TABLE)
    merged = load_merged(slug)
    if merged is None or _head(merged, _public([merged.dataset_id])) == HIDDEN:
        return Page(TABLE_GONE, {"table": slug}, HIDDEN, 1, has_more=False)
    return _of_table(wish, merged, since, limit)


def _of_datasets(wish: Wish, since: str, limit: int) -> Page:
    dataset = wish.subject if wish.kind is Kind.DATASET else ""
    owner = _organization(wish.subject) if wish.kind is Kind.COMMUNE else ""
    found = datasets.read_since(_number(since), limit, dataset, owner)
    data = {
        "since": since,
        "cursor": str(found.until),
        "has_more": found.has_more,
        "changes": list(found.changes),
    }
    return Page(OF_DATASETS, data, str(found.until), len(found.changes), found.has_more)


def _of_table(wish: Wish, merged: Merged, since: str, limit: int) -> Page:
    """A page of `/changes`; for a commune, rows that are not of it are told as removed."""
    schema = open_schema(merged.schema_id)
    start = read_cursor("" if since == HIDDEN else since)
    if start is None or start.number > merged.cursor:
        start = read_cursor("")  # the numbers of the table began again: all is told again
    assert start is not None
    page = read_changes(schema, merged, start, limit)
    changes = list(_hiding(page.changes))
    if wish.kind is Kind.COMMUNE:
        changes = list(_of_commune(changes, wish.subject))
    data = {
        "table": merged.slug,
        "schema": merged.schema_id,
        "read": f"{address(merged.slug)}/rows",
        "since": since,
        "cursor": page.cursor,
        "has_more": page.has_more,
        "changes": changes,
    }
    return Page(OF_TABLE, data, page.cursor, len(changes), page.has_more)


def _hiding(changes: Collection[Change]) -> Iterator[Change]:
    """Tell as removed the rows of datasets that were hidden, and whose rows still stand."""
    sources = {row["territoire_jeu"] for row in _rows(changes) if row.get("territoire_jeu")}
    shown = _public(sources)
    for each in changes:
        source = (each["row"] or {}).get("territoire_jeu")
        yield _removed(each) if source and source not in shown else each


def _of_commune(changes: Collection[Change], insee: str) -> Iterator[Change]:
    for each in changes:
        is_here = each["row"] is None or each["row"].get("territoire_commune") == insee
        if is_here:
            yield each
        elif each["op"] == "changed":  # it may have been of this commune
            yield _removed(each)


def _removed(change: Change) -> Change:
    return {"op": "removed", "key": change["key"], "row": None}


def _rows(changes: Collection[Change]) -> list[Mapping[str, Any]]:
    return [each["row"] for each in changes if each["row"]]


def _head(merged: Merged, shown: Collection[str]) -> str:
    told = find_announcement(merged.slug)
    is_over = told is not None and told.is_over(datetime.now(UTC).date())
    return HIDDEN if is_over or merged.dataset_id not in shown else str(merged.cursor)


def _public(ids: Collection[str] | Iterator[str]) -> frozenset[str]:
    listed = list(ids)
    if not listed:
        return frozenset()
    return frozenset(model.Session.execute(IS_PUBLIC, {"ids": listed}).scalars())


def _organization(insee: str) -> str:
    """The organisation of a commune; one that has left the territory publishes nothing here."""
    found = (each.organization_id for each in members.members() if each.insee == insee)
    return next(found, "-")


def _number(cursor: str) -> int:
    return int(cursor) if cursor.isdecimal() else 0
