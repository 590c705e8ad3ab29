"""The answers every source is tried on: the demo sources, answers written by us, real files.

A `Case` answers requests in memory, so that the whole suite opens no socket.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson
import pytest

from deployment.demo import server
from deployment.demo.answer import Asked
from deployment.demo.faults import FAULTS
from harvesters.model import Config, Issue, Request, Response
from harvesters.registry import SOURCES
from tests.conftest import SHARED
from tests.contract.answers import (
    arcgis_hub,
    csw,
    data_fair,
    data_gouv,
    dcat_catalog,
    ogc_records,
    opendatasoft,
    socrata,
)
from tests.contract.answers.udata_server import Udata, as_api_1
from tests.contract.case import NOW, Case, Reading, Serve, response

__all__ = ["ALL", "NOW", "ONE_A_KIND", "SITE", "Case", "Reading", "demo_server", "response"]

SITE = "http://demo.example"


def demo_server(fault: str = "", now: datetime = NOW) -> Serve:
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


def _demo_case(name: str, kind: str, config: Config) -> Case:
    return Case(name, kind, config, demo_server(), ill=demo_server)


def _demo_cases() -> list[Case]:
    found = [
        _demo_case(s["name"], s["kind"], Config(SITE + s["path"], s.get("settings", {})))
        for s in server.load_sources()["sources"]
    ]
    return [*found, _demo_case("rudi-demo", "rudi_node", Config(f"{SITE}/rudi/api/v1/resources"))]


def _always(body: Callable[[], bytes]) -> Serve:
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


def _dcat_cases() -> list[Case]:
    """Real and example catalogues, each one with how many datasets it holds."""
    folder, site = "catalogues/dcat", "http://data.test.org/catalog.jsonld"
    alone = [("ckanext-dcat-catalog.rdf", 2), ("ckanext-dcat-dataset_gov_de.rdf", 1),
             ("ckanext-dcat-dataset_gob_es.ttl", 1), ("udata-test-catalog.xml", 4),
             ("udata-test-bnodes.xml", 3), ("udata-test-bnodes.jsonld", 3),
             ("ckanext-dcat-catalog_with_at_graph.jsonld", 1)]  # fmt: skip
    swiss = ("../iso/opendataswiss.dcat-ap.dataset.xml", 1)
    found = [
        Case(name.split("/")[-1], "dcat_catalog", Config(f"{site}?{name.split('/')[-1]}"),
             _always(_file(f"{folder}/{name}")), count)
        for name, count in [*alone, swiss]
    ]  # fmt: skip
    for kind in ("paged", "partial"):
        pages = [_file(f"{folder}/udata-test-{kind}-collection-{n}.jsonld") for n in (1, 2)]
        found.append(Case(f"udata-{kind}", "dcat_catalog", Config(site), _in_pages(pages), 4))
    return found


def _in_pages(pages: list[Callable[[], bytes]]) -> Serve:
    """The page that the address asks for, the first one when it asks for none."""
    return lambda request: response(request, pages["page=2" in request.url]())


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
        Case("geo-ide", "csw", Config(f"{site}/csw/all"), csw.real_pages(SHARED / "catalogues"), 6),
        Case("iso", "csw", Config(f"{site}/csw"), csw.real_server(SHARED / "catalogues"), 4),
        *_dcat_cases(),
        Case("frost", "sensorthings", Config(site), _always(_entities), 2),
        Case("data.gouv.fr", "data_gouv", Config(site), _udata(site), 9),
    ]  # fmt: skip


def _udata(site: str) -> Serve:
    """The nine real datasets of data.gouv.fr, as its API would page them four by four."""

    def serve(request: Request) -> Response | Issue:
        entries = orjson.loads(_file("catalogues/udata/datagouv-datasets.json")())
        portal = Udata(site, [as_api_1(entry, site) for entry in entries])
        return response(request, orjson.dumps(portal.answer(request.url)))

    return serve


DEMO = _demo_cases()
# answers written by us: `tests/contract/answers/<kind>.py` has a list `CASES`
WRITTEN: list[Case] = [
    *arcgis_hub.CASES,
    *csw.CASES,
    *data_fair.CASES,
    *data_gouv.CASES,
    *dcat_catalog.CASES,
    *ogc_records.CASES,
    *opendatasoft.CASES,
    *socrata.CASES,
]
REAL = _real_cases()
_absent = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not on this machine")
ALL = [pytest.param(case, id=case.name) for case in DEMO + WRITTEN] + [
    pytest.param(case, id=case.name, marks=_absent) for case in REAL
]


def _first_of(kind: str) -> Any:
    """The first case of a kind: of the demo, else written by us, else real."""
    case, marks = next((p.values[0], p.marks) for p in ALL if p.values[0].kind == kind)
    return pytest.param(case, id=kind, marks=marks)


ONE_A_KIND = [_first_of(kind) for kind in sorted(SOURCES)]
