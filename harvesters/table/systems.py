"""Recognise in which coordinate system x and y are written, and put them into degrees WGS 84.

The headers tell first (`x_l93`, `utm30`), then the values: French systems hold each commune between
bounds that seldom meet. Where they meet, the legal system (Lambert 93) is taken, and what only a
header could tell (the UTM zone, Web Mercator in the north-east) is not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyproj import Transformer

ENOUGH = 0.8  # of the positions must be inside the bounds


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
    """One of the nine local conics: false northing of n million 200 km at its parallel."""
    middle = (zone - 41) * 1e6 + 2e5
    bounds = (middle - 120e3, middle + 120e3)
    return System(
        f"Lambert CC{zone}", 3900 + zone, (1.1e6, 2.25e6), bounds, rf"cc_?{zone}|39{zone}"
    )


SYSTEMS = (
    System("Lambert 93", 2154, (0, 1.3e6), (6e6, 7.2e6), r"l(ambert)?_?93|lamb93|2154|rgf93"),
    *map(_conic, range(42, 51)),
    System("Lambert II étendu", 27572, (0, 1.3e6), (1.58e6, 2.72e6), r"l2e|lambert_?(2|ii)|27572"),
    System("UTM 30N", 32630, (1e5, 1e6), (4.5e6, 5.75e6), r"utm_?(zone_?)?30|(326|258)30", False),
    System("UTM 31N", 32631, (1e5, 1e6), (4.5e6, 5.75e6), r"utm_?(zone_?)?31|(326|258)31", False),
    System("Web Mercator", 3857, (-6.2e5, 1.1e6), (5e6, 6.7e6), r"mercator|3857|900913"),
)


def find_system(headers: Sequence[str], pairs: Sequence[tuple[float, float]]) -> System | None:
    """Choose the system that holds nearly all pairs; the one that a header names goes first."""
    told = " ".join(headers).lower()
    named = [system for system in SYSTEMS if re.search(system.named, told)]
    guessed = [system for system in SYSTEMS if system.is_guessed]
    for system in (*named, *guessed):
        inside = sum(_holds(system, x, y) for x, y in pairs)
        if pairs and inside >= ENOUGH * len(pairs):
            return system
    return None


def _holds(system: System, x: float, y: float) -> bool:
    return system.x[0] <= x <= system.x[1] and system.y[0] <= y <= system.y[1]


def to_degrees(system: System, x: Any, y: Any) -> tuple[Any, Any]:
    """Convert arrays of x and y to longitudes and latitudes; what has none becomes NaN."""
    transformer = Transformer.from_crs(system.epsg, 4326, always_xy=True)
    longitude, latitude = transformer.transform(np.asarray(x), np.asarray(y))
    return (
        np.where(np.isfinite(longitude), longitude, np.nan),
        np.where(np.isfinite(latitude), latitude, np.nan),
    )
