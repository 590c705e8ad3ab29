"""The closed list of words in `words.yaml`: questions, weak words, groups of synonyms. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ckanext.territoire.search.french import fold, stems_of, words_of
from schemas.yaml_text import read_yaml

FILE = Path(__file__).parent / "words.yaml"
Stems = tuple[str, ...]
LONGEST = 5
SMALL = frozenset("a au aux d de des du en et l la le les un une".split())


@dataclass(frozen=True, slots=True)
class Group:
    """Words that stand for each other, folded; `also` is found too, less well."""

    words: tuple[str, ...]
    also: tuple[str, ...]
    theme: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What search knows of French, by folded words or by stems."""

    stop: frozenset[str]
    weak: frozenset[str]
    ordinary: frozenset[str]
    dropped: frozenset[Stems]
    groups: Mapping[Stems, Group]
    shown: Mapping[str, str]

    def is_common(self, name: str) -> bool:
        """Say whether the name of a commune is also a word that people ask for."""
        stems = stems_of(name)
        first = (stems[0],)
        return stems in self.groups or first in self.groups or stems[0] in self.ordinary


@cache
def load_lexicon() -> Lexicon:
    """Read the list once; a word that stands in two groups is a fault of the file."""
    told = read_yaml(FILE.read_text(encoding="utf-8"))
    groups: dict[Stems, Group] = {}
    for entry in told["groups"]:
        group = _to_group(entry)
        for word in group.words:
            if groups.setdefault(stems_of(word), group) != group:
                raise ValueError(f"words.yaml: « {word} » stands in two groups")
    return Lexicon(
        stop=frozenset(words_of(told["stop"])),
        weak=frozenset(stems_of(told["weak"])),
        ordinary=frozenset(stems_of(told["ordinary"])),
        dropped=frozenset(stems_of(phrase) for phrase in told["phrases_dropped"]),
        groups=groups,
        shown=_shown(told["groups"]),
    )


def _to_group(entry: Mapping[str, Any]) -> Group:
    words = tuple(dict.fromkeys(without_small(word) for word in entry["words"]))
    also = tuple(dict.fromkeys(without_small(word) for word in entry.get("also", ())))
    return Group(words, also, entry.get("theme", ""))


def without_small(text: str) -> str:
    """Fold a text and leave the small words out: « Aires de jeux » is « aires jeux »."""
    parts = [part for word in words_of(text) for part in word.split("-")]
    return " ".join(part for part in parts if part not in SMALL)


def _shown(entries: list[dict[str, Any]]) -> dict[str, str]:
    """Each single word of the list by its folded form: what a correction may propose."""
    return {
        fold(part): part.casefold()
        for entry in entries
        for word in (*entry["words"], *entry.get("also", ()))
        for part in word.replace("’", " ").split()
        if len(part) > 3 and fold(part) not in SMALL
    }
