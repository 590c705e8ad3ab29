"""Set a territory up: read the official lists, compare, write what differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire import config, minute
from ckanext.territoire.territory import store
from ckanext.territoire.territory.cog import Cog, load_cog
from ckanext.territoire.territory.facts import facts_file, read_facts
from ckanext.territoire.territory.plan import (
    MembershipChange,
    OrganizationChange,
    apply_membership,
    plan_membership,
    plan_organizations,
    wanted_organizations,
)

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class TerritoryReport:
    """What a set-up did: page addresses of organisations, INSEE codes of communes."""

    siren: str
    name: str
    member_count: int
    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    facts_written: int = 0
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    without_outline: tuple[str, ...] = field(default=())

    @property
    def write_count(self) -> int:
        """How many rows of ours and organisations were written."""
        written = (self.created, self.updated, self.opened, self.closed)
        return sum(map(len, written)) + self.facts_written


def init_territory(context: Context, siren: str, on: date, progress: Progress) -> TerritoryReport:
    """Make the stored territory like the official list; twice writes nothing."""
    cog = load_cog(config.cog_dir())
    cog.load(siren)
    with store.one_at_a_time():
        return _init(context, cog, siren, on, progress)


def _init(context: Context, cog: Cog, siren: str, on: date, progress: Progress) -> TerritoryReport:
    epci = cog.load(siren)
    facts = read_facts(facts_file(), epci.communes)
    stored = store.read_memberships(epci.siren)
    membership = plan_membership(
        {commune.insee for commune in epci.communes}, stored, on, cog.heir_of
    )
    rows = apply_membership(stored, membership)
    changed = store.changed_facts(facts)
    store.write_territory(epci.siren, changed, membership)
    organizations, names = store.read_organizations()
    changes = plan_organizations(list(wanted_organizations(epci, rows)), organizations, names)
    _write_organizations(context, changes, progress)
    minute.forget()
    return TerritoryReport(
        siren=epci.siren,
        name=epci.name,
        member_count=len(epci.communes),
        created=tuple(change.name for change in changes if not change.id),
        updated=tuple(change.name for change in changes if change.id),
        facts_written=len(changed),
        without_outline=tuple(each.insee for each in facts if each.outline is None),
        **_codes(membership),
    )


def _codes(membership: MembershipChange) -> dict[str, tuple[str, ...]]:
    return {
        "opened": tuple(row.insee for row in membership.opened),
        "closed": tuple(row.insee for row in membership.closed),
    }


def _write_organizations(
    context: Context, changes: Sequence[OrganizationChange], progress: Progress
) -> None:
    """Write each by CKAN's own action, in its own transaction: a stopped set-up goes on later."""
    names = {each.key: each.name for each in store.read_organizations()[0] if each.key}
    names |= {change.key: change.name for change in changes}
    for number, change in enumerate(changes, start=1):
        data: dict[str, object] = dict(change.fields)
        if change.parent:
            data["groups"] = [{"name": names[change.parent], "capacity": "public"}]
        own = Context(user=context["user"], ignore_auth=True)
        if change.id:
            data |= {"id": change.id, "state": "active"}
            toolkit.get_action("organization_patch")(own, data)
        else:
            toolkit.get_action("organization_create")(own, {"name": change.name, **data})
        progress(number, len(changes), change.label)
