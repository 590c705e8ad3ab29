"""The SensorThings source: streams over several pages, places, values, and what a hash ignores."""

from __future__ import annotations

from typing import Any

import orjson

from harvesters.identity import draft_of
from harvesters.model import Config, Dataset, Observation, Page, Record, Request, Response
from harvesters.sources.sensorthings import SOURCE

STORE = Config("https://capteurs.example/v1.1")


def stream(number: int, result: Any = 3.5, time: str = "2026-11-24T10:00:00Z") -> dict[str, Any]:
    return {
        "@iot.id": number,
        "name": f"flux {number}",
        "unitOfMeasurement": {"symbol": "µg/m³"},
        "Thing": {
            "name": f"Station {number}",
            "Locations": [{"location": {"type": "Point", "coordinates": [-1.6 - number, 48.1]}}],
        },
        "Observations": [{"phenomenonTime": time, "result": result}],
    }


def quantity(*streams: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"@iot.id": 7, "name": "Dioxyde d’azote", "Datastreams": list(streams), **more}


def read(body: Any, request: Request | None = None) -> Page:
    asked = request or SOURCE.start(STORE)
    return SOURCE.read(Response(asked, asked.url, 200, {}, orjson.dumps(body)), STORE)


def record(*streams: dict[str, Any]) -> Record:
    return Record("7", quantity(*streams), "grandeur")


def dataset(*streams: dict[str, Any]) -> Dataset:
    found = SOURCE.to_dataset(record(*streams), STORE)
    assert isinstance(found, Dataset)
    return found


def seen(*streams: dict[str, Any]) -> tuple[Observation, ...]:
    assert SOURCE.to_observations
    return SOURCE.to_observations(record(*streams), STORE)


def test_a_property_waits_for_all_its_streams() -> None:
    more = {"Datastreams@iot.nextLink": "https://capteurs.example/v1.1/x?$skip=1"}
    first = read({"value": [quantity(stream(1), **more)], "@iot.count": 1})
    assert first.records == ()
    second = read({"value": [stream(2)], "@iot.nextLink": "x?$skip=2"}, first.next_requests[0])
    assert second.records == ()
    last = read({"value": [stream(3)]}, second.next_requests[0])
    [whole] = last.records
    assert SOURCE.to_series
    assert [s.id for s in SOURCE.to_series(whole, STORE)] == ["1", "2", "3"]


def test_streams_that_come_again_stop_the_reading() -> None:
    more = {"Datastreams@iot.nextLink": "https://capteurs.example/v1.1/x?$skip=1"}
    first = read({"value": [quantity(stream(1), **more)]})
    again = read({"value": [stream(1)], "@iot.nextLink": "x?$skip=2"}, first.next_requests[0])
    assert [issue.code for issue in again.issues] == ["TER-VAL-044"]
    assert again.records == ()


def test_a_new_measure_does_not_change_the_dataset() -> None:
    before = dataset(stream(1, 3.5), stream(2))
    after = dataset(stream(2), stream(1, 9, "2026-11-24T11:00:00Z"))
    assert draft_of(before).content_hash == draft_of(after).content_hash


def test_a_new_sensor_changes_the_dataset() -> None:
    before, after = dataset(stream(1)), dataset(stream(1), stream(2))
    assert draft_of(before).content_hash != draft_of(after).content_hash


def test_stations_stand_on_the_map_with_their_unit() -> None:
    found = dataset(stream(1), stream(2))
    [content] = [r.content for r in found.resources if r.name == "capteurs.geojson"]
    features = orjson.loads(content or b"")["features"]
    assert [f["geometry"]["coordinates"] for f in features] == [[-2.6, 48.1], [-3.6, 48.1]]
    assert features[0]["properties"]["unite"] == "µg/m³"
    assert ("sensorthings_units", "µg/m³") in found.properties


def test_times_are_utc_and_an_interval_counts_at_its_end() -> None:
    interval = "2026-11-24T09:00:00Z/2026-11-24T10:00:00Z"
    [one, two, three] = seen(
        stream(1, 1, interval),
        stream(2, 2, "2026-11-24T11:00:00+01:00"),
        stream(3, 3, "2026-11-24T10:00:00"),
    )
    assert {one.time, two.time, three.time} == {"2026-11-24T10:00:00Z"}


def test_a_result_that_is_no_number_is_kept_as_text() -> None:
    assert [(o.value, o.text) for o in seen(stream(1, "hors service"), stream(2, True))] == [
        (None, "hors service"),
        (None, "True"),
    ]


def test_a_missing_result_or_time_gives_no_observation() -> None:
    assert seen(stream(1, None), stream(2, 3, "hier")) == ()


def test_a_property_that_nothing_measures_is_told() -> None:
    found = SOURCE.to_dataset(record(), STORE)
    assert not isinstance(found, Dataset)
    assert found.code == "TER-VAL-008"


def test_the_theme_is_read_in_the_name_else_in_the_settings() -> None:
    config = Config(STORE.url, {"theme": "transports"})

    def themes(name: str) -> tuple[str, ...]:
        found = SOURCE.to_dataset(Record("7", {**quantity(stream(1)), "name": name}, "g"), config)
        assert isinstance(found, Dataset)
        return found.themes

    assert themes("Places de parking disponibles") == ("voirie-stationnement",)
    assert themes("Passages") == ("transports",)
