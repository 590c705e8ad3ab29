"""What a person may choose to hear, in the order of the page: notices, then letters."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ckanext.territoire import publishers
from ckanext.territoire.notices import choices, people
from ckanext.territoire.notices.model import CHANGE, ENDS, LETTER, Person
from ckanext.territoire.notices.words import CHOICES
from ckanext.territoire.portal.typography import of_place

OF_CHANGES = "Ce que lisent mes clés de l’API va changer ou disparaître"
OF_ENDS = "Une de mes clés ou un de mes jetons de l’API se termine bientôt"


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to tick: its kind, its label, the mutes that it stands for."""

    kind: str
    label: str
    mutes: frozenset[str]

    @property
    def is_letter(self) -> bool:
        return choices.is_letter(self.kind)


def offers_to(key: str) -> list[Offer]:
    """List what a person may tick: the kinds of notices, and the letter of each commune."""
    person = people.find(key)
    edits = person is None or bool(person.org_ids)
    return [
        *(Offer(kind, label, frozenset({kind})) for kind, label in CHOICES.items() if edits),
        *(
            Offer(kind, label, frozenset({kind}))
            for kind, label in ((CHANGE, OF_CHANGES), (ENDS, OF_ENDS))
            if people.has_key(key)
        ),
        *_letters(person),
    ]


def set_wanted(key: str, wanted: Collection[str]) -> None:
    """Keep what a person wants to hear; all else that they could tick is muted. Commits."""
    choices.set_mutes(key, {each.kind for each in offers_to(key)} - set(wanted))


def _letters(person: Person | None) -> list[Offer]:
    if person is None:
        return []
    if person.is_officer:
        return [Offer(LETTER, "La lettre de toutes les communes", frozenset({LETTER}))]
    known = publishers.publishers()
    communes = [each for id_, each in known.items() if id_ in person.org_ids and each.insee]
    kinds = {each.id: choices.letter_of(each.id) for each in communes}
    return [
        Offer(
            kinds[each.id], f"La lettre {of_place(each.title)}", frozenset({LETTER, kinds[each.id]})
        )
        for each in sorted(communes, key=lambda each: each.title)
    ]
