"""What a service page is: a question of citizens, answered from one merged table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Told = Callable[[Mapping[str, Any]], list[str]]


@dataclass(frozen=True, slots=True)
class Filter:
    """A box to tick. `condition` is SQL on `{column}`; the filter is shown when the schema has the
    column and some row fits."""

    name: str
    label: str
    column: str
    condition: str = "{column}"


@dataclass(frozen=True, slots=True)
class Height:
    """The height of a vehicle, in metres on the page, in centimetres in `column`; a text that is no
    number there is no limit."""

    name: str
    label: str
    column: str


@dataclass(frozen=True, slots=True)
class Service:
    """A page: `path` is its address, `slug` the table. `one` and `many` name what is found;
    `address` is the column of the address, `facts` says the rest of a row in a few words."""

    path: str
    slug: str
    title: str
    lead: str
    one: str
    many: str
    facts: Told
    columns: tuple[str, ...]
    filters: tuple[Filter, ...] = ()
    height: Height | None = None
    address: str = ""
