"""The nine real datasets of data.gouv.fr, harvested through HTTP from a small udata of ours."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import orjson
import pytest

from harvesters.fakes import FakeStore
from harvesters.fetch import Fetcher, Limits
from harvesters.model import Config, Dataset
from harvesters.ports import Ports
from harvesters.registry import SOURCES
from harvesters.report import Report, RunState
from harvesters.run import Options, run_source
from tests.contract.answers.udata_server import Udata, as_api_1
from tests.contract.case import NOW
from tests.unit.loopback import Ask, Send, http, serving


class Portal:
    """The datasets of the dump behind HTTP; `asked` are the addresses that were asked."""

    def __init__(self, dump: Path) -> None:
        self.entries = orjson.loads(dump.read_bytes())
        self.asked: list[str] = []
        self.site = ""

    def answer(self, ask: Ask, send: Send) -> None:
        self.asked.append(str(ask))
        datasets = [as_api_1(entry, self.site) for entry in self.entries]
        owners = [entry["organization"] for entry in self.entries]
        found = Udata(self.site, datasets, owners, page_size=4).answer(self.site + ask)
        send(http(orjson.dumps(found), "Content-Type: application/json",
                  status="200 OK" if found else "404 Not Found"))  # fmt: skip

    def harvest(self, store: FakeStore, path: str = "", **settings: str) -> Report:
        with serving(self.answer) as host:
            self.site = f"http://{host}"
            fetcher = Fetcher(frozenset({host}), Limits(tries=1))
            ports = Ports(fetcher.fetch, store, lambda: NOW)
            config = Config(self.site + path, settings)
            return run_source(SOURCES["data_gouv"], config, ports, Options("national"))


@pytest.fixture
def portal(shared_data: Path) -> Portal:
    return Portal(shared_data / "catalogues/udata/datagouv-datasets.json")


def found(store: FakeStore) -> dict[str, Dataset]:
    return {dataset.title: dataset for dataset in store.datasets.values()}


@pytest.mark.parametrize("path", ["", "/api/2/datasets/"])
def test_the_nine_datasets_come_whole_by_both_apis(portal: Portal, path: str) -> None:
    store = FakeStore()
    report = portal.harvest(store, path)
    assert (report.state, report.is_complete) == (RunState.FINISHED, True)
    assert report.counts["created"] == report.read == len(store.datasets) == 9
    assert Counter(len(one.resources) for one in store.datasets.values()) == {
        1: 3, 2: 2, 3: 2, 18: 1, 22: 1,
    }  # fmt: skip
    told = Counter(issue.code for issue in report.issues)
    assert told == {"TER-MAP-040": 3}


def test_pages_are_asked_four_by_four_as_the_portal_says(portal: Portal) -> None:
    portal.harvest(FakeStore())
    assert len(portal.asked) == 3
    assert "page_size=50" in portal.asked[0]
    assert all("page_size=4" in asked for asked in portal.asked[1:])


def test_the_fields_of_the_real_datasets_arrive(portal: Portal) -> None:
    store = FakeStore()
    portal.harvest(store)
    here = found(store)
    town = here["Défibrillateurs présents sur la commune de Sixt-sur-Aff en 2018"]
    assert (town.publisher, town.frequency) == ("Commune de Sixt-sur-Aff", "annual")
    assert (town.temporal_start, town.temporal_end) == ("2018-01-01", "2018-12-31")
    [file] = town.resources
    assert (file.title, file.format, file.size_bytes) == (
        "sixtsuraff-defibrillateurs-2018.csv", "CSV", 488,
    )  # fmt: skip
    assert file.url.endswith("/fr/datasets/r/39ed117d-57ba-46ac-95b6-d180f9a2371e")
    sirene = next(one for title, one in here.items() if title.startswith("Base Sirene"))
    assert sirene.resources[0].size_bytes == 722_499_915
    assert [file.format for file in sirene.resources[:6]] == ["ZIP"] * 6
    fleet = next(one for title, one in here.items() if title.startswith("Véhicules à faibles"))
    assert fleet.properties == (
        ("table_schemas", "etalab/schema-vehicules-faibles-emissions-renouvellement-parc"),
    )
    assert here["Base Adresse Nationale"].modified.startswith("2024-07-29")


def test_a_dataset_of_another_portal_keeps_the_identity_it_has_there(portal: Portal) -> None:
    store = FakeStore()
    portal.harvest(store)
    here = found(store)
    ods = here["Logements sociaux et bailleurs par région"]
    page = "https://opendata.caissedesdepots.fr/explore/dataset/bailleurs_sociaux_region/"
    assert (ods.upstream_uri, ods.landing_page) == (page, page)
    ckan = here["Base adresse locale de la commune de Garein"]
    assert ckan.upstream_uri == "f89661e0-bc0a-44f7-928e-03b43a2e7791"
    assert ckan.landing_page.startswith("https://www.pigma.org/geonetwork/")


def test_one_organisation_is_taken_by_its_page_or_by_its_siren(portal: Portal) -> None:
    by_page, by_siren = FakeStore(), FakeStore()
    portal.harvest(by_page, "/fr/organizations/commune-de-sixt-sur-aff/")
    portal.harvest(by_siren, siren="213503287")
    assert found(by_page).keys() == found(by_siren).keys()
    assert len(by_page.datasets) == 1


def test_a_second_harvest_writes_nothing(portal: Portal) -> None:
    store = FakeStore()
    with serving(portal.answer) as host:
        portal.site = f"http://{host}"
        ports = Ports(Fetcher(frozenset({host}), Limits(tries=1)).fetch, store, lambda: NOW)
        run = lambda: run_source(  # noqa: E731
            SOURCES["data_gouv"], Config(portal.site), ports, Options("national")
        )
        run()
        before = store.writes
        report = run()
    assert store.writes == before
    assert report.counts["kept"] == 9
