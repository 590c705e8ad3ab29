"""The French words of the matrix: states, what they mean, the letter to a commune. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ckanext.territoire.delivery.matrix import Cell
from ckanext.territoire.portal.typography import count, day, spaced

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """How a state is shown: `key` is also the class of its sign; `many` is its label in a count."""

    key: str
    label: str
    many: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do, and where."""

    label: str
    url: str


def _state(cell: Cell, meaning: str, many: str = "") -> State:
    return State(cell.name.lower(), cell.value, many or cell.value, meaning)


STATES = (
    _state(Cell.DECIDE, "Un dépôt est retenu : il attend votre décision."),
    _state(Cell.INVALID, "Fichier illisible, ou plus d’une ligne sur cinq à corriger."),
    _state(Cell.STALE, "Publié, mais plus ancien que son rythme."),
    _state(Cell.ABSENT, "Rien n’a encore été publié.", "absents"),
    _state(Cell.FINE, "Publié, dans les temps."),
)
PUBLIC_STATES = (
    State("fine", "à jour", "à jour", "Publié, dans les temps."),
    State("stale", "à actualiser", "à actualiser", "Publié ; une version plus récente viendra."),
    State("underway", "en cours", "en cours", "Un fichier est reçu et en cours de relecture."),
    State("absent", "pas encore", "pas encore", "Rien n’est encore publié ici."),
)
ASKED = {
    "invalid": "Le fichier reçu pour « {theme} » n’a pas pu être publié entièrement. "
    "Pouvez-vous nous en envoyer un autre, ou corriger celui-ci ?",
    "stale": "Le tableau « {theme} » de votre commune date du {since}. "
    "Pouvez-vous nous en envoyer une version à jour ?",
    "absent": "Le tableau « {theme} » de votre commune n’est pas encore publié sur {site}. "
    "Pouvez-vous nous envoyer ce que vous avez, même un simple tableur ?",
}


def why(cell: Data) -> str:
    """Say in a sentence what the state of a cell rests on."""
    good, bad = cell["good"] or cell["rows"], cell["bad"]
    if cell["state"] == "decide":
        return "Un dépôt est retenu : il attend une décision."
    if cell["state"] == "absent":
        return "Rien n’a encore été publié."
    if not good and not bad:
        return "Le dernier fichier reçu n’a pas pu être lu."
    told = count(good, "ligne en ligne", "lignes en ligne")
    if cell["published_at"]:
        told += f" depuis le {day(cell['published_at'])}"
    if bad:
        told += f", {count(bad, 'ligne à corriger', 'lignes à corriger')}"
    return f"{told}."


def to_acts(commune: Data, schema: Data, cell: Data, has_mandate: bool) -> list[Act]:
    """List what can be done of a cell, in one click each; the first is what to do next."""
    name, slug = commune["organization_name"], schema["slug"]
    new_link = f"/depots/liens/nouveau?pour={name}"
    acts = []
    if cell["waiting_id"]:
        label = cell["action"] if cell["state"] == "decide" else "Lire le compte rendu"
        acts.append(Act(label, f"/depots/{cell['waiting_id']}"))
    if cell["bad"] and cell["live_id"]:
        lines = count(cell["bad"], "ligne")
        label = f"Envoyer un lien de correction ({lines})"
        acts.append(Act(label, f"{new_link}&depot={cell['live_id']}"))
    elif cell["state"] in ASKED:
        acts.append(Act(cell["action"], f"{new_link}&schema={slug}"))
    if has_mandate and cell["state"] != "decide":
        acts.append(Act("Publier pour la commune", f"/deposer/{slug}?pour={name}"))
    return acts


def mailto(commune: Data, schema: Data, cell: Data, site: tuple[str, str]) -> str:
    """Write a `mailto:` address with a letter ready to send; `site` is its title and address."""
    title, address = site
    asked = ASKED.get(cell["state"], ASKED["stale"]).format(
        theme=schema["title"], since=day(cell["published_at"]), site=title
    )
    duty = schema["duty"]
    lines = [
        "Bonjour,",
        asked,
        *([f"La loi le demande : {duty['text']}"] if duty and cell["is_duty"] else []),
        f"Le modèle à remplir et son mode d’emploi : {address}/modeles/{schema['slug']}",
        "Merci de votre aide.",
    ]
    subject = f"{commune['name']} : {schema['title']}"
    body = "\r\n\r\n".join(spaced(line) for line in lines)
    return f"mailto:?subject={quote(spaced(subject))}&body={quote(body)}"


def served(share: float) -> str:
    """Say the share of the population that is served.

    >>> served(0.6249).replace("\\xa0", " ")
    '62 % de la population servie'
    """
    return f"{round(share * 100)}\u00a0% de la population servie"
