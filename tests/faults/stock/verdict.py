"""What is said of stock in front of a fault: judged from what it serves before and after.

A fault is survived by the sentence that ours is judged by: nothing that is published disappears,
is doubled or changes its address or its owner, the run ends, and the fault is told to the owner of
the source. Played trials are kept as JSON, one object each: `row`, `name`, `reasons`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

CONTROL = 0  # the row of no fault at all, which stock must be seen to survive


@dataclass(frozen=True, slots=True)
class Seen:
    """What a trial left: datasets served before and after, the titles that were due at the end."""

    before: Sequence[dict[str, Any]]
    after: Sequence[dict[str, Any]]
    due: frozenset[str]
    is_ended: bool = True
    is_told: bool = True
    is_reached: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial of a row, as it was played: no reason against it, and it is survived."""

    row: int
    name: str
    reasons: list[str]


def reasons_against(seen: Seen) -> list[str]:
    """Say in French what was not survived, the worst first; nothing when all was."""
    now = {each["id"]: each for each in seen.after}
    titles = Counter(each["title"] for each in seen.after)
    kept = [(was, now[was["id"]]) for was in seen.before if was["id"] in now]
    lost = len(seen.due - titles.keys())
    moved = sum(was["title"] in titles for was in seen.before) - sum(
        was["name"] == new["name"] for was, new in kept)  # fmt: skip
    taken = sum(was["owner"] != new["owner"] for was, new in kept)
    bare = sum(bool(set(was["files"]) - set(new["files"])) for was, new in kept)
    doubled = sum(count > 1 for count in titles.values())
    told = {
        "non servi : {} sur {}": lost,
        "adresse changée : {} sur {}": moved,
        "pris à son producteur : {} sur {}": taken,
        "fichiers perdus : {} sur {}": bare,
        "en double : {} sur {}": doubled,
    }
    found = [text.format(count, len(seen.due)) for text, count in told.items() if count > 0]
    said = {"ne finit pas": not seen.is_ended, "suivi jusqu’au réseau privé": seen.is_reached,
            "rien n’est dit": not seen.is_told}  # fmt: skip
    return found + [text for text, is_so in said.items() if is_so]


def write_trials(path: Path, trials: Sequence[Trial]) -> None:
    """Keep what was played."""
    path.write_text(json.dumps([asdict(each) for each in trials], ensure_ascii=False, indent=1))


def load_trials(path: Path) -> dict[int, list[Trial]]:
    """Read what was played, by row."""
    found: dict[int, list[Trial]] = {}
    for each in json.loads(path.read_text()):
        found.setdefault(each["row"], []).append(Trial(**each))
    return found
