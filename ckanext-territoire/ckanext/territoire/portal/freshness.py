"""Is a dataset up to date? Its last change against the rhythm it promises. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from ckanext.territoire.portal import typography
from schemas.vocabulary import load_vocabulary


class Freshness(Enum):
    """`UNKNOWN`: no rhythm is promised, so nothing can be late."""

    FRESH = "à jour"
    LATE = "en retard"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class State:
    """What the page says on the date of a dataset; `changed` is the day, `""` when unknown."""

    freshness: Freshness
    changed: str
    ago: str
    rhythm: str

    @property
    def label(self) -> str:
        return self.freshness.value

    @property
    def is_late(self) -> bool:
        return self.freshness is Freshness.LATE


def freshness(package: Mapping[str, Any], today: date) -> State:
    """Judge a dataset as `package_show` answers it, on a given day."""
    told = package.get("modified") or package.get("metadata_modified")
    changed = typography.to_day(told)
    rhythm = load_vocabulary("frequencies").get(str(package.get("frequency") or ""))
    days = rhythm.facts.get("days") if rhythm else None
    verdict = Freshness.UNKNOWN
    if days and changed:
        verdict = Freshness.LATE if (today - changed).days > int(days) else Freshness.FRESH
    return State(
        verdict,
        typography.day(changed),
        typography.ago(changed, today),
        rhythm.label if rhythm else "",
    )
