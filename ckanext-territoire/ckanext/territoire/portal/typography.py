"""French typography: numbers, dates, sizes and spaces, as the pages write them. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

NARROW = "\u202f"
NBSP = "\u00a0"
PARIS = ZoneInfo("Europe/Paris")
MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
).split()
VOWELS = tuple("aeiouœ")
UNITS = ("octets", "ko", "Mo", "Go", "To")
BEFORE_THIN = re.compile(r"[ \u00a0\u202f]+([;!?])")
BEFORE_WIDE = re.compile(r"[ \u00a0\u202f]+([:»])(?!/)")
AFTER_QUOTE = re.compile(r"«[ \u00a0\u202f]*")
INNER_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")


def number(value: float | int | None, digits: int = 0) -> str:
    """Write a number with narrow no-break spaces and a decimal comma; `""` for none.

    >>> number(1204)
    '1\\u202f204'
    >>> number(3.5, 1)
    '3,5'
    """
    if value is None:
        return ""
    return f"{value:,.{digits}f}".replace(",", NARROW).replace(".", ",")


def count(value: int, one: str, many: str = "") -> str:
    """Write how many there are, in agreement: French says 0 and 1 in the singular.

    >>> count(1, "jeu de données", "jeux de données")
    '1\\xa0jeu de données'
    """
    return f"{number(value)}{NBSP}{one if value < 2 else many or one + 's'}"


def size(value: object) -> str:
    """Write a size in bytes with the unit that reads best; `""` when unknown.

    >>> size(1536)
    '1,5\\xa0ko'
    """
    if not str(value or "").isdigit():
        return ""
    amount, rank = float(str(value)), 0
    while amount >= 1000 and rank < len(UNITS) - 1:
        amount, rank = amount / 1024, rank + 1
    digits = 1 if rank and amount < 10 else 0
    return f"{number(amount, digits)}{NBSP}{UNITS[rank]}"


def to_day(value: object) -> date | None:
    """Read a day, or a UTC moment as the day it is in Paris; `None` when it is neither."""
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        return value
    else:
        text = str(value or "").strip()
        try:
            if len(text) == len("2026-01-31"):
                return date.fromisoformat(text)
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError:
            return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(PARIS).date()


def day(value: object) -> str:
    """Write a date in full.

    >>> day("2026-11-23"), day("2026-03-01")
    ('23\\xa0novembre\\xa02026', '1er\\xa0mars\\xa02026')
    """
    found = to_day(value)
    if found is None:
        return ""
    first = "1er" if found.day == 1 else str(found.day)
    return f"{first}{NBSP}{MONTHS[found.month - 1]}{NBSP}{found.year}"


def month(value: str) -> str:
    """Write a month given as `2026-11`.

    >>> month("2026-11")
    'novembre\\xa02026'
    """
    return f"{MONTHS[int(value[5:7]) - 1]}{NBSP}{value[:4]}"


def moment(value: str) -> str:
    """Write an instant as people of the territory read it; without a zone it is kept in UTC.

    >>> moment("2026-11-24T14:05:00").replace(NBSP, " ")
    '24 novembre 2026 à 15 h 05'
    """
    told = datetime.fromisoformat(value)
    here = (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(PARIS)
    return f"{day(here)} à {here.hour}{NBSP}h{NBSP}{here.minute:02d}"


def ago(value: object, today: date) -> str:
    """Write how long ago a day was.

    >>> ago("2026-11-20", date(2026, 11, 23))
    'il y a 3\\xa0jours'
    """
    found = to_day(value)
    if found is None:
        return ""
    days = (today - found).days
    if days < 0:
        return f"le {day(found)}"
    if days < 2:
        return "hier" if days else "aujourd’hui"
    if days < 31:
        return f"il y a {days}{NBSP}jours"
    if days < 365:
        return f"il y a {days // 30}{NBSP}mois"
    return f"il y a {count(days // 365, 'an')}"


def spaced(text: object) -> str:
    """Put the French no-break spaces and apostrophes where the author typed plain ones.

    >>> spaced("Qui fait quoi ? L'eau : l'essentiel")
    'Qui fait quoi\\u202f? L’eau\\xa0: l’essentiel'
    """
    thin = BEFORE_THIN.sub(NARROW + r"\1", str(text or ""))
    wide = BEFORE_WIDE.sub(NBSP + r"\1", thin)
    return INNER_APOSTROPHE.sub("’", AFTER_QUOTE.sub("«" + NBSP, wide))


def of_place(name: str) -> str:
    """Write « de » before the name of a place, with its elision and its article.

    >>> of_place("Acigné"), of_place("Le Rheu"), of_place("Rennes Métropole")
    ('d’Acigné', 'du Rheu', 'de Rennes Métropole')
    """
    if name.startswith("Le "):
        return f"du {name[3:]}"
    if name.startswith("Les "):
        return f"des {name[4:]}"
    if name.startswith("Communauté "):
        return f"de la {name}"
    is_vowel = unicodedata.normalize("NFD", name[:1]).casefold()[:1] in VOWELS
    return f"d’{name}" if is_vowel else f"de {name}"
