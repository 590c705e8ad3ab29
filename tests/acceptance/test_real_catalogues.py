"""Real catalogues of portals and of Europe, served over HTTP, harvested to search and pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from ckanext.territoire import index_outbox
from ckanext.territoire.harvest_adapter import runner, sources
from harvesters.report import Report
from tests.ckan.conftest import act
from tests.contract.answers.udata_server import Udata, as_api_1
from tests.unit.loopback import http, serving

pytestmark = pytest.mark.usefixtures("organization")
JSON, XML = "Content-Type: application/json", "Content-Type: application/xml"


class Catalogues:
    """Serves the real files: pages of Géo2France by CSW, RDF files, data.gouv.fr, a DKAN list."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.site = folder, ""
        self.national = orjson.loads((folder / "udata/datagouv-datasets.json").read_bytes())

    def answer(self, path: str, send: Callable[[bytes], None]) -> None:
        parts = urlsplit(path)
        first = parse_qs(parts.query).get("startPosition", ["1"])[0]
        if parts.path in ("/dcat", "/geodcatap"):
            send(self.file(f"csw/geo2france{parts.path.replace('/', '-')}-page-{first}.xml"))
        elif parts.path.startswith(("/dcat/", "/iso/")):
            send(self.file(parts.path[1:]))
        elif parts.path == "/dkan/api/3/action/current_package_list_with_resources":
            send(self.dkan(parse_qs(parts.query)))
        elif parts.path.startswith("/api/"):
            found = self.udata(path)
            status = "200 OK" if found else "404 Not Found"
            send(http(orjson.dumps(found), JSON, status=status))
        else:
            send(http(b"<!doctype html><p>Page</p>", "Content-Type: text/html",
                      status="404 Not Found"))  # fmt: skip

    def file(self, name: str) -> bytes:
        media_type = "Content-Type: text/turtle" if name.endswith(".ttl") else XML
        return http((self.folder / name).read_bytes(), media_type)

    def udata(self, path: str) -> Any:
        datasets = [as_api_1(entry, self.site) for entry in self.national]
        owners = [entry["organization"] for entry in self.national]
        return Udata(self.site, datasets, owners, page_size=4).answer(self.site + path)

    def dkan(self, query: dict[str, list[str]]) -> bytes:
        shown = orjson.loads(
            (self.folder / "ckan/dkan-hauts-de-france-package_show.json").read_bytes()
        )
        listed = shown["result"] if query["offset"] == ["0"] else []
        return http(orjson.dumps({"success": True, "result": [listed]}), JSON)


@pytest.fixture
def server(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    catalogues = Catalogues(shared_data / "catalogues")
    with serving(catalogues.answer) as host:
        catalogues.site = f"http://{host}"
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", host)
        yield catalogues.site


def harvest(kind: str, url: str) -> tuple[sources.StoredSource, Report]:
    made = act("territoire_source_create", kind=kind, url=url, organization="acigne", title=kind)
    source = sources.load_source(made["id"])
    _, report = runner.run_now(source)
    return source, report


def published() -> dict[str, dict[str, Any]]:
    found = act("package_search", rows=100, fq="dataset_type:dataset")["results"]
    return {each["title"]: each for each in found}


def starting(title: str) -> dict[str, Any]:
    [found] = [each for name, each in published().items() if name.startswith(title)]
    return found


def formats(dataset: dict[str, Any]) -> list[str]:
    return [each["format"] for each in dataset["resources"]]


def test_the_nine_datasets_of_data_gouv_are_published_and_found(server: str) -> None:
    source, report = harvest("data_gouv", server)
    assert report.is_complete
    assert (report.counts["created"], report.counts["refused"]) == (9, 0)
    assert act("package_search", q="défibrillateur", fq="dataset_type:dataset")["count"] == 1
    town = starting("Défibrillateurs présents sur la commune de Sixt-sur-Aff")
    assert (town["publisher_name"], town["frequency"]) == ("Commune de Sixt-sur-Aff", "annual")
    assert (town["temporal_start"], town["temporal_end"]) == ("2018-01-01", "2018-12-31")
    assert formats(town) == ["CSV"]
    sirene = starting("Base Sirene")
    assert sirene["resources"][0]["size"] == 722_499_915
    fleet = json.loads(starting("Véhicules à faibles")["properties"])
    assert fleet["table_schemas"].startswith("etalab/schema-vehicules-faibles-emissions")
    assert index_outbox.drift().count == 0
    _, again = runner.run_now(source)
    assert (again.counts["kept"], again.counts["updated"]) == (9, 0)


def test_the_dcat_pages_of_geo2france_are_read_to_the_last_one(server: str) -> None:
    source, report = harvest("dcat_catalog", f"{server}/dcat?request=GetRecords")
    assert report.is_complete
    assert (report.counts["created"], report.counts["refused"]) == (6, 0)
    beaches = starting("Plages sans plastique")
    assert formats(beaches) == ["CSV", "WMS", "GeoJSON", "Shapefile", "Page web"]
    assert json.loads(beaches["spatial"])["coordinates"][0][0] == [1.36, 48.827]
    floods = starting("Communes en état de catastrophe naturelle")
    assert (floods["license_id"], floods["theme"]) == ("lov2", ["eau"])
    assert starting("Territoires d'exercice")["publisher_name"] == "Odema"
    # all but the floods, which stand north of Amiens
    assert act("package_search", extras={"ext_bbox": "2.2,49.8,2.4,49.9"})["count"] == 5
    _, again = runner.run_now(source)
    assert (again.counts["kept"], again.counts["updated"]) == (6, 0)


def test_the_geodcat_ap_pages_of_geo2france_give_their_services(server: str) -> None:
    _, report = harvest("dcat_catalog", f"{server}/geodcatap?request=GetRecords")
    assert (report.counts["created"], report.counts["refused"]) == (6, 0)
    assert {tuple(formats(each)) for each in published().values()} == {("WMS", "WFS")}
    waste = starting("Territoires d'exercice")
    assert (waste["license_id"], waste["theme"]) == ("lov2", ["dechets"])


def test_the_dataset_of_opendata_swiss_is_read_in_french(server: str) -> None:
    _, report = harvest("dcat_catalog", f"{server}/iso/opendataswiss.dcat-ap.dataset.xml")
    assert (report.counts["created"], report.counts["refused"]) == (1, 0)
    [dataset] = published().values()
    assert dataset["title"] == "Cités de l’énergie"
    assert set(dataset["theme"]) == {"eu-envi", "eu-ener", "eu-regi", "eu-educ"}
    assert (dataset["url"], len(dataset["resources"])) == (
        "https://www.bfe.admin.ch/energiestaedte", 5,
    )  # fmt: skip
    assert act("package_search", q="energie", fq="dataset_type:dataset")["count"] == 1


@pytest.mark.parametrize(
    ("file", "title", "publisher", "given"),
    [
        ("gov_de.rdf", "Liefer- und Abholservices", "Hanse- und Universitätsstadt Rostock",
         ["GeoJSON", "WMS", "WFS", "", "", "XLSX", "CSV", "GML", "KML"]),
        ("gob_es.ttl", "Estudio de Satisfacción", "Ayuntamiento de Madrid", ["XLS"]),
        ("sweden.rdf", "Linked Nobel prizes", "Nobel Media AB", ["RDF/XML"]),
    ],
)  # fmt: skip
def test_the_catalogues_of_other_countries_are_published(
    server: str, file: str, title: str, publisher: str, given: list[str]
) -> None:
    _, report = harvest("dcat_catalog", f"{server}/dcat/ckanext-dcat-dataset_{file}")
    assert (report.counts["created"], report.counts["refused"]) == (1, 0)
    dataset = starting(title)
    assert dataset["publisher_name"] == publisher
    assert formats(dataset) == given


def test_the_dkan_portal_of_hauts_de_france_is_recognised_and_published(server: str) -> None:
    found = act("territoire_source_recognise", url=f"{server}/dkan")
    assert found["best"] == "ckan_portal"
    _, report = harvest("ckan_portal", found["candidates"][0]["url"])
    assert (report.counts["created"], report.counts["refused"]) == (1, 0)
    dataset = starting("Antennes régionales")
    assert (dataset["license_id"], dataset["issued"]) == ("lov1", "2019-12-10")
    assert formats(dataset) == ["XLSX", ""]
