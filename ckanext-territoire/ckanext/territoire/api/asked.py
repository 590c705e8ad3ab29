"""What a request asks of a merged table, once read: values only, every name known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ckanext.territoire.api.columns import Column, Op, Reckoning
from harvesters.model import Issue

DEFAULT_LIMIT = 100
MAX_LIMIT = 5_000
DEFAULT_RADIUS_M = 1_000.0
MAX_RADIUS_M = 50_000.0
Place = tuple[str | None, ...]  # the values of the sort of the last row read, as text


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a request: the issue, the parameter, what is accepted there."""

    issue: Issue
    field: str = ""
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What a request may name: the columns, those shown when none is asked, whether rows have a
    position, the communes (what two ways of writing one share, to its INSEE code) and their
    names."""

    slug: str
    columns: Mapping[str, Column]
    shown: tuple[Column, ...]
    is_placed: bool
    communes: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """A comparison of a column. Several values mean: one of them."""

    column: Column
    op: Op
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sort:
    """A column to sort by; empty values come last, both ways."""

    column: Column
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A box in degrees, WGS 84."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Near:
    """A point in degrees, WGS 84, and how far around it."""

    longitude: float
    latitude: float
    radius_m: float = DEFAULT_RADIUS_M


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A figure of each group, and the column that shows it."""

    what: Reckoning
    column: Column
    shown: Column


@dataclass(frozen=True, slots=True)
class Query:
    """A whole request. `sorts` is complete: it ends with what makes the order total. `after` is
    `()` at the first page. `groups` and `reckoned` count only when `is_grouped`."""

    shown: tuple[Column, ...]
    sorts: tuple[Sort, ...]
    filters: tuple[Filter, ...] = ()
    communes: tuple[str, ...] = ()
    words: str = ""
    box: Box | None = None
    near: Near | None = None
    is_grouped: bool = False
    groups: tuple[Column, ...] = ()
    reckoned: tuple[Reckoned, ...] = ()
    limit: int = DEFAULT_LIMIT
    after: Place = ()
    has_total: bool = False
