"""The in-memory twins of the ports, public so that any test can run a whole harvest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from harvesters.identity import ABSENT, Draft, Known, RecordState, Stand
from harvesters.model import Dataset, Issue, Observation, Request, Response
from harvesters.pages import KeptPage
from harvesters.plan import Action
from harvesters.ports import Live, Outcome, Ports, Write


@dataclass
class FakeStore:
    """A catalogue in memory. `claims` says which claims other sources hold."""

    known: dict[str, Known] = field(default_factory=dict)
    datasets: dict[str, Dataset] = field(default_factory=dict)
    claims: dict[str, str] = field(default_factory=dict)
    observations: dict[str, dict[tuple[str, str], Observation]] = field(default_factory=dict)
    refuse: Callable[[Write], Issue | None] = lambda _: None
    writes: int = 0
    rehearsed: list[Write] = field(default_factory=list)

    def load_known(self) -> Iterable[Known]:
        return list(self.known.values())

    def owners_of(self, claims: Sequence[str]) -> Mapping[str, str]:
        return {claim: self.claims[claim] for claim in claims if claim in self.claims}

    def apply(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        return [self._apply_one(write) for write in writes]

    def _apply_one(self, write: Write) -> Outcome:
        issue = self.refuse(write)
        if issue:
            return Outcome(write.remote_id, write.dataset_id, issue)
        self.writes += 1
        holder = self.claims.get(write.draft.claim) if write.draft else None
        if holder and write.draft:
            known = known_of(write.draft, write.dataset_id)
            self.known[write.remote_id] = replace(known, stand=Stand.JOINED)
            return Outcome(write.remote_id, write.dataset_id, published_by=holder)
        if write.action is Action.RETIRE:
            self.datasets.pop(write.dataset_id, None)
            old = self.known[write.remote_id]
            self.known[write.remote_id] = replace(old, state=RecordState.RETIRED)
        elif write.draft and write.dataset:
            if write.known:
                self.known.pop(write.known.remote_id, None)
            self.datasets[write.dataset_id] = write.dataset
            self.known[write.remote_id] = known_of(write.draft, write.dataset_id)
        return Outcome(write.remote_id, write.dataset_id)

    def rehearse(self, writes: Sequence[Write]) -> None:
        self.rehearsed += writes

    def set_missing(self, remote_ids: Sequence[str], since: datetime | None) -> None:
        state = RecordState.MISSING if since else RecordState.LIVE
        for remote_id in remote_ids:
            self.writes += 1
            before = self.known[remote_id]
            frozen = None if before.frozen == ABSENT else before.frozen
            self.known[remote_id] = replace(before, state=state, missing_since=since, frozen=frozen)

    def keep_live(self, live: Mapping[str, Live]) -> int:
        new = 0
        for remote_id, values in live.items():
            kept = self.observations.setdefault(remote_id, {})
            for value in values.observations:
                new += (value.series, value.time) not in kept
                kept[value.series, value.time] = value
        return new


@dataclass
class FakePages:
    """A memory of pages. `saves` counts the times it was written."""

    kept: dict[str, KeptPage] = field(default_factory=dict)
    saves: int = 0

    def load_pages(self) -> Iterable[KeptPage]:
        return list(self.kept.values())

    def save_pages(self, pages: Sequence[KeptPage], gone: Sequence[str]) -> None:
        self.saves += 1
        self.kept |= {page.url: page for page in pages}
        for url in gone:
            self.kept.pop(url, None)


def known_of(draft: Draft, dataset_id: str) -> Known:
    """What the store remembers of a dataset it has just written."""
    return Known(
        draft.remote_id,
        dataset_id,
        draft.content_hash,
        draft.first_url,
        draft.fingerprint,
        draft.claim,
        seen_hash=draft.seen_hash,
    )


@dataclass
class FakeWeb:
    """Answers by address: bytes, or an `Issue` for a fault. `asked` keeps the order."""

    pages: dict[str, bytes | Issue] = field(default_factory=dict)
    media_type: str = "application/json"
    asked: list[str] = field(default_factory=list)

    def fetch(self, request: Request) -> Response | Issue:
        self.asked.append(request.url)
        body = self.pages.get(request.url, Issue("TER-FET-007", where=request.url))
        if isinstance(body, Issue):
            return body
        return Response(request, request.url, 200, {"content-type": self.media_type}, body)


@dataclass
class FakeClock:
    """A clock that moves only when told."""

    time: datetime = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


def fake_ports(web: FakeWeb, store: FakeStore, clock: FakeClock | None = None) -> Ports:
    """Put the three twins together."""
    return Ports(web.fetch, store, (clock or FakeClock()).now)
