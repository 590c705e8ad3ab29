"""Controlled vocabularies: the closed lists behind the choices of the forms.

Input: `vocabularies/<name>.yaml`, UTF-8, a list of mappings with `id` and
`label`, and optionally `uri`, `parent`, `help`, `synonyms`, `extensions`;
whatever else a mapping holds is kept as facts of the term. Everybody who needs
a licence, a frequency, a theme or a format asks here: forms, harvests, search,
DCAT.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from schemas.yaml_text import read_yaml

FOLDER = Path(__file__).parent / "vocabularies"
OWN_KEYS = {"id", "label", "uri", "parent", "help", "synonyms", "extensions"}
LONGEST_KEPT = 200


@dataclass(frozen=True, slots=True)
class Term:
    """One entry: `uri` may be `""`, or a path on the portal for our own themes."""

    id: str
    label: str
    uri: str = ""
    parent: str = ""
    help: str = ""
    synonyms: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The terms of one list, in the order of its file, and the ways they are spelt."""

    name: str
    terms: Mapping[str, Term]
    spellings: Mapping[str, str]

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms.values())

    def get(self, term_id: str) -> Term | None:
        """Look up a term by its exact id."""
        return self.terms.get(term_id)

    def match(self, spelling: str) -> str | None:
        """Recognise an id, a label, an address or a synonym, however it is written.

        >>> load_vocabulary("licences").match("Licence ouverte V2.0 (ETALAB)")
        'lov2'
        >>> load_vocabulary("licences").match("https://creativecommons.org/licenses/by/4.0") is None
        False
        """
        return self.spellings.get(plain(spelling)) if spelling else None

    def near(self, spelling: str, limit: int = 3) -> list[Term]:
        """Propose the terms whose spelling is closest, best first."""
        wanted = plain(spelling)
        inside = [key for key in self.spellings if len(wanted) > 3 and wanted in key]
        close = difflib.get_close_matches(wanted, list(self.spellings), n=4 * limit, cutoff=0.7)
        ids = dict.fromkeys(self.spellings[key] for key in [*close, *inside])
        return [self.terms[term_id] for term_id in list(ids)[:limit]]

    def ancestors(self, term_id: str) -> tuple[str, ...]:
        """Answer the id and, after it, its parents up to the top."""
        term = self.terms.get(term_id)
        if term is None:
            return ()
        return (term_id, *self.ancestors(term.parent)) if term.parent else (term_id,)


def plain(spelling: str) -> str:
    """Reduce a spelling to words of lower-case letters and digits, an address without scheme.

    >>> plain("  Éclairage-public ")
    'eclairage public'
    >>> plain("http://www.Example.org/A/")
    'example org a'
    """
    return _plain(spelling) if len(spelling) <= LONGEST_KEPT else _plain.__wrapped__(spelling)


@lru_cache(maxsize=4_096)  # the words of one portal are few, and come back
def _plain(spelling: str) -> str:
    text = unicodedata.normalize("NFKD", spelling.strip().casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = re.sub(r"^https?://(www\.)?", "", text)
    return " ".join(re.findall(r"[a-z0-9]+", text))


@cache
def load_vocabulary(name: str) -> Vocabulary:
    """Read a vocabulary once; a spelling that two terms claim is a fault of its file."""
    entries = read_yaml((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    terms = {term.id: term for term in map(_to_term, entries)}
    if len(terms) != len(entries):
        raise ValueError(f"{name}.yaml: an id stands twice")
    return Vocabulary(name, terms, _index_spellings(name, terms))


def _to_term(entry: Mapping[str, Any]) -> Term:
    return Term(
        id=entry["id"],
        label=entry["label"],
        uri=entry.get("uri", ""),
        parent=entry.get("parent", ""),
        help=entry.get("help", ""),
        synonyms=tuple(entry.get("synonyms", ())),
        extensions=tuple(entry.get("extensions", ())),
        facts={key: value for key, value in entry.items() if key not in OWN_KEYS},
    )


def _index_spellings(name: str, terms: Mapping[str, Term]) -> dict[str, str]:
    """Index every spelling; an address that several terms share names none of them."""
    spellings: dict[str, str] = {}
    addresses: dict[str, set[str]] = {}
    for term in terms.values():
        for spelling in (term.id, term.label, *term.synonyms, *term.extensions):
            owner = spellings.setdefault(plain(spelling), term.id)
            if owner != term.id:
                raise ValueError(f"{name}.yaml: “{spelling}” names {owner} and {term.id}")
        for address in (term.uri, term.facts.get("page", ""), term.facts.get("media_type", "")):
            addresses.setdefault(plain(address), set()).add(term.id)
    own = {address: min(ids) for address, ids in addresses.items() if address and len(ids) == 1}
    return own | spellings
