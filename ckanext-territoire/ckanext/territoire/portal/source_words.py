"""The French words of the screen of all sources. Pure.

Input: items of `territoire_source_list`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ckanext.territoire.harvest_adapter.health import Health
from ckanext.territoire.portal.typography import PARIS, count, day
from harvesters.rhythm_words import say_moment, say_next
from schemas.vocabulary import plain

Data = Mapping[str, Any]
DAYS_NAMED = 7  # a day of the week alone says which one


@dataclass(frozen=True, slots=True)
class State:
    """How a health is shown: `key` is also the class of its sign; `health` its name in answers."""

    key: str
    label: str
    many: str
    health: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the list: a health, words of a title, of an organisation or of a kind."""

    health: str = ""
    words: str = ""


def _state(health: Health, sign: str, label: str, many: str, meaning: str = "") -> State:
    return State(sign, label, many, health.value, meaning)


STATES = (
    _state(Health.DECIDE, "decide", "à décider", "à décider", "Une moisson est retenue, ou un "
           "champ corrigé a changé à la source."),
    _state(Health.FAILING, "invalid", "en échec", "en échec", "La source ne peut plus être lue."),
    _state(Health.LATE, "stale", "en retard", "en retard", "La moisson prévue n’a pas eu lieu."),
    _state(Health.PARTIAL, "stale", "lue en partie", "lues en partie", "La lecture s’est arrêtée "
           "en chemin : rien n’est retiré."),
    _state(Health.EMPTY, "stale", "vide", "vides", "La source répond, mais ne contient rien."),
    _state(Health.REVIEW, "underway", "à relire", "à relire", "Des jeux de données attendent "
           "d’être relus."),
    _state(Health.DRAFT, "absent", "brouillon", "brouillons", "L’adresse n’a pas encore répondu."),
    _state(Health.NEW, "absent", "nouvelle", "nouvelles", "Pas encore moissonnée."),
    _state(Health.STOPPED, "absent", "à l’arrêt", "à l’arrêt", "Elle n’est plus moissonnée."),
    _state(Health.FINE, "fine", "à jour", "à jour", "Tout va bien."),
)  # fmt: skip
BY_HEALTH = {state.health: state for state in STATES}
RANK = {state.health: rank for rank, state in enumerate(STATES)}


def read_wanted(args: Mapping[str, str]) -> Wanted:
    """Read the parameters of an address; a health that does not exist is left out."""
    health = args.get("etat", "")
    return Wanted(health if health in BY_HEALTH else "", args.get("q", "").strip())


def sort_sources(listed: Iterable[Data]) -> list[Data]:
    """Put what needs somebody first, then by title."""
    return sorted(listed, key=lambda each: (RANK[each["health"]], plain(each["title"])))


def with_words(listed: Iterable[Data], words: str) -> list[Data]:
    """Keep the sources that hold all of these words, however they are written."""
    asked = plain(words).split()
    return [each for each in listed if all(word in _text(each) for word in asked)]


def count_states(listed: Iterable[Data]) -> list[tuple[State, int]]:
    """Count the sources of each state that there is, in the order of need."""
    counts = Counter(each["health"] for each in listed)
    return [(state, counts[state.health]) for state in STATES if counts[state.health]]


def say_state(each: Data) -> str:
    """Say what the state of a source rests on; `""` when the word says it all."""
    match each["health"]:
        case "decide" if each["is_held"]:
            return each["last_ended"]["sentence"]
        case "decide":
            return f"{count(each['choices'], 'champ corrigé', 'champs corrigés')} à confirmer."
        case "failing":
            return f"Depuis le {day(each['failing_since'])}. Ce qui est publié reste en ligne."
        case "late" if each["next_run"]:
            return f"Elle était prévue le {day(each['next_run'])}."
        case "review":
            return f"{count(each['reviews'], 'jeu', 'jeux')} de données à relire."
        case "fine":
            return ""
        case health:
            return BY_HEALTH[health].meaning


def say_week(each: Data) -> str:
    """Say what changed in seven days; `""` when nothing did."""
    week = each["week"]
    words = (("new", "nouveau", "nouveaux"), ("updated", "mis à jour", "mis à jour"),
             ("retired", "retiré", "retirés"))  # fmt: skip
    parts = [count(week[name], one, many) for name, one, many in words if week[name]]
    return ", ".join(parts)


def say_last(each: Data, now: datetime) -> str:
    """Say when a source was last read; `""` when it never was."""
    run = each["last_ended"]
    if run is None:
        return ""
    at = datetime.fromisoformat(run["finished_at"] or run["started_at"]).replace(tzinfo=UTC)
    days = (now.astimezone(PARIS).date() - at.astimezone(PARIS).date()).days
    day_name, _, hour = say_moment(at, now).rpartition(" à ")
    if days == 1:
        return f"hier à {hour}"
    return f"{day_name.split()[0]} à {hour}" if days < DAYS_NAMED else day_name


def say_coming(each: Data, now: datetime) -> str:
    """Say when a source is read next; `""` for one that is not read."""
    if each["health"] in ("draft", "stopped"):
        return ""
    if each["last_run"] and each["last_run"]["state"] == "running":
        return "en cours"
    if coming := each["next_run"]:
        return say_next(datetime.fromisoformat(coming), now)
    return "à la demande" if each["frequency"] == "MANUAL" else ""


def _text(each: Data) -> str:
    return plain(f"{each['title']} {each['organization']} {each['kind_label']} {each['name']}")
