"""A store of sensors that speaks OGC SensorThings 1.1: one dataset an observed property.

JSON: `ObservedProperties` with their `Datastreams`, each with its `Thing`, the `Locations` of it,
and its last `Observations`; pages follow `@iot.nextLink`. A property with more streams than a page
holds is read with `$top` large enough, and said when it was cut.
Source: OGC 18-088, SensorThings API Part 1: Sensing, version 1.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import orjson

from harvesters.map.answer import read_json
from harvesters.map.text import clean_text, clean_title, one_line
from harvesters.map.words import themes_of
from harvesters.model import (
    Config,
    Dataset,
    Issue,
    Observation,
    Page,
    Record,
    Request,
    Resource,
    Response,
    Series,
    Setting,
    Source,
)

STREAMS = 1_000
EXPAND = (
    f"Datastreams($top={STREAMS};$expand=Thing($expand=Locations),"
    "Observations($orderby=phenomenonTime desc;$top=1))"
)


def _base(config: Config) -> str:
    url = config.url.strip().rstrip("/")
    return url if url.endswith(("/v1.1", "/v1.0")) else f"{url}/v1.1"


def start(config: Config) -> Request:
    expand = quote(EXPAND, safe="$=(),;")
    return Request(f"{_base(config)}/ObservedProperties?$count=true&$top=50&$expand={expand}")


def read(response: Response, config: Config) -> Page:
    body = read_json(response)
    if isinstance(body, Issue):
        return Page(issues=(body,))
    values = body.get("value") if isinstance(body, dict) else None
    if not isinstance(values, list):
        found = "une réponse qui n’est pas de SensorThings"
        return Page(issues=(Issue("TER-VAL-001", response.url, found),))
    properties = [v for v in values if isinstance(v, dict) and v.get("Datastreams")]
    issues = [
        Issue("TER-VAL-007", one_line(p.get("name")), str(STREAMS))
        for p in properties
        if p.get("Datastreams@iot.nextLink")
    ]
    records = tuple(
        Record(
            str(p.get("@iot.selfLink") or p.get("@iot.id")),
            p,
            f"grandeur « {one_line(p.get('name'), 80)} »",
        )
        for p in properties
    )
    following = body.get("@iot.nextLink")
    return Page(records, (Request(str(following)),) if following else (), None, tuple(issues))


def to_dataset(record: Record, config: Config) -> Dataset | Issue:
    found = record.payload
    name, cut = clean_title(found.get("name"), record.where)
    if not name:
        return Issue("TER-VAL-003", record.where)
    owner = config.get("publisher")
    notes, cleaned = clean_text(found.get("description"), name)
    series = to_series(record, config)
    units = sorted({s.unit for s in series if s.unit})
    return Dataset(
        remote_id=record.remote_id,
        title=f"{name} – mesures en direct{f' ({owner})' if owner else ''}",
        description=f"{notes}\n\nDernières mesures de {len(series)} capteurs.".strip(),
        licence=config.get("licence", "lov2"),
        themes=themes_of([config.get("theme"), name]),
        tags=("capteurs", "temps réel"),
        frequency="continuous",
        publisher=owner,
        landing_page=_base(config),
        upstream_uri=one_line(found.get("definition"), 500) and record.remote_id,
        resources=(
            Resource(
                "",
                "Capteurs (carte)",
                format="GeoJSON",
                media_type="application/geo+json",
                name="capteurs.geojson",
                content=_stations(series),
            ),
            Resource(
                _base(config),
                "Service SensorThings",
                format="SensorThings",
                media_type="application/json",
            ),
        ),
        properties=(
            ("sensorthings_streams", str(len(series))),
            ("sensorthings_property", one_line(found.get("definition"), 500)),
            ("sensorthings_units", ", ".join(units)),
        ),
        issues=cut + cleaned,
    )


def _streams(record: Record) -> list[Mapping[str, Any]]:
    value = record.payload.get("Datastreams")
    return [s for s in value if isinstance(s, dict)] if isinstance(value, list) else []


def _position(stream: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Longitude and latitude of the thing of a stream, when it is a point."""
    for place in (stream.get("Thing") or {}).get("Locations") or ():
        shape = place.get("location") if isinstance(place, dict) else None
        shape = shape.get("geometry", shape) if isinstance(shape, dict) else {}
        if isinstance(shape, dict) and shape.get("type") == "Point":
            coordinates = list(shape.get("coordinates") or ())
            if len(coordinates) >= 2:
                return float(coordinates[0]), float(coordinates[1])
    return None, None


def to_series(record: Record, config: Config) -> tuple[Series, ...]:
    """What each stream measures, where and in which unit."""
    found = []
    for stream in _streams(record):
        longitude, latitude = _position(stream)
        unit = stream.get("unitOfMeasurement") or {}
        thing = one_line((stream.get("Thing") or {}).get("name"), 200)
        found.append(
            Series(
                id=str(stream.get("@iot.selfLink") or stream.get("@iot.id")),
                name=thing or one_line(stream.get("name"), 200),
                unit=one_line(unit.get("symbol") or unit.get("name"), 40),
                property=one_line(record.payload.get("name"), 200),
                longitude=longitude,
                latitude=latitude,
            )
        )
    return tuple(sorted(found, key=lambda series: series.id))


def to_observations(record: Record, config: Config) -> tuple[Observation, ...]:
    """The last value of each stream; an interval counts at its end."""
    found = []
    for stream in _streams(record):
        for seen in stream.get("Observations") or ():
            time = str(seen.get("phenomenonTime") or seen.get("resultTime") or "").split("/")[-1]
            value = seen.get("result")
            number = value if isinstance(value, int | float) and value is not True else None
            series = str(stream.get("@iot.selfLink") or stream.get("@iot.id"))
            if time and value is not None:
                text = "" if number is not None else one_line(value, 200)
                found.append(Observation(series, time, number, text))
    return tuple(found)


def _stations(series: tuple[Series, ...]) -> bytes:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [s.longitude, s.latitude]},
            "properties": {"capteur": s.name, "grandeur": s.property, "unite": s.unit},
        }
        for s in series
        if s.longitude is not None
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def looks_like(response: Response) -> bool:
    body = read_json(response)
    values = body.get("value") if isinstance(body, dict) else None
    if not isinstance(values, list):
        return False
    return not values or (
        isinstance(values[0], dict)
        and ("@iot.id" in values[0] or values[0].get("name") in ("Things", "Datastreams"))
    )


SOURCE = Source(
    kind="sensorthings",
    label_fr="Capteurs (SensorThings)",
    description_fr="Un serveur de capteurs OGC SensorThings : air, parkings, comptages.",
    example_url="https://capteurs.exemple.fr/FROST-Server/v1.1",
    start=start,
    read=read,
    to_dataset=to_dataset,
    looks_like=looks_like,
    settings=(
        Setting("publisher", "Nom du service qui exploite les capteurs."),
        Setting("theme", "Thème des mesures (identifiant), « climat » par exemple."),
        Setting("licence", "Licence des mesures (identifiant).", default="lov2"),
    ),
    to_observations=to_observations,
    to_series=to_series,
)
