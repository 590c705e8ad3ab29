"""Read a whole source: loop over its pages, map its records, keep what changed.

Memory stays flat: an unchanged record leaves only its id; a changed one goes to a
spool on disk, read back when the plan is made.
"""

from __future__ import annotations

import pickle
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import IO

import orjson

from harvesters.border import Border, reach
from harvesters.errors import Consequence, consequence
from harvesters.identity import Draft, Known, RecordState, draft_of
from harvesters.model import (
    Config,
    Dataset,
    Issue,
    Page,
    Record,
    Request,
    Response,
    Source,
)
from harvesters.page_book import PageBook
from harvesters.pages import Held, Mark
from harvesters.ports import Live, Ports, Progress
from harvesters.secret import hide, secrets_of
from harvesters.seen import salt_of, seen_hash_of

MAX_RAW_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one run: pages, records and the moment it must be over."""

    deadline: datetime
    max_pages: int = 5_000
    max_records: int = 200_000


@dataclass(frozen=True, slots=True)
class Changed:
    """A new or changed dataset, read back from the spool."""

    dataset: Dataset
    raw: str


class Spool:
    """Changed datasets on disk, in order of arrival."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 closed by close()
        self._places: dict[str, int] = {}

    def add(self, changed: Changed) -> None:
        """Append one dataset, found again by its remote id."""
        self._file.seek(0, 2)
        self._places[changed.dataset.remote_id] = self._file.tell()
        pickle.dump(changed, self._file, protocol=pickle.HIGHEST_PROTOCOL)

    def read(self, remote_ids: list[str]) -> Iterator[Changed]:
        """Read these datasets back, in that order."""
        for remote_id in remote_ids:
            self._file.seek(self._places[remote_id])
            changed = pickle.load(self._file)
            assert isinstance(changed, Changed)
            yield changed

    def close(self) -> None:
        """Free the disk space."""
        self._file.close()


@dataclass(slots=True)
class Gathered:
    """What a run saw of its source. Filled by `gather`, read-only afterwards."""

    spool: Spool
    book: PageBook
    changed: dict[str, Draft] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    issues: list[Issue] = field(default_factory=list)
    live: dict[str, Live] = field(default_factory=dict)
    records: int = 0
    pages: int = 0
    declared_total: int | None = None
    stopped_by: Issue | None = None

    @property
    def is_complete(self) -> bool:
        """Whether every record of the source was seen."""
        return self.stopped_by is None


def gather(
    source: Source, config: Config, ports: Ports, known: Mapping[str, Known], limits: Limits
) -> Gathered:
    """Read every page and map every record. A fault stops the reading, never the run."""
    mapping = _Mapping(source, config, known, salt_of(config), secrets_of(source, config))
    found = Gathered(Spool(), _open_book(mapping, ports))
    waiting = deque([source.start(config)])
    while waiting and not found.stopped_by:
        request = waiting.popleft()
        found.stopped_by = _reason_to_stop(request, found, ports, limits)
        if found.stopped_by:
            break
        answer = found.book.ask(request, ports.fetch, found.seen)
        if isinstance(answer, Issue):
            found.stopped_by = hide(answer, mapping.secrets)
            break
        found.pages += 1
        if isinstance(answer, Held):
            _take_held(answer, found)
            waiting.extend(answer.next_requests)
        else:
            waiting.extend(_take_answer(request, answer, mapping, found))
        ports.progress(Progress("lecture", found.records, found.declared_total))
        reach(Border.PAGE_READ)
    _compare_with_declared(found)
    return found


def _open_book(mapping: _Mapping, ports: Ports) -> PageBook:
    """Open the memory of pages; that of a live source stays closed, its values are always read."""
    if mapping.source.to_observations:
        return PageBook(mapping.known, mapping.salt, ports.now(), is_open=False)
    kept = {page.url: page for page in ports.pages.load_pages()}
    return PageBook(mapping.known, mapping.salt, ports.now(), kept)


def _take_held(held: Held, found: Gathered) -> None:
    """Count a page that came back as it was, as if it had been read."""
    found.issues.extend(held.issues)
    found.records += held.count
    found.seen.update(remote_id for remote_id, _ in held.marks)
    if held.declared_total is not None:
        found.declared_total = held.declared_total


def _take_answer(
    request: Request, answer: Response, mapping: _Mapping, found: Gathered
) -> tuple[Request, ...]:
    """Read a page, map what changed, and remember what it held. Answers what to ask next."""
    told = len(found.issues)
    page = mapping.source.read(answer, mapping.config)
    page = replace(page, issues=tuple(hide(i, mapping.secrets) for i in page.issues))
    _take_page(page, found)
    if found.stopped_by:
        return ()
    marks = _take_records(page, mapping, found)
    if marks is not None:
        held = Held(
            marks, page.next_requests, page.declared_total, tuple(found.issues[told:]),
            len(page.records),
        )  # fmt: skip
        found.book.keep(request, answer, held)
    return page.next_requests


def _reason_to_stop(
    request: Request, found: Gathered, ports: Ports, limits: Limits
) -> Issue | None:
    if request.url in found.book.asked:
        return Issue("TER-VAL-041", where=request.url)
    if ports.now() >= limits.deadline:
        return Issue("TER-VAL-042", found=str(found.records))
    if found.pages >= limits.max_pages:
        return Issue("TER-VAL-043", found=f"{found.pages} pages", expected=str(limits.max_pages))
    if found.records >= limits.max_records:
        return Issue(
            "TER-VAL-043", found=f"{found.records} fiches", expected=str(limits.max_records)
        )
    return None


def _take_page(page: Page, found: Gathered) -> None:
    found.issues.extend(page.issues)
    found.stopped_by = next(
        (i for i in page.issues if consequence(i) is Consequence.STOP_SOURCE), None
    )
    if page.declared_total is not None:
        found.declared_total = page.declared_total
    if found.pages > 1 and page.records and all(r.remote_id in found.seen for r in page.records):
        found.stopped_by = Issue("TER-VAL-044", found=str(found.pages))


@dataclass(frozen=True, slots=True)
class _Mapping:
    """What turns a record into a dataset, and what was published before."""

    source: Source
    config: Config
    known: Mapping[str, Known]
    salt: bytes
    secrets: tuple[str, ...] = ()

    def is_as_before(self, record: Record, seen_hash: bytes) -> bool:
        """Whether a published record came back just as it was; live values are read anyway."""
        before = self.known.get(record.remote_id)
        if before is None or not seen_hash or self.source.to_observations:
            return False
        return before.state is RecordState.LIVE and before.seen_hash == seen_hash


def _take_records(page: Page, mapping: _Mapping, found: Gathered) -> tuple[Mark, ...] | None:
    """Take the records of a page; answer its marks, or `None` when another page has one of them."""
    marks: list[Mark] = []
    for record in page.records:
        found.records += 1
        if record.remote_id in found.seen:
            found.issues.append(Issue("TER-PUB-002", record.where, record.remote_id))
            continue
        found.seen.add(record.remote_id)
        seen_hash = seen_hash_of(record, mapping.salt)
        if mapping.is_as_before(record, seen_hash):
            content_hash = mapping.known[record.remote_id].content_hash
        else:
            content_hash = _take_record(record, seen_hash, mapping, found)
        marks.append((record.remote_id, content_hash.hex()))
    return tuple(marks) if len(marks) == len(page.records) else None


def _take_record(record: Record, seen_hash: bytes, mapping: _Mapping, found: Gathered) -> bytes:
    """Map a record and keep it if it changed; answer its content hash, `b""` when it is refused."""
    source, config = mapping.source, mapping.config
    mapped = source.to_dataset(record, config)
    if isinstance(mapped, Issue):
        found.issues.append(hide(mapped, mapping.secrets))
        return b""
    found.issues.extend(hide(issue, mapping.secrets) for issue in mapped.issues)
    if source.to_observations and source.to_series:
        found.live[record.remote_id] = Live(
            source.to_series(record, config), source.to_observations(record, config)
        )
    draft = draft_of(mapped)
    before = mapping.known.get(record.remote_id)
    if before and before.state is RecordState.LIVE and before.content_hash == draft.content_hash:
        return draft.content_hash
    # what was cleaned or left out must be told again at each run: such a record is mapped again
    told = replace(draft, seen_hash=b"" if mapped.issues else seen_hash)
    found.changed[record.remote_id] = told
    found.spool.add(Changed(replace(mapped, issues=()), _raw(record)))
    return draft.content_hash


def _raw(record: Record) -> str:
    """The record as received, for the officer's screen; a huge one is not kept twice."""
    try:
        body = orjson.dumps(record.payload, default=lambda value: f"<{type(value).__name__}>")
    except TypeError:
        return ""
    return body.decode() if len(body) <= MAX_RAW_BYTES else ""


def _compare_with_declared(found: Gathered) -> None:
    if found.stopped_by or found.declared_total is None:
        return
    if found.records < found.declared_total:
        found.stopped_by = Issue(
            "TER-VAL-045", found=str(found.records), expected=str(found.declared_total)
        )
