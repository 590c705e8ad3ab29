"""Clean the texts of a source: what is kept is plain, bounded and safe; what is lost is said."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from harvesters.clean import MAX_RAW, to_day, to_markdown, to_plain
from harvesters.model import Issue
from schemas.values import first_day, to_date

MAX_TITLE = 300
MAX_TEXT = 20_000
MAX_TAG = 100
LONGEST_KEPT = 100
DAY_INSIDE = re.compile(r"(?<!\d)\d{1,2}/\d{1,2}/\d{4}(?!\d)")
TAG_TEXT = re.compile(r"[^\w\s.-]", re.UNICODE)


def one_line(text: object, limit: int = MAX_TITLE) -> str:
    """Reduce a value to one line of plain text, cut at a limit.

    >>> one_line("  Arbres <b>remarquables</b>\\n")
    'Arbres remarquables'
    """
    plain = to_plain(str(text or ""))
    line = " ".join(plain.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def clean_text(text: object, where: str) -> tuple[str, tuple[Issue, ...]]:
    """Clean a long text into Markdown; say when code was removed or the text was cut."""
    raw = str(text or "")
    plain, is_removed = to_markdown(raw)
    issues = [Issue("TER-VAL-021", where)] if is_removed else []
    if len(raw) > MAX_RAW or len(plain) > MAX_TEXT:
        length = len(raw) if len(raw) > MAX_RAW else len(plain)
        issues.append(Issue("TER-VAL-022", where, str(length), str(MAX_TEXT)))
        plain = plain[: MAX_TEXT - 1].rstrip() + "…"
    return plain, tuple(issues)


def clean_title(text: object, where: str) -> tuple[str, tuple[Issue, ...]]:
    """Clean a title; say when it was cut."""
    raw, plain = str(text or ""), one_line(text, limit=MAX_RAW)
    if len(plain) <= MAX_TITLE and len(raw) <= MAX_RAW:
        return plain, ()
    length = len(raw) if len(raw) > MAX_RAW else len(plain)
    issue = Issue("TER-VAL-022", where, str(length), str(MAX_TITLE))
    return plain[: MAX_TITLE - 1].rstrip() + "…", (issue,)


def clean_tags(words: object) -> tuple[str, ...]:
    """Make tags CKAN accepts: letters, digits, spaces and `.-_`, 2 to 100 characters."""
    found = []
    for word in words if isinstance(words, list | tuple) else ():
        tag = " ".join(TAG_TEXT.sub(" ", one_line(word, MAX_TAG)).split())[:MAX_TAG].strip()
        if len(tag) >= 2:
            found.append(tag)
    return tuple(dict.fromkeys(found))


def clean_date(value: object, where: str) -> tuple[str, tuple[Issue, ...]]:
    """Read a date; an unreadable or absurd one is left out, and said.

    >>> clean_date("jeu, 19/12/2019 - 03:00", "")[0]
    '2019-12-19'
    """
    text = str(value or "").strip()
    if not text:
        return "", ()
    iso = _day_of(text) if len(text) <= LONGEST_KEPT else _day_of.__wrapped__(text)
    return (iso, ()) if iso else ("", (Issue("TER-VAL-023", where, text[:80]),))


@lru_cache(maxsize=4_096)  # the dates of one portal are few
def _day_of(text: str) -> str:
    inside = DAY_INSIDE.search(text)
    iso = to_day(text) or to_date(text) or (to_date(inside[0]) if inside else None)
    return iso if iso and 1800 <= date.fromisoformat(first_day(iso)).year <= 2100 else ""


def title_of_file(name: str) -> str:
    """Make a readable title of a file name.

    >>> title_of_file("horaires_dechetteries-2026.csv")
    'Horaires dechetteries 2026'
    """
    words = re.sub(r"[_\-.]+", " ", name.rsplit(".", 1)[0]).strip()
    return words[:1].upper() + words[1:]
