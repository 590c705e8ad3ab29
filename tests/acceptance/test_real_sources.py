"""Real files of real publishers, served over HTTP, harvested to search."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from ckan import model
from sqlalchemy import text

from ckanext.territoire import files, index_outbox
from ckanext.territoire.harvest_adapter import runner, sources
from ckanext.territoire.live.store import last_values
from harvesters.report import Report
from tests.ckan.conftest import act
from tests.unit.loopback import http, serving

pytestmark = pytest.mark.usefixtures("organization")


class RealServer:
    """Serves the real files: the RUDI catalogue in pages, feeds, folders, a sensor store."""

    def __init__(self, data: Path) -> None:
        self.data = data
        catalogue = data / "rennes-metropole" / "catalogue" / "datarennes_meta.json"
        self.entries = json.loads(catalogue.read_text(encoding="utf-8"))
        self.feed = data / "rennes-metropole" / "gtfs" / "star-20120618.zip"

    def answer(self, path: str, send: Callable[[bytes], None]) -> None:
        parts = urlsplit(path)
        if parts.path == "/rudi":
            send(self.rudi(parse_qs(parts.query)))
        elif parts.path == "/gtfs.zip":
            send(http(self.feed.read_bytes(), "Content-Type: application/zip"))
        elif parts.path.endswith("/ObservedProperties"):
            send(http(self.observed_properties(), "Content-Type: application/json"))
        elif parts.path.startswith("/fichiers/"):
            send(self.folder(unquote(parts.path.removeprefix("/fichiers/"))))
        else:
            send(http(b"", status="404 Not Found"))

    def rudi(self, query: dict[str, list[str]]) -> bytes:
        offset, limit = int(query["offset"][0]), int(query["limit"][0])
        items = self.entries[offset : offset + limit]
        body = json.dumps({"total": len(self.entries), "items": items}).encode()
        return http(body, "Content-Type: application/json")

    def folder(self, name: str) -> bytes:
        root = self.data / "adresses"
        if not name:
            links = "".join(f'<a href="{f.name}">{f.name}</a>' for f in sorted(root.iterdir()))
            return http(f"<!doctype html><html>{links}</html>".encode(), "Content-Type: text/html")
        return http((root / name).read_bytes(), "Content-Type: text/csv")

    def observed_properties(self) -> bytes:
        """The entities of a test server, as a SensorThings 1.1 store gives them."""
        found = self.data / "sensors" / "sensorthings" / "entitiesDefault.json"
        thing = json.loads(found.read_text(encoding="utf-8"))
        value = []
        for number, stream in enumerate(thing["Datastreams"], start=1):
            told = {k: v for k, v in stream.items() if k not in ("ObservedProperty", "Sensor")}
            told["@iot.id"] = number
            told["Thing"] = {"name": thing["name"], "Locations": thing["Locations"]}
            told["Observations"] = told["Observations"][-1:]
            value.append({**stream["ObservedProperty"], "@iot.id": number, "Datastreams": [told]})
        return json.dumps({"@iot.count": len(value), "value": value}).encode()


@pytest.fixture
def server(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with serving(RealServer(shared_data).answer) as host:
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", host)
        yield f"http://{host}"


def harvest(kind: str, url: str, **settings: str) -> tuple[sources.StoredSource, Report]:
    made = act("territoire_source_create", kind=kind, url=url, organization="acigne",
               title=kind, settings=settings)  # fmt: skip
    source = sources.load_source(made["id"])
    _, report = runner.run_now(source)
    return source, report


def published() -> list[dict[str, Any]]:
    return list(act("package_search", rows=1000)["results"])


def test_the_387_entries_of_rennes_are_published_and_found(server: str) -> None:
    source, report = harvest("rudi_node", f"{server}/rudi")
    assert (report.counts["created"], report.counts["refused"]) == (387, 0)
    assert report.is_complete
    assert act("package_search", rows=0)["count"] == 387
    assert act("package_search", q="écoles", rows=0)["count"] > 0
    by_licence = act("package_search", rows=0, **{"facet.field": ["license_id"]})
    assert by_licence["search_facets"]["license_id"]["items"][0]["name"] == "odbl-1.0"
    assert "@rennes.fr" not in json.dumps(published())
    assert index_outbox.drift().count == 0
    _, again = runner.run_now(source)
    assert again.counts["kept"] == 387


def test_a_feed_of_the_star_network_gives_its_lines_and_stops(server: str) -> None:
    harvest("gtfs_feed", f"{server}/gtfs.zip")
    [dataset] = published()
    facts = json.loads(dataset["properties"])
    assert (facts["gtfs_stops"], facts["gtfs_routes"]) == ("1267", "39")
    assert (facts["gtfs_trips"], facts["gtfs_stop_times"]) == ("6860", "196106")
    assert (dataset["temporal_start"], dataset["temporal_end"]) == ("2012-07-09", "2012-09-02")
    assert dataset["publisher_name"] == "Keolis Rennes"
    kept = {r["format"]: r for r in dataset["resources"]}
    assert set(kept) >= {"CSV", "GeoJSON", "GTFS"}
    stops = next(r for r in dataset["resources"] if r["name"] == "Arrêts (carte)")
    features = json.loads(files.path_of(stops["hash"]).read_bytes())["features"]
    assert len(features) == 1267


def test_the_entities_of_a_sensorthings_store_give_their_last_values(server: str) -> None:
    source, report = harvest("sensorthings", f"{server}/v1.1")
    titles = {d["title"].split(" – ")[0] for d in published()}
    assert titles == {"Luminous Flux", "Tempretaure"}
    assert report.counts["observations"] == 2
    flux = next(d for d in published() if d["title"].startswith("Luminous"))
    [value] = last_values(flux["id"])
    assert (value.value, value.unit) == (4.0, "lm")
    assert (value.longitude, value.latitude) == (-117.05, 51.05)
    _, again = runner.run_now(source)
    assert (again.counts["kept"], again.counts["observations"]) == (2, 0)


def test_the_files_of_a_folder_are_datasets_whose_tables_wait_to_be_read(server: str) -> None:
    _, report = harvest("csv_folder", f"{server}/fichiers/", publisher="Acigné", licence="lov2")
    assert report.counts["created"] == 2
    waiting = model.Session.execute(text("SELECT count(*) FROM territoire_table")).scalar_one()
    assert waiting == 2
