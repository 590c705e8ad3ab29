"""Decide what to write to make the stored territory like the official list. Pure.

Three things are compared: the organisations, the dated membership, and the facts on communes. A
commune that left or merged is closed, with its date and its heir; nothing is ever deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ckanext.territoire.territory.cog import Epci, OfficialCommune
from ckanext.territoire.territory.names import free_slug
from schemas.vocabulary import plain


@dataclass(frozen=True, slots=True)
class Membership:
    """A commune in an EPCI from a day on; `until` is `None` while it is a member."""

    insee: str
    since: date
    until: date | None = None
    heir_insee: str = ""


@dataclass(frozen=True, slots=True)
class StoredOrganization:
    """An organisation as it stands; `fields` are those of our form, `parent` an organisation id."""

    id: str
    name: str
    title: str
    fields: Mapping[str, str]
    parents: tuple[str, ...] = ()
    is_active: bool = True

    @property
    def key(self) -> str:
        """What it stands for: an INSEE code, else a SIREN, else `""`."""
        return self.fields.get("insee") or self.fields.get("siren") or ""


@dataclass(frozen=True, slots=True)
class WantedOrganization:
    """An organisation as it should be; `parent` is the key of another."""

    key: str
    official_name: str
    slug_from: str
    fields: Mapping[str, str]
    parent: str = ""


@dataclass(frozen=True, slots=True)
class OrganizationChange:
    """One organisation to write: `id` is `""` for a new one, `parent` a key or `""`."""

    key: str
    id: str
    name: str
    label: str
    fields: Mapping[str, str] = field(default_factory=dict)
    parent: str = ""


@dataclass(frozen=True, slots=True)
class MembershipChange:
    """Rows to open and rows to close."""

    opened: tuple[Membership, ...] = ()
    closed: tuple[Membership, ...] = ()


def plan_membership(
    members: Collection[str],
    stored: Sequence[Membership],
    on: date,
    heir_of: Callable[[str], str],
) -> MembershipChange:
    """Open a row for each new member, close the row of each that is one no more."""
    standing = {row.insee: row for row in stored if row.until is None}
    opened = tuple(Membership(insee, on) for insee in sorted(set(members) - set(standing)))
    closed = tuple(
        Membership(insee, standing[insee].since, on, heir_of(insee))
        for insee in sorted(set(standing) - set(members))
    )
    return MembershipChange(opened, closed)


def apply_membership(
    stored: Sequence[Membership], change: MembershipChange
) -> tuple[Membership, ...]:
    """Answer the rows as they will stand after a change."""
    ended = {(row.insee, row.since) for row in change.closed}
    kept = tuple(row for row in stored if (row.insee, row.since) not in ended)
    return kept + change.closed + change.opened


def wanted_organizations(epci: Epci, rows: Sequence[Membership]) -> Iterator[WantedOrganization]:
    """List the organisations that the territory should have: the EPCI, members, former members."""
    fields = {"kind": "epci", "siren": epci.siren, "population": _text(epci.population)}
    yield WantedOrganization(epci.siren, epci.name, epci.short_name, fields)
    communes = {commune.insee: commune for commune in epci.communes}
    latest = {row.insee: row for row in sorted(rows, key=lambda row: row.since)}
    for row in sorted(latest.values(), key=lambda row: (row.until is not None, row.insee)):
        if row.until is None and row.insee in communes:
            commune = communes[row.insee]
            yield WantedOrganization(
                row.insee, commune.name, commune.name, _commune_fields(commune, row), epci.siren
            )
        elif row.until is not None and row.insee not in communes:
            # what is known of it stays as it was; its heir, when a member, administers it
            marks = {"member_until": row.until.isoformat(), "heir_insee": row.heir_insee}
            parent = row.heir_insee if row.heir_insee in communes else epci.siren
            yield WantedOrganization(row.insee, "", "", marks, parent)


def plan_organizations(
    wanted: Sequence[WantedOrganization],
    stored: Sequence[StoredOrganization],
    taken: Collection[str],
) -> list[OrganizationChange]:
    """Compare; parents come before their children. A former member without page stays so.

    `taken` are the page addresses that any organisation or group has, a deleted one too.
    """
    by_key = {organization.key: organization for organization in stored if organization.key}
    names, changes = set(taken), []
    for want in wanted:
        had = by_key.get(want.key) or _namesake(want, stored)
        if had is not None:
            change = _update(want, had, by_key.get(want.parent))
        else:
            change = _create(want, names) if want.official_name else None
        if change is not None:
            names.add(change.name)
            changes.append(change)
    return changes


def _create(want: WantedOrganization, taken: Collection[str]) -> OrganizationChange:
    name = free_slug(want.slug_from, want.key, taken)
    titles = {"title": want.official_name, "official_name": want.official_name}
    fields = {**want.fields, **titles}
    return OrganizationChange(want.key, "", name, want.official_name, fields, want.parent)


def _update(
    want: WantedOrganization, had: StoredOrganization, parent: StoredOrganization | None
) -> OrganizationChange | None:
    is_moved = bool(want.parent) and (parent is None or had.parents != (parent.id,))
    fields = _differences(want, had)
    if not fields and not is_moved and had.is_active:
        return None
    moved_to = want.parent if is_moved else ""
    return OrganizationChange(want.key, had.id, had.name, had.title, fields, moved_to)


def _commune_fields(commune: OfficialCommune, row: Membership) -> dict[str, str]:
    return {
        "kind": "commune",
        "insee": commune.insee,
        "siren": commune.siren,
        "population": _text(commune.population),
        "postcodes": " ".join(commune.postcodes),
        "member_since": row.since.isoformat(),
        "member_until": "",
        "heir_insee": "",
    }


def _differences(want: WantedOrganization, had: StoredOrganization) -> dict[str, str]:
    """Name the fields that changed. A title that someone chose stays; an official one follows."""
    changed = {k: v for k, v in want.fields.items() if had.fields.get(k, "") != v}
    official = had.fields.get("official_name", "")
    if want.official_name and want.official_name != official:
        changed["official_name"] = want.official_name
        if had.title == official:
            changed["title"] = want.official_name
    return changed


def _namesake(
    want: WantedOrganization, stored: Sequence[StoredOrganization]
) -> StoredOrganization | None:
    """Find an organisation made by hand for the same place, before the territory was set up."""
    for organization in stored:
        has_name = plain(organization.title) in {plain(want.official_name), plain(want.slug_from)}
        if want.official_name and has_name and not organization.key:
            return organization
    return None


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
