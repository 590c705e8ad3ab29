"""The communes as one SVG: outlines of a GeoJSON FeatureCollection to paths. Pure.

Longitude and latitude map linearly to x and y (the scale of x is that of the middle latitude), so
that a rectangle drawn on the picture is a rectangle of coordinates. Rounding to whole units makes
the paths short, and neighbours still touch, since each point is rounded the same way.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Ring = Sequence[Sequence[float]]
Box = tuple[float, float, float, float]
# Share of a commune's size that is shown of its neighbours, on each side
MARGIN = 0.15


@dataclass(frozen=True, slots=True)
class Frame:
    """Bounds (west, south, east, north) drawn `width` × `height` units."""

    bounds: Box
    width: int
    height: int

    def point(self, longitude: float, latitude: float) -> tuple[int, int]:
        """Project a point to whole units."""
        west, south, east, north = self.bounds
        x = (longitude - west) / ((east - west) or 1) * self.width
        y = (north - latitude) / ((north - south) or 1) * self.height
        return round(x), round(y)


@dataclass(frozen=True, slots=True)
class Shape:
    """One commune: `path` is the `d` of an SVG path."""

    insee: str
    name: str
    slug: str
    count: int
    path: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What a template needs to draw the map."""

    frame: Frame
    shapes: tuple[Shape, ...]


def draw(collection: Mapping[str, Any], width: int) -> Picture | None:
    """Draw the features that have an outline; `None` when none has."""
    features = [each for each in collection["features"] if each.get("geometry")]
    points = [point for each in features for point in _points(each)]
    if not points:
        return None
    frame = to_frame(points, width)
    return Picture(frame, tuple(_to_shape(each, frame) for each in features))


def draw_around(collection: Mapping[str, Any], insee: str, width: int) -> Picture | None:
    """Draw one feature among its neighbours; `None` when it has no outline."""
    features = [each for each in collection["features"] if each.get("geometry")]
    centre = next((each for each in features if each["properties"]["insee"] == insee), None)
    if centre is None:
        return None
    inside = to_frame(_points(centre), width).bounds
    west, south, east, north = inside
    margin = max(east - west, north - south) * MARGIN
    corners = [(west - margin, south - margin), (east + margin, north + margin)]
    return _draw_within(features, to_frame(corners, width))


def draw_within(collection: Mapping[str, Any], bounds: Box, width: int) -> Picture:
    """Draw what a rectangle (west, south, east, north) holds of the features."""
    features = [each for each in collection["features"] if each.get("geometry")]
    west, south, east, north = bounds
    return _draw_within(features, to_frame([(west, south), (east, north)], width))


def _draw_within(features: Sequence[Mapping[str, Any]], frame: Frame) -> Picture:
    near = [
        each
        for each in features
        if _meets(to_frame(_points(each), frame.width).bounds, frame.bounds)
    ]
    return Picture(frame, tuple(_to_shape(each, frame) for each in near))


def to_frame(points: Iterable[Sequence[float]], width: int) -> Frame:
    """Fit a frame around points, with the proportions of the ground."""
    longitudes, latitudes = zip(*((point[0], point[1]) for point in points), strict=True)
    west, east, south, north = min(longitudes), max(longitudes), min(latitudes), max(latitudes)
    stretch = math.cos(math.radians((south + north) / 2))
    ratio = (north - south) / (((east - west) or 1e-6) * stretch)
    return Frame((west, south, east, north), width, max(round(width * ratio), 1))


def rings(geometry: Mapping[str, Any]) -> list[Ring]:
    """Flatten a Polygon, a MultiPolygon or a collection of them into rings."""
    kind = geometry.get("type")
    if kind == "Polygon":
        return list(geometry["coordinates"])
    if kind == "MultiPolygon":
        return [ring for polygon in geometry["coordinates"] for ring in polygon]
    if kind == "GeometryCollection":
        return [ring for part in geometry["geometries"] for ring in rings(part)]
    return []


def lines(geometry: Mapping[str, Any]) -> list[Ring]:
    """Flatten a LineString, a MultiLineString or a collection of them into lines."""
    kind = geometry.get("type")
    if kind == "LineString":
        return [geometry["coordinates"]]
    if kind == "MultiLineString":
        return list(geometry["coordinates"])
    if kind == "GeometryCollection":
        return [line for part in geometry["geometries"] for line in lines(part)]
    return []


def to_path(geometry: Mapping[str, Any], frame: Frame) -> str:
    """Write the rings as relative moves between whole points; a ring smaller than that vanishes."""
    return "".join(_path(ring, frame, 4, "z") for ring in rings(geometry))


def to_line_path(geometry: Mapping[str, Any], frame: Frame) -> str:
    """Write the lines likewise."""
    return "".join(_path(line, frame, 2, "") for line in lines(geometry))


def _points(feature: Mapping[str, Any]) -> list[Sequence[float]]:
    return [point for ring in rings(feature["geometry"]) for point in ring]


def _meets(one: Box, other: Box) -> bool:
    return one[0] < other[2] and one[2] > other[0] and one[1] < other[3] and one[3] > other[1]


def _path(positions: Ring, frame: Frame, least: int, end: str) -> str:
    points: list[tuple[int, int]] = []
    for position in positions:
        point = frame.point(position[0], position[1])
        if not points or point != points[-1]:
            points.append(point)
    if len(points) < least:
        return ""
    moves = [
        f"{x - before_x} {y - before_y}"
        for (before_x, before_y), (x, y) in itertools.pairwise(points)
    ]
    return f"M{points[0][0]} {points[0][1]}l{' '.join(moves)}{end}".replace(" -", "-")


def _to_shape(feature: Mapping[str, Any], frame: Frame) -> Shape:
    about = feature["properties"]
    return Shape(
        insee=about["insee"],
        name=about["name"],
        slug=about.get("slug", ""),
        count=about.get("dataset_count", 0),
        path=to_path(feature["geometry"], frame),
    )
