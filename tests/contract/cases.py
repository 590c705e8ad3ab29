"""The answers every source is tried on: real files of `../shared/data`, and the demo sources.

A `Case` answers requests in memory, so that the whole suite opens no socket.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson
import pytest

from deployment.demo import server
from deployment.demo.answer import Asked
from deployment.demo.faults import FAULTS
from harvesters.fakes import FakeStore
from harvesters.gather import Gathered, Limits, gather
from harvesters.model import Config, Dataset, Issue, Request, Response, Source
from harvesters.ports import Ports
from harvesters.registry import SOURCES
from tests.conftest import SHARED

NOW = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)
SITE = "http://demo.example"


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
    """A kind of source, its settings, and what its server answers."""

    name: str
    kind: str
    config: Config
    serve: Callable[[Request], Response | Issue] = field(repr=False)
    minimum: int = 1

    @property
    def source(self) -> Source:
        return SOURCES[self.kind]

    def gather(self, serve: Callable[[Request], Response | Issue] | None = None) -> Reading:
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


def response(request: Request, body: bytes, media_type: str = "", status: int = 200) -> Response:
    return Response(request, request.url, status, {"content-type": media_type}, body)


def demo_server(fault: str = "", now: datetime = NOW) -> Callable[[Request], Response | Issue]:
    """The demo sources with a fault, without a socket."""

    def serve(request: Request) -> Response | Issue:
        parts = urlsplit(request.url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        asked = Asked(unquote(parts.path), query, SITE, now)
        found = FAULTS[fault](asked, server.answer) if fault else server.answer(asked)
        if found.status >= 400:
            return Issue("TER-FET-009", request.url, str(found.status))
        body = found.body[: len(found.body) // 2] if found.cut else found.body
        return response(request, body, found.media_type, found.status)

    return serve


def _demo_cases() -> list[Case]:
    found = [
        Case(s["name"], s["kind"], Config(SITE + s["path"], s.get("settings", {})), demo_server())
        for s in server.load_sources()["sources"]
    ]
    rudi = Config(f"{SITE}/rudi/api/v1/resources")
    return [*found, Case("rudi-demo", "rudi_node", rudi, demo_server())]


def _always(body: Callable[[], bytes]) -> Callable[[Request], Response | Issue]:
    return lambda request: response(request, body())


def _file(path: str) -> Callable[[], bytes]:
    return (SHARED / path).read_bytes


def _as_search() -> bytes:
    package = orjson.loads(_file("catalogues/ckan/ckan_full_dataset_dcat_ap.json")())
    return orjson.dumps({"success": True, "result": {"count": 1, "results": [package]}})


def as_sensorthings(thing: dict[str, Any]) -> bytes:
    """Turn a definition of entities (Thing → Datastreams) into the answer of a store."""
    value = []
    for number, stream in enumerate(thing["Datastreams"], start=1):
        seen = sorted(stream["Observations"], key=lambda o: str(o["phenomenonTime"]))[-1:]
        told = {k: v for k, v in stream.items() if k not in ("ObservedProperty", "Sensor")}
        here = {k: thing[k] for k in ("name", "description", "Locations")}
        streams = [{"@iot.id": number, **told, "Observations": seen, "Thing": here}]
        value.append({"@iot.id": number, **stream["ObservedProperty"], "Datastreams": streams})
    return orjson.dumps({"@iot.count": len(value), "value": value})


def _entities() -> bytes:
    return as_sensorthings(orjson.loads(_file("sensors/sensorthings/entitiesDefault.json")()))


def _real_cases() -> list[Case]:
    node, gtfs = "rennes-metropole/catalogue/datarennes_meta.json", "rennes-metropole/gtfs"
    site = "https://source.example"
    return [
        Case("rennes", "rudi_node", Config(f"{site}/resources"), _always(_file(node)), 387),
        Case("star-2012-05", "gtfs_feed", Config(f"{site}/a.zip"),
             _always(_file(f"{gtfs}/star-20120521.zip"))),
        Case("star-2012-06", "gtfs_feed", Config(f"{site}/b.zip"),
             _always(_file(f"{gtfs}/star-20120618.zip"))),
        Case("dkan", "ckan_portal", Config(site),
             _always(_file("catalogues/ckan/dkan-hauts-de-france-package_show.json"))),
        Case("dcat-ap", "ckan_portal", Config(site), _always(_as_search)),
        Case("frost", "sensorthings", Config(site), _always(_entities), 2),
    ]  # fmt: skip


DEMO = _demo_cases()
REAL = _real_cases()
_absent = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not on this machine")
ALL = [pytest.param(case, id=case.name) for case in DEMO] + [
    pytest.param(case, id=case.name, marks=_absent) for case in REAL
]
ONE_A_KIND = [
    pytest.param(next(c for c in DEMO if c.kind == kind), id=kind) for kind in sorted(SOURCES)
]
