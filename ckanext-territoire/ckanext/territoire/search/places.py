"""Recognise the communes that a question names: « école saint-grégoire », « St Jacques ». Pure.

Hyphens, accents, articles and « St » are of no account. The beginning of a compound name is
enough when it is of one commune only (« cesson »). A name that is also an ordinary word
(« Fontaine ») is one only after « à », « de », « commune de »…
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ckanext.territoire.search.french import words_of
from ckanext.territoire.search.lexicon import Lexicon

ARTICLES = frozenset("la le les l".split())
BEFORE_A_NAME = frozenset("a de du au aux commune ville mairie sur".split())
LEAST_LETTERS = 5
SAINTS = {"st": "saint", "ste": "sainte"}
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """The ways to name the communes (words to codes), and the EPCI itself."""

    spellings: Mapping[Words, tuple[str, ...]]
    names: Mapping[str, str]
    common: frozenset[Words]
    whole: frozenset[Words]
    longest: int


@dataclass(frozen=True, slots=True)
class Found:
    """A commune named in the words from `start` to `end`; without code it is the territory."""

    start: int
    end: int
    codes: tuple[str, ...]


def to_words(text: str) -> Words:
    """Take a text apart as names are compared.

    >>> to_words("St-Jacques-de-la-Lande")
    ('saint', 'jacques', 'de', 'la', 'lande')
    """
    return tuple(SAINTS.get(part, part) for word in words_of(text) for part in word.split("-"))


def to_places(names: Mapping[str, str], epci: str, lexicon: Lexicon) -> Places:
    """Prepare the names of the communes (by INSEE code) and of the EPCI."""
    whole = {to_words(epci)} if epci else set()
    full = {code: to_words(name) for code, name in names.items()}
    spellings: dict[Words, tuple[str, ...]] = {}
    for code, words in full.items():
        spellings[words] = (*spellings.get(words, ()), code)
    short: dict[Words, list[str]] = {}
    for code, words in full.items():
        for beginning in _beginnings(words):
            short.setdefault(beginning, []).append(code)
    for beginning, codes in short.items():
        if len(codes) == 1 and beginning not in spellings:
            spellings[beginning] = (codes[0],)
    common = frozenset(words for words in spellings if lexicon.is_common(" ".join(words)))
    longest = max((len(words) for words in (*spellings, *whole)), default=0)
    return Places(spellings, dict(names), common, frozenset(whole), longest)


def _beginnings(words: Words) -> list[Words]:
    """List what a name is shortened to: without its article, or up to a word that tells."""
    bare = words[1:] if words[0] in ARTICLES and len(words) > 1 else words
    found = [bare] if bare != words else []
    for length in range(1, len(bare)):
        last = bare[length - 1]
        if len(last) >= LEAST_LETTERS and last not in ("saint", "sainte"):
            found.append(bare[:length])
    return found


def find_places(words: Sequence[str], places: Places) -> list[Found]:
    """Find the communes in a list of words, longest names first; none overlap."""
    found: list[Found] = []
    start = 0
    while start < len(words):
        hit = _at(words, start, places)
        if hit:
            found.append(hit)
        start = hit.end if hit else start + 1
    return found


def _at(words: Sequence[str], start: int, places: Places) -> Found | None:
    for end in range(min(len(words), start + places.longest), start, -1):
        piece = tuple(words[start:end])
        if piece in places.whole:
            return Found(start, end, ())
        codes = places.spellings.get(piece)
        before = words[start - 1] if start else ""
        if codes and (piece not in places.common or before in BEFORE_A_NAME):
            return Found(start, end, codes)
    return None
