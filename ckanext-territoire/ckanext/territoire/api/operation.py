"""An operation of the API as the documentation and the tests read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TABLES = "Tables du territoire"
SECONDS = {"type": "integer", "minimum": 0}


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter; `where` is OpenAPI's `query`, `path` or `header`."""

    name: str
    text: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    example: str = ""
    where: str = "query"


@dataclass(frozen=True, slots=True)
class Example:
    """A request that works on the table of the documentation: its path below the site."""

    title: str
    path: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One address that is read with GET. `answers` gives the JSON Schema of each content type of a
    success, `refusals` the statuses that an error of the one shape may have."""

    id: str
    path: str
    title: str
    text: str
    params: tuple[Param, ...] = ()
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    refusals: tuple[int, ...] = ()
    redirects: bool = False
    is_revalidated: bool = True
    tag: str = TABLES
    has_open_filters: bool = False
