"""French words as search knows them: folded, without article, reduced to one form. Pure.

`ENDINGS` is the whole stemmer. The Solr schema is made from the same list, so that a word typed
and a word indexed always meet. It removes plurals and the mute « e » and nothing else: the light
stemmers of Lucene turn « stationnement » into « station », « équipement » into « équipe » and
« département » into « départ ». What else belongs together is in `words.yaml`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# In the syntax that Python and Java share: what is replaced, in this order, and by what.
ENDINGS: tuple[tuple[str, str], ...] = (
    ("^st$", "saint"),
    ("^ste$", "sainte"),
    ("^travaux$", "travail"),
    ("eaux$", "eau"),
    ("(?<=..)aux$", "al"),
    ("(?<=...)[sx]$", ""),
    ("(?<=...)e+$", ""),
)
_RULES = tuple((re.compile(found), put) for found, put in ENDINGS)
_ELISION = re.compile(r"\b(?:[ldcjmnst]|qu|jusqu|lorsqu|puisqu|quelqu)['’](?=\w)", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
KEPT = 8192  # words that a process has read already: those of the lists, and the latest asked


@lru_cache(KEPT)
def fold(text: str) -> str:
    """Write a text in small letters without accents or elided articles.

    >>> fold("L’Été à Saint-Grégoire")
    'ete a saint-gregoire'
    """
    bare = _ELISION.sub(" ", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    flat = unicodedata.normalize("NFKD", bare)
    return " ".join("".join(c for c in flat if not unicodedata.combining(c)).split())


def words_of(text: str) -> list[str]:
    """List the folded words of a text; a compound stays one word.

    >>> words_of("Où est l'aire de co-voiturage ?")
    ['ou', 'est', 'aire', 'de', 'co-voiturage']
    """
    return _WORD.findall(fold(text))


@lru_cache(KEPT)
def stem(word: str) -> str:
    """Reduce a folded word to the form that its plural and feminine share.

    >>> [stem(word) for word in ("ecoles", "municipaux", "municipale", "eaux", "bus")]
    ['ecol', 'municipal', 'municipal', 'eau', 'bus']
    >>> stem("stationnement"), stem("stations")
    ('stationnement', 'station')
    """
    for rule, put in _RULES:
        word = rule.sub(put, word)
    return word


@lru_cache(KEPT)
def stems_of(text: str) -> tuple[str, ...]:
    """List the stems of a text, compounds taken apart.

    >>> stems_of("Équipements cyclables de Saint-Grégoire")
    ('equipement', 'cyclabl', 'de', 'saint', 'gregoir')
    """
    return tuple(stem(part) for word in words_of(text) for part in word.split("-"))
