"""What the run loop needs of the outside: to fetch, to store, to know the time.

`ckanext.territoire.harvest_adapter` gives the real ports; `harvesters.fakes`
the in-memory ones, which follow the same contract and are tested by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from harvesters.identity import Draft, Known
from harvesters.model import Dataset, Issue, Observation, Request, Response, Series
from harvesters.pages import KeptPage
from harvesters.plan import Action


@dataclass(frozen=True, slots=True)
class Write:
    """One dataset to write. `dataset` is absent when it retires; `raw` is the record received."""

    action: Action
    dataset_id: str
    remote_id: str
    draft: Draft | None = None
    dataset: Dataset | None = None
    known: Known | None = None
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a `Write`: `issue` is `None` when it is stored; `waits`, that an officer
    reads it before the public does; `published_by` names the source that publishes the same
    dataset, when this record is only known beside it (`harvesters.origin`)."""

    remote_id: str
    dataset_id: str
    issue: Issue | None = None
    waits: bool = False
    published_by: str = ""


@dataclass(frozen=True, slots=True)
class Live:
    """The series of one dataset and their last values."""

    series: tuple[Series, ...]
    observations: tuple[Observation, ...]


class Store(Protocol):
    """Where one source publishes. Every call is one transaction or none."""

    def load_known(self) -> Iterable[Known]:
        """Read all that this source published before."""

    def owners_of(self, claims: Sequence[str]) -> Mapping[str, str]:
        """Say which of these claims another source holds: claim to the name of that source."""

    def apply(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Write a batch; a refused dataset answers an issue and never takes others with it."""

    def rehearse(self, writes: Sequence[Write]) -> None:
        """Keep what these writes would change, for the officer's screen; write no dataset."""

    def set_missing(self, remote_ids: Sequence[str], since: datetime | None) -> None:
        """Mark records missing since a moment, or live again (`None`)."""

    def keep_live(self, live: Mapping[str, Live]) -> int:
        """Store series and last values by remote id of their dataset; answer how many were new."""


class PageMemory(Protocol):
    """What is remembered of the pages of one source, so that an unchanged one is not read again."""

    def load_pages(self) -> Iterable[KeptPage]:
        """Read every kept page of the source."""

    def save_pages(self, pages: Sequence[KeptPage], gone: Sequence[str]) -> None:
        """Keep these pages, and forget the ones at these addresses, in one transaction."""


@dataclass(frozen=True, slots=True)
class NoPages:
    """A memory that keeps nothing: every page is read."""

    def load_pages(self) -> Iterable[KeptPage]:
        return ()

    def save_pages(self, pages: Sequence[KeptPage], gone: Sequence[str]) -> None:
        return


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: `total` is `None` while unknown."""

    step: str
    done: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside of a run."""

    fetch: Callable[[Request], Response | Issue]
    store: Store
    now: Callable[[], datetime]
    progress: Callable[[Progress], None] = lambda _: None
    pages: PageMemory = NoPages()
