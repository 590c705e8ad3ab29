"""Add a partner of the territory: a transport operator, a syndicate, a service of the State…"""

from __future__ import annotations

from dataclasses import dataclass

from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire import minute
from ckanext.territoire.territory import store
from ckanext.territoire.territory.names import free_slug
from ckanext.territoire.territory.plan import StoredOrganization
from harvesters.errors import Refused
from harvesters.model import Issue
from schemas.vocabulary import plain

KINDS = {
    "operateur": "opérateur de transport ou de réseau",
    "syndicat": "syndicat",
    "etat": "service de l’État",
    "autre": "autre partenaire",
}
ALIASES = {"operator": "operateur", "opérateur": "operateur", "état": "etat"}


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner as it was asked for; `siren` may be `""`."""

    title: str
    kind: str
    siren: str = ""


@dataclass(frozen=True, slots=True)
class AddedPartner:
    """What became of it; `is_new` is false when the same partner stood there already."""

    id: str
    name: str
    title: str
    is_new: bool


def check_partner(partner: Partner) -> Partner:
    """Tidy a partner; TER-CFG-004 for a wrong SIREN, TER-CFG-009 for an unknown kind."""
    kind = ALIASES.get(partner.kind, partner.kind)
    if kind not in KINDS:
        raise Refused(Issue("TER-CFG-009", found=partner.kind, expected=", ".join(KINDS)))
    siren = partner.siren.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    if siren and not (len(siren) == 9 and siren.isascii() and siren.isdigit()):
        raise Refused(Issue("TER-CFG-004", found=partner.siren, expected="il a neuf chiffres"))
    if siren and not is_siren(siren):
        expected = "sa clé de contrôle est fausse, un chiffre a été mal recopié"
        raise Refused(Issue("TER-CFG-004", found=partner.siren, expected=expected))
    return Partner(partner.title.strip(), kind, siren)


def is_siren(number: str) -> bool:
    """Check the key of nine digits (Luhn).

    >>> is_siren("243500139"), is_siren("243500138")
    (True, False)
    """
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def add_partner(context: Context, asked: Partner) -> AddedPartner:
    """Add a partner under the EPCI; the same one again is named, not doubled."""
    partner = check_partner(asked)
    with store.one_at_a_time():
        organizations, names = store.read_organizations()
        epci = next((o for o in organizations if _is_epci(o)), None)
        if epci is None:
            raise Refused(Issue("TER-CFG-005"))
        same = _same(partner, organizations)
        if same is not None:
            return AddedPartner(same.id, same.name, same.title, is_new=False)
        data = {
            "name": free_slug(partner.title, partner.siren, names),
            "title": partner.title,
            "kind": partner.kind,
            "siren": partner.siren,
            "groups": [{"name": epci.name, "capacity": "public"}],
        }
        own = Context(user=context["user"], ignore_auth=True)
        made = toolkit.get_action("organization_create")(own, data)
    minute.forget()
    return AddedPartner(made["id"], made["name"], made["title"], is_new=True)


def _is_epci(organization: StoredOrganization) -> bool:
    return organization.is_active and organization.fields.get("kind") == "epci"


def _same(partner: Partner, organizations: list[StoredOrganization]) -> StoredOrganization | None:
    """Find the partner by SIREN or name; TER-CFG-006 when the name is a commune's or the EPCI's."""
    for organization in (each for each in organizations if each.is_active):
        is_named = plain(organization.title) == plain(partner.title)
        has_siren = bool(partner.siren) and organization.fields.get("siren") == partner.siren
        if not is_named and not has_siren:
            continue
        kind = organization.fields.get("kind", "")
        if kind not in KINDS:
            raise Refused(Issue("TER-CFG-006", found=organization.title, expected=kind or "?"))
        return organization
    return None
