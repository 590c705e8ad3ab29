"""One source to try: its settings, what its server answers, and how that server falls ill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from deployment.demo.answer import page
from harvesters.fakes import FakeStore
from harvesters.gather import Gathered, Limits, gather
from harvesters.model import Config, Dataset, Issue, Request, Response, Source
from harvesters.ports import Ports
from harvesters.registry import SOURCES

NOW = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)
Serve = Callable[[Request], Response | Issue]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the engine saw of a source."""

    gathered: Gathered
    datasets: tuple[Dataset, ...]

    @property
    def stopped_by(self) -> Issue | None:
        return self.gathered.stopped_by

    @property
    def issues(self) -> list[Issue]:
        return self.gathered.issues

    @property
    def records(self) -> int:
        return self.gathered.records

    @property
    def hashes(self) -> dict[str, bytes]:
        return {key: draft.content_hash for key, draft in self.gathered.changed.items()}


_READINGS: dict[str, Reading] = {}


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of source, its settings, and what its server answers.

    `ill` gives the server with a fault of `deployment.demo.faults`; without it the faults that any
    server may have are used. `empty` is the answer of the same server when it holds nothing.
    """

    name: str
    kind: str
    config: Config
    serve: Serve = field(repr=False)
    minimum: int = 1
    ill: Callable[[str], Serve] | None = field(default=None, repr=False)
    empty: bytes | None = field(default=None, repr=False)

    @property
    def source(self) -> Source:
        return SOURCES[self.kind]

    def gather(self, serve: Serve | None = None) -> Reading:
        """Read the whole source as the engine does."""
        ports = Ports(serve or self.serve, FakeStore(), lambda: NOW)
        found = gather(self.source, self.config, ports, {}, Limits(NOW + timedelta(hours=1)))
        datasets = tuple(changed.dataset for changed in found.spool.read(list(found.changed)))
        found.spool.close()
        return Reading(found, datasets)

    def reading(self) -> Reading:
        """What a whole reading saw, read once for all tests that only look."""
        if self.name not in _READINGS:
            _READINGS[self.name] = self.gather()
        return _READINGS[self.name]

    def first_answer(self) -> Response:
        found = self.serve(self.source.start(self.config))
        assert isinstance(found, Response)
        return found

    def with_fault(self, fault: str) -> Serve:
        """The same server with a fault; one that this server cannot have changes nothing."""
        return self.ill(fault) if self.ill else _any_server(self, fault)


def response(request: Request, body: bytes, media_type: str = "", status: int = 200) -> Response:
    return Response(request, request.url, status, {"content-type": media_type}, body)


def _any_server(case: Case, fault: str) -> Serve:
    """The faults that do not depend on what a server speaks."""
    first = case.source.start(case.config).url

    def serve(request: Request) -> Response | Issue:
        is_later = request.url != first
        if fault in ("down", "refused") or (fault == "error-500" and is_later):
            status = {"down": "503", "refused": "403"}.get(fault, "500")
            return Issue("TER-FET-009", request.url, status)
        if fault == "maintenance":
            return response(request, page("Site en maintenance", "").body, "text/html")
        if fault == "empty" and case.empty is not None:
            return response(request, case.empty)
        found = case.first_answer() if fault == "repeat" else case.serve(request)
        if isinstance(found, Issue):
            return found
        body = found.body
        if fault in ("truncated", "cut"):
            body = body[: len(body) // 2]
        if fault == "wrong-encoding":
            body = body.decode("utf-8", "replace").encode("cp1252", "replace")
        return response(request, body, found.media_type)

    return serve
