"""The values of a series as they are read back, and when the next one is late. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

RECENT = 20  # values whose rhythm tells when the next one is due
NO_RHYTHM = timedelta(hours=24)
LEAST = timedelta(minutes=15)
MISSED = 3  # a sensor that has missed so many values is late
NBSP = "\u00a0"
UNITS = ((86_400, "jour"), (3_600, "heure"), (60, "minute"))


@dataclass(frozen=True, slots=True)
class StoredValue:
    """One value of a series; `time` is aware."""

    time: datetime
    value: float | None
    text: str


@dataclass(frozen=True, slots=True)
class LastValue:
    """A series and its last value; `time` is `None` before the first one."""

    id: int
    name: str
    property: str
    unit: str
    longitude: float | None
    latitude: float | None
    time: datetime | None
    value: float | None
    text: str
    late_after: timedelta

    def is_late(self, now: datetime) -> bool:
        """Say whether a newer value should have come."""
        return self.time is None or now - self.time > self.late_after


def late_after(times: Sequence[datetime]) -> timedelta:
    """Learn from the recent times, newest first, after how long a series is late.

    >>> from datetime import UTC
    >>> late_after([datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (9, 8, 7, 6)])
    datetime.timedelta(seconds=10800)
    """
    gaps = [(new - old).total_seconds() for new, old in pairwise(times)]
    if len(gaps) < 2:
        return NO_RHYTHM
    return max(timedelta(seconds=median(gaps) * MISSED), LEAST)


def to_age(time: datetime, now: datetime) -> str:
    """Say in French how old a value is.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    >>> to_age(noon - timedelta(minutes=4), noon)
    'il y a 4\\xa0minutes'
    """
    seconds = (now - time).total_seconds()
    for size, unit in UNITS:
        count = int(seconds // size)
        if count:
            return f"il y a {count}{NBSP}{unit}{'s' if count > 1 else ''}"
    return "à l’instant" if seconds > -60 else "dans l’avenir (horloge à vérifier)"


def series_to_dict(last: LastValue, now: datetime) -> dict[str, Any]:
    """A series as the API shows it."""
    return {
        "id": last.id,
        "name": last.name,
        "property": last.property,
        "unit": last.unit,
        "longitude": last.longitude,
        "latitude": last.latitude,
        "time": last.time.isoformat() if last.time else None,
        "value": last.value,
        "text": last.text,
        "age": to_age(last.time, now) if last.time else "",
        "is_late": last.is_late(now),
    }


def to_geojson(series: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Series as a FeatureCollection; one without position has a null geometry."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": one["id"],
                "geometry": _point(one["longitude"], one["latitude"]),
                "properties": {
                    key: value
                    for key, value in one.items()
                    if key not in ("id", "longitude", "latitude")
                },
            }
            for one in series
        ],
    }


def _point(longitude: float | None, latitude: float | None) -> dict[str, Any] | None:
    if longitude is None or latitude is None:
        return None
    return {"type": "Point", "coordinates": [longitude, latitude]}
