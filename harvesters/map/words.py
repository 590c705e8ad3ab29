"""Match the words of a source with our vocabularies: licence, themes, frequency, format."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from harvesters.model import Issue
from schemas.vocabulary import load_vocabulary


def licence_of(*labels: str) -> tuple[str, str]:
    """Answer (our licence id, the label to keep): the first label that is known wins."""
    told = [label.strip() for label in labels if label and label.strip()]
    vocabulary = load_vocabulary("licences")
    for label in told:
        found = vocabulary.match(label)
        if found:
            return found, ""
    return "notspecified", told[0][:300] if told else ""


def told_of_licence(label: str, where: str) -> tuple[Issue, ...]:
    """Say that a licence is not one we know; `label` is the one that `licence_of` kept."""
    return (Issue("TER-MAP-005", where, label[:100]),) if label else ()


def themes_of(words: Iterable[str]) -> tuple[str, ...]:
    """Answer the theme ids these words name, in order, without doubles."""
    vocabulary = load_vocabulary("themes")
    found = (vocabulary.match(word) for word in words if word)
    return tuple(dict.fromkeys(theme for theme in found if theme))


def choices_of(vocabulary: str) -> tuple[tuple[str, str], ...]:
    """Answer the terms of a vocabulary as the choices of a setting, in their order."""
    return tuple((term.id, term.label) for term in load_vocabulary(vocabulary))


def words_of(text: str) -> list[str]:
    """The text, its words, and their singulars: what `themes_of` may find in a name.

    >>> words_of("Pistes cyclables")
    ['Pistes cyclables', 'Pistes', 'cyclables', 'Piste', 'cyclable']
    """
    words = [word for word in re.findall(r"\w+", text) if len(word) > 2]
    return [text, *words, *(word[:-1] for word in words if word[-1] in "sx")]


def frequency_of(word: str) -> str:
    """Answer the frequency id of a word or URI, `""` when unknown."""
    return load_vocabulary("frequencies").match(word) or "" if word else ""


def format_of(declared: str, url: str) -> str:
    """Answer a format name from what is declared, else from the end of the address.

    >>> format_of("", "https://a.fr/fichiers/arbres.CSV?v=2")
    'CSV'
    """
    word = declared.strip().lstrip(".")
    if not word:
        name = urlsplit(url).path.rsplit("/", 1)[-1]
        word = name.rsplit(".", 1)[-1] if "." in name else ""
    vocabulary = load_vocabulary("formats")
    found = vocabulary.match(word) if word else None
    if found:
        term = vocabulary.get(found)
        return term.label if term else word.upper()
    return word.upper() if 0 < len(word) <= 12 and word.isalnum() else ""
