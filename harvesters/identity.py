"""Which record is which: change hash, claim, and renamed records.

Pure. A record is known by (source, remote id); when a remote id vanishes and a
new one appears, the two are the same dataset if, surest first, the ids differ
only by `http(s)` or a last `/`, the claim is the same, the first file address is
the same, or title and content are the same. A likeness that fits two records
fits none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

import orjson

from harvesters.model import Dataset

ABSENT = b""


class RecordState(Enum):
    """What the store knows of a record it published."""

    LIVE = "live"
    MISSING = "missing"
    RETIRED = "retired"


class Stand(Enum):
    """Whether a record publishes its dataset, or is known beside the source that does: joined to it
    by its claim, or merged into it by an officer (`harvesters.origin`)."""

    PUBLISHED = "published"
    JOINED = "joined"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Known:
    """A record that this source gave in an earlier run.

    `frozen` is the content hash that an officer does not want, `ABSENT` when it is its absence.
    """

    remote_id: str
    dataset_id: str
    content_hash: bytes
    first_url: str = ""
    fingerprint: str = ""
    claim: str = ""
    state: RecordState = RecordState.LIVE
    missing_since: datetime | None = None
    seen_hash: bytes = b""
    frozen: bytes | None = None
    stand: Stand = Stand.PUBLISHED


@dataclass(frozen=True, slots=True)
class Draft:
    """The identity and change hash of one mapped dataset; `claim` is its identity for everybody.

    `seen_hash` (`harvesters.seen`) is empty for a record that must be mapped at each run.
    """

    remote_id: str
    content_hash: bytes
    first_url: str
    fingerprint: str
    claim: str
    title: str
    seen_hash: bytes = b""


_GLOBAL_ID = re.compile(
    r"^(https?://|urn:|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$)",
    re.IGNORECASE,
)


def same_id_form(remote_id: str) -> str:
    """Reduce an id to what stays when a site moves to https or adds a last slash.

    >>> same_id_form("http://a.fr/x/") == same_id_form("https://a.fr/x")
    True
    """
    return re.sub(r"^https?://", "//", remote_id.strip()).rstrip("/")


def claim_of(dataset: Dataset) -> str:
    """Answer the identity that only one source may hold here, `""` when it has only a local one."""
    if dataset.upstream_uri:
        return same_id_form(dataset.upstream_uri)
    return same_id_form(dataset.remote_id) if _GLOBAL_ID.match(dataset.remote_id) else ""


def _digest_of_content(value: Any) -> str:
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    raise TypeError(f"no stable form for {type(value).__name__}")


def draft_of(dataset: Dataset) -> Draft:
    """Reduce a dataset to its draft. Issues do not count as a change; file contents do."""
    body = orjson.dumps(replace(dataset, issues=()), default=_digest_of_content)
    first_url = next((r.url for r in dataset.resources if r.url), "")
    content = f"{dataset.title}\n{dataset.description}\n{len(dataset.resources)}"
    return Draft(
        remote_id=dataset.remote_id,
        content_hash=hashlib.blake2b(body, digest_size=16).digest(),
        first_url=first_url,
        fingerprint=hashlib.blake2b(content.encode(), digest_size=16).hexdigest(),
        claim=claim_of(dataset),
        title=dataset.title,
    )


@dataclass(frozen=True, slots=True)
class Matching:
    """Pairs (new draft, vanished record, is it sure), and what is left on both sides."""

    pairs: tuple[tuple[Draft, Known, bool], ...]
    new: tuple[Draft, ...]
    vanished: tuple[Known, ...]


def _unique(items: Iterable[Any], key: str) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for item in items:
        value = same_id_form(item.remote_id) if key == "remote_id" else getattr(item, key)
        if value:
            found.setdefault(value, []).append(item)
    return {value: same[0] for value, same in found.items() if len(same) == 1}


SURE = ("remote_id", "claim")
LIKELY = (*SURE, "first_url", "fingerprint")


def match_renamed(
    new: Sequence[Draft], vanished: Sequence[Known], keys: Sequence[str] = LIKELY
) -> Matching:
    """Pair new records with vanished ones, the surest likeness first, never ambiguous ones."""
    pairs: list[tuple[Draft, Known, bool]] = []
    new, vanished = list(new), list(vanished)
    for key in keys:
        if not new or not vanished:
            break
        ours, theirs = _unique(vanished, key), _unique(new, key)
        found = [(theirs[value], ours[value]) for value in sorted(ours.keys() & theirs.keys())]
        pairs += [(draft, known, key in SURE) for draft, known in found]
        done_new = {draft.remote_id for draft, _ in found}
        done_old = {known.remote_id for _, known in found}
        new = [d for d in new if d.remote_id not in done_new]
        vanished = [k for k in vanished if k.remote_id not in done_old]
    return Matching(tuple(pairs), tuple(new), tuple(vanished))
