"""A store of sensors that speaks OGC SensorThings 1.1: one dataset an observed property.

JSON: `ObservedProperties` with their `Datastreams`, each with its `Thing`, the `Locations` of it,
and its last `Observations`; pages follow `@iot.nextLink`. A property whose streams fill more than
a page waits: its `Datastreams@iot.nextLink` is read next, and the property is one record when its
last stream has come, so that a dataset is never made of a part of its sensors.
Source: OGC 18-088, SensorThings API Part 1: Sensing, version 1.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import orjson

from harvesters.map.answer import an_object, next_page, objects, read_json, unread_fields
from harvesters.map.place import to_extent
from harvesters.map.text import MAX_TEXT, clean_text, clean_title, one_line
from harvesters.map.words import choices_of, licence_of, themes_of, words_of
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

MAX_STREAMS = 20_000
MORE = "Datastreams@iot.nextLink"
EXPAND = (
    "Datastreams($top=1000;$expand=Thing($expand=Locations),"
    "Observations($orderby=phenomenonTime desc;$top=1))"
)
READ = frozenset(
    "@iot.id @iot.selfLink name definition description properties Datastreams "
    "Datastreams@iot.count Datastreams@iot.nextLink Datastreams@iot.navigationLink "
    "MultiDatastreams MultiDatastreams@iot.navigationLink "
    "ObservedProperties@iot.navigationLink".split()
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
    values = an_object(body).get("value")
    if not isinstance(values, list):
        found = "une réponse qui n’est pas de SensorThings"
        return Page(issues=(Issue("TER-VAL-001", response.url, found),))
    waiting = response.request.context.get("property")
    if waiting:
        return _more_streams(response, waiting, objects(values), body.get("@iot.nextLink"))
    page = _page(response, objects(values))
    link = body.get("@iot.nextLink")
    following = next_page(response, link) if link else None
    count = body.get("@iot.count")
    lost = sum(issue.code == "TER-VAL-004" for issue in page.issues)
    return Page(
        page.records,
        page.next_requests + ((following,) if isinstance(following, Request) else ()),
        count - lost if isinstance(count, int) else None,
        page.issues
        + ((following,) if isinstance(following, Issue) else ())
        + unread_fields(READ, (key for v in objects(values) for key in v)),
    )


def _page(response: Response, properties: list[dict[str, Any]]) -> Page:
    """Make records of whole properties, and requests of those that miss streams."""
    records: list[Record] = []
    requests: list[Request] = []
    issues: list[Issue] = []
    for found in properties:
        name = one_line(found.get("name"), 80)
        link = found.get(MORE)
        if link and len(objects(found.get("Datastreams"))) >= MAX_STREAMS:
            issues.append(Issue("TER-VAL-007", name, str(MAX_STREAMS)))
            link = None
        if link:
            following = next_page(response, link, {"property": found})
            if isinstance(following, Request):
                requests.append(following)
            else:
                issues.append(following)
        elif remote_id := str(found.get("@iot.selfLink") or found.get("@iot.id") or ""):
            records.append(Record(remote_id, found, f"grandeur « {name} »"))
        else:
            issues.append(Issue("TER-VAL-004", f"grandeur « {name} »"))
    return Page(tuple(records), tuple(requests), None, tuple(issues))


def _more_streams(
    response: Response, waiting: Mapping[str, Any], streams: list[dict[str, Any]], link: object
) -> Page:
    """Add the next streams to a property that waits; the same ones again are a fault."""
    known = {_stream_id(stream) for stream in objects(waiting.get("Datastreams"))}
    new = [stream for stream in streams if _stream_id(stream) not in known]
    if streams and not new:
        return Page(issues=(Issue("TER-VAL-044", found=response.url),))
    whole = {key: value for key, value in waiting.items() if key != MORE}
    more = {MORE: link} if link else {}
    grown = {**whole, "Datastreams": [*objects(waiting.get("Datastreams")), *new], **more}
    return _page(response, [grown])


def to_dataset(record: Record, config: Config) -> Dataset | Issue:
    found = record.payload
    name = one_line(found.get("name"), 200)
    if not name:
        return Issue("TER-VAL-003", record.where)
    if not _streams(record):
        return Issue("TER-VAL-008", record.where)
    owner = config.get("publisher")
    told = f"{name} – mesures en direct{f' ({owner})' if owner else ''}"
    title, cut = clean_title(told, record.where)
    notes, cleaned = clean_text(found.get("description"), name)
    series = to_series(record, config)
    units = sorted({s.unit for s in series if s.unit})
    return Dataset(
        remote_id=record.remote_id,
        title=title,
        description=f"Dernières mesures de {len(series)} capteurs.\n\n{notes}".strip()[:MAX_TEXT],
        licence=licence_of(config.get("licence", "lov2"))[0],
        themes=themes_of(words_of(name)) or themes_of([config.get("theme")]),
        tags=("capteurs", "temps réel"),
        frequency="continuous",
        spatial=to_extent(
            (s.longitude, s.latitude)
            for s in series
            if s.longitude is not None and s.latitude is not None
        ),
        publisher=owner,
        landing_page=_base(config),
        resources=_resources(series, config),
        properties=(
            ("sensorthings_streams", str(len(series))),
            ("sensorthings_property", one_line(found.get("definition"), 500)),
            ("sensorthings_units", ", ".join(units)),
        ),
        issues=cut + cleaned,
    )


def _resources(series: tuple[Series, ...], config: Config) -> tuple[Resource, ...]:
    """The map of the stations, and the service itself."""
    return (
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
    )


def _streams(record: Record) -> list[Mapping[str, Any]]:
    """The streams that can be told apart: each has an id."""
    return [s for s in objects(record.payload.get("Datastreams")) if _stream_id(s)]


def _stream_id(stream: Mapping[str, Any]) -> str:
    return str(stream.get("@iot.selfLink") or stream.get("@iot.id") or "")


def _position(stream: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Longitude and latitude of the thing of a stream, when it is a point."""
    for place in objects(an_object(stream.get("Thing")).get("Locations")):
        shape = an_object(place.get("location"))
        shape = an_object(shape.get("geometry", shape))
        point = shape.get("coordinates")
        if shape.get("type") == "Point" and isinstance(point, list) and len(point) >= 2:
            longitude, latitude = (p if isinstance(p, int | float) else None for p in point[:2])
            if longitude is not None and latitude is not None:
                return float(longitude), float(latitude)
    return None, None


def to_series(record: Record, config: Config) -> tuple[Series, ...]:
    """What each stream measures, where and in which unit."""
    found = []
    for stream in _streams(record):
        longitude, latitude = _position(stream)
        unit = an_object(stream.get("unitOfMeasurement"))
        thing = one_line(an_object(stream.get("Thing")).get("name"), 200)
        found.append(
            Series(
                id=_stream_id(stream),
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
        for seen in objects(stream.get("Observations")):
            told = str(seen.get("phenomenonTime") or seen.get("resultTime") or "").split("/")[-1]
            time, value = _to_utc(told), seen.get("result")
            if not time or value is None:
                continue
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            text = "" if is_number else one_line(value, 200)
            number = float(value) if is_number else None
            found.append(Observation(_stream_id(stream), time, number, text))
    return tuple(found)


def _to_utc(text: str) -> str:
    """An instant as ISO 8601 UTC, `""` when it is none; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return zoned.astimezone(UTC).isoformat().replace("+00:00", "Z")


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
    body = an_object(read_json(response))
    values = body.get("value")
    if not isinstance(values, list):
        return False
    first = an_object(values[0]) if values else {}
    return (
        "@iot.id" in first
        or first.get("name") in ("Things", "Datastreams")
        or (not values and "ObservedProperties" in response.url)
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
        Setting("publisher", "Producteur", "Nom du service qui exploite les capteurs."),
        Setting(
            "theme",
            "Thème",
            "Celui des mesures dont le nom n’en dit aucun.",
            choices=choices_of("themes"),
        ),
        Setting(
            "licence",
            "Licence",
            "Celle des mesures.",
            default="lov2",
            choices=choices_of("licences"),
        ),
    ),
    to_observations=to_observations,
    to_series=to_series,
)
