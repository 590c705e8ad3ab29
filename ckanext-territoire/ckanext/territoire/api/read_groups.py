"""Groups and figures of a request: `group_by=a,b`, `sum=c`, `avg=c`, `min=d`, `max=d`.

With any of them the answer holds one row a group, with `count` and the figures asked; without
`group_by` one row for the whole.
"""

from __future__ import annotations

from dataclasses import dataclass

from ckanext.territoire.api.asked import Reckoned
from ckanext.territoire.api.columns import COUNT, KEY, RECKONED, Column, Kind, Reckoning
from ckanext.territoire.api.given import Given

MAX_GROUPS = 4


@dataclass(frozen=True, slots=True)
class Groups:
    """The columns to group by, and the figures of each group."""

    columns: tuple[Column, ...] = ()
    reckoned: tuple[Reckoned, ...] = ()

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns of an answer in groups."""
        return (*self.columns, COUNT, *(each.shown for each in self.reckoned))


def read_groups(given: Given) -> Groups | None:
    """Read the groups; `None` when rows are asked, not groups."""
    names = ("group_by", *(what.value for what in Reckoning))
    if not any(name in given.values for name in names):
        return None
    columns = [given.column(name, "group_by") for name in given.many("group_by", MAX_GROUPS)]
    for column in columns:
        if column and not _is_grouping(column):
            given.blame("TER-API-170", "group_by", column.name, _others(given))
    reckoned = [each for what in Reckoning for each in _reckoned(given, what)]
    for name in ("fields", "provenance"):
        if name in given.values:
            given.blame("TER-API-171", name)
    kept = dict.fromkeys(column for column in columns if column)
    return Groups(tuple(kept), tuple(dict.fromkeys(reckoned)))


def _reckoned(given: Given, what: Reckoning) -> list[Reckoned]:
    found = []
    for name in given.many(what.value):
        column = given.column(name, what.value)
        if column is None:
            continue
        kinds = RECKONED[what]
        if column.kind not in kinds:
            able = tuple(c.name for c in given.known.columns.values() if c.kind in kinds)
            given.blame("TER-API-170", what.value, name, able)
            continue
        found.append(Reckoned(what, column, _shown(what, column)))
    return found


def _shown(what: Reckoning, column: Column) -> Column:
    is_same = what in (Reckoning.MIN, Reckoning.MAX)
    kind, type_ = (column.kind, column.type) if is_same else (Kind.NUMBER, "numeric")
    return Column(f"{column.name}__{what.value}", kind, type_, column.title)


def _is_grouping(column: Column) -> bool:
    return column.kind is not Kind.SHAPE and column != KEY


def _others(given: Given) -> tuple[str, ...]:
    return tuple(c.name for c in given.known.columns.values() if _is_grouping(c))
