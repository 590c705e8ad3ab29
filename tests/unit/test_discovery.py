"""The sources that a territory already has: found in a catalogue, with the portals behind them."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson
import pytest

from deployment.demo import server
from deployment.demo.answer import Asked
from deployment.demo.national import siret_of
from deployment.demo.tables import load_places
from harvesters import discovery
from harvesters.discovery import Discovery, Member, Proposal, Sort, discover
from harvesters.errors import Refused
from harvesters.model import Issue, Request, Response
from harvesters.ports import Progress
from harvesters.registry import SOURCES

HOST = "http://demo.example"
SITE = f"{HOST}/national"
EPCI = Member("243500139", "rennes-metropole", "Rennes Métropole", is_epci=True)


def member(insee: str) -> Member:
    place = load_places()[insee]
    return Member(place.siren, f"c-{insee}", place.name, insee)


MEMBERS = (EPCI, *(member(code) for code in ("35024", "35139", "35196", "35352", "35047")))


@dataclass
class Demo:
    """The demo sources without a socket; `played` answers instead of them."""

    asked: list[str] = field(default_factory=list)
    played: dict[str, bytes | Issue] = field(default_factory=dict)

    def ask(self, request: Request) -> Response | Issue:
        self.asked.append(request.url)
        for start, body in self.played.items():
            if request.url.startswith(start):
                return body if isinstance(body, Issue) else _response(request, body)
        parts = urlsplit(request.url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        found = server.answer(Asked(unquote(parts.path) or "/", query, HOST))
        if found.status >= 400:
            return Issue("TER-FET-007", request.url)
        return _response(request, found.body)


def _response(request: Request, body: bytes) -> Response:
    return Response(request, request.url, 200, {"content-type": "application/json"}, body)


def search(demo: Demo | None = None, members: tuple[Member, ...] = MEMBERS) -> Discovery:
    return discover(SITE, members, (demo or Demo()).ask, SOURCES)


def of_sort(found: Discovery, sort: Sort) -> dict[str, Proposal]:
    return {each.member.title: each for each in found.proposals if each.sort is sort}


def test_the_organisations_that_carry_the_siren_of_a_member_are_proposed() -> None:
    found = of_sort(search(), Sort.ORGANIZATION)
    assert set(found) == {"Rennes Métropole", "Betton", "Vern-sur-Seiche", "Mordelles"}
    assert found["Mordelles"].url == f"{SITE}/organizations/commune-de-mordelles/"
    assert found["Mordelles"].count == len(found["Mordelles"].drafts) == 4


def test_an_organisation_that_shows_nothing_is_not_proposed_but_counted() -> None:
    found = search()
    assert "Laillé" not in of_sort(found, Sort.ORGANIZATION)
    assert found.organization_count == 5


def test_a_member_that_is_not_asked_for_brings_nothing() -> None:
    found = search(members=(member("35196"),))
    assert {each.member.title for each in found.proposals} == {"Mordelles"}


def test_the_portal_behind_an_organisation_is_recognised_and_preferred() -> None:
    found = search()
    [portal] = of_sort(found, Sort.PORTAL).values()
    assert portal.kind == "ckan_portal"
    assert portal.url.startswith(f"{HOST}/portail")
    assert portal.is_advised
    assert not of_sort(found, Sort.ORGANIZATION)["Rennes Métropole"].is_advised


def test_a_portal_that_is_not_recognised_leaves_the_organisation_advised() -> None:
    found = search(Demo(played={f"{HOST}/portail": Issue("TER-FET-008")}))
    assert not of_sort(found, Sort.PORTAL)
    told = of_sort(found, Sort.ORGANIZATION)["Rennes Métropole"]
    assert told.is_advised
    assert "ne savons pas lire" in told.reason


def test_zones_are_counted_and_never_advised() -> None:
    zones = of_sort(search(), Sort.ZONE)
    assert zones["Mordelles"].count == 4
    assert not any(zone.is_advised for zone in zones.values())
    assert "Laillé" not in zones


@pytest.mark.parametrize("body", [b"<html><body>Bonjour</body></html>", b"{}", b"[1]"])
def test_a_catalogue_that_is_not_one_is_refused_with_what_to_do(body: bytes) -> None:
    with pytest.raises(Refused, match=r"TER-CFG-140.*--url"):
        search(Demo(played={SITE: body}))


def test_a_catalogue_that_is_away_is_refused_at_once() -> None:
    demo = Demo(played={SITE: Issue("TER-FET-003", SITE)})
    with pytest.raises(Refused, match="TER-CFG-140"):
        search(demo)
    assert len(demo.asked) == 1


def test_zones_that_cannot_be_counted_leave_the_rest() -> None:
    found = search(Demo(played={f"{SITE}/api/1/datasets/": Issue("TER-FET-009", found="500")}))
    assert of_sort(found, Sort.ORGANIZATION)
    assert not of_sort(found, Sort.ZONE)
    assert "comptés" in " ".join(found.notes)


def test_a_next_page_that_leads_back_ends() -> None:
    first = f"{SITE}/api/1/organizations/?page_size=500"
    body = orjson.dumps({"data": [{"id": "x"}], "next_page": first, "total": 9})
    demo = Demo(played={first: body})
    search(demo)
    assert demo.asked.count(first) == 1


def test_a_next_page_on_another_site_is_refused() -> None:
    body = orjson.dumps({"data": [{"id": "x"}], "next_page": "http://169.254.169.254/", "total": 9})
    demo = Demo(played={f"{SITE}/api/1/organizations/": body})
    with pytest.raises(Refused):
        search(demo)
    assert not any("169.254" in url for url in demo.asked)


def test_the_requests_are_counted_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "MAX_REQUESTS", 4)
    demo = Demo()
    found = search(demo)
    assert len(demo.asked) == found.request_count == 4
    assert found.notes


def test_the_progress_is_told() -> None:
    told: list[Progress] = []
    discover(SITE, MEMBERS, Demo().ask, SOURCES, told.append)
    assert {each.step for each in told} >= {"organisations lues", "organisations examinées"}


def test_the_demo_numbers_are_good_sirets() -> None:
    digits = [int(d) for d in reversed(siret_of("213500010"))]
    assert sum(sum(divmod(d * (1 + n % 2), 10)) for n, d in enumerate(digits)) % 10 == 0
