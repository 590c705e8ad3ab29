"""A real pycsw and a real pygeoapi, harvested over HTTP: pages, nothing twice, removals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from harvesters.errors import sentence
from harvesters.fakes import FakeStore
from harvesters.fetch import Fetcher, Limits
from harvesters.model import Config, Issue, Request, Response
from harvesters.ports import Ports
from harvesters.recognise import Candidate, Sureness, recognise
from harvesters.registry import SOURCES
from harvesters.report import Report, RunState
from harvesters.run import Options, run_source
from harvesters.sources import csw
from tests.contract.answers.csw import iso19139, online, real_records, rights
from tests.contract.answers.ogc_records import VIEWER, record
from tests.contract.case import NOW
from tests.contract.peers import send, serve

CSW = "http://www.opengis.net/cat/csw/2.0.2"
TOWNS = ("Acigné", "Betton", "Bruz", "Cesson", "Chantepie", "Cintré", "Gévezé", "Pacé", "Vern")


@dataclass
class Harvest:
    """A source of one kind, read again and again into one store; `asked` counts the requests."""

    kind: str
    config: Config
    store: FakeStore = field(default_factory=FakeStore)
    asked: list[str] = field(default_factory=list)

    def run(self, after_days: int = 0) -> Report:
        site = self.config.url.split("/")[2]
        fetcher = Fetcher(frozenset({site}), Limits(tries=1))

        def fetch(request: Request) -> Response | Issue:
            self.asked.append(request.url)
            return fetcher.fetch(request)

        ports = Ports(fetch, self.store, lambda: NOW + timedelta(days=after_days))
        return run_source(SOURCES[self.kind], self.config, ports, Options("s1"))

    @property
    def titles(self) -> set[str]:
        return {dataset.title for dataset in self.store.datasets.values()}


def transact(site: str, told: str) -> None:
    """One CSW transaction; pycsw says a refusal with a good status."""
    body = f'<csw:Transaction xmlns:csw="{CSW}" service="CSW" version="2.0.2">{told}'
    answer = send(f"{site}/csw", f"{body}</csw:Transaction>".encode(), "POST", "application/xml")
    assert b"TransactionSummary" in answer, answer[-600:]


def delete(site: str, remote_id: str) -> None:
    transact(
        site,
        '<csw:Delete><csw:Constraint version="1.1.0"><ogc:Filter '
        'xmlns:ogc="http://www.opengis.net/ogc"><ogc:PropertyIsEqualTo><ogc:PropertyName>'
        f"dc:identifier</ogc:PropertyName><ogc:Literal>{remote_id}</ogc:Literal>"
        "</ogc:PropertyIsEqualTo></ogc:Filter></csw:Constraint></csw:Delete>",
    )


def written(number: int, town: str) -> str:
    return iso19139(
        f"arbres-{number}",
        f"Arbres de {town}",
        rights("Licence Ouverte 2.0"),
        online(f"https://geo.exemple.fr/arbres-{number}.csv", "WWW:DOWNLOAD", "Arbres"),
    )


def geo_ide(folder: Path) -> list[str]:
    """The six real records of Geo-IDE, as they stand in the answers of its catalogue."""
    found = []
    for page in (1, 3, 5):
        body = (folder / "csw" / f"geoide-iso19139-page-{page}.xml").read_bytes()
        request = csw.start(Config("https://geo.exemple.fr/csw"))
        read = csw.read(Response(request, request.url, 200, {}, body), Config(request.url))
        found += [str(each.payload["xml"]) for each in read.records]
    return found


@pytest.fixture(scope="module")
def pycsw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A pycsw with nine records of ours: it gives at most ten a page."""
    folder = tmp_path_factory.mktemp("pycsw")
    ready = "/csw?service=CSW&version=2.0.2&request=GetCapabilities"
    with serve("pycsw_server", folder, ready) as site:
        for number, town in enumerate(TOWNS):
            transact(site, f"<csw:Insert>{written(number, town)}</csw:Insert>")
        yield site


def test_a_real_pycsw_is_read_once_page_after_page_and_sees_a_removal(
    pycsw: str, shared_data: Path
) -> None:
    """Of the real records, pycsw 2.6 itself refuses those of ISO 19115-3 and two of Géo2France."""
    folder = shared_data / "catalogues"
    iso = [each for each in real_records(folder) if "19115/-3" not in each]
    taken = [each for each in iso if "Roilaye" not in each and "CBNBL" not in each]
    real = [*geo_ide(folder), *taken]
    assert len(real) == 10
    for each in real:
        transact(pycsw, f"<csw:Insert>{each}</csw:Insert>")
    harvest = Harvest("csw", Config(f"{pycsw}/csw", {"sort": "dc:identifier:A"}))

    first = harvest.run()
    assert first.is_complete
    assert (first.read, first.declared, len(harvest.asked)) == (19, 19, 2)
    assert first.counts["created"] == len(harvest.store.datasets) == 17
    left = [issue.expected for issue in first.issues if issue.code == "TER-VAL-062"]
    assert sorted(left) == ["un service", "une carte interactive"]
    assert "Plan local d'urbanisme de la commune de Flesselles" in harvest.titles

    before = harvest.store.writes
    again = harvest.run()
    assert again.counts["kept"] == 17
    assert harvest.store.writes == before

    delete(pycsw, "arbres-0")
    assert harvest.run().counts["missing"] == 1
    assert harvest.run(after_days=8).counts["retired"] == 1
    assert "Arbres de Acigné" not in harvest.titles
    assert len(harvest.store.datasets) == 16


def test_a_filter_and_the_words_of_an_owner_narrow_a_real_pycsw(pycsw: str) -> None:
    config = Config(f"{pycsw}/csw", {"filter": "csw:AnyText like '%Betton%'"})
    harvest = Harvest("csw", config)
    assert harvest.run().is_complete
    assert harvest.titles == {"Arbres de Betton"}
    owner = Harvest("csw", Config(f"{pycsw}/csw", {"organization": "personne"}))
    assert owner.run().counts["created"] == 0


@pytest.mark.parametrize(
    "settings", [{"filter": "csw:Nowhere = 'x'"}, {"schema": "iso19115-3"}, {"sort": "nowhere:A"}]
)
def test_what_a_real_pycsw_refuses_is_told_in_french_and_publishes_nothing(
    pycsw: str, settings: dict[str, str]
) -> None:
    harvest = Harvest("csw", Config(f"{pycsw}/csw", settings))
    report = harvest.run()
    assert report.state is RunState.FAILED
    assert sentence(report.issues[0]).startswith("TER-VAL-061 : le catalogue http://127.0.0.1")


def recognised(url: str) -> Candidate | None:
    fetcher = Fetcher(frozenset({url.split("/")[2]}), Limits(tries=1))
    return recognise(url, fetcher.fetch, SOURCES.values()).best


def test_a_real_pycsw_is_recognised_by_its_address_and_by_its_capabilities(pycsw: str) -> None:
    for url in (f"{pycsw}/csw", f"{pycsw}/csw?service=CSW&version=2.0.2&request=GetCapabilities"):
        found = recognised(url)
        assert found
        assert (found.kind, found.sureness) == ("csw", Sureness.SURE)
        assert found.count >= len(TOWNS)


@pytest.fixture(scope="module")
def pygeoapi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A pygeoapi with thirteen records of ours: it gives at most ten a page."""
    folder = tmp_path_factory.mktemp("pygeoapi")
    records = [
        record(
            f"arbres-{number}",
            f"Arbres de {town}",
            [{"rel": "item", "href": f"https://geo.exemple.fr/{number}.csv", "type": "text/csv"}],
            license="etalab-2.0",
            updated="2026-03-04",
        )
        for number, town in enumerate([*TOWNS, "Vezin", "Thorigné", "Laillé"])
    ]
    database = {"_default": {str(n): each for n, each in enumerate([*records, VIEWER], 1)}}
    (folder / "records.json").write_bytes(orjson.dumps(database))
    with serve("pygeoapi_server", folder, "/collections/fiches/items?f=json&limit=1") as site:
        yield site


def test_a_real_pygeoapi_is_read_from_its_root_and_sees_a_removal(pygeoapi: str) -> None:
    harvest = Harvest("ogc_records", Config(pygeoapi))

    first = harvest.run()
    assert first.is_complete
    assert (first.read, first.declared) == (13, 13)
    # the list of collections, then two pages
    assert [url.split("/collections")[1][:14] for url in harvest.asked] == [
        "?f=json", "/fiches/items?", "/fiches/items?"]  # fmt: skip
    assert first.counts["created"] == len(harvest.store.datasets) == 12
    assert [issue.code for issue in first.issues] == ["TER-VAL-062"]
    assert {dataset.licence for dataset in harvest.store.datasets.values()} == {"lov2"}

    before = harvest.store.writes
    assert harvest.run().counts["kept"] == 12
    assert harvest.store.writes == before

    send(f"{pygeoapi}/collections/fiches/items/arbres-0", method="DELETE")
    assert harvest.run().counts["missing"] == 1
    assert harvest.run(after_days=8).counts["retired"] == 1
    assert "Arbres de Acigné" not in harvest.titles


def test_a_collection_of_a_real_pygeoapi_is_read_by_its_address_or_its_name(pygeoapi: str) -> None:
    by_address = Harvest("ogc_records", Config(f"{pygeoapi}/collections/fiches"))
    by_name = Harvest("ogc_records", Config(pygeoapi, {"collection": "fiches"}))
    assert by_address.run().is_complete
    assert by_name.run().is_complete
    assert by_address.titles == by_name.titles != set()


def test_a_real_pygeoapi_is_recognised_by_its_root(pygeoapi: str) -> None:
    found = recognised(pygeoapi)
    assert found
    assert (found.kind, found.sureness) == ("ogc_records", Sureness.SURE)


def test_a_collection_that_a_real_pygeoapi_does_not_have_publishes_nothing(pygeoapi: str) -> None:
    report = Harvest("ogc_records", Config(pygeoapi, {"collection": "ailleurs"})).run()
    assert report.state is RunState.FAILED
