"""The rhythm of a source said in French: when it is read next, and how often it changes. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

NBSP = "\u00a0"
PARIS = ZoneInfo("Europe/Paris")
DAYS = "lundi mardi mercredi jeudi vendredi samedi dimanche".split()
MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
).split()
PERIODS = (
    (timedelta(hours=2), "environ une fois par heure"),
    (timedelta(hours=18), "plusieurs fois par jour"),
    (timedelta(hours=36), "environ une fois par jour"),
    (timedelta(days=5), "plusieurs fois par semaine"),
    (timedelta(days=10), "environ une fois par semaine"),
    (timedelta(days=24), "plusieurs fois par mois"),
    (timedelta(days=45), "environ une fois par mois"),
)


def say_moment(moment: datetime, now: datetime) -> str:
    """Say a near moment as people do, on the clock of Paris.

    >>> from datetime import UTC
    >>> now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    >>> say_moment(datetime(2026, 11, 25, 2, 12, tzinfo=UTC), now).replace(NBSP, " ")
    'demain à 3 h 12'
    """
    return f"{_say_day(moment, now)} à {_say_hour(moment)}"


def _say_day(moment: datetime, now: datetime) -> str:
    here, today = moment.astimezone(PARIS).date(), now.astimezone(PARIS).date()
    days = (here - today).days
    if days in (0, 1):
        return "demain" if days else "aujourd’hui"
    number = "1er" if here.day == 1 else str(here.day)
    return f"{DAYS[here.weekday()]} {number}{NBSP}{MONTHS[here.month - 1]}"


def _say_hour(moment: datetime) -> str:
    return _say_clock(moment.astimezone(PARIS).time())


def _say_clock(here: time) -> str:
    return f"{here.hour}{NBSP}h{NBSP}{here.minute:02d}" if here.minute else f"{here.hour}{NBSP}h"


def say_quiet(start: time, end: time) -> str:
    """Say quiet hours.

    >>> say_quiet(time(8), time(18, 30)).replace(NBSP, " ")
    'Aucune moisson ne commence entre 8 h et 18 h 30.'
    """
    return f"Aucune moisson ne commence entre {_say_clock(start)} et {_say_clock(end)}."


def say_next(moment: datetime | None, now: datetime) -> str:
    """Say when a source is read next."""
    if moment is None:
        return "seulement quand vous la lancez"
    if moment <= now + timedelta(minutes=2):
        return "dans un instant"
    return f"{_say_day(moment, now)} vers {_say_hour(moment)}"


def say_change(period: timedelta | None) -> str:
    """Say how often a source changes; `""` while it is not known.

    >>> say_change(timedelta(days=7))
    'la source change environ une fois par semaine'
    """
    if period is None:
        return ""
    often = next((words for limit, words in PERIODS if period <= limit), "rarement")
    return f"la source change {often}"
