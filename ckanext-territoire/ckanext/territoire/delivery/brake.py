"""What makes a delivery wait for a person, decided from what its file would change. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ckanext.territoire.delivery.apply import Difference
from ckanext.territoire.delivery.model import Feed, Reason
from harvesters.table.check_file import CERTAIN, FileVerdict

SHARE, COUNT = 0.30, 5
OTHERS = 0.5  # share of rows of other communes from which somebody is asked
# tables whose rows leave by themselves: what is past is no loss
ROLLING = frozenset({"agenda-evenements", "menus-collectifs", "signalements"})


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a delivery is weighed by: rows by INSEE code, and whether personal data was found."""

    difference: Difference | None
    communes: Mapping[str, int]
    is_private: bool = False


def reasons_to_hold(feed: Feed, verdict: FileVerdict, weighed: Weighed) -> list[Reason]:
    """List why somebody is asked before anything is replaced; empty when nothing speaks against."""
    if verdict.schema is None or _is_another(feed, verdict):
        return [Reason.SCHEMA]
    found = []
    if verdict.checked and not verdict.checked.good:
        found.append(Reason.EMPTY)
    if _is_of_others(feed, weighed.communes):
        found.append(Reason.COMMUNE)
    if weighed.difference and is_braked(feed.slug, weighed.difference):
        found.append(Reason.BRAKE)
    if weighed.is_private:
        found.append(Reason.PRIVACY)
    return found


def is_braked(slug: str, difference: Difference) -> bool:
    """Say whether too many of the rows of last time would leave."""
    if slug in ROLLING:
        return difference.before > COUNT and difference.removed == difference.before
    return difference.removed > COUNT and difference.removed > SHARE * difference.before


def _is_another(feed: Feed, verdict: FileVerdict) -> bool:
    """Say whether the columns are surely those of another theme than the one declared."""
    if not verdict.candidates or verdict.schema is None or verdict.match is None:
        return False
    best = verdict.candidates[0]
    own = next((c for c in verdict.candidates if c.schema_id == verdict.schema.id), None)
    is_other = best.schema_id.split("/")[0] != feed.slug and best.confidence >= CERTAIN
    return is_other and (own is None or own.confidence < best.confidence - 0.2)


def _is_of_others(feed: Feed, communes: Mapping[str, int]) -> bool:
    """Say whether most rows stand in other communes than the one that deposits."""
    total = sum(communes.values())
    return bool(feed.insee) and total - communes.get(feed.insee, 0) > OTHERS * total
