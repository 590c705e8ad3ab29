"""What is proposed under the search field while somebody types: datasets, communes, themes.

`GET /recherche/idees?q=` answers a piece of a page. Only what is public is proposed, the same to
everybody: answers are kept a minute here and in browsers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Response
from flask import Blueprint, make_response

from ckanext.territoire.index_fields import THEMES
from ckanext.territoire.minute import kept_a_minute
from ckanext.territoire.search import query
from ckanext.territoire.search.known_places import known_places
from ckanext.territoire.search.lexicon import load_lexicon
from ckanext.territoire.search.question import Question, read_question
from ckanext.territoire.territory.members import members
from schemas.vocabulary import load_vocabulary, plain

ideas = Blueprint("territoire_search_ideas", __name__)
MAX_LETTERS, LEAST_LETTERS = 80, 2
DATASETS, OTHERS = 6, 3
FRESH_S = 60


@dataclass(frozen=True, slots=True)
class Idea:
    """One proposal: what is read, beside it, and where it leads."""

    label: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Ideas:
    """The proposals for what is typed."""

    datasets: tuple[Idea, ...] = ()
    communes: tuple[Idea, ...] = ()
    themes: tuple[Idea, ...] = ()

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.datasets) + len(self.communes) + len(self.themes)


@ideas.route("/recherche/idees")
def show() -> Response:
    """Propose what begins so; nothing for less than two letters."""
    text = " ".join(toolkit.request.args.get("q", "")[:MAX_LETTERS].casefold().split())
    found = ideas_for(text) if len(text) >= LEAST_LETTERS else Ideas()
    page = toolkit.render("territoire/search_ideas.html", {"ideas": found, "text": text})
    answer = make_response(page)
    answer.headers["Cache-Control"] = f"public, max-age={FRESH_S}"
    return answer


@kept_a_minute
def ideas_for(text: str) -> Ideas:
    """Look a beginning up in datasets, communes and themes."""
    return Ideas(_datasets(text), _communes(text), _themes(text))


def _datasets(text: str) -> tuple[Idea, ...]:
    question = read_question(text, load_lexicon(), known_places())
    if question is None:
        return ()
    found = toolkit.get_action("package_search")({}, _asked(question))
    return tuple(
        Idea(
            str(each["title"] or each["name"]),
            str((each.get("organization") or {}).get("title") or ""),
            toolkit.url_for("dataset.read", id=each["name"]),
        )
        for each in found["results"]
    )


def _asked(question: Question) -> dict[str, Any]:
    names = [known_places().names.get(code, "") for code in question.communes]
    return {
        "q": query.to_beginning(question, names),
        **query.parser_of(question),
        "fq": "+dataset_type:dataset",
        "fq_list": [query.to_filter(question.communes)] if question.communes else [],
        "rows": DATASETS,
        "facet": "false",
        "include_private": False,
    }


def _communes(text: str) -> tuple[Idea, ...]:
    """Find the communes whose name, or a word of it, begins so."""
    wanted = plain(text)
    found = [each for each in members() if wanted and f" {wanted}" in f" {plain(each.name)}"]
    found.sort(key=lambda each: (not plain(each.name).startswith(wanted), each.name))
    return tuple(
        Idea(each.name, "", toolkit.url_for("territoire_communes.show", slug=each.slug))
        for each in found[:OTHERS]
    )


def _themes(text: str) -> tuple[Idea, ...]:
    """Find the local themes of which a label or another name begins so."""
    wanted = plain(text)
    found = [
        term
        for term in load_vocabulary("themes")
        if wanted
        and term.parent
        and any(
            plain(word).startswith(wanted) or f" {wanted}" in plain(word)
            for word in (term.label, *term.synonyms)
        )
    ]
    return tuple(
        Idea(term.label, "", toolkit.url_for("dataset.search", **{THEMES: term.id}))
        for term in found[:OTHERS]
    )
