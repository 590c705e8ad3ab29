"""Which of the known origins of one dataset publishes it.

Pure, and the only place of this rule. In order: the origin that an officer chose; the nearest to
the producer (`Nearness`); the most complete; the freshest; the one in place. A published dataset
changes its origin by itself only for a nearer one, and only when the record in place bears it out:
its identifier has the address of the new source, it names the organisation of the new source as
publisher, or both sources publish for one organisation. What a new source says of itself never
suffices, so that no source takes the dataset of another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from urllib.parse import urlsplit

from harvesters.identity import Stand
from harvesters.model import Dataset
from harvesters.same import claim_key
from schemas.vocabulary import plain

NATIONAL_HOSTS = (
    "data.gouv.fr",
    "geocatalogue.fr",
    "data.europa.eu",
    "data.opendatasoft.com",
    "public.opendatasoft.com",
)
NATIONAL_KINDS = frozenset({"data_gouv"})
_TITLES = re.compile(r"^(ville|commune|mairie|communaute d agglomeration) (de |d )?")


class Nearness(IntEnum):
    """How near a source is to the producer of a dataset; the least is the nearest."""

    PRODUCER = 0
    REGION = 1
    NATION = 2


@dataclass(frozen=True, slots=True)
class Route:
    """What an officer registered of a source. `owner_names` are those of its organisation;
    `said` is how near its portal is to the producers, when the officer said it."""

    source_id: str
    title: str
    host: str = ""
    organization_id: str = ""
    owner_names: frozenset[str] = frozenset()
    is_national: bool = False
    said: Nearness | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """One known origin of a dataset, as the rule weighs it."""

    source_id: str
    remote_id: str
    nearness: Nearness
    completeness: int = 0
    modified: str = ""
    is_chosen: bool = False
    is_in_place: bool = False


def owner_form(name: str) -> str:
    """Reduce the name of a publisher to what its spellings share.

    >>> owner_form("Ville d’Acigné") == owner_form("ACIGNE") == "acigne"
    True
    """
    words = re.sub(r"[^a-z0-9]+", " ", plain(name)).strip()
    return _TITLES.sub("", words)


def host_of(address: str) -> str:
    """Answer the host of an address or of a claim, with an unusual port; `""` when it has none.

    >>> host_of("https://www.Ville.fr:443/jeu/1"), host_of("//ville.fr:81/"), host_of("urn:rudi:1")
    ('ville.fr', 'ville.fr:81', '')
    """
    try:
        place = urlsplit(address).netloc
    except ValueError:
        return ""
    return re.sub(r":(80|443)$", "", place.rpartition("@")[2].lower()).removeprefix("www.")


def is_national(kind: str, host: str) -> bool:
    """Say whether a source is a portal of the whole country or of Europe."""
    return kind in NATIONAL_KINDS or any(
        host == known or host.endswith(f".{known}") for known in NATIONAL_HOSTS
    )


def nearness(route: Route, claim: str, publisher: str) -> Nearness:
    """Tell how near a source is to the producer, by the identifier and the publisher in place."""
    if route.host and host_of(claim) == route.host:
        return Nearness.PRODUCER
    level = level_of(route)
    is_its_own = level is Nearness.REGION and _names(route, publisher)
    return Nearness.PRODUCER if is_its_own else level


def level_of(route: Route) -> Nearness:
    """Tell what kind of portal a source is: as an officer said it, else by its kind and address."""
    if route.said is not None:
        return route.said
    return Nearness.NATION if route.is_national else Nearness.REGION


def _names(route: Route, publisher: str) -> bool:
    return bool(publisher) and owner_form(publisher) in route.owner_names


def completeness(dataset: Dataset) -> int:
    """Count what a dataset tells: its filled fields and its files."""
    told = (
        dataset.description, dataset.licence, dataset.themes, dataset.communes, dataset.spatial,
        dataset.frequency, dataset.issued, dataset.modified, dataset.temporal_start,
        dataset.temporal_end, dataset.publisher, dataset.contact_name, dataset.contact_email,
        dataset.language, dataset.landing_page, dataset.upstream_uri, dataset.properties,
    )  # fmt: skip
    return sum(1 for value in told if value) + len(dataset.resources)


def winner_of(origins: Iterable[Origin]) -> Origin:
    """Answer the origin that publishes; of equals, always the same one."""
    ordered = sorted(origins, key=lambda o: (o.source_id, o.remote_id))
    return max(
        ordered,
        key=lambda o: (o.is_chosen, -o.nearness, o.completeness, o.modified[:10], o.is_in_place),
    )


@dataclass(frozen=True, slots=True)
class Holder:
    """A published dataset of another source, as it stands.

    `mates` are the records of the asking source that this dataset has as origins already;
    `strangers` the datasets that an officer judged different from it.
    """

    dataset_id: str
    remote_id: str
    route: Route
    claim: str = ""
    page_key: int | None = None
    publisher: str = ""
    chosen_source: str = ""
    mates: tuple[str, ...] = ()
    strangers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that a source brings. `own_id` is its own dataset; `claim_key` and `page_key`
    are the keys (`harvesters.same`) of its claim and of its landing page; `has_moved` says that it
    does not claim what it claimed when it was joined to `joined_to`."""

    remote_id: str
    own_id: str
    claim: str = ""
    claim_key: int | None = None
    page_key: int | None = None
    stand: Stand = Stand.PUBLISHED
    joined_to: str = ""
    is_live: bool = False
    has_moved: bool = False
    known_as: str = ""


class Verdict(Enum):
    """What becomes of a record: published by itself, known beside a published dataset,
    published in the place of its origin of today, or refused."""

    PUBLISH = "publish"
    JOIN = "join"
    TAKE = "take"
    REFUSE = "refuse"


def settle(
    candidate: Candidate, holders: Sequence[Holder], route: Route
) -> tuple[Verdict, Holder | None]:
    """Decide for one record. A dataset that is published already is never joined by itself."""
    if candidate.is_live and candidate.stand is Stand.PUBLISHED:
        return Verdict.PUBLISH, None
    holder, is_sure = _match(candidate, holders)
    if holder is None:
        return Verdict.PUBLISH, None
    is_joined = holder.dataset_id == candidate.joined_to
    if not is_joined and set(holder.mates) - {candidate.remote_id, candidate.known_as}:
        return (Verdict.REFUSE, holder) if is_sure else (Verdict.PUBLISH, None)
    return (Verdict.TAKE if _may_take(candidate, holder, route) else Verdict.JOIN), holder


def _match(candidate: Candidate, holders: Sequence[Holder]) -> tuple[Holder | None, bool]:
    """Find the one dataset that this record is, and whether it says so itself by its claim."""
    joined = next((h for h in holders if h.dataset_id == candidate.joined_to), None)
    if joined and (candidate.stand is Stand.MERGED or not candidate.has_moved):
        return joined, True
    open_to = [h for h in holders if candidate.own_id not in h.strangers]
    if candidate.claim:
        same = [h for h in open_to if h.claim == candidate.claim]
        if same:
            return (same[0] if len(same) == 1 else None), True
    linked = [h for h in open_to if _is_linked(candidate, h)]
    return (linked[0] if len(linked) == 1 else None), False


def _is_linked(candidate: Candidate, holder: Holder) -> bool:
    """Whether one of both names the page of the other as the place it comes from."""
    ours, theirs = candidate.claim_key, claim_key(holder.claim)
    return (ours is not None and ours == holder.page_key) or (
        theirs is not None and theirs == candidate.page_key
    )


def _may_take(candidate: Candidate, holder: Holder, route: Route) -> bool:
    if holder.chosen_source:
        return holder.chosen_source == route.source_id
    if candidate.stand is Stand.MERGED:
        return False
    ours = nearness(route, holder.claim, holder.publisher)
    is_borne_out = (
        (route.host and host_of(holder.claim) == route.host)
        or _names(route, holder.publisher)
        or (route.organization_id and route.organization_id == holder.route.organization_id)
    )
    return bool(is_borne_out) and ours < nearness(holder.route, holder.claim, holder.publisher)
