"""Plain values of a dataset's description: dates, addresses, JSON objects.

Pure functions from what a person or a catalogue wrote to what is stored. `None`
means that the text is not such a value: the caller says so in its own words.
"""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from urllib.parse import urlsplit

FRENCH_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
PART_OF_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?")
EMAIL = re.compile(r"[^@\s<>\"'(),;:]+@[^@\s<>\"'(),;:]+\.[a-zA-Z]{2,}")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
SAFE_SCHEMES = ("http", "https")
HOST = re.compile(r"[^\s<>\"]+")
UNSAFE = re.compile(r"[<>\"\x00-\x1f]")


def to_date(text: str) -> str | None:
    """Write a date as ISO 8601 with the precision it has: year, month, day or instant.

    >>> to_date("31/01/2026"), to_date("2026-01"), to_date("2026-01-31T10:05:00Z")
    ('2026-01-31', '2026-01', '2026-01-31T10:05:00+00:00')
    >>> to_date("31/02/2026") is None
    True
    """
    text = text.strip()
    try:
        if french := FRENCH_DATE.fullmatch(text):
            day, month, year = map(int, french.groups())
            return date(year, month, day).isoformat()
        if part := PART_OF_DATE.fullmatch(text):
            date(int(part[1]), int(part[2] or 1), 1)
            return text
        if len(text) == 10:
            return date.fromisoformat(text).isoformat()
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        return None


def say_date(iso: str) -> str:
    """Say a stored date in French, with the precision it has; another text is said as it is.

    >>> say_date("2026-06-01T08:00:00"), say_date("2024-03"), say_date("2025")
    ('1er juin 2026', 'mars 2024', '2025')
    """
    parts = iso[:10].split("-")
    try:
        year, month, day = (*map(int, parts), 0, 0)[:3]
        date(year, month or 1, day or 1)
    except ValueError:
        return iso
    words = ["1er" if day == 1 else str(day)] if day else []
    return " ".join([*words, *([MONTHS[month - 1]] if month else []), str(year)])


def first_day(iso: str) -> str:
    """Complete a date cut to year or month, to compare it with others.

    >>> first_day("2026"), first_day("2026-05"), first_day("2026-05-04T10:00:00")
    ('2026-01-01', '2026-05-01', '2026-05-04')
    """
    return (iso + "-01-01"[len(iso) - 4 :] if len(iso) < 10 else iso)[:10]


def to_email(text: str) -> str | None:
    """Answer the address without `mailto:`.

    >>> to_email("mailto:mairie@acigne.fr"), to_email("mairie chez acigne.fr")
    ('mairie@acigne.fr', None)
    """
    address = re.sub(r"^mailto:", "", text.strip(), flags=re.IGNORECASE)
    return address if EMAIL.fullmatch(address) else None


def to_web_address(text: str) -> str | None:
    """Answer an http(s) address that has a host, `www.…` and spaces completed; others are refused.

    >>> to_web_address("www.acigne.fr/la carte"), to_web_address("javascript:alert(1)")
    ('https://www.acigne.fr/la%20carte', None)
    """
    address = text.strip()
    if address.lower().startswith("www."):
        address = f"https://{address}"
    try:
        parts = urlsplit(address)
        is_safe = parts.scheme.lower() in SAFE_SCHEMES and HOST.fullmatch(parts.netloc)
    except ValueError:
        return None
    return None if not is_safe or UNSAFE.search(address) else address.replace(" ", "%20")


def to_json_object(value: object) -> str | None:
    """Write a flat JSON object as text, keys sorted, so that equal facts are equal texts.

    >>> to_json_object('{"b": 1, "a": "é"}')
    '{"a": "é", "b": 1}'
    """
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    return json.dumps(found, ensure_ascii=False, sort_keys=True)


def to_list(value: object) -> list[str]:
    """Read a list of short texts: a list, a JSON list as stored, or words between commas.

    >>> to_list('["35238", "35001"]'), to_list("Acigné, Betton"), to_list("")
    (['35238', '35001'], ['Acigné', 'Betton'], [])
    """
    if isinstance(value, list | tuple):
        items = [str(item).strip() for item in value]
    elif isinstance(value, str) and value.lstrip().startswith("["):
        try:
            return to_list(json.loads(value))
        except ValueError:
            items = [value]
    elif isinstance(value, str):
        items = [item.strip() for item in re.split(r"[,;\n]", value)]
    else:
        items = []
    return list(dict.fromkeys(item for item in items if item))
