"""Each way to make the platform ask an address is tried with those that nobody may reach (row 21),
and each reader of XML with the attacks of XML (row 5): nothing leaves, nothing grows.

What leaves is seen at the socket, so that a fetcher that forgot its guard would be caught.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from harvesters.discovery import Member, discover
from harvesters.errors import Consequence, Refused, consequence
from harvesters.fakes import FakeStore
from harvesters.fetch import Fetcher, Limits, Posted, Posting
from harvesters.model import Config, Issue, Request
from harvesters.ports import Ports
from harvesters.preview import preview_source
from harvesters.recognise import recognise
from harvesters.registry import SOURCES
from harvesters.run import Options, run_source
from tests.faults.test_fetch_addresses import OTHER_SCHEMES, PRIVATE_NAMES, connected
from tests.faults.test_fetch_large import within
from tests.unit.loopback import Ask, Send, http, redirect, serving

__all__ = ["connected"]
QUICK = Limits(connect_s=1, read_s=1, total_s=2, tries=1, pause_s=0)
REFUSED = {"TER-FET-004", "TER-FET-005", "TER-FET-002"}  # some spellings are no name at all
FORBIDDEN = [f"http://{name}/x" for name in PRIVATE_NAMES] + OTHER_SCHEMES


def ports(allowed: str = "") -> Ports:
    hosts = frozenset({allowed} if allowed else ())
    return Ports(
        Fetcher(hosts, QUICK).fetch, FakeStore(), lambda: datetime(2026, 11, 24, tzinfo=UTC)
    )


def codes(issues: Any) -> set[str]:
    return {issue.code for issue in issues}


@pytest.mark.fault(21)
@pytest.mark.parametrize("kind", sorted(SOURCES))
def test_no_kind_of_source_reaches_a_forbidden_address(kind: str, connected: list[Any]) -> None:
    for url in FORBIDDEN:
        report = run_source(SOURCES[kind], Config(url), ports(), Options("s"))
        assert codes(report.issues) & REFUSED, url
    assert connected == []


@pytest.mark.fault(21)
@pytest.mark.parametrize("kind", sorted(SOURCES))
def test_no_preview_reaches_a_forbidden_address(kind: str, connected: list[Any]) -> None:
    for url in FORBIDDEN[::4]:
        found = preview_source(SOURCES[kind], Config(url), ports(), ())
        assert codes(found.report.issues) & REFUSED, url
    assert connected == []


@pytest.mark.fault(21)
def test_recognising_an_address_reaches_no_forbidden_one(connected: list[Any]) -> None:
    for url in FORBIDDEN:
        found = recognise(url, Fetcher(limits=QUICK).fetch, SOURCES.values())
        assert found.best is None
    assert connected == []


@pytest.mark.fault(21)
@pytest.mark.parametrize("target", FORBIDDEN[::6])
def test_a_page_that_names_its_rdf_at_a_forbidden_address_leads_nowhere(
    target: str, connected: list[Any]
) -> None:
    page = f'<html><head><link rel="alternate" type="text/turtle" href="{target}"></head></html>'
    with serving(lambda ask, send: send(http(page.encode(), "Content-Type: text/html"))) as host:
        found = recognise(f"http://{host}/", Fetcher(frozenset({host}), QUICK).fetch,
                          SOURCES.values())  # fmt: skip
    assert found.best is None
    assert {f"{a}:{p}" for a, p in connected} == {host}


@pytest.mark.fault(21)
@pytest.mark.parametrize("site", FORBIDDEN[::6])
def test_discovery_reaches_no_forbidden_catalogue(site: str, connected: list[Any]) -> None:
    members = (Member("243500139", "rennes-metropole", "Rennes Métropole", is_epci=True),)
    with pytest.raises(Refused):
        discover(site, members, Fetcher(limits=QUICK).fetch, SOURCES)
    assert connected == []


@pytest.mark.fault(21)
def test_nothing_is_posted_to_a_forbidden_address(connected: list[Any]) -> None:
    fetcher = Fetcher(limits=QUICK)
    for url in FORBIDDEN + [f"https{each[4:]}" for each in FORBIDDEN if each[:5] == "http:"]:
        answer = fetcher.post(Posting(url, b"{}"))
        assert isinstance(answer, Issue), url
        assert answer.code in {*REFUSED, "TER-FET-030"}, url
    assert connected == []


@pytest.mark.fault(21)
@pytest.mark.parametrize("target", FORBIDDEN[::6])
def test_a_redirect_of_what_is_posted_is_an_answer_and_is_not_followed(
    target: str, connected: list[Any]
) -> None:
    for status in ("301 Moved", "303 See Other", "307 Temporary", "308 Permanent"):
        with serving(lambda ask, send, s=status: send(redirect(target, s))) as host:
            answer = Fetcher(frozenset({host}), QUICK).post(Posting(f"http://{host}/", b"{}"))
        assert isinstance(answer, Posted)
        assert answer.status == int(status[:3])
        assert {f"{a}:{p}" for a, p in connected} == {host}
        connected.clear()


# what a first page of each kind that follows links looks like, with its link to the next one
FOLLOWERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "data_gouv": lambda link: {
        "data": [], "next_page": link, "page": 1, "page_size": 1, "total": 9},
    "sensorthings": lambda link: {"value": [], "@iot.nextLink": link, "@iot.count": 9},
    "ogc_records": lambda link: {
        "type": "FeatureCollection", "features": [], "numberMatched": 9,
        "links": [{"rel": "next", "type": "application/geo+json", "href": link}]},
    "dcat_catalog": lambda link: {
        "@id": "https://a.example/c", "@type": "http://www.w3.org/ns/hydra/core#PagedCollection",
        "http://www.w3.org/ns/hydra/core#next": {"@id": link},
        "http://www.w3.org/ns/hydra/core#totalItems": 9},
}  # fmt: skip
PATHS = {"ogc_records": "/collections/c/items"}


@pytest.mark.fault(21)
@pytest.mark.parametrize("kind", FOLLOWERS)
def test_a_next_link_to_a_forbidden_address_is_not_followed(
    kind: str, connected: list[Any]
) -> None:
    for link in (u for u in FORBIDDEN if not u.startswith("//") or kind != "dcat_catalog"):
        body = json.dumps(FOLLOWERS[kind](link)).encode()
        with serving(lambda ask, send, body=body: send(http(body, JSON))) as host:
            config = Config(f"http://{host}{PATHS.get(kind, '')}", {"collection": "c"})
            report = run_source(SOURCES[kind], config, ports(host), Options("s"))
            assert {f"{a}:{p}" for a, p in connected} <= {host}, link
        assert not report.is_complete, link
        connected.clear()


JSON = "Content-Type: application/json"


@pytest.mark.fault(21)
@pytest.mark.parametrize("target", FORBIDDEN)
def test_a_context_of_json_ld_elsewhere_is_never_asked(target: str, connected: list[Any]) -> None:
    body = json.dumps({"@context": [target, {"a": target}], "@type": "Dataset"}).encode()
    with serving(lambda ask, send: send(http(body, JSON))) as host:
        report = run_source(SOURCES["dcat_catalog"], Config(f"http://{host}/c.jsonld"),
                            ports(host), Options("s"))  # fmt: skip
    assert {f"{a}:{p}" for a, p in connected} == {host}
    assert report.counts["created"] == 0


LAUGHS = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 12))
SYSTEM = '<!ENTITY e SYSTEM "{}">'
DOCTYPES = {
    "billion laughs": f'<!DOCTYPE r [<!ENTITY x0 "ha">{LAUGHS}<!ENTITY e "&x11;">]>',
    "quadratic": f'<!DOCTYPE r [<!ENTITY e "{"a" * 50_000}">]>',
    "a file": f"<!DOCTYPE r [{SYSTEM.format('file:///etc/passwd')}]>",
    "a site": f"<!DOCTYPE r [{SYSTEM.format('http://169.254.169.254/latest')}]>",
    "a parameter": '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p;]>',
    "an external DTD": '<!DOCTYPE r SYSTEM "http://169.254.169.254/x.dtd">',
}
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns:dct="http://purl.org/dc/terms/" xmlns:dcat="http://www.w3.org/ns/dcat#">"""
GMD = 'xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco"'
CSW = """<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2">
    <csw:SearchResults numberOfRecordsMatched="1" numberOfRecordsReturned="1" nextRecord="0">
    {}</csw:SearchResults></csw:GetRecordsResponse>"""
RECORD = (f"<gmd:MD_Metadata {GMD}><gmd:fileIdentifier><gco:CharacterString>&e;"
          "</gco:CharacterString></gmd:fileIdentifier></gmd:MD_Metadata>")  # fmt: skip
DOCUMENTS = {
    ("csw", "ISO"): CSW.format(RECORD),
    ("csw", "bare record"): RECORD,
    ("csw", "DCAT"): CSW.format(f"{RDF}<dcat:Dataset><dct:title>&e;</dct:title></dcat:Dataset>"
                                "</rdf:RDF>"),
    ("dcat_catalog", "RDF/XML"): f'{RDF}<dcat:Dataset rdf:about="https://a.example/1">'
                                 "<dct:title>&e;</dct:title></dcat:Dataset></rdf:RDF>",
    ("dcat_catalog", "CSW"): CSW.format(f"{RDF}<dcat:Dataset><dct:title>&e;</dct:title>"
                                        "</dcat:Dataset></rdf:RDF>"),
}  # fmt: skip


def attacks() -> Iterator[Any]:
    for (kind, form), document in DOCUMENTS.items():
        for name, doctype in DOCTYPES.items():
            for encoding in ("utf-8", "utf-16"):
                head = f'<?xml version="1.0" encoding="{encoding}"?>'
                body = f"{head}{doctype}{document}".encode(encoding)
                yield pytest.param(kind, body, id=f"{kind}-{form}-{name}-{encoding}")


@pytest.mark.fault(5)
@pytest.mark.parametrize(("kind", "body"), attacks())
def test_an_attack_by_xml_is_refused_and_asks_nobody(
    kind: str, body: bytes, connected: list[Any]
) -> None:
    asked: list[str] = []

    def answer(ask: Ask, send: Send) -> None:
        asked.append(ask)
        send(http(body, "Content-Type: application/xml"))

    with serving(answer) as host, within(25_000_000):
        report = run_source(SOURCES[kind], Config(f"http://{host}/c.xml"), ports(host),
                            Options("s"))  # fmt: skip
    assert {f"{a}:{p}" for a, p in connected} == {host}
    stopped = [i for i in report.issues if consequence(i) is Consequence.STOP_SOURCE]
    assert codes(stopped) <= {"TER-VAL-060", "TER-VAL-001", "TER-VAL-051", "TER-VAL-054"}
    assert stopped
    assert report.counts["created"] == 0
    assert "root:" not in str(report.to_json())


@pytest.mark.fault(21)
def test_a_kind_that_follows_links_is_tried_with_forbidden_ones() -> None:
    """A kind that is added and that follows links must be tried above."""
    folder = Path(__file__).resolve().parents[2] / "harvesters" / "sources"
    following = {f.stem for f in folder.glob("*.py") if "next_page(" in f.read_text("utf-8")}
    assert following <= FOLLOWERS.keys()


def test_the_fetcher_itself_answers_an_issue_and_never_raises() -> None:
    fetcher = Fetcher(limits=QUICK)
    assert all(isinstance(fetcher.fetch(Request(url)), Issue) for url in FORBIDDEN)
