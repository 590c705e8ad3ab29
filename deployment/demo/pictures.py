"""The pictures of the demo reuses: drawn here from the places of the communes, the same each time.

No letter stands in them: what they show is said by their description.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping

from PIL import Image, ImageDraw

from deployment.demo.tables import Place, load_places

SIZE = (1200, 750)
MARGIN = 90
PAPER, LAND, BUSY = "#faf6ee", "#cfe0da", "#8fbdb3"
ACTION, AMBER, LINE, INK = "#0b575c", "#c77700", "#ddd3c1", "#211c16"
Point = tuple[float, float]


def draw(name: str) -> bytes:
    """Draw the picture of this name as PNG."""
    image = Image.new("RGB", SIZE, PAPER)
    DRAWN[name](ImageDraw.Draw(image), random.Random(name))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _dots(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """The communes as discs, and what is found in each as dots."""
    _communes(pen)
    for place in load_places().values():
        x, y = _at(place)
        for _ in range(round(place.radius_m / 120)):
            _disc(pen, (chance.gauss(x, 16), chance.gauss(y, 16)), 5, AMBER)


def _lines(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """The communes, and rides from one to its neighbour."""
    _communes(pen)
    places = [_at(place) for place in load_places().values()]
    for here in places:
        near = sorted(
            places, key=lambda there: (there[0] - here[0]) ** 2 + (there[1] - here[1]) ** 2
        )
        for there in near[1:4]:
            pen.line([here, there], fill=ACTION, width=chance.choice((2, 4, 9)))
    for here in places:
        _disc(pen, here, 8, AMBER)


def _bars(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """Twelve months beside one another, the last one told apart."""
    width, floor = 62, SIZE[1] - MARGIN
    for level in range(5):
        y = floor - level * 130
        pen.line([(MARGIN, y), (SIZE[0] - MARGIN, y)], fill=LINE, width=3)
    for month in range(12):
        x = MARGIN + 24 + month * 84
        top = floor - 120 - month * 26 - chance.randint(0, 110)
        pen.rectangle((x, top, x + width, floor), fill=AMBER if month == 11 else ACTION)


def _telephone(pen: ImageDraw.ImageDraw, chance: random.Random) -> None:
    """A telephone that shows where one may park."""
    pen.rectangle((0, 0, *SIZE), fill=LAND)
    left, right = 400, 800
    pen.rounded_rectangle((left, 40, right, 800), 48, fill=INK)
    pen.rounded_rectangle((left + 18, 62, right - 18, 800), 30, fill=PAPER)
    for x in range(left + 60, right - 20, 90):
        pen.line([(x, 62), (x + chance.randint(-60, 60), 520)], fill=LINE, width=12)
    for y in range(130, 500, 95):
        pen.line([(left + 18, y), (right - 18, y + chance.randint(-40, 40))], fill=LINE, width=12)
    for _ in range(7):
        spot = (chance.randint(left + 60, right - 60), chance.randint(120, 480))
        _disc(pen, spot, 20, ACTION)
    _disc(pen, ((left + right) / 2, 300), 28, AMBER)
    for line in range(3):
        top = 545 + line * 70
        pen.rounded_rectangle(
            (left + 50, top, left + 50 + 230 - line * 40, top + 22), 11, fill=BUSY
        )
        pen.rounded_rectangle((right - 110, top, right - 50, top + 22), 11, fill=ACTION)


def _communes(pen: ImageDraw.ImageDraw) -> None:
    for place in load_places().values():
        _disc(pen, _at(place), 22 + place.radius_m / 28, LAND)


def _at(place: Place) -> Point:
    places = load_places().values()
    west, east = min(p.longitude for p in places), max(p.longitude for p in places)
    south, north = min(p.latitude for p in places), max(p.latitude for p in places)
    across, down = SIZE[0] - 2 * MARGIN, SIZE[1] - 2 * MARGIN
    x = MARGIN + (place.longitude - west) / (east - west) * across
    return x, MARGIN + (north - place.latitude) / (north - south) * down


def _disc(pen: ImageDraw.ImageDraw, at: Point, radius: float, colour: str) -> None:
    x, y = at
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


DRAWN: Mapping[str, Callable[[ImageDraw.ImageDraw, random.Random], None]] = {
    "points": _dots,
    "trajets": _lines,
    "barres": _bars,
    "telephone": _telephone,
}
