"""From the sentences of a geographic record on its use to a licence and the conditions left.

Input: the texts and addresses of `resourceConstraints`: names of licences, sentences that hold
one, addresses of their text, and the set phrases of INSPIRE, which are no licence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from harvesters.map.text import one_line
from schemas.vocabulary import load_vocabulary, plain

ADDRESS = re.compile(r"https?://[^\s<>\"')\]]+")
FREE = re.compile(
    r"noConditionsApply|no conditions apply|aucune condition ne s.applique"
    r"|pas de condition .{0,40}utilisation|^(?:utilisation|r[ée]utilisation) libre\b",
    re.I,
)
SET_PHRASES = re.compile(
    r"LimitationsOnPublicAccess|ConditionsApplyingToAccessAndUse"
    r"|no limitations (?:on|to) public access"
    r"|aucun des articles de la loi|pas de restriction d.acc[èe]s public|\bL\.? ?124-[1-8]\b"
    r"|aucune limitation d.acc[èe]s|conditions? (?:inconnues?|unknown)",
    re.I,
)
USE = re.compile(r"utilis|licen[cs]e", re.I)
UNSAID = frozenset({"notspecified", "other-open", "other-closed"})
OPEN, NOT_SAID = "other-open", "notspecified"


def licence_in(texts: Sequence[str], addresses: Sequence[str] = ()) -> tuple[str, str]:
    """Answer (our licence id, the label to keep): by address, by name, then inside a sentence.

    >>> licence_in(["Licence Ouverte 1.0 http://www.data.gouv.fr/Licence-Ouverte-Open-Licence."])
    ('lov1', '')
    >>> licence_in(["Données sous licence ODbL, mention de la Métropole"])
    ('odbl-1.0', '')
    """
    match = load_vocabulary("licences").match
    inside = [url.rstrip(".,;") for text in texts for url in ADDRESS.findall(text)]
    names = [ADDRESS.sub("", text).strip(" .;:-") for text in texts]
    for told in [*addresses, *inside, *names]:
        found = match(told)
        if found and found not in UNSAID:
            return found, ""
    for text in texts:
        found = _named_in(text)
        if found:
            return found, ""
    free = next((text for text in [*texts, *addresses] if FREE.search(text)), "")
    if free:
        return OPEN, one_line(free)
    # the sentence that speaks of use says more than the others
    conditions = sorted(conditions_in(texts), key=lambda text: not USE.search(text))
    return NOT_SAID, one_line(next(iter(conditions), ""))


def conditions_in(texts: Iterable[str]) -> tuple[str, ...]:
    """The sentences a reader must know: neither a set phrase nor the mere name of a licence."""
    match = load_vocabulary("licences").match
    kept = []
    for text in dict.fromkeys(texts):
        name = ADDRESS.sub("", text).strip(" .;:-")
        if name and not match(name) and not FREE.search(text) and not SET_PHRASES.search(text):
            kept.append(text)
    return tuple(kept)


@cache
def _names() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The names of licences that are looked for inside sentences, the longest first."""
    vocabulary = load_vocabulary("licences")
    names = {
        spelling: found
        for spelling, found in vocabulary.spellings.items()
        if found not in UNSAID and (" " in spelling or spelling in ("odbl", "cc0", "lov2"))
    }
    ordered = sorted(names, key=lambda name: (-len(name), name))
    return tuple((re.compile(rf"\b{re.escape(name)}\b"), names[name]) for name in ordered)


def _named_in(text: str) -> str:
    words = plain(text[:2000])
    return next((found for rule, found in _names() if rule.search(words)), "")
