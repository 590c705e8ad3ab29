"""Long texts to safe HTML: Markdown, cleaned by nh3, without any image or foreign style."""

from __future__ import annotations

import re
from functools import lru_cache

import markdown as md
import nh3
from markupsafe import Markup

from ckanext.territoire.portal.typography import spaced

TAGS = {
    "a", "b", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "i", "li",
    "ol", "p", "pre", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
# an extract is made of the first letters of a text; those of the lists that people read are kept
READ, KEPT = 4000, 2048
SAFE_SCHEMES = ("http://", "https://", "mailto:", "/", "#")
BARE_ADDRESS = re.compile(r"(?<![\w(<\"'/=\[])(https?://[^\s<>()\"']+[^\s<>()\"'.,;:!?])")
LIST = re.compile(r"<(ul|ol|table|pre)>.*?</\1>", re.DOTALL)
HEADING = re.compile(r"<(/?)h([12])>")


def to_html(text: object) -> Markup:
    """Render Markdown written by anybody. An image would ask another site, so none passes."""
    linked = BARE_ADDRESS.sub(r"<\1>", str(text or ""))
    html = md.markdown(linked, extensions=["tables", "sane_lists"], output_format="html")
    lower = HEADING.sub(lambda found: f"<{found[1]}h3>", html)
    return Markup(nh3.clean(
        lower,
        tags=TAGS,
        attributes={"a": {"href"}, "th": {"align"}, "td": {"align"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener noreferrer",
    ))  # fmt: skip


def to_extract(text: object, limit: int = 220) -> str:
    """Reduce Markdown to its first words, as plain text."""
    return _extract(str(text or "")[:READ], limit)


@lru_cache(maxsize=KEPT)
def _extract(text: str, limit: int) -> str:
    prose = LIST.sub(" ", str(to_html(text)))
    plain = nh3.clean(prose.replace("</p>", " </p>"), tags=set())
    words = " ".join(Markup(plain).unescape().split())
    cut = words if len(words) <= limit else words[:limit].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"
    return spaced(cut)


def safe_url(url: object) -> str:
    """Answer an address a link may lead to, `""` for any other scheme (`javascript:`…)."""
    text = str(url or "").strip()
    return text if text.casefold().startswith(SAFE_SCHEMES) else ""
