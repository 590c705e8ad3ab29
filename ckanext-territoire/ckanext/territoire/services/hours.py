"""Opening hours, written as OpenStreetMap does in the tables, said in French. Pure."""

from __future__ import annotations

import re

from ckanext.territoire.portal.typography import NBSP

DAYS = {
    "Mo": "lundi", "Tu": "mardi", "We": "mercredi", "Th": "jeudi", "Fr": "vendredi",
    "Sa": "samedi", "Su": "dimanche", "PH": "jours fériés",
}  # fmt: skip
DAY = "|".join(DAYS)
PART = re.compile(
    rf"(?P<days>(?:{DAY})(?:[-,](?:{DAY}))*)?\s*"
    r"(?P<hours>\d{1,2}:\d{2}-\d{1,2}:\d{2}(?:\s*,\s*\d{1,2}:\d{2}-\d{1,2}:\d{2})*|off)"
)


def to_french(text: object) -> str:
    """Say opening hours; what is not understood is told as it is written.

    >>> to_french("Mo-Fr 08:00-12:00,14:00-18:30; Su off").replace(NBSP, " ")
    'lundi à vendredi, 8 h à 12 h et 14 h à 18 h 30 ; dimanche, fermé'
    >>> to_french("24/7"), to_french("sur rendez-vous")
    ('jour et nuit', 'sur rendez-vous')
    """
    told = " ".join(str(text or "").split())
    if told == "24/7":
        return "jour et nuit"
    parts = [PART.fullmatch(part.strip()) for part in told.split(";") if part.strip()]
    if not parts or any(part is None for part in parts):
        return told
    return " ; ".join(_part(part) for part in parts if part)


def moment(text: str) -> str:
    """Say an hour of the clock.

    >>> moment("05:30").replace(NBSP, " "), moment("14:00").replace(NBSP, " ")
    ('5 h 30', '14 h')
    """
    hours, _, minutes = text.partition(":")
    if not (hours.isdigit() and minutes[:2].isdigit()):
        return text
    return f"{int(hours)}{NBSP}h" + (f"{NBSP}{minutes[:2]}" if minutes[:2] != "00" else "")


def _part(part: re.Match[str]) -> str:
    spans = ["fermé"] if part["hours"] == "off" else [_span(s) for s in part["hours"].split(",")]
    hours = " et ".join(spans)
    return f"{_days(part['days'])}, {hours}" if part["days"] else hours


def _span(text: str) -> str:
    opens, _, closes = text.strip().partition("-")
    return f"{moment(opens)} à {moment(closes)}"


def _days(text: str) -> str:
    named = re.sub(DAY, lambda found: DAYS[found[0]], text)
    return named.replace("-", " à ").replace(",", ", ")
