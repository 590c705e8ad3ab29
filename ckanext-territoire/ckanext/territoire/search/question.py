"""Read a citizen's question: what it asks for, in which communes, on which themes. Pure.

« où garer mon vélo à st-grégoire » asks for two things, *garer* and *vélo*, each with the words
that clerks use for it, in one commune. A text in Solr's own syntax is no question: it is left as
it is, for those who know what they write.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ckanext.territoire.search.french import fold, stem, stems_of, words_of
from ckanext.territoire.search.lexicon import LONGEST, SMALL, Group, Lexicon
from ckanext.territoire.search.places import SAINTS, Found, Places, find_places
from schemas.vocabulary import load_vocabulary

MAX_LETTERS = 200
MAX_IDEAS = 6
SYNTAX = re.compile(
    r"\S:\S|[*\\]|\{!|\b(?:AND|OR|NOT)\b|\[.* TO .*\]|[\w\"]~\d|&&|\|\||[(\s]-\w|^-\w"
)
WORD = re.compile(r"[\w’'-]+")
QUOTED = re.compile(r"[\"«“]\s*([^\"«»“”]+?)\s*[\"»”]")


@dataclass(frozen=True, slots=True)
class Idea:
    """One thing that is asked: the words as typed, and what else is the same, or near."""

    typed: str
    same: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    theme: str = ""
    is_weak: bool = False
    typed_too: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """What the reader does not want to be recognised."""

    communes: bool = False
    themes: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What was understood of a text."""

    text: str
    ideas: tuple[Idea, ...]
    communes: tuple[str, ...]
    ignored: Ignored = Ignored()

    @property
    def strong(self) -> tuple[Idea, ...]:
        """The ideas that an answer must have; the weak ones when there is no other."""
        return tuple(idea for idea in self.ideas if not idea.is_weak) or self.ideas

    @property
    def weak(self) -> tuple[Idea, ...]:
        """The ideas that only help to rank."""
        return tuple(idea for idea in self.ideas if idea not in self.strong)

    @property
    def themes(self) -> tuple[str, ...]:
        """The theme recognised: beside other ideas a theme as such is too wide."""
        themes = tuple(idea.theme for idea in self.strong if idea.theme)
        return themes if len(self.strong) == 1 else ()


def read_question(
    text: str, lexicon: Lexicon, places: Places, ignored: Ignored | None = None
) -> Question | None:
    """Read a question; `None` when it is empty or in Solr's own syntax."""
    ignored = ignored or Ignored()
    if not text.strip() or len(text) > MAX_LETTERS or SYNTAX.search(text):
        return None
    quoted = [Idea(told) for found in QUOTED.findall(text) if (told := " ".join(words_of(found)))]
    words = _parts(QUOTED.sub(" ", text), lexicon)
    found = [] if ignored.communes else find_places([SAINTS.get(w, w) for w in words], places)
    rest = _without(words, found)
    ideas = [*quoted, *(idea for piece in rest for idea in _ideas(piece, lexicon))]
    codes = tuple(dict.fromkeys(code for each in found for code in each.codes))
    if not ideas and not found:
        ideas = [Idea(word) for word in words]  # nothing but small words: take them as they are
    if not ideas and not found:
        return None
    told = _merged([_with_theme(idea, ignored) for idea in ideas])
    return Question(text.strip(), told[:MAX_IDEAS], codes, ignored)


def _parts(text: str, lexicon: Lexicon) -> list[str]:
    """List the folded words of a text; compounds are taken apart, but « co-voiturage » joined."""
    parts: list[str] = []
    for word in words_of(text):
        joined = word.replace("-", "")
        parts += [joined] if (stem(joined),) in lexicon.groups else word.split("-")
    return parts


def _merged(ideas: Sequence[Idea]) -> tuple[Idea, ...]:
    """Keep one idea of those that say the same: « menu » and « cantine »."""
    kept: dict[frozenset[str], Idea] = {}
    for idea in ideas:
        same = frozenset(" ".join(stems_of(word)) for word in (idea.typed, *idea.same))
        first = kept.get(same)
        kept[same] = replace(first, typed_too=(*first.typed_too, idea.typed)) if first else idea
    return tuple(kept.values())


def _without(words: Sequence[str], found: Sequence[Found]) -> list[list[str]]:
    """Cut the names of communes out, with the small words before them; keep the pieces."""
    pieces: list[list[str]] = []
    start = 0
    for each in found:
        piece = list(words[start : each.start])
        while piece and (piece[-1] in SMALL or piece[-1] in ("commune", "ville", "sur", "dans")):
            piece.pop()
        pieces.append(piece)
        start = each.end
    return [*pieces, list(words[start:])]


def _ideas(words: Sequence[str], lexicon: Lexicon) -> list[Idea]:
    """Turn words into ideas: groups of the lexicon first, the longest; then each word left."""
    words = [word for word in words if word not in SMALL]
    stems = [stem(word) for word in words]
    ideas: list[Idea] = []
    start = 0
    while start < len(words):
        length = _known_length(stems, start, lexicon)
        if length == 1 and words[start] in lexicon.stop:
            length = 0  # « plus » is no « PLU »
        typed = " ".join(words[start : start + max(length, 1)])
        if length:
            group = lexicon.groups.get(tuple(stems[start : start + length]))
            if group:
                ideas.append(_of_group(typed, group))
        elif words[start] not in lexicon.stop:
            ideas.append(Idea(typed, is_weak=stems[start] in lexicon.weak))
        start += max(length, 1)
    return ideas


def _known_length(stems: Sequence[str], start: int, lexicon: Lexicon) -> int:
    for length in range(min(LONGEST, len(stems) - start), 0, -1):
        piece = tuple(stems[start : start + length])
        if piece in lexicon.groups or piece in lexicon.dropped:
            return length
    return 0


def _of_group(typed: str, group: Group) -> Idea:
    own = stems_of(typed)
    same = tuple(word for word in group.words if stems_of(word) != own)
    return Idea(typed, same, group.also, group.theme)


def _with_theme(idea: Idea, ignored: Ignored) -> Idea:
    """Add the theme that the words name, or drop it when it is not wanted."""
    known = load_vocabulary("themes")
    theme = idea.theme or known.match(idea.typed) or known.match(f"{idea.typed}s") or ""
    theme = "" if ignored.themes else theme
    return replace(idea, theme=theme)


def replace_words(text: str, corrected: Mapping[str, str]) -> str:
    """Write a text again with some words, by their folded form, replaced.

    >>> replace_words("Les dechetri de Rennes", {"dechetri": "déchèterie"})
    'Les déchèterie de Rennes'
    """
    return WORD.sub(lambda found: corrected.get(fold(found.group()), found.group()), text)
