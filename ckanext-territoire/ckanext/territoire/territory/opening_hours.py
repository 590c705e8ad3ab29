"""Say the opening hours of a town hall in French."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

NBSP = "\u00a0"
WEEK = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def to_french(hours: Sequence[Any]) -> str:
    """Write `[[first day, last day, [[opens, closes], …]], …]` as a sentence.

    >>> to_french([["lundi", "vendredi", [["08:30:00", "12:00:00"], ["13:30:00", "17:00:00"]]]])
    'du lundi au vendredi\\xa0: 8\\xa0h\\xa030 à 12\\xa0h et 13\\xa0h\\xa030 à 17\\xa0h'
    """
    lines = sorted(hours, key=lambda line: WEEK.index(line[0]) if line[0] in WEEK else len(WEEK))
    return "\u202f; ".join(_days(*line[:3]) for line in lines)


def _days(first: str, last: str, spans: Sequence[Sequence[str]]) -> str:
    days = first if first == last else f"du {first} au {last}"
    said = [f"{_time(opens)} à {_time(closes)}" for opens, closes in spans]
    return f"{days}{NBSP}: {_list(said)}" if said else days


def _list(parts: list[str]) -> str:
    return " et ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _time(text: str) -> str:
    hour, minute = text.split(":")[:2]
    said = f"{int(hour)}{NBSP}h"
    return said if minute == "00" else f"{said}{NBSP}{minute}"
