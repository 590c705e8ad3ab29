"""CKAN's own Atom feeds (`/feeds/…`), whose titles it writes in English, in French."""

from __future__ import annotations

from typing import Any

from ckan.views.feed import CKANFeed

WORDS = (
    ("Recently created or updated datasets on ", "Jeux de données récents de "),
    (" by organization: ", ", organisation : "),
    (" by group: ", ", groupe : "),
    (" by tag: ", ", mot-clé : "),
    ("Organization: ", "organisation : "),
    ("Group: ", "groupe : "),
    ("Tag: ", "mot-clé : "),
    ("Custom query", "recherche"),
)


class FrenchFeed(CKANFeed):
    """A feed that says what it is in French."""

    def __init__(self, *told: Any, **more: Any) -> None:
        title, link, about, *rest = told
        super().__init__(
            to_french(title), link, to_french(about), *rest, **more | {"language": "fr"}
        )


def to_french(text: str) -> str:
    """Say the title or the description of a feed in French.

    >>> to_french("Portail - Custom query")
    'Portail - recherche'
    """
    for english, french in WORDS:
        text = text.replace(english, french)
    return text
