"""What becomes of the columns from one version of a schema to another. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from schemas.model import Schema
from schemas.to_columns import stored_type


class Fate(Enum):
    """What becomes of a column; the value says it in French."""

    GONE = "disparaît"
    NEW = "est nouvelle"
    TYPE = "change de type"


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column that is not the same in both versions; `before` and `after` are the types that a
    program reads, `""` where there is none."""

    name: str
    fate: Fate
    before: str = ""
    after: str = ""

    @property
    def breaks(self) -> bool:
        """Say whether a program that reads the column may fail."""
        return self.fate is not Fate.NEW


def column_changes(before: Schema, after: Schema) -> tuple[ColumnChange, ...]:
    """List the columns that go, that change their type, then those that come."""
    old = {each.name: stored_type(each) for each in before.fields}
    new = {each.name: stored_type(each) for each in after.fields}
    gone = [ColumnChange(name, Fate.GONE, old[name]) for name in old if name not in new]
    typed = [
        ColumnChange(name, Fate.TYPE, old[name], new[name])
        for name in old
        if name in new and old[name] != new[name]
    ]
    come = [ColumnChange(name, Fate.NEW, "", new[name]) for name in new if name not in old]
    return (*gone, *typed, *come)
