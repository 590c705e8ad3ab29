"""Words that nothing answers to: what was probably meant.

Our own words and the communes are tried first, they are written with their accents; then the words
of the index. A correction is only ever shown when it finds something that the asker may see, so
that the words of private datasets do not leave through it.
"""

from __future__ import annotations

import difflib
import logging
from collections.abc import Iterable, Mapping
from typing import Any

import pysolr

from ckanext.territoire.search.french import fold, stem, words_of
from ckanext.territoire.search.lexicon import Lexicon
from ckanext.territoire.search.places import Places
from ckanext.territoire.search.question import Question
from ckanext.territoire.search.solr_line import solr_line

log = logging.getLogger(__name__)
CLOSE = 0.82
LEAST_LETTERS = 5


def to_correct(question: Question) -> list[str]:
    """List the words of a question that a mistake could be in."""
    words = [word for idea in question.ideas if not idea.same for word in idea.typed.split()]
    return [word for word in dict.fromkeys(words) if len(word) >= LEAST_LETTERS and word.isalpha()]


def near_known(word: str, lexicon: Lexicon, places: Places) -> str:
    """Propose a word of our list, or a commune, that is written nearly so; `""` for none."""
    names = {fold(name): name for name in places.names.values()}
    choices = {**lexicon.shown, **names}
    if stem(word) in {stem(choice) for choice in choices}:
        return ""
    found = difflib.get_close_matches(word, list(choices), n=1, cutoff=CLOSE)
    return choices[found[0]] if found else ""


def near_indexed(words: Iterable[str]) -> dict[str, str]:
    """Ask Solr for the nearest words of the index, for those that it has not. Never raises."""
    told = " ".join(words)
    if not told:
        return {}
    try:
        answer = solr_line(decode_dates=False).search(
            "*:*", search_handler="spell", **{"spellcheck.q": told}
        )
    except pysolr.SolrError as fault:
        log.warning("no correction of words: %s", fault)
        return {}
    listed = answer.raw_response.get("spellcheck", {}).get("suggestions", [])
    return {word: near for word, found in _pairs(listed) if (near := _best(found))}


def _pairs(listed: list[Any]) -> list[tuple[str, dict[str, Any]]]:
    return list(zip(listed[0::2], listed[1::2], strict=False))


def _best(found: Mapping[str, Any]) -> str:
    choices = found.get("suggestion") or []
    return str(choices[0]["word"]) if choices and not found.get("origFreq") else ""


def with_accents(word: str, titles: Iterable[str]) -> str:
    """Write a folded word as the titles found write it.

    >>> with_accents("decheterie", ["Horaires des déchèteries", "La Déchèterie"])
    'déchèterie'
    """
    for title in titles:
        for written in title.replace("’", " ").replace("'", " ").split():
            if words_of(written) == [word]:
                return written.casefold().strip("«»(),.;:!?")
    return word
