"""Real geographic catalogues, served over HTTP, harvested to search and to the dataset page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ckanext.territoire import index_outbox
from ckanext.territoire.harvest_adapter import runner, sources
from harvesters.report import Report
from tests.ckan.conftest import act
from tests.contract.answers.csw import real_records, results
from tests.contract.answers.ogc_records import RECORDS, page
from tests.unit.loopback import http, serving

pytestmark = pytest.mark.usefixtures("organization")


class Catalogues:
    """Serves the pages of Geo-IDE, eight real records of ISO, and OGC API – Records of ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def answer(self, path: str, send: Callable[[bytes], None]) -> None:
        parts = urlsplit(path)
        if parts.path == "/geo-ide":
            first = parse_qs(parts.query)["startPosition"][0]
            body = (self.folder / "csw" / f"geoide-iso19139-page-{first}.xml").read_bytes()
            send(http(body, "Content-Type: application/xml"))
        elif parts.path == "/geonetwork/srv/fre/csw":
            send(http(results(real_records(self.folder)), "Content-Type: application/xml"))
        elif parts.path.endswith("/collections/fiches/items"):
            send(http(page(RECORDS, len(RECORDS)), "Content-Type: application/geo+json"))
        else:
            send(http(b"", status="404 Not Found"))


@pytest.fixture
def server(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with serving(Catalogues(shared_data / "catalogues").answer) as host:
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", host)
        yield f"http://{host}"


def harvest(kind: str, url: str) -> tuple[sources.StoredSource, Report]:
    made = act("territoire_source_create", kind=kind, url=url, organization="acigne", title=kind)
    source = sources.load_source(made["id"])
    _, report = runner.run_now(source)
    return source, report


def found(**query: Any) -> list[str]:
    return sorted(each["title"] for each in act("package_search", rows=100, **query)["results"])


def test_the_six_records_of_geo_ide_are_published_and_found(server: str) -> None:
    source, report = harvest("csw", f"{server}/geo-ide")
    assert report.is_complete
    assert (report.counts["created"], report.counts["refused"]) == (6, 0)
    assert len(found(fq="vocab_themes:urbanisme")) == 6
    assert len(found(q="Flesselles")) == 1
    # five over Amiens, none over Rennes
    assert len(found(extras={"ext_bbox": "2.2,49.8,2.4,49.9"})) == 5
    assert found(extras={"ext_bbox": "-1.8,48.0,-1.5,48.2"}) == []
    assert index_outbox.drift().count == 0
    _, again = runner.run_now(source)
    assert again.counts["kept"] == 6


def test_of_eight_real_records_four_datasets_are_published_and_four_are_told(server: str) -> None:
    _, report = harvest("csw", f"{server}/geonetwork")
    assert (report.counts["created"], report.counts["refused"]) == (4, 0)
    assert sum(issue.code == "TER-VAL-062" for issue in report.issues) == 4
    published = {each["title"][:4]: each for each in act("package_search", rows=10)["results"]}
    plan, scot = published["Plan"], published["SCoT"]
    assert plan["license_id"] == "lov2"
    assert plan["contact_email"] == "sig@agglo-compiegne.fr"
    assert plan["url"].startswith(f"{server}/geonetwork/srv/fre/catalog.search#/metadata/")
    assert [resource["format"] for resource in plan["resources"]] == ["Shapefile"]
    # a commune that is not of this territory: a fact of the record, no reason to refuse it
    assert json.loads(plan["properties"])["iso_communes"] == "60036"
    assert len(scot["resources"]) == 13
    assert "a.desse@cbnbl.org" not in json.dumps(published)


def test_records_of_ogc_api_are_published_and_the_application_is_told(server: str) -> None:
    _, report = harvest("ogc_records", f"{server}/ogcapi/collections/fiches")
    assert (report.counts["created"], report.counts["refused"]) == (2, 0)
    assert found() == ["Arbres d’alignement d’Acigné", "Chemins ruraux"]
    assert [issue.code for issue in report.issues] == ["TER-VAL-062"]
