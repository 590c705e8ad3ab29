"""What makes two published datasets look like one, and what to propose of it to an officer.

Pure. Surest first: the same claim (`harvesters.identity`), a link of one to the page of the other,
the same files, the same title and content inside one owner. Addresses are compared without
`http(s)`, port, last `/`, fragment and tracking; keys are 64-bit hashes, so that one index serves.
A likeness that fits two datasets of one source fits none, and none of these merges by itself.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import combinations
from urllib.parse import urlsplit

from harvesters.model import Dataset

MAX_FILES = 500
LEAST_SHARE = 0.5
ALWAYS = ""
_TRACKING = re.compile(
    r"(utm_\w+|fbclid|gclid|msclkid|mc_[ce]id|xtor|at_\w+|pk_\w+|mtm_\w+|_ga)=", re.IGNORECASE
)
_PORT = re.compile(r":(80|443)$")


def address_form(url: str) -> str:
    """Reduce a web address to what stays of it; `""` for what is no address or only a site.

    >>> address_form("HTTP://Ville.fr:80/a.csv/?utm_source=x&b=1#fin")
    '//ville.fr/a.csv?b=1'
    >>> address_form("https://ville.fr/"), address_form("urn:x:1")
    ('', '')
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    host = _PORT.sub("", parts.netloc.rpartition("@")[2].lower())
    query = "&".join(p for p in parts.query.split("&") if p and not _TRACKING.match(p))
    place = parts.path.rstrip("/") + (f"?{query}" if query else "")
    return f"//{host}{place}" if host and place else ""


def key_of(form: str) -> int:
    """Hash a text to a signed number of 64 bits, as PostgreSQL stores it."""
    return int.from_bytes(hashlib.blake2b(form.encode(), digest_size=8).digest(), signed=True)


def file_keys(dataset: Dataset) -> tuple[int, ...]:
    """Answer the keys of the files of a dataset, at most `MAX_FILES`, always the same ones."""
    forms = {address_form(resource.url) for resource in dataset.resources if resource.url}
    return tuple(sorted(key_of(form) for form in forms if form)[:MAX_FILES])


def page_key(dataset: Dataset) -> int | None:
    """Answer the key of the page that presents a dataset, `None` without one."""
    form = address_form(dataset.landing_page)
    return key_of(form) if form else None


def claim_key(claim: str) -> int | None:
    """Answer the key of the page that a claim may be the address of, `None` when it is none."""
    form = address_form(claim)
    return key_of(form) if form else None


class Reason(Enum):
    """Why two datasets look like one, surest first."""

    CLAIM = "claim"
    PAGE = "page"
    FILES = "files"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Side:
    """One dataset of a likeness and the source that publishes it."""

    dataset_id: str
    source_id: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """One reason that two datasets share: `shared` files out of the `out_of` of the smaller."""

    one: Side
    other: Side
    reason: Reason
    shared: int = 1
    out_of: int = 1

    @property
    def share(self) -> float:
        """How much of the smaller dataset is in the other."""
        return self.shared / self.out_of


@dataclass(frozen=True, slots=True)
class Proposal:
    """Datasets that may be one. `likenesses` says, pair by pair, why, as one text."""

    datasets: tuple[str, ...]
    reasons: tuple[Reason, ...]
    likenesses: Mapping[tuple[str, str], str]


def pair_of(one: str, other: str) -> tuple[str, str]:
    """Name a pair whatever its order."""
    return (one, other) if one < other else (other, one)


def proposals_of(
    likenesses: Iterable[Likeness], judged: Mapping[tuple[str, str], str]
) -> list[Proposal]:
    """Gather what to propose. `judged` holds the pairs found different, and why they looked alike
    then: such a pair comes back when that has changed, never when it was judged for `ALWAYS`."""
    found: dict[tuple[str, str], list[Likeness]] = defaultdict(list)
    for reason in Reason:
        of_reason = [
            x for x in likenesses if x.reason is reason and x.share >= LEAST_SHARE
        ]  # fmt: skip
        for likeness in _mutual(of_reason):
            found[pair_of(likeness.one.dataset_id, likeness.other.dataset_id)].append(likeness)
    told = {pair: _told(reasons) for pair, reasons in found.items()}
    open_pairs = {p: t for p, t in told.items() if judged.get(p) not in (ALWAYS, t)}
    sources = {s.dataset_id: s.source_id for xs in found.values() for x in xs
               for s in (x.one, x.other)}  # fmt: skip
    return [_proposal(group, open_pairs, found) for group in _groups(open_pairs, sources)]


def _mutual(likenesses: list[Likeness]) -> list[Likeness]:
    """Keep the likenesses that are, on both sides, the only best one with that source."""
    best: dict[tuple[str, str], list[Likeness]] = defaultdict(list)
    for likeness in likenesses:
        for mine, theirs in _sides(likeness):
            rivals = best[mine.dataset_id, theirs.source_id]
            if rivals and rivals[0].share < likeness.share:
                rivals.clear()
            if not rivals or rivals[0].share == likeness.share:
                rivals.append(likeness)
    return [
        x for x in likenesses
        if all(best[mine.dataset_id, theirs.source_id] == [x] for mine, theirs in _sides(x))
    ]  # fmt: skip


def _sides(likeness: Likeness) -> tuple[tuple[Side, Side], tuple[Side, Side]]:
    return (likeness.one, likeness.other), (likeness.other, likeness.one)


def _told(likenesses: list[Likeness]) -> str:
    return ", ".join(f"{x.reason.value} {x.shared}/{x.out_of}" for x in likenesses)


def _groups(pairs: Iterable[tuple[str, str]], sources: Mapping[str, str]) -> list[set[str]]:
    """Join pairs that share a dataset, unless a group would hold two datasets of one source."""
    group_of: dict[str, set[str]] = {}
    alone: list[set[str]] = []
    for pair in sorted(pairs):
        joined = set(pair).union(*(group_of.get(each, ()) for each in pair))
        if len({sources[each] for each in joined}) == len(joined):
            group_of.update(dict.fromkeys(joined, joined))
        else:
            alone.append(set(pair))
    return [*{id(group): group for group in group_of.values()}.values(), *alone]


def _proposal(
    group: set[str],
    told: Mapping[tuple[str, str], str],
    found: Mapping[tuple[str, str], list[Likeness]],
) -> Proposal:
    pairs = combinations(sorted(group), 2)
    inside = {pair: told[pair] for pair in pairs if pair in told}
    reasons = {x.reason for pair in inside for x in found[pair]}
    ordered = tuple(reason for reason in Reason if reason in reasons)
    return Proposal(tuple(sorted(group)), ordered, inside)
