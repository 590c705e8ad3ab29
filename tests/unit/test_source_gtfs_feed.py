"""The GTFS source on both real feeds of the STAR network, and on feeds that are broken."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from pathlib import Path

import orjson
import pytest

from deployment.demo.transport import make_feed
from harvesters.identity import draft_of
from harvesters.model import Config, Dataset, Issue, Request, Response
from harvesters.sources.gtfs_feed import SOURCE

FEED = Config("https://reseau.example/gtfs.zip")


def mapped(body: bytes, config: Config = FEED) -> Dataset | Issue:
    page = SOURCE.read(Response(Request(config.url), config.url, 200, {}, body), config)
    if not page.records:
        return page.issues[0]
    return SOURCE.to_dataset(page.records[0], config)


def dataset(body: bytes) -> Dataset:
    found = mapped(body)
    assert isinstance(found, Dataset)
    return found


def file_of(found: Dataset, name: str) -> bytes:
    [content] = [r.content for r in found.resources if r.name == name]
    assert content is not None
    return content


def changed(body: bytes, **members: bytes | None) -> bytes:
    """The same feed with some tables replaced, or left out (`None`)."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = members.get(name.removesuffix(".txt"), old.read(name))
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()


@pytest.fixture(scope="module")
def feed() -> bytes:
    return make_feed(date(2026, 11, 24))


@pytest.mark.parametrize(
    ("name", "counts", "days"),
    [("star-20120521", ("1365", "68", "6809", "182666"), ("2012-05-21", "2012-06-17")),
     ("star-20120618", ("1267", "39", "6860", "196106"), ("2012-07-09", "2012-09-02"))],
)  # fmt: skip
def test_the_real_feeds_are_counted_dated_and_kept(
    shared_data: Path, name: str, counts: tuple[str, ...], days: tuple[str, str]
) -> None:
    body = (shared_data / f"rennes-metropole/gtfs/{name}.zip").read_bytes()
    found = dataset(body)
    facts = dict(found.properties)
    assert tuple(facts[f"gtfs_{k}"] for k in ("stops", "routes", "trips", "stop_times")) == counts
    assert (found.temporal_start, found.temporal_end) == days
    assert "STAR" in found.title
    assert file_of(found, "gtfs.zip") == body
    stops = list(csv.DictReader(io.StringIO(file_of(found, "arrets.csv").decode())))
    assert len(stops) == int(counts[0])
    assert all(-2.1 < float(row["longitude"]) < -1.3 for row in stops if row["longitude"])
    lines = orjson.loads(file_of(found, "lignes.geojson"))["features"]
    assert 0 < len(lines) <= int(counts[1])
    assert all(len(line["geometry"]["coordinates"]) > 1 for line in lines)


def test_the_same_feed_makes_the_same_bytes(feed: bytes) -> None:
    assert draft_of(dataset(feed)).content_hash == draft_of(dataset(feed)).content_hash


def test_a_line_without_shape_follows_its_longest_trip(feed: bytes) -> None:
    lines = orjson.loads(file_of(dataset(feed), "lignes.geojson"))["features"]
    lengths = {line["properties"]["ligne"]: len(line["geometry"]["coordinates"]) for line in lines}
    assert lengths == {"D1": 16, "D2": 20, "D3": 20, "D4": 16, "D5": 16}


def test_a_feed_in_windows_1252_keeps_its_accents(feed: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(feed)) as archive:
        stops = archive.read("stops.txt").decode().encode("cp1252")
    found = dataset(changed(feed, stops=stops))
    assert "Acigné Église" in file_of(found, "arrets.csv").decode()


def test_a_stop_without_position_is_told_and_stays_in_the_table(feed: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(feed)) as archive:
        stops = archive.read("stops.txt")
    found = dataset(changed(feed, stops=stops + b"x-1,Sans rien\r\n"))
    assert "x-1,Sans rien" in file_of(found, "arrets.csv").decode()
    assert b"x-1" not in file_of(found, "arrets.geojson")
    assert [(i.code, i.found) for i in found.issues] == [("TER-VAL-011", "1")]


@pytest.mark.parametrize("table", ["agency", "stops", "routes", "trips", "stop_times", "calendar"])
def test_a_missing_table_is_named(feed: bytes, table: str) -> None:
    found = mapped(changed(feed, **{table: None}))
    assert isinstance(found, Issue)
    assert found.code == "TER-VAL-005"
    assert table in found.found


@pytest.mark.parametrize("table", ["agency", "stops", "routes", "trips", "stop_times"])
def test_a_table_without_its_columns_is_told(feed: bytes, table: str) -> None:
    found = mapped(changed(feed, **{table: b"a,b\r\n1,2\r\n"}))
    assert isinstance(found, Issue)
    assert found.code == "TER-VAL-001"


@pytest.mark.parametrize("table", ["agency", "stops", "routes", "trips", "stop_times"])
def test_an_empty_table_never_raises(feed: bytes, table: str) -> None:
    assert isinstance(mapped(changed(feed, **{table: b""})), Issue)


def test_an_added_day_widens_the_validity(feed: bytes) -> None:
    days = b"service_id,date,exception_type\r\nSEM,20271225,1\r\nSEM,20290101,2\r\n"
    out = io.BytesIO(feed)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("calendar_dates.txt", days)
    assert dataset(out.getvalue()).temporal_end == "2027-12-25"
