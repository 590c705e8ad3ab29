"""What the requests of the process share: settings, tables, readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from ckanext.territoire.api.asked import Fault
from ckanext.territoire.ogc.features import Reader
from ckanext.territoire.ogc.refusal import Refusal, cut
from ckanext.territoire.ogc.settings import Settings
from ckanext.territoire.ogc.tables import Published, Tables
from ckanext.territoire.ogc.tiles import Tiles
from harvesters.model import Issue
from schemas.near import near_slugs


@dataclass(frozen=True, slots=True)
class State:
    """The parts of a running process."""

    settings: Settings
    tables: Tables
    reader: Reader
    tiles: Tiles


def state_of(request: Request) -> State:
    """The parts that answer a request."""
    return cast(State, request.app.state.territoire)


def find_table(request: Request, slug: str) -> Published:
    """Find the table of an address; unknown and hidden are the same 404."""
    return table_of(state_of(request), slug)


def table_of(state: State, slug: str) -> Published:
    """Find a table; `Refusal` (404) when there is none that is shown."""
    found = state.tables.find(slug)
    if found is None:
        near = near_slugs(slug, [each.schema for each in state.tables.all()])
        issue = Issue("TER-API-215", found=cut(slug), expected=", ".join(near) or "aucun")
        raise Refusal(404, Fault(issue, "collectionId", tuple(near)))
    return found
