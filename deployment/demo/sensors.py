"""The sensors of the demo: stations of real communes, values that move with the clock.

A value is a function of the sensor and of the time alone: two processes, or the same one after
a restart, give the same history. Air and temperature step every 15 minutes, car parks every 5.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from deployment.demo.tables import MARK, load_places

Value = Callable[[float, int], float]


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is measured: `value(hours since 1970, number of the station)`."""

    name: str
    definition: str
    unit: str
    symbol: str
    every_s: int
    value: Value


@dataclass(frozen=True, slots=True)
class Stream:
    """One quantity at one station. `id` counts from 1 over all streams."""

    id: int
    quantity: str
    station: int


def _noise(number: int, hours: float) -> float:
    """A steady number between -1 and 1 for this station and this quarter of an hour."""
    mark = f"{number}/{math.floor(hours * 4)}".encode()
    return int.from_bytes(hashlib.sha256(mark).digest()[:4]) / 2**31 - 1


def _peak(hours: float, at: float, width: float) -> float:
    """A bump of height 1 around an hour of each day (UTC)."""
    return math.exp(-(((hours % 24 - at) / width) ** 2))


def _weekday(hours: float) -> float:
    """1 from Monday to Friday, 0.45 at the weekend (1 January 1970 was a Thursday)."""
    return 1.0 if (math.floor(hours / 24) + 3) % 7 < 5 else 0.45


def _rush(hours: float) -> float:
    return _weekday(hours) * (_peak(hours, 7, 1.5) + 0.9 * _peak(hours, 16.5, 2))


def _no2(hours: float, number: int) -> float:
    return round(max(2, 12 + number + 22 * _rush(hours) + 3 * _noise(number, hours)), 1)


def _pm10(hours: float, number: int) -> float:
    slow = math.sin(hours / 37 + number)
    return round(max(3, 17 + 5 * slow + 6 * _rush(hours) + 2 * _noise(number + 50, hours)), 1)


def _temperature(hours: float, number: int) -> float:
    year = -math.cos(2 * math.pi * (hours / 24 - 20) / 365.25)
    day = -math.cos(2 * math.pi * (hours % 24 - 3) / 24)
    return round(12 + 7 * year + 3.5 * day + 0.5 * number / 3 + 0.4 * _noise(number, hours), 1)


def _free_places(hours: float, number: int) -> float:
    size = 120 + 60 * number
    taken = _weekday(hours) * (0.75 * _peak(hours, 10, 3.5) + 0.7 * _peak(hours, 15, 3)) + 0.08
    return max(0, round(size * (1 - min(taken, 1)) + 4 * _noise(number, hours)))


def _bikes(hours: float, number: int) -> float:
    return max(0, round((14 + 4 * number) * _rush(hours) + 2 + 2 * _noise(number, hours)))


QUANTITIES = {
    "no2": Quantity("Dioxyde d’azote dans l’air", "http://dd.eionet.europa.eu/vocabulary/aq/"
                    "pollutant/8", "microgramme par mètre cube", "µg/m³", 900, _no2),
    "pm10": Quantity("Particules PM10 dans l’air", "http://dd.eionet.europa.eu/vocabulary/aq/"
                     "pollutant/5", "microgramme par mètre cube", "µg/m³", 900, _pm10),
    "temperature": Quantity("Température de l’air", "http://vocab.nerc.ac.uk/collection/P07/"
                            "current/CFSN0023/", "degré Celsius", "°C", 900, _temperature),
    "places": Quantity("Places de parking disponibles", "https://capteurs.example/def/places",
                       "place", "places", 300, _free_places),
    "velos": Quantity("Passages de vélos", "https://capteurs.example/def/velos",
                      "passage par quart d’heure", "passages", 900, _bikes),
}  # fmt: skip
AIR = ("no2", "pm10", "temperature")
STATIONS = (
    ("35238", "Air Rennes centre", AIR), ("35051", "Air Cesson-Sévigné", AIR),
    ("35047", "Air Bruz", AIR), ("35210", "Air Pacé", ("no2", "temperature")),
    ("35238", "Parking République", ("places",)), ("35278", "Parking Saint-Grégoire",
                                                   ("places",)),
    ("35055", "Parking relais Chantepie", ("places",)), ("35334", "Parking relais Thorigné",
                                                         ("places",)),
    ("35238", "Compteur vélo Rennes", ("velos",)), ("35024", "Compteur vélo Betton", ("velos",)),
    ("35281", "Compteur vélo Saint-Jacques", ("velos", "temperature")),
    ("35352", "Compteur vélo Vern-sur-Seiche", ("velos",)),
)  # fmt: skip
STREAMS = tuple(
    Stream(number, quantity, station)
    for number, (quantity, station) in enumerate(
        ((q, s) for s, (_, _, measured) in enumerate(STATIONS) for q in measured), start=1
    )
)


def station_point(station: int) -> tuple[float, float]:
    """Longitude and latitude, inside the commune and apart from the other stations there."""
    place = load_places()[STATIONS[station][0]]
    step = min(place.radius_m, 600) / 111_320 * 0.5
    return (round(place.longitude + step * math.sin(station), 6),
            round(place.latitude + step * math.cos(station), 6))  # fmt: skip


def station_name(station: int) -> str:
    return f"{STATIONS[station][1]} ({MARK})"


def last_times(stream: Stream, now: datetime, skip: int, top: int) -> list[datetime]:
    """The times of the last measures, newest first."""
    every = QUANTITIES[stream.quantity].every_s
    last = int(now.timestamp()) // every * every
    return [datetime.fromtimestamp(last - every * n, UTC) for n in range(skip, skip + top)]


def value_at(stream: Stream, time: datetime) -> float:
    """The value of a stream at a time."""
    return QUANTITIES[stream.quantity].value(time.timestamp() / 3600, stream.station)
