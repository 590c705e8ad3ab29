"""The sources that a territory already has elsewhere: asked of a national catalogue, proposed.

Three sorts of proposals: an *organisation* of the catalogue that carries the SIREN of a member; a
*portal* from which the catalogue itself harvested most of what such an organisation shows, which
is nearer to the producer; a *zone*, what anybody publishes on a member. Pure, but for `ask`.
Requests are counted and bounded; nothing is added here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from harvesters.errors import Refused, cause
from harvesters.identity import Draft, draft_of
from harvesters.model import Config, Dataset, Issue, Page, Record, Request, Response, Source
from harvesters.national import (
    Organization,
    addresses_of,
    organizations_request,
    portals_of,
    read_organizations,
    read_total,
    zone_address,
    zone_request,
)
from harvesters.ports import Progress
from harvesters.recognise import Ask, Candidate, Sureness, recognise

KIND = "data_gouv"  # the kind that reads such a catalogue itself
MAX_REQUESTS, MAX_ORGANIZATIONS, MAX_PORTALS = 260, 60, 5
MOST, NEARLY_ALL = 0.5, 0.9
Tell = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Member:
    """Who publishes here: the EPCI, a commune (`insee`) or a partner; `name` is its page here."""

    siren: str
    name: str
    title: str
    insee: str = ""
    is_epci: bool = False


class Sort(Enum):
    """Why a source is proposed."""

    ORGANIZATION = "organisation"
    PORTAL = "portail"
    ZONE = "territoire"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A source to add. `drafts` are the first datasets, to find out which are here already;
    `is_advised` says that nothing speaks against it."""

    sort: Sort
    kind: str
    url: str
    title: str
    member: Member
    count: int
    reason: str
    is_advised: bool = True
    drafts: tuple[Draft, ...] = ()


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found; `notes` say in French what could not be asked."""

    proposals: tuple[Proposal, ...]
    organization_count: int
    request_count: int
    notes: tuple[str, ...] = ()


def discover(
    site: str,
    members: tuple[Member, ...],
    ask: Ask,
    kinds: Mapping[str, Source],
    tell: Tell = lambda _: None,
) -> Discovery:
    """Ask a catalogue what it holds of these members. Raises `Refused` (TER-CFG-140) when the
    catalogue does not answer as one."""
    search = _Search(site.strip().rstrip("/"), members, ask, kinds, tell)
    found = search.organizations()
    proposals = [*search.of_organizations(found), *search.of_zones()]
    return Discovery(tuple(proposals), len(found), search.asked, tuple(search.notes))


@dataclass(frozen=True, slots=True)
class _Sample:
    """The first datasets of an organisation."""

    records: tuple[Record, ...] = ()
    drafts: tuple[Draft, ...] = ()
    total: int | None = None


@dataclass(slots=True)
class _Search:
    """What was asked and found so far."""

    site: str
    members: tuple[Member, ...]
    ask: Ask
    kinds: Mapping[str, Source]
    tell: Tell
    asked: int = 0
    notes: list[str] = field(default_factory=list)
    portals: dict[str, Candidate | None] = field(default_factory=dict)

    def _ask(self, request: Request) -> Response | Issue:
        if self.asked >= MAX_REQUESTS:
            return Issue("TER-FET-018", request.url)
        self.asked += 1
        return self.ask(request)

    def organizations(self) -> list[Organization]:
        """Read the whole list of organisations, and keep those of the territory."""
        sirens = {member.siren for member in self.members if member.siren}
        found: list[Organization] = []
        request: Request | None = organizations_request(self.site)
        seen, read = set[str](), 0
        while request and request.url not in seen:
            seen.add(request.url)
            answer = self._ask(request)
            page = (
                answer
                if isinstance(answer, Issue)
                else read_organizations(answer, self.site, sirens)
            )
            if isinstance(page, Issue):
                raise Refused(Issue("TER-CFG-140", self.site, cause(page)))
            found += page.found
            read += page.read
            self.tell(Progress("organisations lues", read, page.total))
            request = page.following
        order = [member.siren for member in self.members]
        found.sort(key=lambda one: order.index(one.siren))
        if len(found) > MAX_ORGANIZATIONS:
            self.notes.append(f"Seules {MAX_ORGANIZATIONS} organisations ont été examinées.")
        return found[:MAX_ORGANIZATIONS]

    def of_organizations(self, found: list[Organization]) -> Iterator[Proposal]:
        """Propose each organisation that shows something, and the portals behind them."""
        by_siren = {member.siren: member for member in self.members}
        for number, one in enumerate(found, start=1):
            self.tell(Progress("organisations examinées", number, len(found)))
            if one.count:
                yield from self._of_organization(one, by_siren[one.siren])

    def _of_organization(self, one: Organization, member: Member) -> Iterator[Proposal]:
        sample = self._sample(one.url)
        count = one.count if sample.total is None else sample.total
        behind = portals_of(sample.records)
        host = max(behind, key=lambda name: len(behind[name]), default="")
        share = len(behind.get(host, ())) / len(sample.records) if sample.records else 0
        portal, reason = None, f"porte le SIREN {one.siren} ({member.title})"
        if share >= MOST:
            is_new = host not in self.portals
            portal = self._portal(host, behind[host])
            told = "la plupart de ses jeux viennent" if share < 1 else "tous ses jeux viennent"
            reason = f"{reason} ; {told} de {host}"
            if portal and is_new:
                yield self._of_portal(portal, host, one, member)
            elif portal is None:
                reason = f"{reason}, que nous ne savons pas lire directement"
        is_advised = not (portal and share >= NEARLY_ALL)
        yield Proposal(
            Sort.ORGANIZATION, KIND, one.url, one.name, member, count, reason,
            is_advised, sample.drafts,
        )  # fmt: skip

    def _sample(self, url: str) -> _Sample:
        source, config = self.kinds[KIND], Config(url)
        answer = self._ask(source.start(config))
        page = Page() if isinstance(answer, Issue) else source.read(answer, config)
        if isinstance(answer, Issue):
            self.notes.append(f"{url} : {cause(answer)}")
        mapped = [source.to_dataset(record, config) for record in page.records]
        drafts = tuple(draft_of(each) for each in mapped if isinstance(each, Dataset))
        return _Sample(tuple(page.records), drafts, page.declared_total)

    def _portal(self, host: str, pages: list[str]) -> Candidate | None:
        """Recognise the portal of these pages, once, and only when it is sure."""
        if host in self.portals or len(self.portals) >= MAX_PORTALS:
            return self.portals.get(host)
        self.tell(Progress(f"portail {host} interrogé", len(self.portals) + 1))
        sure: Candidate | None = None
        for address in addresses_of(pages):
            best = recognise(address, self._ask, self.kinds.values()).best
            if best and best.sureness is Sureness.SURE:
                sure = best
                break
        self.portals[host] = sure
        return sure

    def _of_portal(
        self, portal: Candidate, host: str, one: Organization, member: Member
    ) -> Proposal:
        reason = f"portail d’où viennent les jeux de « {one.name} » ; {portal.evidence}"
        return Proposal(
            Sort.PORTAL, portal.kind, portal.url, f"{portal.label_fr} – {host}", member,
            portal.count, reason,
        )  # fmt: skip

    def of_zones(self) -> Iterator[Proposal]:
        """Propose what anybody publishes on a member; never advised, for it is not theirs."""
        zones = {_zone(member): member for member in self.members if _zone(member)}
        for number, (zone, member) in enumerate(zones.items(), start=1):
            self.tell(Progress("territoires comptés", number, len(zones)))
            answer = self._ask(zone_request(self.site, zone))
            if isinstance(answer, Issue):
                self.notes.append(
                    f"Les jeux par territoire n’ont pu être comptés : {cause(answer)}"
                )
                return
            total = read_total(answer)
            if total:
                yield Proposal(
                    Sort.ZONE, KIND, zone_address(self.site, zone),
                    f"Jeux de tous les producteurs – {member.title}", member, total,
                    f"jeux que n’importe quel producteur rattache à {member.title}", False,
                )  # fmt: skip


def _zone(member: Member) -> str:
    if member.is_epci:
        return f"fr:epci:{member.siren}"
    return f"fr:commune:{member.insee}" if member.insee else ""
