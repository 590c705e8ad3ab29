"""Lay one JSON record flat: texts under names without nesting.

Nested names are joined by a dot; a list of values by commas; a list of objects is spread over
numbered columns (`titulaires.id.1`). A GeoJSON feature gives its properties, its `geometry` as text
and, for a point, `longitude` and `latitude`; a record of Opendatasoft its `fields`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

SPREAD = 5
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def is_feature(record: Mapping[str, Any]) -> bool:
    return record.get("type") == "Feature" and "geometry" in record


def flat(record: Mapping[str, Any]) -> dict[str, str]:
    """Write one record as texts under flat names.

    >>> flat({"id": 1, "acheteur": {"id": "2"}, "techniques": ["a", "b"], "lots": [{"n": 1}]})
    {'id': '1', 'acheteur.id': '2', 'techniques': 'a,b', 'lots.n.1': '1'}
    """
    if is_feature(record):
        return _flat_feature(record)
    if isinstance(record.get("fields"), dict):  # a record of Opendatasoft
        record = record["fields"]
    return dict(_cells("", record))


def _flat_feature(record: Mapping[str, Any]) -> dict[str, str]:
    found = dict(_cells("", record.get("properties") or {}))
    if "id" in record:
        found.setdefault("id", _text(record["id"]))
    geometry = record.get("geometry")
    if not isinstance(geometry, dict):
        return found
    point = geometry.get("coordinates")
    if geometry.get("type") == "Point" and isinstance(point, list) and len(point) > 1:
        found.setdefault("longitude", _text(point[0]))
        found.setdefault("latitude", _text(point[1]))
    found.setdefault("geometry", _text(geometry))
    return found


def _cells(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if name and isinstance(value, dict) and [*map(type, value.values())] == [list]:
        [value] = value.values()  # DECP: {"techniques": {"technique": […]}}
    if isinstance(value, dict) and value and "coordinates" not in value:
        for key, inner in value.items():
            full = f"{name}.{key}" if name else key
            if isinstance(inner, dict | list):
                yield from _cells(full, inner)
            else:
                yield full, _text(inner)
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        yield from _spread(name, value)
    else:
        yield name, _text(value)


def _spread(name: str, items: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Number the columns of a list of objects; a longer one is kept whole beside them."""
    for number, item in enumerate(items[:SPREAD], start=1):
        for key, value in _unwrapped(item).items():
            yield f"{name}.{key}.{number}", _text(value)
    if len(items) > SPREAD:
        yield name, _text(items)


def _unwrapped(item: dict[str, Any]) -> dict[str, Any]:
    """DECP: {"titulaire": {"id": …}}."""
    inner = [*item.values()]
    return inner[0] if len(inner) == 1 and isinstance(inner[0], dict) else item


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, list) and value and not any(isinstance(v, dict | list) for v in value):
        texts = [_text(item) for item in value]
        if isinstance(value[0], str) and not any("," in text for text in texts):
            return ",".join(texts)
    return _ENCODE(value)
