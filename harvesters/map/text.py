"""Clean the texts of a source: what is kept is plain, bounded and safe; what is lost is said."""

from __future__ import annotations

import html
import re
from datetime import date

import nh3

from harvesters.model import Issue
from schemas.values import first_day, to_date

MAX_TITLE = 300
MAX_TEXT = 20_000
MAX_TAG = 100
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
BREAK = re.compile(r"<\s*(?:br|/p|/div|/li|/h\d|/tr)\b[^>]*>", re.IGNORECASE)
TAG = re.compile(r"<\s*/?\s*[a-zA-Z!][^>]*>")
ITEM = re.compile(r"<\s*li\b[^>]*>", re.IGNORECASE)
DANGEROUS = re.compile(r"<\s*(script|style|iframe|object|embed)\b.*?(</\s*\1\s*>|$)", re.I | re.S)
DAY_INSIDE = re.compile(r"(?<!\d)\d{1,2}/\d{1,2}/\d{4}(?!\d)")
TAG_TEXT = re.compile(r"[^\w\s.-]", re.UNICODE)


def one_line(text: object, limit: int = MAX_TITLE) -> str:
    """Reduce a value to one line of plain text, cut at a limit.

    >>> one_line("  Arbres <b>remarquables</b>\\n")
    'Arbres remarquables'
    """
    plain = strip_markup(str(text or ""))
    line = " ".join(plain.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def strip_markup(text: str) -> str:
    """Turn HTML into plain text with its paragraphs and lists; a text without HTML is unchanged."""
    text = CONTROL.sub("", text)
    if not TAG.search(text):
        return html.unescape(text) if "&" in text else text
    text = DANGEROUS.sub("", text)
    text = ITEM.sub("\n- ", BREAK.sub("\n", text))
    plain = html.unescape(nh3.clean(text, tags=set(), attributes={}))
    return re.sub(r"\n{3,}", "\n\n", plain).strip()


def clean_text(text: object, where: str) -> tuple[str, tuple[Issue, ...]]:
    """Clean a long text; say when markup was removed or the text was cut."""
    raw = str(text or "")
    plain = strip_markup(raw).replace("\r\n", "\n").strip()
    issues = []
    if DANGEROUS.search(raw):
        issues.append(Issue("TER-VAL-021", where))
    if len(plain) > MAX_TEXT:
        issues.append(Issue("TER-VAL-022", where, str(len(plain)), str(MAX_TEXT)))
        plain = plain[: MAX_TEXT - 1].rstrip() + "…"
    return plain, tuple(issues)


def clean_title(text: object, where: str) -> tuple[str, tuple[Issue, ...]]:
    """Clean a title; say when it was cut."""
    plain = one_line(text, limit=10**7)
    if len(plain) <= MAX_TITLE:
        return plain, ()
    issue = Issue("TER-VAL-022", where, str(len(plain)), str(MAX_TITLE))
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
    inside = DAY_INSIDE.search(text)
    iso = to_date(text) or (to_date(inside[0]) if inside else None)
    if iso and 1800 <= date.fromisoformat(first_day(iso)).year <= 2100:
        return iso, ()
    return "", (Issue("TER-VAL-023", where, text[:80]),)


def title_of_file(name: str) -> str:
    """Make a readable title of a file name.

    >>> title_of_file("horaires_dechetteries-2026.csv")
    'Horaires dechetteries 2026'
    """
    words = re.sub(r"[_\-.]+", " ", name.rsplit(".", 1)[0]).strip()
    return words[:1].upper() + words[1:]
