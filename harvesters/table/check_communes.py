"""Find the INSEE code of a commune from what stands in its place: a name, a postcode."""

from __future__ import annotations

import re
from collections import defaultdict

from harvesters.table.received import References
from schemas.sql_rewriting import fold

_WORD = re.compile(r"[^a-z0-9]+")
_FULL = {"st": "saint", "ste": "sainte", "s": "saint"}


class CommuneFinder:
    """Communes by name and by postcode. Made once for a check, asked for each distinct text."""

    def __init__(self, references: References) -> None:
        self._by_name: dict[str, set[str]] = defaultdict(set)
        self._by_postcode: dict[str, set[str]] = defaultdict(set)
        self._members = {each.insee for each in references.communes if each.is_member}
        self._codes = {each.insee for each in references.communes}
        for each in references.communes:
            self._by_name[to_key(each.name)].add(each.insee)
        for postcode, insee in references.postcodes:
            self._by_postcode[postcode].add(insee)

    def find(self, found: str | None, postcode: str | None, name: str | None) -> str:
        """Answer the one code that the cells agree on, a member before others; else `""`."""
        names = self._named(found) or self._named(name)
        posted = self._posted(found) or self._posted(postcode)
        agreed = names & posted if names and posted else names or posted
        for communes in (agreed, agreed & self._members):
            if len(communes) == 1:
                return next(iter(communes))
        return ""

    def may_be_code(self, text: str) -> bool:
        """Say whether a text is the code of a commune; any is one when no commune is known."""
        return text in self._codes or not self._codes

    def _named(self, text: str | None) -> set[str]:
        return self._by_name.get(to_key(text or ""), set())

    def _posted(self, text: str | None) -> set[str]:
        found = re.search(r"(?<!\d)\d{2} ?\d{3}(?!\d)", text or "")
        return self._by_postcode.get(found[0].replace(" ", ""), set()) if found else set()


def to_key(name: str) -> str:
    """Write the name of a commune as people vary it: no case, accent, hyphen, article, `St`.

    >>> to_key("St-Jacques de la Lande"), to_key("Le Rheu"), to_key("L’Hermitage")
    ('saint jacques de la lande', 'rheu', 'hermitage')
    """
    words = [_FULL.get(word, word) for word in _WORD.split(fold(name)) if word]
    return " ".join(words[1:] if words[:1] in (["le"], ["la"], ["les"], ["l"]) else words)
