"""Write a question for Solr: one text in the syntax of its `edismax` parser. Pure.

CKAN sends `q.op=AND`, which leaves `mm` without effect in edismax: how many ideas an answer must
have is therefore written out, with parentheses. A bare word is looked for in all fields of
`FIELDS`, the best one counts. Only letters, digits and spaces of the asker get in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

from ckanext.territoire.search.places import to_words
from ckanext.territoire.search.question import Idea, Question

FIELDS = (
    "title^8 words_model^6 words_tags^5 words_themes^1.5 words_places^2 words_owner^1.5 "
    "notes^2.5 words_files^1.5 text^0.4"
)
TIE = 0.2
SAME, NEAR, THEME = 0.35, 0.12, 0.2
MERGED, YES = "vocab_merged", "1"  # says of a dataset that it shows a table of the territory
# A table of the whole territory comes before the files it was made from; in a question about one
# commune it does not.
WHOLE_FIRST = f"if(termfreq({MERGED},'{YES}'),4,1)"
MANY = 4
ANYTHING = "entity_type:package^0"


def parser_of(question: Question) -> dict[str, str]:
    """Say how Solr reads the text of a question and ranks what it finds."""
    parser = {"defType": "edismax", "qf": FIELDS, "tie": str(TIE), "mm": "0"}
    return parser if question.communes else parser | {"boost": WHOLE_FIRST}


def to_strict(question: Question, names: Sequence[str]) -> str:
    """Ask for all ideas; from three on, all but one, those with all first."""
    ideas = _texts(question.strong)
    must = _all(ideas) if len(ideas) < 3 else _any(_all(some) for some in _all_but_one(ideas))
    return _with_helps(must, question, names)


def to_any(question: Question, names: Sequence[str]) -> str:
    """Ask for any of the ideas; those with more of them come first."""
    return _with_helps(_any(_texts(question.strong)), question, names)


def to_beginning(question: Question, names: Sequence[str]) -> str:
    """Ask as `to_strict` while the last word is still being typed."""
    if not question.ideas:
        return to_strict(question, names)
    *before, last = question.ideas
    word = last.typed.split()[-1]
    unfinished = f"({idea_text(last, has_theme=False)} OR {word}*)"
    return _with_helps(_all([*_texts(before), unfinished]), question, names)


def _texts(ideas: Sequence[Idea]) -> list[str]:
    """Write ideas; the theme as such only when there is one (see `Question.themes`).

    From four on each has fewer words: every idea is written several times then.
    """
    if len(ideas) >= MANY:
        ideas = [replace(idea, same=idea.same[:4], near=()) for idea in ideas]
    return [idea_text(idea, has_theme=len(ideas) == 1) for idea in ideas]


def idea_text(idea: Idea, has_theme: bool) -> str:
    """Write one idea: its own words, then those that stand for it, then its theme."""
    choices = [_words(word, 1) for word in dict.fromkeys((idea.typed, *idea.typed_too))]
    choices += [_words(word, SAME) for word in idea.same if word not in idea.typed_too]
    choices += [_words(word, NEAR) for word in idea.near]
    if idea.theme and has_theme:
        choices.append(f'vocab_themes:"{idea.theme}"^{THEME}')
    return _any(choices)


def _words(text: str, weight: float) -> str:
    """Write one word, or several that must stand close together."""
    told = f'"{text}"~2' if " " in text else text
    return told if weight == 1 else f"{told}^{weight}"


def _all_but_one(ideas: Sequence[str]) -> list[tuple[str, ...]]:
    return list(combinations(ideas, len(ideas) - 1))


def _all(parts: Sequence[str]) -> str:
    return f"({' AND '.join(parts)})" if len(parts) > 1 else "".join(parts)


def _any(parts: Iterable[str]) -> str:
    listed = list(parts)
    return f"({' OR '.join(listed)})" if len(listed) > 1 else "".join(listed)


def _with_helps(must: str, question: Question, names: Sequence[str]) -> str:
    """Add what only ranks: the words side by side, the weak words, the communes by name."""
    helps = [_words(idea.typed, 0.3) for idea in question.weak]
    typed = " ".join(idea.typed for idea in question.ideas)
    if len(question.ideas) > 1:
        helps.append(f'"{typed}"~4^2')
    for code, name in zip(question.communes, names, strict=True):
        helps.append(f'words_places:"{" ".join(to_words(name))}"^3')
        helps.append(f'vocab_communes:"{code}"^0.5')
        helps.append(f'title:"{" ".join(to_words(name))}"^2')
    if not must:
        return _any([*helps, ANYTHING])
    return f"{must} AND {_any([*helps, ANYTHING])}" if helps else must


def to_filter(communes: Sequence[str]) -> str:
    """Keep what is of these communes, and what is of no commune in particular."""
    codes = " OR ".join(f'"{code}"' for code in communes)
    return f"vocab_communes:({codes}) OR (*:* -vocab_communes:[* TO *])"
