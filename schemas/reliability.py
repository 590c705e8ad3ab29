"""How far a file or a dataset can be relied on: from 0 to 100, from measured facts alone. Pure.

Each part has a weight and an earned share. What is not known is left out of the sum and said: it
is no fault. Nothing here knows how the data came, harvested or deposited.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from schemas.vocabulary import load_vocabulary

NARROW, NBSP = "\u202f", "\u00a0"
MAX_CHECKS = 30


class Licence(Enum):
    """What the licence lets people do."""

    OPEN = "open"
    KNOWN = "known"
    NONE = "none"


class Freshness(Enum):
    """The age of the data in waits between two updates: one at most, two, three, more."""

    ON_TIME = "on_time"
    DUE = "due"
    OVERDUE = "overdue"
    DELINQUENT = "delinquent"


class PartName(Enum):
    """What is measured."""

    ROWS = "rows"
    FRESHNESS = "freshness"
    AVAILABILITY = "availability"
    METADATA = "metadata"
    LICENCE = "licence"


LABELS = {
    PartName.ROWS: "Lignes valables",
    PartName.FRESHNESS: "Fraîcheur",
    PartName.AVAILABILITY: "Disponibilité",
    PartName.METADATA: "Fiche",
    PartName.LICENCE: "Licence",
}
WEIGHTS = {
    PartName.ROWS: 30,
    PartName.FRESHNESS: 25,
    PartName.AVAILABILITY: 15,
    PartName.METADATA: 15,
    PartName.LICENCE: 15,
}
FRESH_LABELS = {
    Freshness.ON_TIME: "à jour",
    Freshness.DUE: "en retard",
    Freshness.OVERDUE: "très en retard",
    Freshness.DELINQUENT: "à l’abandon",
}
FRESH_SHARES = {
    Freshness.ON_TIME: 1.0,
    Freshness.DUE: 0.6,
    Freshness.OVERDUE: 0.3,
    Freshness.DELINQUENT: 0.0,
}
LICENCE_SHARES = {Licence.OPEN: 1.0, Licence.KNOWN: 0.5, Licence.NONE: 0.0}
WORDS = ((85, "très fiable"), (70, "fiable"), (50, "à améliorer"), (0, "fragile"))


@dataclass(frozen=True, slots=True)
class Facts:
    """What was measured; `None` and `()` mean: not known.

    `checks` say whether the address answered, newest last; `fields` map the label of a part of the
    description to whether it is filled; `frequency` is an id of `vocabularies/frequencies.yaml`.
    """

    good: int | None = None
    bad: int | None = None
    age_days: int | None = None
    frequency: str = ""
    checks: tuple[bool, ...] = ()
    fields: Mapping[str, bool] = field(default_factory=dict)
    licence: Licence | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One part: `points` of `weight` (`None`: not known), why, and what would raise it."""

    name: PartName
    weight: int
    share: float | None
    sentence: str
    advice: str = ""

    @property
    def points(self) -> int | None:
        return None if self.share is None else round(self.share * self.weight)


@dataclass(frozen=True, slots=True)
class Score:
    """From 0 to 100, or `None` when nothing is known, with a word and the parts."""

    value: int | None
    word: str
    parts: tuple[Part, ...]


def score(facts: Facts) -> Score:
    """Weigh the facts that are known.

    >>> score(Facts(good=99, bad=1, licence=Licence.OPEN)).value
    99
    >>> score(Facts()).value is None
    True
    """
    parts = (
        _rows(facts),
        _freshness(facts),
        _availability(facts),
        _metadata(facts),
        _licence(facts),
    )
    known = [(part.share, part.weight) for part in parts if part.share is not None]
    if not known:
        return Score(None, "inconnue", parts)
    earned = sum(share * weight for share, weight in known)
    value = round(100 * earned / sum(weight for _, weight in known))
    return Score(value, word_of(value), parts)


def word_of(value: int) -> str:
    """Say a score in a word."""
    return next(word for least, word in WORDS if value >= least)


def freshness_of(age_days: int, frequency: str) -> Freshness | None:
    """Judge an age against the longest normal wait of a rhythm; `None` when none is promised.

    >>> freshness_of(40, "monthly"), freshness_of(100, "monthly"), freshness_of(100, "irregular")
    (<Freshness.ON_TIME: 'on_time'>, <Freshness.OVERDUE: 'overdue'>, None)
    """
    term = load_vocabulary("frequencies").get(frequency)
    days = int(term.facts.get("days") or 0) if term else 0
    if not days:
        return None
    waits = (Freshness.ON_TIME, Freshness.DUE, Freshness.OVERDUE)
    for times, state in enumerate(waits, start=1):
        if age_days <= times * days:
            return state
    return Freshness.DELINQUENT


def _part(name: PartName, share: float | None, sentence: str, advice: str = "") -> Part:
    full = share is not None and share >= 1
    return Part(name, WEIGHTS[name], share, sentence, "" if full else advice)


def _rows(facts: Facts) -> Part:
    total = (facts.good or 0) + (facts.bad or 0)
    if facts.good is None or not total:
        told = "Les lignes n’ont pas été vérifiées par un modèle de tableau."
        return _part(PartName.ROWS, None, told, "Déposez le fichier avec son modèle.")
    if not facts.bad:
        told = f"{_count(total, 'ligne vérifiée', 'lignes vérifiées')}, toutes valables."
        return _part(PartName.ROWS, 1.0, told)
    told = f"{_count(facts.good, 'ligne valable', 'lignes valables')} sur {_number(total)}."
    advice = f"Corrigez {_count(facts.bad, 'ligne mise', 'lignes mises')} de côté."
    return _part(PartName.ROWS, facts.good / total, told, advice)


def _freshness(facts: Facts) -> Part:
    name = PartName.FRESHNESS
    if facts.age_days is None:
        told = "La date de la dernière mise à jour des données n’est pas connue."
        return _part(name, None, told, "Indiquez cette date sur la fiche.")
    term = load_vocabulary("frequencies").get(facts.frequency)
    state = freshness_of(facts.age_days, facts.frequency)
    since = _age(facts.age_days)
    if term is None or state is None:
        rhythm = "aucun rythme n’est promis" if term else "aucun rythme n’est indiqué"
        advice = "Indiquez le rythme de mise à jour sur la fiche."
        return _part(name, None, f"Données mises à jour {since}\u00a0; {rhythm}.", advice)
    told = (
        f"Données mises à jour {since}, pour un rythme «\u00a0{term.label}\u00a0»\u00a0: "
        f"{FRESH_LABELS[state]}."
    )
    return _part(name, FRESH_SHARES[state], told, "Publiez la version d’aujourd’hui.")


def _availability(facts: Facts) -> Part:
    name, checks = PartName.AVAILABILITY, facts.checks[-MAX_CHECKS:]
    if not checks:
        return _part(name, None, "L’adresse du fichier n’a pas encore été essayée.")
    answered = sum(checks)
    times = _count(len(checks), "essai")
    if answered == len(checks):
        return _part(name, 1.0, f"L’adresse du fichier a toujours répondu ({times}).")
    told = f"L’adresse du fichier a répondu {_number(answered)} fois sur {times}."
    advice = "Vérifiez que l’adresse du fichier répond à toute heure."
    return _part(name, answered / len(checks), told, advice)


def _metadata(facts: Facts) -> Part:
    name = PartName.METADATA
    if not facts.fields:
        return _part(name, None, "La fiche n’a pas été regardée.")
    missing = [label for label, is_filled in facts.fields.items() if not is_filled]
    total = len(facts.fields)
    if not missing:
        return _part(name, 1.0, f"La fiche est complète ({_number(total)} rubriques).")
    told = f"{_count(total - len(missing), 'rubrique remplie', 'rubriques remplies')} sur {total}."
    return _part(name, 1 - len(missing) / total, told, f"Remplissez\u00a0: {', '.join(missing)}.")


def _licence(facts: Facts) -> Part:
    name = PartName.LICENCE
    if facts.licence is None:
        return _part(name, None, "La licence n’a pas été regardée.")
    told = {
        Licence.OPEN: "La licence est ouverte\u00a0: chacun peut réutiliser les données.",
        Licence.KNOWN: "La licence est connue, mais elle limite la réutilisation.",
        Licence.NONE: "Aucune licence connue n’est indiquée.",
    }[facts.licence]
    advice = "Choisissez une licence ouverte, comme la Licence Ouverte 2.0."
    return _part(name, LICENCE_SHARES[facts.licence], told, advice)


def _number(value: int) -> str:
    return f"{value:,}".replace(",", NARROW)


def _count(value: int, one: str, many: str = "") -> str:
    return f"{_number(value)}{NBSP}{one if value < 2 else many or one + 's'}"


def _age(days: int) -> str:
    if days < 2:
        return "hier" if days == 1 else "aujourd’hui"
    if days < 60:
        return f"il y a {_count(days, 'jour')}"
    if days < 730:
        return f"il y a {days // 30}{NBSP}mois"
    return f"il y a {_count(days // 365, 'an')}"
