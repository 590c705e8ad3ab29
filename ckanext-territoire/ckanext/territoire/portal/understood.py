"""What the search page says of a question: what was understood, and what else to try."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import flask
from ckan.plugins import toolkit

from ckanext.territoire import coverage
from ckanext.territoire.index_fields import THEMES
from ckanext.territoire.search.answer import WITHOUT
from ckanext.territoire.search.french import fold
from ckanext.territoire.search.question import WORD
from schemas.vocabulary import load_vocabulary, plain

Told = dict[str, Any]
REQUEST_PAGE = "territoire_requests.new"
NEAREST, CLOSE = 3, 0.6
SAID = {
    "elsewhere": "Rien sur ce sujet pour {there}\u00a0: "
    "voici ce qui existe ailleurs sur le territoire.",
    "any": "Aucun jeu de données ne répond à tous vos mots\u00a0: "
    "voici ceux qui répondent à une partie.",
}


@dataclass(frozen=True, slots=True)
class Link:
    """One thing to choose, and where it leads."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as it was read: chips that can be taken away, a remark, other ways to ask."""

    chips: tuple[Link, ...]
    corrected: tuple[tuple[str, str], ...]
    remark: str
    shorter: tuple[Link, ...]
    nearby: tuple[Link, ...]
    is_literal: bool
    again_url: str


def reading(text: str) -> Reading | None:
    """Tell how the question of this page was read; `None` when it was not read at all."""
    told: Told | None = flask.g.get("territoire_understood")
    if not told or told["text"] != text.strip():
        return None
    unwanted = toolkit.request.args.get(WITHOUT, "").replace(",", " ").split()
    return Reading(
        chips=_chips(told, unwanted),
        corrected=tuple(told["corrected"].items()),
        remark=_remark(told),
        shorter=_shorter(told) if told["way"] == "any" else (),
        nearby=_nearby(text) if told["way"] == "nothing" else (),
        is_literal=bool(unwanted),
        again_url=_url(_asked(WITHOUT)),
    )


def _chips(told: Told, unwanted: list[str]) -> tuple[Link, ...]:
    """One chip for the communes, one for each theme; each leads to the search without it."""
    names = " ou ".join(commune["name"] for commune in told["communes"])
    chips = [Link(f"Commune\u00a0: {names}", _without([*unwanted, "commune"]))] if names else []
    chips += [
        Link(f"Thème\u00a0: {theme['label']}", _without([*unwanted, "theme"]))
        for theme in told["themes"]
    ]
    return tuple(chips)


def _remark(told: Told) -> str:
    there = " ou ".join(commune["name"] for commune in told["communes"])
    return SAID.get(told["way"], "").format(there=there)


def _shorter(told: Told) -> tuple[Link, ...]:
    """Propose the question without one of its words, where that finds something whole."""
    written = {fold(word): word for word in WORD.findall(told["text"])}
    words = [" ".join(written.get(w, w) for w in words.split()) for words in told["words"]]
    if len(words) < 2:
        return ()
    places = [commune["name"] for commune in told["communes"]]
    rests = [" ".join([*words[:at], *words[at + 1 :], *places]) for at in range(len(words))]
    return tuple(Link(rest, _url([("q", rest)])) for rest in rests if _is_answered(rest))


def _is_answered(text: str) -> bool:
    asked = {"q": text, "rows": 0, "facet": "false", "include_private": False}
    found = toolkit.get_action("package_search")({}, asked)
    return bool(found.get("understood", {}).get("way") == "all")


def _nearby(text: str) -> tuple[Link, ...]:
    """Propose the communes and themes that are written nearly so."""
    names = coverage.communes().names.values()
    spelt = {plain(name): name for name in names}
    close = difflib.get_close_matches(plain(text), list(spelt), n=NEAREST, cutoff=CLOSE)
    communes = [Link(spelt[name], _url([("q", spelt[name])])) for name in close]
    terms = load_vocabulary("themes").near(text, NEAREST)
    return (*communes, *(Link(term.label, _url([(THEMES, term.id)])) for term in terms))


def _without(unwanted: list[str]) -> str:
    return _url([*_asked(WITHOUT), (WITHOUT, ",".join(dict.fromkeys(unwanted)))])


def _asked(*dropped: str) -> list[tuple[str, str]]:
    """List the questions of this page but the page itself and these."""
    return [
        (name, value)
        for name, value in toolkit.request.args.items(multi=True)
        if value and name not in ("page", *dropped)
    ]


def _url(pairs: list[tuple[str, str]]) -> str:
    return f"{toolkit.url_for('dataset.search')}?{urlencode(pairs)}"


def request_url() -> str:
    """Answer the page where data are asked for; `""` when this portal has none."""
    has_page = REQUEST_PAGE in flask.current_app.view_functions
    return str(toolkit.url_for(REQUEST_PAGE)) if has_page else ""
