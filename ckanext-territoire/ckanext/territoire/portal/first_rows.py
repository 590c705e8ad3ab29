"""The first rows of a dataset on its own page, and the ways to see the others.

They are those of its first file that is a table; a dataset without one shows none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ckan.plugins import toolkit

from ckanext.territoire.portal.preview import CHART, MAP, NAMES, ROWS
from ckanext.territoire.table.page import Asked, RowsPage, read_page
from ckanext.territoire.table.record import Record, first_loaded

SHOWN = 5
LOOKED_AT = 50  # resources: a dataset of thousands has no first table to speak of
TEXT = "text"  # a column of anything else makes a chart


@dataclass(frozen=True, slots=True)
class FirstRows:
    """What the page of a dataset shows of `resource`; `views` are addresses and names, the rows
    first."""

    resource: Mapping[str, Any]
    page: RowsPage
    views: tuple[tuple[str, str], ...]


def first_rows(package: Mapping[str, Any]) -> FirstRows | None:
    """Read the first rows, with the rights of the visitor. A template helper."""
    resources = {r["id"]: r for r in package.get("resources", ())[:LOOKED_AT]}
    found = first_loaded(list(resources)) if resources else None
    if not found:
        return None
    try:
        page = read_page(found.resource_id, Asked(), SHOWN)
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized, toolkit.ValidationError):
        return None
    if not page.rows:
        return None
    return FirstRows(resources[found.resource_id], page, _views(package["name"], found))


def _views(name: str, found: Record) -> tuple[tuple[str, str], ...]:
    columns = found.reading.get("columns", ())
    views = [ROWS]
    views += [MAP] * bool(found.reading.get("geometry"))
    views += [CHART] * any(column["type"] != TEXT for column in columns)
    address = {"id": name, "resource_id": found.resource_id, "_anchor": "apercu"}
    return tuple(
        (toolkit.url_for("territoire_preview.rows", vue=view, **address), NAMES[view])
        for view in views
    )
