"""A geographic record (ISO 19139, ISO 19115-3) as a tree of plain French texts.

Input: `gmd:MD_Metadata`, `gmi:MI_Metadata` or `mdb:MD_Metadata` as text. Both norms say the same
things under other namespaces and, for people and scopes, other elements; the paths here are local
names. A text in several languages (`PT_FreeText`) is reduced to its French form, else to the one
that stands first.
Source: ISO/TS 19139:2007; ISO/TS 19115-3:2016; INSPIRE metadata technical guidance 2.0.
"""

from __future__ import annotations

from collections.abc import Iterable

from harvesters.map.xml import HREF, Element, parse_xml, without_namespaces
from harvesters.model import Issue

ROOTS = frozenset({"MD_Metadata", "MI_Metadata"})
FRENCH = frozenset({"fre", "fra", "fr"})


def read_iso(text: str) -> Element | Issue:
    """Read one record; what is not one, or unsafe, answers its issue."""
    root = parse_xml(text.encode("utf-8", "replace"))
    if isinstance(root, Issue):
        return root
    if without_namespaces(root).tag not in ROOTS:
        return Issue("TER-VAL-063", found=str(root.tag)[:80])
    _prefer_french(root)
    return root


def text_at(node: Element | None, *paths: str) -> str:
    """The first text that one of these paths leads to, `""` when none does."""
    return next((text for path in paths for text in texts_at(node, path)), "")


def texts_at(node: Element | None, path: str) -> list[str]:
    """Every text at a path, empty ones left out; lines lose the spaces that indent them."""
    if node is None:
        return []
    told = ("".join(found.itertext()) for found in node.iterfind(path))
    return [text for each in told if (text := unindented(each))]


def unindented(text: str) -> str:
    """Take the spaces at both ends of each line away: indented text is code in Markdown.

    >>> unindented("  Contenu :\\n\\n      une maille\\n")
    'Contenu :\\n\\nune maille'
    """
    return "\n".join(line.strip() for line in text.strip().splitlines())


def codes_at(node: Element | None, path: str) -> list[str]:
    """Every code at a path: the value of a code list, else the text."""
    if node is None:
        return []
    told = (
        str(found.get("codeListValue") or "".join(found.itertext())).strip()
        for found in node.iterfind(path)
    )
    return [code for code in told if code]


def code_at(node: Element | None, *paths: str) -> str:
    """The first code that one of these paths leads to, `""` when none does."""
    return next((code for path in paths for code in codes_at(node, path)), "")


def addresses_at(node: Element | None, path: str) -> list[str]:
    """The addresses that the anchors at a path lead to."""
    if node is None:
        return []
    return [href for found in node.iterfind(f"{path}/Anchor") if (href := found.get(HREF))]


def each_at(node: Element | None, *paths: str) -> Iterable[Element]:
    """Every element that these paths lead to, in order."""
    return [] if node is None else [found for path in paths for found in node.iterfind(path)]


def identification(root: Element) -> Element | None:
    """What is described: the data, or the service."""
    return root.find("identificationInfo/*")


def language_of(root: Element) -> str:
    """The language of the data, else of the record, as ISO 639-1 when it is French.

    `fre`, `fra` and `fr` are all said `fr`.
    """
    about = identification(root)
    told = (
        code_at(about, "language/*", "defaultLocale/PT_Locale/language/LanguageCode")
        or code_at(about, "language")
        or _main_language(root)
    )
    return "fr" if told.lower() in FRENCH else told.lower()[:20]


def _main_language(root: Element) -> str:
    return code_at(root, "language/*", "language", "defaultLocale/PT_Locale/language/LanguageCode")


def _prefer_french(root: Element) -> None:
    """Put the French form of each text in the place of the first one, and drop the others."""
    is_french = _main_language(root).lower() in FRENCH
    locales = {"#FR", "#fr", "#fre", "#fra", "#locale-fre"} | {
        f"#{locale.get('id')}"
        for locale in root.iter("PT_Locale")
        if code_at(locale, "languageCode/LanguageCode", "language/LanguageCode") in FRENCH
    }
    for free in list(root.iter("PT_FreeText")):
        owner = free.getparent()
        owner.remove(free)
        texts = {
            str(each.get("locale")): text
            for each in free.iter("LocalisedCharacterString")
            if (text := "".join(each.itertext()).strip())
        }
        french = next((text for key, text in texts.items() if key in locales), "")
        main = next((each for each in owner if "".join(each.itertext()).strip()), None)
        if main is None:
            owner.text = french or next(iter(texts.values()), "")
        elif french and not is_french:
            main.text = french
