"""Make harvested text safe: HTML becomes plain text or Markdown, and what was dangerous is told.

Input: a text of a source, plain, Markdown or HTML, sometimes escaped twice. nh3 judges the
HTML as a browser would; nothing of it is kept but words, links and the simplest marks.
Every pattern here is linear, and what is read of a text is bounded, because a parser of
HTML is slow on thousands of open tags.
"""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser

import nh3

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]")
# a text without any of these is clean as it is
MARKED = re.compile(f"[<&{CONTROL.pattern[1:]}")
MARKED_UP = re.compile(rf"\]\(|[<&=\r{CONTROL.pattern[1:]}")
TAG = re.compile(r"<[/!]?[a-zA-Z][^<>]*>|<!--|<[a-zA-Z/][^<>]*$")
AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^\s<>]+|[^\s<>@\"'=]+@[^\s<>@\"'=]+)>")
DANGEROUS = re.compile(
    r"<(?:script|style|iframe|object|embed|svg|math|form|meta|base|link)\b"
    r"|<[a-z][^<>]*[\s/\"']on[a-z]{3,}\s*="
    r"|=[\s\"']*(?:javascript|vbscript|data)\s*:"
    r"|\]\(\s*(?:javascript|vbscript|data)\s*:",
    re.IGNORECASE,
)
MARKDOWN_IMAGE = re.compile(r"!(\[[^\[\]]*\]\()")
MARKDOWN_UNSAFE_LINK = re.compile(
    r"\[([^\[\]]*)\]\(\s*(?:javascript|vbscript|data|file)\s*:[^()]*(?:\([^()]*\)[^()]*)*\)", re.I
)
DROPPED_WHOLE = {"script", "style", "iframe", "object", "embed", "svg", "math", "noscript",
                 "template", "title", "textarea", "select"}  # fmt: skip
MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*"}
BLOCKS = {"p": "\n\n", "div": "\n", "tr": "\n", "table": "\n\n", "ul": "\n\n", "ol": "\n\n",
          "br": "\n"}  # fmt: skip
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
CELLS = {"td", "th"}
KEPT = set(MARKS) | set(BLOCKS) | HEADINGS | CELLS | {"li", "a"}
MAX_RAW = 40_000
ROUNDS = 3  # escaped once by the editor's form, once more by the portal's API
MONTHS = dict.fromkeys(("janvier", "janv"), 1) | dict.fromkeys(("février", "fevrier", "févr"), 2)
MONTHS |= {"mars": 3, "avril": 4, "avr": 4, "mai": 5, "juin": 6, "juillet": 7, "juil": 7}
MONTHS |= dict.fromkeys(("août", "aout"), 8) | dict.fromkeys(("septembre", "sept"), 9)
MONTHS |= dict.fromkeys(("octobre", "oct"), 10) | dict.fromkeys(("novembre", "nov"), 11)
MONTHS |= dict.fromkeys(("décembre", "decembre", "déc"), 12)
WRITTEN_DATE = re.compile(r"(?:(\d{1,2})(?:er)?\s+)?([a-zéû]+)\.?\s+(\d{4})", re.IGNORECASE)


class _ToMarkdown(HTMLParser):
    """Write the few tags that nh3 left as Markdown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._numbers: list[int | None] = []
        self._link: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("ul", "ol"):
            self._numbers.append(0 if tag == "ol" else None)
        if tag == "a":
            self._link = (dict(attrs).get("href") or "", len(self._out))
        elif tag == "li":
            self._out.append(self._bullet())
        elif tag in HEADINGS:
            self._out.append("\n\n### ")
        else:
            self._out.append(MARKS.get(tag) or BLOCKS.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("ul", "ol") and self._numbers:
            self._numbers.pop()
        if tag == "a" and self._link:
            self._close_link(*self._link)
        elif tag in HEADINGS:
            self._out.append("\n\n")
        elif tag in CELLS:
            self._out.append(" ")
        elif tag != "br":
            self._out.append(MARKS.get(tag) or BLOCKS.get(tag, ""))

    def handle_data(self, data: str) -> None:
        self._out.append(data)

    def _bullet(self) -> str:
        number = self._numbers[-1] if self._numbers else None
        if number is None:
            return "\n- "
        self._numbers[-1] = number + 1
        return f"\n{number + 1}. "

    def _close_link(self, href: str, start: int) -> None:
        words = " ".join("".join(self._out[start:]).split())
        del self._out[start:]
        self._link = None
        safe = href.replace(" ", "%20").replace("(", "%28").replace(")", "%29")
        words = words.replace("[", "(").replace("]", ")")
        is_web = href.lower().startswith(("http://", "https://", "mailto:"))
        is_plain = not is_web or not words or words == href
        self._out.append(words or href if is_plain else f"[{words}]({safe})")

    def text(self) -> str:
        return "".join(self._out)


def to_plain(text: str) -> str:
    """Keep the words of a text, without any markup.

    >>> to_plain("Arbres &amp; <b>parcs</b>")
    'Arbres & parcs'
    """
    text = text[:MAX_RAW]
    if not MARKED.search(text):
        return text.strip()
    for _ in range(ROUNDS):
        before, text = text, _plain_once(text)
        if text == before:
            break
    text = CONTROL.sub("", text).strip()
    # escaped more often than anybody does by mistake
    return re.sub(r"[<>]", "", text) if TAG.search(text) else text


def _plain_once(text: str) -> str:
    text = CONTROL.sub("", text)
    if TAG.search(text):
        spaced = re.sub(r"(<(?:br|/p|/div|/li|/h\d|/tr|/td)\b)", r" \1", text, flags=re.IGNORECASE)
        text = nh3.clean(spaced, tags=set(), clean_content_tags=DROPPED_WHOLE)
    return html.unescape(text) if "&" in text else text


def to_markdown(text: str) -> tuple[str, bool]:
    """Write a text as Markdown without danger; say whether something dangerous was removed.

    Images become links: a page of ours makes no request elsewhere.

    >>> to_markdown('<p>Voir <a href="https://a.fr">le plan</a></p><script>x()</script>')
    ('Voir [le plan](https://a.fr)', True)
    """
    text, is_removed = text[:MAX_RAW], False
    if not MARKED_UP.search(text):
        return text.strip(), False
    for _ in range(ROUNDS):
        is_removed = is_removed or bool(DANGEROUS.search(text))
        before, text = text, _markdown_once(text)
        if text == before:
            break
    if TAG.search(text):
        text, is_removed = to_plain(text), True
    text = MARKDOWN_UNSAFE_LINK.sub(r"\1", MARKDOWN_IMAGE.sub(r"\1", text))
    return text.strip(), is_removed


def _markdown_once(text: str) -> str:
    text = AUTOLINK.sub(r"\1", CONTROL.sub("", text).replace("\r\n", "\n"))
    if not TAG.search(text):
        return html.unescape(text) if "&" in text else text
    cleaned = nh3.clean(
        text,
        tags=KEPT,
        clean_content_tags=DROPPED_WHOLE,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    parser = _ToMarkdown()
    parser.feed(cleaned)
    parser.close()
    lines = (" ".join(line.split()) for line in parser.text().split("\n"))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"\*\*\s*\*\*", "", "\n".join(lines))).strip()


def to_day(text: str) -> str | None:
    """Read a day written as people and servers do, as ISO 8601; `None` when it is none.

    >>> to_day("1er mars 2024"), to_day("mars 2024"), to_day("20240301")
    ('2024-03-01', '2024-03', '2024-03-01')
    """
    text = text.strip()
    try:
        if re.fullmatch(r"[0-9]{8}", text):
            return date(int(text[:4]), int(text[4:6]), int(text[6:])).isoformat()
        if re.fullmatch(r"[0-9]{13}", text):
            return datetime.fromtimestamp(int(text) / 1000, UTC).date().isoformat()
        written = WRITTEN_DATE.fullmatch(text)
        if written and written[2].lower() in MONTHS:
            day = date(int(written[3]), MONTHS[written[2].lower()], int(written[1] or 1))
            return day.isoformat() if written[1] else day.isoformat()[:7]
        return parsedate_to_datetime(text).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
