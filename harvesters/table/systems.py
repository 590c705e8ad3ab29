"""Recognise in which coordinate system x and y are written, and put them into degrees WGS 84.

The headers tell first (`x_l93`, `utm30`), then the values: those of a French system hold between
bounds that seldom meet, and must fall in France. Where two systems hold, the legal one (Lambert 93)
is taken; what only a header could tell (the UTM zone, Web Mercator in the south) is not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyproj import Transformer

ENOUGH = 0.8  # of the positions must be inside the bounds, and inside France
NEVER = r"(?!)"
# metropolitan France, then Guadeloupe, Martinique, Guyane, La Réunion, Mayotte, Saint-Pierre
FRANCE = (
    (-5.6, 41.2, 9.8, 51.3),
    (-61.9, 15.7, -60.9, 18.2),
    (-61.3, 14.3, -60.7, 15.0),
    (-54.7, 2.0, -51.5, 5.9),
    (55.1, -21.5, 55.9, -20.8),
    (44.9, -13.1, 45.4, -12.5),
    (-56.6, 46.6, -56.0, 47.2),
)


@dataclass(frozen=True, slots=True)
class System:
    """A projection: its French name, EPSG code, the bounds of its values, what headers call it."""

    label: str
    epsg: int
    x: tuple[float, float]
    y: tuple[float, float]
    named: str
    is_guessed: bool = True


def _conic(zone: int) -> System:
    """One of the nine local conics: each has its million, and 200 km at its parallel."""
    middle = (zone - 41) * 1e6 + 2e5
    bounds = (middle - 3e5, middle + 3e5)
    return System(
        f"Lambert CC{zone}", 3900 + zone, (1.1e6, 2.25e6), bounds, rf"cc_?{zone}|39{zone}"
    )


SYSTEMS = (
    System("Lambert 93", 2154, (0, 1.3e6), (6e6, 7.2e6), r"l(ambert)?_?93|lamb93|2154|rgf93"),
    *map(_conic, range(42, 51)),
    System("Lambert II étendu", 27572, (0, 1.3e6), (1.58e6, 2.72e6), r"l2e|lambert_?(2|ii)|27572"),
    System("UTM 30N", 32630, (1e5, 1e6), (4.5e6, 5.75e6), r"utm_?(zone_?)?30|(326|258)30", False),
    System("UTM 31N", 32631, (1e5, 1e6), (4.5e6, 5.75e6), r"utm_?(zone_?)?31|(326|258)31", False),
    System("UTM 40S", 2975, (2.5e5, 4.5e5), (7.6e6, 7.75e6), r"rgr92|2975|utm_?(zone_?)?40"),
    System("UTM 38S", 4471, (4.5e5, 6e5), (8.5e6, 8.65e6), r"rgm04|4471|utm_?(zone_?)?38"),
    System("UTM 20N", 5490, (5e5, 8e5), (1.5e6, 2.1e6), r"rgaf09|5490|utm_?(zone_?)?20", False),
    System("UTM 22N", 2972, (1e5, 8.5e5), (2.2e5, 6.6e5), r"rgfg95|2972|utm_?(zone_?)?22", False),
    System("Web Mercator", 3857, (-6.2e5, 1.1e6), (5e6, 6.7e6), r"mercator|3857|900913", False),
    System("Web Mercator", 3857, (-6.2e5, 1.1e6), (5.76e6, 6.7e6), NEVER),  # north of any UTM
)


def find_system(headers: Sequence[str], pairs: Sequence[tuple[float, float]]) -> System | None:
    """Choose the system that holds nearly all pairs; the one that a header names goes first."""
    told = " ".join(headers).lower()
    named = [system for system in SYSTEMS if re.search(system.named, told)]
    guessed = [system for system in SYSTEMS if system.is_guessed]
    for system in (*named, *guessed):
        inside = [(x, y) for x, y in pairs if _holds(system, x, y)]
        if pairs and len(inside) >= ENOUGH * len(pairs) and _is_in_france(system, inside):
            return system
    return None


def _holds(system: System, x: float, y: float) -> bool:
    return system.x[0] <= x <= system.x[1] and system.y[0] <= y <= system.y[1]


def _is_in_france(system: System, pairs: Sequence[tuple[float, float]]) -> bool:
    longitude, latitude = to_degrees(system, *zip(*pairs, strict=True))
    inside = sum(
        (longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north)
        for west, south, east, north in FRANCE
    )
    return bool(np.sum(inside) >= ENOUGH * len(pairs))


def to_degrees(system: System, x: Any, y: Any) -> tuple[Any, Any]:
    """Convert arrays of x and y to longitudes and latitudes; what has none becomes NaN."""
    transformer = Transformer.from_crs(system.epsg, 4326, always_xy=True)
    longitude, latitude = transformer.transform(np.asarray(x), np.asarray(y))
    return (
        np.where(np.isfinite(longitude), longitude, np.nan),
        np.where(np.isfinite(latitude), latitude, np.nan),
    )
