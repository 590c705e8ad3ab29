"""What the last look at the advisories said, kept in the state folder and told to the operator."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from deployment.doctor.finding import Finding, fault, fine, warning
from deployment.layout import Layout

if TYPE_CHECKING:  # the doctor needs no more than what was kept
    from deployment.advisories.inventory import Part

PART = "avis de sécurité"
STALE = timedelta(days=30)
PAGE = "https://osv.dev/vulnerability/"
LOOK = "Tapez « make advisories »."


@dataclass(frozen=True, slots=True)
class Outcome:
    """`found`: advisories by package URL; `skipped`: parts that nobody could look up."""

    at: datetime
    asked: int
    skipped: tuple[str, ...]
    found: Mapping[str, tuple[str, ...]]

    @property
    def count(self) -> int:
        return sum(map(len, self.found.values()))


def keep(here: Layout, outcome: Outcome) -> None:
    """Write an outcome; the next one takes its place."""
    told = {
        "at": outcome.at.isoformat(timespec="seconds"),
        "asked": outcome.asked,
        "skipped": list(outcome.skipped),
        "found": {purl: list(ids) for purl, ids in outcome.found.items()},
    }
    path = here.home / "advisories.json"
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(told, indent=1), encoding="utf-8")
    draft.replace(path)


def load(here: Layout) -> Outcome | None:
    """Read the last outcome; `None` when there is none that can be read."""
    try:
        told = json.loads((here.home / "advisories.json").read_text(encoding="utf-8"))
        found = {purl: tuple(ids) for purl, ids in told["found"].items()}
        at = datetime.fromisoformat(told["at"])
        return Outcome(at, told["asked"], tuple(told["skipped"]), found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def to_finding(outcome: Outcome | None, now: datetime) -> Finding:
    """What the doctor says: nothing that was never looked up is called fine."""
    if outcome is None:
        return warning(PART, "jamais consultés : rien n’est su de ses composants", LOOK)
    days = (now - outcome.at).days
    when = "aujourd’hui" if days < 1 else f"il y a {days} jour{'s' if days > 1 else ''}"
    if outcome.found:
        told = f"{outcome.count} connus sur {len(outcome.found)} composants, consultés {when}"
        return fault(PART, told, f"Tapez « make advisories » pour la liste ({PAGE}…).")
    if now - outcome.at > STALE:
        return warning(PART, f"aucun, mais consultés {when}", LOOK)
    left = f", {len(outcome.skipped)} sans origine connue" if outcome.skipped else ""
    return fine(PART, f"aucun sur {outcome.asked} composants{left}, consultés {when}")


def to_lines(outcome: Outcome) -> Sequence[str]:
    """The list, a line a part."""
    return [f"  ✗ {purl} : {', '.join(ids)}" for purl, ids in sorted(outcome.found.items())]


def make(parts: Sequence[Part], found: Mapping[str, tuple[str, ...]]) -> Outcome:
    """An outcome of now."""
    skipped = tuple(part.purl for part in parts if not part.is_known)
    return Outcome(datetime.now(UTC), len(parts) - len(skipped), skipped, found)
