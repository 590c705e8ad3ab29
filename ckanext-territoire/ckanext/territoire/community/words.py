"""The French words of contributions: types of reuses, states, decisions. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ckanext.territoire.community.model import Kind, State
from ckanext.territoire.portal.typography import count

# types of reuses: what is kept, how it is named, and how many of them are
TYPES: Mapping[str, tuple[str, str]] = {
    "application": ("Application ou site", "Applications et sites"),
    "carte": ("Carte", "Cartes"),
    "visualisation": ("Visualisation", "Visualisations"),
    "article": ("Article de presse", "Articles de presse"),
    "recherche": ("Étude ou recherche", "Études et recherches"),
    "enseignement": ("Enseignement", "Enseignement"),
    "service": ("Service public", "Services publics"),
    "autre": ("Autre", "Autres"),
}
KINDS: Mapping[Kind, str] = {
    Kind.REUSE: "Réutilisation",
    Kind.QUESTION: "Question",
    Kind.ATTEMPT: "Défi relevé",
}


@dataclass(frozen=True, slots=True)
class Words:
    """A state: its name, the class of its tag, and what its author reads of it."""

    label: str
    tag: str
    said: str


STATES: Mapping[State, Words] = {
    State.UNCONFIRMED: Words("à confirmer", "is-late", "Confirmez pour que votre texte soit lu."),
    State.WAITING: Words(
        "à lire", "is-late", "Votre texte attend d’être lu. Rien n’en est montré."
    ),
    State.CHANGES: Words("à compléter", "is-late", "Un changement vous est demandé."),
    State.ACCEPTED: Words("publié", "is-good", "Votre texte est public."),
    State.ANSWERED: Words("répondu", "is-good", "Votre question et sa réponse sont publiques."),
    State.CLOSED: Words("clos", "", "Votre question est close, sans réponse à attendre."),
    State.REFUSED: Words("refusé", "", "Votre texte n’est pas publié."),
    State.WITHDRAWN: Words("retiré", "", "Votre texte n’est plus montré."),
    State.DROPPED: Words("écarté", "", "Votre texte n’est pas publié."),
}
# how the buttons name decisions; the first one of a list is the main one
ACTS: Mapping[tuple[Kind, State], str] = {
    (Kind.REUSE, State.ACCEPTED): "Publier",
    (Kind.REUSE, State.CHANGES): "Demander un changement",
    (Kind.QUESTION, State.ANSWERED): "Répondre en public",
    (Kind.QUESTION, State.ACCEPTED): "Publier sans réponse pour l’instant",
    (Kind.QUESTION, State.CLOSED): "Clore, avec cette raison",
    (Kind.ATTEMPT, State.ACCEPTED): "Accepter et montrer",
}
EVERY: Mapping[State, str] = {
    State.REFUSED: "Refuser, avec cette raison",
    State.WITHDRAWN: "Retirer, avec cette raison",
    State.DROPPED: "Écarter (hors sujet)",
}
ORDER = (
    State.ACCEPTED, State.ANSWERED, State.CHANGES, State.CLOSED, State.REFUSED, State.WITHDRAWN,
    State.DROPPED,
)  # fmt: skip
DONE: Mapping[tuple[Kind, State], str] = {
    (Kind.REUSE, State.ACCEPTED): "La réutilisation est publique et son auteur prévenu.",
    (Kind.REUSE, State.CHANGES): "Votre demande part à l’auteur.",
    (Kind.QUESTION, State.ANSWERED): "La question et votre réponse sont publiques.",
    (Kind.QUESTION, State.ACCEPTED): "La question est publique ; elle attend votre réponse.",
    (Kind.QUESTION, State.CLOSED): "La question est close ; votre raison est publique.",
    (Kind.ATTEMPT, State.ACCEPTED): "La réponse au défi est publique et son auteur prévenu.",
}
DONE_EVERY: Mapping[State, str] = {
    State.REFUSED: "Refusé : rien n’en est montré, et votre raison part à l’auteur.",
    State.WITHDRAWN: "Retiré : rien n’en est plus montré, et votre raison part à l’auteur.",
    State.DROPPED: "Écarté : rien n’en est montré, et l’auteur n’est pas prévenu.",
}
# what may be decided of several at once, and what is said of it: of one, of more
TOGETHER: Mapping[str, tuple[str, str]] = {
    "accepted": ("contribution publiée", "contributions publiées"),
    "refused": ("contribution refusée", "contributions refusées"),
    "dropped": ("contribution écartée", "contributions écartées"),
    "undo": ("décision annulée", "décisions annulées"),
}


def said_together(act: str, number: int) -> str:
    """What is said when a decision is taken of several at once.

    >>> said_together("dropped", 2)
    '2\\xa0contributions écartées.'
    """
    return f"{count(number, *TOGETHER[act])}."


def act_label(kind: Kind, state: State) -> str:
    """How a decision is named on its button."""
    return ACTS.get((kind, state)) or EVERY[state]


def said_done(kind: Kind, state: State) -> str:
    """What is said when a decision is taken."""
    return DONE.get((kind, state)) or DONE_EVERY[state]
