"""What waits for an officer today, in words: how much, since when, where to decide of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ckan.plugins import toolkit

from ckanext.territoire.portal.typography import number

# kind: one, many, the page, what is asked there
WORDS = {
    "delivery": ("dépôt retenu", "dépôts retenus", "territoire_decisions.index",
                 "Publier ou refuser"),
    "harvest": ("moisson retenue", "moissons retenues", "territoire_decisions.index",
                "Accepter ou refuser ce qui changerait"),
    "source": ("source en difficulté", "sources en difficulté", "territoire_sources.index",
               "Lire pourquoi, prévenir qui la tient"),
    "choice": ("correction contredite par sa source", "corrections contredites par leur source",
               "territoire_sources.index", "Garder la correction ou la source"),
    "flag": ("signalement de lecteur", "signalements de lecteurs", "territoire_flags.index",
             "Corriger et répondre"),
    "contribution": ("contribution à lire", "contributions à lire", "territoire_received.index",
                     "Publier, répondre ou refuser"),
    "question": ("question publiée sans réponse", "questions publiées sans réponse",
                 "territoire_received.index", "Répondre ou clore"),
    "review": ("jeu moissonné à relire", "jeux moissonnés à relire", "territoire_sources.reviews",
               "Publier ou corriger"),
    "duplicate": ("doublon probable", "doublons probables", "territoire_same.index",
                  "Réunir ou distinguer"),
    "key": ("demande de quota", "demandes de quota", "territoire_officer_keys.index",
            "Accorder ou refuser"),
    "address": ("adresse de courriel sans réponse", "adresses de courriel sans réponse",
                "territoire_my_notices.addresses", "Joindre la personne"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Task:
    """What waits: `count` as it is written, since when (ISO, `""` unknown), where it is done."""

    count: str
    label: str
    act: str
    url: str
    since: str


def to_tasks(listed: Iterable[Mapping[str, Any]]) -> list[Task]:
    """Say each kind of what `territoire_task_list` answers, in its order."""
    return [_to_task(each) for each in listed]


def _to_task(told: Mapping[str, Any]) -> Task:
    one, many, endpoint, act = WORDS[told["kind"]]
    label = one if told["count"] < 2 else many
    return Task(number(told["count"]), label, act, str(toolkit.url_for(endpoint)), told["since"])
