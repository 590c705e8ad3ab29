"""The mail that tells several things at once, in French. Pure.

It holds titles of sources and of themes, counts and days: no address of a source, which may carry a
key, no title of a dataset, which may be private, and nobody else's address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ckanext.territoire.links.letter import Block, Heading, Item, Items, Letter, Way
from ckanext.territoire.notices.model import Kind, News
from ckanext.territoire.notices.words import AGAIN, WORDS, Words
from ckanext.territoire.portal.typography import count, day
from harvesters.errors import catalogue

Facts = Mapping[str, Any]
ORDER = {kind: rank for rank, kind in enumerate(Kind)}
SHOWN = 30  # of one kind in a mail; the page has them all
STAYS = "Ce qui est publié reste en ligne."


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the news: the site and its address, whom to ask, where to choose what to
    hear. `has_account`: the person may open the pages that the items lead to. `places` names the
    organisations by id."""

    site: str
    address: str
    contact: str
    choices: str
    has_account: bool
    places: Mapping[str, str]


def to_letter(news: Sequence[News], frame: Frame) -> Letter:
    """Write one mail for everything that a person is told now."""
    ordered = sorted(news, key=lambda each: (each.is_end, ORDER[each.kept.standing.kind]))
    parts = groupby(ordered, key=_words)
    blocks = [block for words, group in parts for block in _part(words, list(group), frame)]
    return Letter(_subject(ordered, frame), ("Bonjour,", *blocks, *ending(frame)))


def _words(news: News) -> Words:
    return AGAIN if news.is_end else WORDS[news.kept.standing.kind]


def _subject(news: Sequence[News], frame: Frame) -> str:
    words = {_words(each) for each in news}
    if len(news) == 1:
        return f"{_title(news[0], frame)} : {next(iter(words)).one}"
    if len(words) == 1:
        return f"{frame.site} : {count(len(news), '', next(iter(words)).many)}"
    return f"{frame.site} : {count(len(news), 'nouvelle', 'nouvelles')} de vos données"


def _part(words: Words, news: Sequence[News], frame: Frame) -> list[Block]:
    items = tuple(_item(each, frame) for each in news[:SHOWN])
    rest = len(news) - SHOWN
    more = [f"Et {count(rest, 'autre', 'autres')}, sur la page des moissons."] if rest > 0 else []
    return [Heading(words.heading), Items(items), *more]


def _item(news: News, frame: Frame) -> Item:
    path = news.kept.standing.facts.get("path") or ""
    address = f"{frame.address}{path}" if frame.has_account and path else ""
    return Item(_title(news, frame), _said(news), address)


def _title(news: News, frame: Frame) -> str:
    """Name a source or a theme, and whose it is."""
    standing = news.kept.standing
    title = " ".join(str(standing.facts.get("title") or "").split())
    place = frame.places.get(standing.org_id, "")
    return f"{title} ({place})" if place and place not in title else title


def _said(news: News) -> str:
    kind, facts = news.kept.standing.kind, news.kept.standing.facts
    return ENDS[kind](facts) if news.is_end else SAID[kind](facts)


def _failing(facts: Facts) -> str:
    code = catalogue().get(str(facts.get("code")))
    advice = f" {code.remedy}" if code else ""
    return f"aucune lecture n’a réussi depuis le {day(facts.get('since'))}. {STAYS}{advice}"


def _decision(facts: Facts) -> str:
    if (number := int(facts.get("count") or 0)) == 0:
        return "un dépôt est retenu. Il n’est pas publié, et ce qui est en ligne y reste."
    fields = count(number, "champ que vous aviez corrigé", "champs que vous aviez corrigés")
    return f"la source a changé {fields}. Gardez votre correction, ou prenez la nouvelle valeur."


def _flag(facts: Facts) -> str:
    waiting = count(int(facts["count"]), "signalement attend", "signalements attendent")
    return f"{waiting} votre réponse, qui sera publique."


def _contribution(facts: Facts) -> str:
    waiting = count(int(facts["count"]), "contribution attend", "contributions attendent")
    return f"{waiting} votre lecture ; rien n’en est montré avant."


def _review(facts: Facts) -> str:
    return f"{_datasets(facts, 'attend', 'attendent')} d’être relus. Rien n’est publié sans vous."


def _retired(facts: Facts) -> str:
    told = _datasets(facts, "a été retiré", "ont été retirés")
    return f"{told}, après le délai de grâce : la source ne les donne plus."


def _aside(facts: Facts) -> str:
    aside = count(int(facts["count"]), "ligne attend", "lignes attendent")
    online = int(facts.get("good") or 0)
    rest = f" {count(online, 'ligne est', 'lignes sont')} en ligne." if online else ""
    return f"{aside} une correction à la source.{rest}"


def _datasets(facts: Facts, one: str, many: str) -> str:
    return count(int(facts["count"]), f"jeu de données {one}", f"jeux de données {many}")


SAID: Mapping[Kind, Callable[[Facts], str]] = {
    Kind.HELD: lambda facts: str(facts.get("sentence") or "rien n’a été modifié."),
    Kind.DECISION: _decision,
    Kind.FLAG: _flag,
    Kind.CONTRIBUTION: _contribution,
    Kind.FAILING: _failing,
    Kind.EMPTY: lambda _: f"elle répond, mais ne contient plus aucune fiche. {STAYS}",
    Kind.LATE: lambda facts: f"elle était prévue le {day(facts.get('since'))}. {STAYS}",
    Kind.PARTIAL: lambda _: "la lecture s’est arrêtée en chemin. Rien n’est retiré.",
    Kind.REVIEW: _review,
    Kind.ASIDE: _aside,
    Kind.RETIRED: _retired,
    Kind.SILENT: lambda facts: f"rien n’y a changé depuis le {day(facts.get('since'))}.",
}
ENDS: Mapping[Kind, Callable[[Facts], str]] = {
    Kind.FAILING: lambda _: "la source est lue de nouveau.",
    Kind.EMPTY: lambda _: "la source contient de nouveau des fiches.",
    Kind.LATE: lambda _: "la moisson a eu lieu.",
}


def ending(frame: Frame) -> list[Block]:
    """Whom to ask, and where to choose what to hear."""
    asked = [f"Une question ? {frame.contact}"] if frame.contact else []
    choose = "Choisir ce que je reçois, ou ne plus rien recevoir"
    return [*asked, *([Way(choose, frame.choices)] if frame.choices else [])]
