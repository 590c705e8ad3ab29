"""Who publishes and whom to write to, out of the people that a geographic record names.

The roles are those of ISO 19115 (`CI_RoleCode`), also used by OGC API Records. The address of a
named person is published only when the record makes this person the contact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.values import to_email

PUBLISHER_ROLES = ("publisher", "owner", "rightsholder", "resourceprovider", "custodian",
                   "originator", "author", "principalinvestigator", "pointofcontact",
                   "distributor")  # fmt: skip
CONTACT_ROLES = ("pointofcontact", "contact", "contactpoint")


@dataclass(frozen=True, slots=True)
class Party:
    """One organisation or person, with the role it has for the data."""

    organisation: str = ""
    person: str = ""
    mail: str = ""
    role: str = ""


def publisher_of(parties: Sequence[Party]) -> str:
    """Name the organisation that answers for the data, by role, then by order."""
    named = [party for party in parties if party.organisation]
    named.sort(key=lambda party: _rank(party.role))
    return named[0].organisation if named else ""


def contact_of(parties: Sequence[Party]) -> tuple[str, str]:
    """Answer the name and the address to write to: the contact, else a service with an address.

    >>> contact_of([Party("Conservatoire", "La botaniste", "botaniste@cbn.fr", "author")])
    ('Conservatoire', '')
    """
    contacts = [party for party in parties if _word(party.role) in CONTACT_ROLES]
    services = [party for party in parties if not party.person and party.mail]
    others = sorted(parties, key=lambda party: _rank(party.role))
    with_mail = [party for party in contacts if party.mail]
    best = next(iter([*with_mail, *services, *contacts, *others]), None)
    if best is None:
        return "", ""
    is_public = best in with_mail or not best.person
    mail = to_email(best.mail) or "" if is_public else ""
    return best.organisation or best.person, mail


def _word(role: str) -> str:
    return role.strip().lower()


def _rank(role: str) -> int:
    word = _word(role)
    return PUBLISHER_ROLES.index(word) if word in PUBLISHER_ROLES else len(PUBLISHER_ROLES)
