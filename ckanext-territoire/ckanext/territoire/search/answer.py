"""Answer a question: all of it first, then with its mistakes corrected, then less of it.

CKAN's `package_search` does the searching; what it is asked is written by `query.py`. Only a
question that finds nothing is asked again, at most four times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ckan.types import Context

from ckanext.territoire.search import query, spelling
from ckanext.territoire.search.known_places import known_places
from ckanext.territoire.search.lexicon import load_lexicon
from ckanext.territoire.search.question import Ignored, Question, read_question, replace_words
from schemas.vocabulary import load_vocabulary

Asked = dict[str, Any]
Search = Callable[[Context, Asked], Asked]
WITHOUT = "ext_sans"


class Way(Enum):
    """How much of the question the answer has."""

    ALL = "all"
    ELSEWHERE = "elsewhere"
    ANY = "any"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Try:
    """One way to ask: the text for Solr, and the filter on communes."""

    way: Way
    question: Question
    text: str
    is_here: bool = True
    corrected: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Understood:
    """What was understood, and how it was answered."""

    question: Question
    way: Way
    corrected: Mapping[str, str]


def question_of(asked: Asked) -> Question | None:
    """Read the question of a call of `package_search`; `None` leaves the call as it is."""
    text = asked.get("q")
    if not isinstance(text, str) or asked.get("defType") or asked.get("qf"):
        return None
    extras = asked.get("extras") if isinstance(asked.get("extras"), dict) else {}
    told = str(asked.get(WITHOUT) or (extras or {}).get(WITHOUT) or "")
    unwanted = told.replace(",", " ").split()
    ignored = Ignored("commune" in unwanted, "theme" in unwanted)
    return read_question(text, load_lexicon(), known_places(), ignored)


def answer(search: Search, context: Context, asked: Asked, question: Question) -> Asked:
    """Ask until something is found; the answer has `understood` besides what CKAN gives."""
    found: Asked = {}
    for attempt in _tries(question):
        found = search(Context(**context), _written(asked, attempt))
        if found["count"]:
            told = Understood(attempt.question, attempt.way, _shown(attempt.corrected, found))
            return found | {"understood": told}
    return found | {"understood": Understood(question, Way.NOTHING, {})}


def _tries(question: Question) -> Iterator[Try]:
    """Yield the ways to ask, from the whole question to any word of it."""
    yield Try(Way.ALL, question, query.to_strict(question, _names(question)))
    last, changes = _corrected(question)
    if changes:
        yield Try(Way.ALL, last, query.to_strict(last, _names(last)), True, changes)
    if last.communes and last.ideas:
        yield Try(Way.ELSEWHERE, last, query.to_strict(last, _names(last)), False, changes)
    if len(last.strong) > 1:
        yield Try(Way.ANY, last, query.to_any(last, _names(last)), True, changes)
        if last.communes:
            yield Try(Way.ANY, last, query.to_any(last, _names(last)), False, changes)


def _corrected(question: Question) -> tuple[Question, dict[str, str]]:
    """Read the question again without its mistakes; the same when none is seen."""
    lexicon, places = load_lexicon(), known_places()
    doubtful = spelling.to_correct(question)
    ours = {w: near for w in doubtful if (near := spelling.near_known(w, lexicon, places))}
    theirs = spelling.near_indexed(word for word in doubtful if word not in ours)
    changes = ours | theirs
    text = replace_words(question.text, changes)
    again = read_question(text, lexicon, places, question.ignored)
    return (again, changes) if changes and again else (question, {})


def _written(asked: Asked, attempt: Try) -> Asked:
    """Complete the call of CKAN's search with one way to ask."""
    communes = attempt.question.communes if attempt.is_here else ()
    kept = {key: value for key, value in asked.items() if key != WITHOUT}
    filters = [*kept.get("fq_list", [])]
    if communes:
        filters.append(query.to_filter(communes))
    told = {"q": attempt.text} | query.parser_of(attempt.question)
    return kept | told | ({"fq_list": filters} if filters else {})


def _names(question: Question) -> list[str]:
    names = known_places().names
    return [names.get(code, "") for code in question.communes]


def _shown(corrected: Mapping[str, str], found: Asked) -> dict[str, str]:
    """Give the corrected words their accents."""
    titles = [str(each.get("title") or "") for each in found["results"] if isinstance(each, dict)]
    return {old: spelling.with_accents(new, titles) for old, new in corrected.items()}


def to_dict(told: Understood) -> dict[str, Any]:
    """Tell what was understood in plain JSON."""
    names, themes = known_places().names, load_vocabulary("themes")
    return {
        "words": [idea.typed for idea in told.question.ideas],
        "communes": [
            {"insee": code, "name": names.get(code, code)} for code in told.question.communes
        ],
        "themes": [
            {"id": term.id, "label": term.label}
            for theme in told.question.themes
            if (term := themes.get(theme))
        ],
        "corrected": dict(told.corrected),
        "way": told.way.value,
    }
