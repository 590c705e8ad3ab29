"""What authors of contributions are told by mail. Pure.

A letter that asks for a confirmation holds nothing of what was typed: nobody can have this site
send words of theirs to somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass

from ckanext.territoire.community.model import Contribution, Kind, State
from ckanext.territoire.links.letter import Block, Letter, Way

NAMES = {
    Kind.REUSE: "votre réutilisation",
    Kind.QUESTION: "votre question",
    Kind.ATTEMPT: "votre réponse au défi",
}
SUBJECTS = {
    State.UNCONFIRMED: "confirmez votre envoi",
    State.WAITING: "{name} est relue à nouveau",
    State.CHANGES: "{name} est à compléter",
    State.ACCEPTED: "{name} est publiée",
    State.ANSWERED: "réponse à votre question",
    State.CLOSED: "{name} est close",
    State.REFUSED: "{name} n’est pas publiée",
    State.WITHDRAWN: "{name} n’est plus publiée",
}
SAID = {
    State.WAITING: "La décision dont nous vous avions parlé est annulée : nous relisons {what}.",
    State.CHANGES: "{place} a lu {what} et vous demande un changement.",
    State.ACCEPTED: "{place} a lu {what} : tout le monde peut maintenant la voir.",
    State.ANSWERED: "{place} a répondu à {what}.",
    State.CLOSED: "{place} a clos {what} sans pouvoir y répondre.",
    State.REFUSED: "{place} a lu {what} et ne la publie pas.",
    State.WITHDRAWN: "{place} ne montre plus {what}.",
}


@dataclass(frozen=True, slots=True)
class Around:
    """What a letter needs beside the contribution: the site, who decided, the public page (`""`:
    none), the page of the author, and for how many hours it may be confirmed."""

    site: str
    place: str
    page: str
    own: str
    hours: int


def to_letter(told: Contribution, around: Around) -> Letter:
    """Write what became of a contribution."""
    name = NAMES[told.kind]
    subject = f"{around.site} : {SUBJECTS[told.state].format(name=name)}"
    if told.state is State.UNCONFIRMED:
        return Letter(subject, _to_confirm(around))
    what = f"{name} « {told.title} »"
    blocks: list[Block] = ["Bonjour,", SAID[told.state].format(place=around.place, what=what)]
    if told.answer and told.state is not State.WAITING:
        blocks.append(f"« {told.answer} »")
    if told.is_public and around.page:
        blocks.append(Way("La voir en ligne", around.page))
    if told.state is State.CHANGES:
        blocks.append(Way("La compléter", around.own))
    elif told.state in (State.WAITING, State.ACCEPTED) and told.kind is not Kind.QUESTION:
        blocks.append(Way("La modifier ou la retirer", around.own))
    blocks.append(_kept(told))
    return Letter(subject, tuple(blocks))


def _to_confirm(around: Around) -> tuple[Block, ...]:
    return (
        "Bonjour,",
        f"Quelqu’un a écrit sur {around.site} en donnant cette adresse. Si c’est vous, ouvrez cette"
        f" page et confirmez, dans les {around.hours} heures. Votre texte sera alors relu.",
        Way("Confirmer", around.own),
        "Si ce n’est pas vous, ne faites rien : tout sera effacé, et rien n’aura été publié.",
    )


def _kept(told: Contribution) -> str:
    if told.state in (State.ANSWERED, State.CLOSED, State.REFUSED, State.WITHDRAWN):
        return "Votre adresse électronique a servi à cette réponse ; elle va être effacée."
    return "Votre adresse électronique n’est montrée à personne."
