"""The read part of OGC SensorThings 1.1 over the demo sensors.

Serves the root, the entity sets, one entity, and the sets reached from it, with `$top`, `$skip`,
`$count`, `$orderby` on `phenomenonTime`, and `$expand` (nested). A page holds at most 3 observed
properties and 20 of the rest, so that clients must follow `@iot.nextLink`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from deployment.demo.answer import Answer, Asked, json_answer, not_found
from deployment.demo.sensors import (
    QUANTITIES,
    STATIONS,
    STREAMS,
    Stream,
    last_times,
    station_name,
    station_point,
    value_at,
)

ROOT = "/capteurs/v1.1"
SETS = ("Things", "Locations", "Datastreams", "Sensors", "ObservedProperties", "Observations")
ONE = {"Thing": "Things", "Sensor": "Sensors", "ObservedProperty": "ObservedProperties"}
PAGE_SIZES = {"ObservedProperties": 3}
PAGE_SIZE = 20
HISTORY = 2_000
ADDRESS = re.compile(r"(\w+)(?:\((\d+)\))?")
Options = Mapping[str, str]


def answer(asked: Asked) -> Answer:
    """Answer below `/capteurs/`."""
    rest = asked.path.removeprefix(ROOT).strip("/")
    if not asked.path.startswith(ROOT):
        return not_found()
    if not rest:
        value = [{"name": n, "url": f"{asked.site}{ROOT}/{n}"} for n in SETS]
        return json_answer({"value": value, "serverSettings": {"conformance": []}})
    steps = [ADDRESS.fullmatch(step) for step in rest.split("/")]
    if any(step is None or step[1] not in (*SETS, *ONE) for step in steps):
        return not_found()
    return _walk([(s[1], int(s[2] or 0)) for s in steps if s], asked)


def _walk(steps: list[tuple[str, int]], asked: Asked) -> Answer:
    """Follow `Set(1)/Set/…` to a set or an entity."""
    kind, key = steps[0]
    parent: tuple[str, int] | None = None
    for name, number in steps[1:]:
        if not key:
            return not_found()
        parent = (kind, key)
        kind, key = ONE.get(name, name), number
        if name in ONE:
            key = next(iter(_keys(kind, parent)), 0)
    if key:
        found = key in _keys(kind, parent if kind != "Observations" else None)
        return json_answer(_entity(kind, key, asked.query, asked)) if found else not_found()
    return json_answer(_set(kind, parent, asked.query, asked))


def _keys(kind: str, parent: tuple[str, int] | None) -> list[int]:
    """The keys of a set, or of those that belong to a parent."""
    streams = [s for s in STREAMS if parent is None or _belongs(s, parent)]
    if kind == "Datastreams":
        return [s.id for s in streams]
    if kind in ("Things", "Locations"):
        return sorted({s.station + 1 for s in streams})
    if kind in ("ObservedProperties", "Sensors"):
        names = list(QUANTITIES)
        return sorted({names.index(s.quantity) + 1 for s in streams})
    return []


def _belongs(stream: Stream, parent: tuple[str, int]) -> bool:
    kind, key = parent
    if kind == "Datastreams":
        return stream.id == key
    if kind in ("Things", "Locations"):
        return stream.station + 1 == key
    return list(QUANTITIES).index(stream.quantity) + 1 == key


def _set(
    kind: str, parent: tuple[str, int] | None, options: Options, asked: Asked
) -> dict[str, Any]:
    """One page of a set, with the link to the next."""
    skip = max(0, int(options.get("$skip", 0)))
    size = PAGE_SIZES.get(kind, PAGE_SIZE)
    top = max(0, min(int(options.get("$top", size)), size))
    if kind == "Observations":
        chosen, total = _observations(parent, skip, top, options, asked)
    else:
        keys = _keys(kind, parent)
        total = len(keys)
        chosen = [_entity(kind, key, options, asked) for key in keys[skip : skip + top]]
    found: dict[str, Any] = {"value": chosen}
    if options.get("$count") == "true":
        found["@iot.count"] = total
    if top and skip + top < total:
        above = f"/{parent[0]}({parent[1]})" if parent else ""
        query = urlencode({**options, "$skip": skip + top}, quote_via=quote, safe="$=(),;")
        found["@iot.nextLink"] = f"{asked.site}{ROOT}{above}/{kind}?{query}"
    return found


def _observations(
    parent: tuple[str, int] | None, skip: int, top: int, options: Options, asked: Asked
) -> tuple[list[dict[str, Any]], int]:
    """Measures of one stream, newest first (or oldest first, as asked)."""
    if not parent or parent[0] != "Datastreams":
        return [], 0
    stream = STREAMS[parent[1] - 1]
    is_newest_first = "desc" in options.get("$orderby", "desc")
    start = skip if is_newest_first else max(0, HISTORY - skip - top)
    times = last_times(stream, asked.now, start, top)
    found = []
    for time in times if is_newest_first else times[::-1]:
        iso = f"{time:%Y-%m-%dT%H:%M:%SZ}"
        key = f"{stream.id}{int(time.timestamp())}"
        found.append(
            {"@iot.id": int(key), "@iot.selfLink": f"{asked.site}{ROOT}/Observations({key})",
             "phenomenonTime": iso, "resultTime": iso, "result": value_at(stream, time)}
        )  # fmt: skip
    return found, HISTORY


def _entity(kind: str, key: int, options: Options, asked: Asked) -> dict[str, Any]:
    """One entity with what `$expand` asks of it."""
    found: dict[str, Any] = {
        "@iot.id": key,
        "@iot.selfLink": f"{asked.site}{ROOT}/{kind}({key})",
        **_facts(kind, key),
    }
    for name, inner in _expanded(options.get("$expand", "")):
        if name in ONE:
            inside = _keys(ONE[name], (kind, key))
            found[name] = _entity(ONE[name], inside[0], inner, asked) if inside else None
        elif name in SETS:
            below = _set(name, (kind, key), inner, asked)
            found[name] = below["value"]
            for mark in ("@iot.nextLink", "@iot.count"):
                if mark in below:
                    found[f"{name}{mark}"] = below[mark]
    return found


def _facts(kind: str, key: int) -> dict[str, Any]:
    if kind in ("ObservedProperties", "Sensors"):
        quantity = list(QUANTITIES.values())[key - 1]
        if kind == "Sensors":
            return {"name": f"Capteur – {quantity.name}", "description": "Capteur d’exemple",
                    "encodingType": "application/pdf", "metadata": ""}  # fmt: skip
        return {"name": quantity.name, "definition": quantity.definition,
                "description": f"{quantity.name}, en {quantity.unit}. "
                "Données de démonstration."}  # fmt: skip
    if kind == "Datastreams":
        stream = STREAMS[key - 1]
        quantity = QUANTITIES[stream.quantity]
        name = f"{quantity.name} – {STATIONS[stream.station][1]}"
        return {"name": name, "description": name,
                "observationType": "http://www.opengis.net/def/observationType/"
                "OGC-OM/2.0/OM_Measurement",
                "unitOfMeasurement": {"name": quantity.unit, "symbol": quantity.symbol,
                                      "definition": ""}}  # fmt: skip
    name = station_name(key - 1)
    if kind == "Locations":
        return {"name": name, "description": name, "encodingType": "application/geo+json",
                "location": {"type": "Point",
                             "coordinates": list(station_point(key - 1))}}  # fmt: skip
    return {"name": name, "description": name, "properties": {"insee": STATIONS[key - 1][0]}}


def _expanded(text: str) -> list[tuple[str, dict[str, str]]]:
    """Read `A,B($top=1;$expand=C)` as names with their own options.

    >>> _expanded("Thing($expand=Locations),Observations($top=1)")
    [('Thing', {'$expand': 'Locations'}), ('Observations', {'$top': '1'})]
    """
    found = []
    for part in _split(text, ","):
        name, _, inner = part.partition("(")
        pairs = [p.partition("=") for p in _split(inner.removesuffix(")"), ";")]
        found.append((name.strip(), {key.strip(): value for key, _, value in pairs}))
    return found


def _split(text: str, mark: str) -> list[str]:
    """Split at a mark that stands outside brackets."""
    parts, depth, current = [], 0, ""
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == mark and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += letter
    return [part for part in [*parts, current] if part.strip()]
