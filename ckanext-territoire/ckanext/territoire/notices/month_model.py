"""What a monthly letter tells of a commune: what happened, what there is to do, who used it.

A letter is kept as JSON, so that it stays as it left: see `told_to_dict`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any


class Event(Enum):
    """What happened in the month. The order is that of a letter."""

    NEW = "new"
    UPDATED = "updated"
    ROWS = "rows"
    RETIRED = "retired"
    BAD = "bad"
    HELD = "held"
    UNREAD = "unread"
    REFUSED = "refused"
    SKIPPED = "skipped"


ENTERED = frozenset({Event.NEW, Event.UPDATED, Event.ROWS, Event.RETIRED})


class Need(Enum):
    """What there is to do. The order is that of its rank: see `month_rank`."""

    DECIDE = "decide"
    DUTY = "duty"
    REPAIR = "repair"
    SOURCE = "source"
    STALE = "stale"
    LICENCE = "licence"
    INVITE = "invite"


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened: of a theme, a source or datasets (`title`), how many (`count`), by
    which way (`way`), and where an account reads more (`path`)."""

    event: Event
    title: str = ""
    count: int = 0
    way: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: `since` is the ISO day it rests on; `detail` tells apart the states of a
    need; `open_path` is a page for those without account."""

    need: Need
    title: str
    path: str
    count: int = 0
    since: str = ""
    detail: str = ""
    open_path: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """How often the data of a commune was used in a month; `since` is the ISO day on which counting
    began, when that was within the month."""

    views: int = 0
    downloads: int = 0
    calls: int = 0
    since: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """All that a letter tells: the first things to do, and how many more there are. `usage` is
    `None` where nothing was measured."""

    happened: tuple[Happened, ...] = ()
    tasks: tuple[Task, ...] = ()
    more: int = 0
    usage: Usage | None = None

    @property
    def entered(self) -> list[Happened]:
        return [each for each in self.happened if each.event in ENTERED]

    @property
    def aside(self) -> list[Happened]:
        return [each for each in self.happened if each.event not in ENTERED]

    @property
    def is_silent(self) -> bool:
        """Say whether there is no letter: nothing happened, and there is nothing to do but to
        publish what nobody is bound to."""
        return not self.happened and all(each.need is Need.INVITE for each in self.tasks)


@dataclass(frozen=True, slots=True)
class Written:
    """A commune of which a letter tells: its name, its name in addresses, and how many people get
    the letter."""

    org_id: str
    name: str
    slug: str
    told: Told
    people: int = 0


def told_to_dict(told: Told) -> dict[str, Any]:
    """A letter as it is stored."""
    return {
        "happened": [asdict(each) | {"event": each.event.value} for each in told.happened],
        "tasks": [asdict(each) | {"need": each.need.value} for each in told.tasks],
        "more": told.more,
        "usage": asdict(told.usage) if told.usage else None,
    }


def told_from_dict(kept: Mapping[str, Any]) -> Told:
    """Read a letter as `told_to_dict` wrote it."""
    usage = kept["usage"]
    return Told(
        tuple(Happened(**each | {"event": Event(each["event"])}) for each in kept["happened"]),
        tuple(Task(**each | {"need": Need(each["need"])}) for each in kept["tasks"]),
        kept["more"],
        Usage(**usage) if usage else None,
    )
