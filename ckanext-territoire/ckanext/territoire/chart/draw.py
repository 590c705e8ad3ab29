"""The geometry of a chart, in pixels of an SVG: bars one below the other, a line, or columns.

Each is drawn twice, for a wide and for a narrow screen, so that its words keep their size. Every
axis of values begins at zero. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ckanext.territoire.chart.figures import Figure, Figures, short

WIDE, NARROW = 720, 340
CHAR = 7.6  # of a letter at the size of the words
BAR, BAR_GAP, LABEL_LINE = 20, 10, 20
VALUES_WIDTH, LABELS_WIDTH = 84, 210
HEIGHT, TOP, BOTTOM, LEFT, RIGHT = 300, 14, 34, 64, 16
TICKS = 5
MOST_DOTS = 48


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with its label and its value; `value` is `""` where nothing is known."""

    x: float
    y: float
    width: float
    height: float
    label: str
    label_x: float
    label_y: float
    value: str
    is_quiet: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis, at a place in pixels."""

    at: float
    label: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart ready for the page. Bars have no ticks; a line has `path` and `dots`."""

    width: int
    height: float
    zero: float
    bars: tuple[Bar, ...] = ()
    path: str = ""
    dots: tuple[tuple[float, float], ...] = ()
    columns: tuple[tuple[float, float, float, float], ...] = ()
    values: tuple[Tick, ...] = ()
    marks: tuple[Tick, ...] = ()


def draw_bars(figures: Figures, width: int) -> Drawing:
    """Draw bars from the left, each with its label and its value."""
    is_narrow = width < WIDE
    left = 0 if is_narrow else LABELS_WIDTH
    room = width - left - VALUES_WIDTH
    low, high = _bounds(figures.shown)
    zero = left + room * -low / (high - low)
    pitch = BAR + BAR_GAP + (LABEL_LINE if is_narrow else 0)
    bars = []
    for place, figure in enumerate(figures.shown):
        top = place * pitch + (LABEL_LINE if is_narrow else 0)
        end = left + room * ((figure.value or 0) - low) / (high - low)
        letters = int((width if is_narrow else LABELS_WIDTH - 12) / CHAR)
        label_y = top - 6 if is_narrow else top + BAR - 5
        bars.append(
            Bar(round(min(zero, end), 1), top, round(abs(end - zero), 1), BAR,
                cut(figure.label, letters), 0 if is_narrow else LABELS_WIDTH - 12, label_y,
                short(figure.value), figure.is_quiet)
        )  # fmt: skip
    height = max(len(bars) * pitch - BAR_GAP, BAR)
    return Drawing(width, height, round(zero, 1), tuple(bars))


def draw_line(figures: Figures, width: int) -> Drawing:
    """Draw a line over time: it breaks where nothing is known."""
    scale, values = _scale(figures.shown)
    count = len(figures.shown)
    places = [_across(i / max(count - 1, 1), width) for i in range(count)]
    points = [
        (place, scale(figure.value)) if figure.value is not None else None
        for place, figure in zip(places, figures.shown, strict=True)
    ]
    marks = _time_marks(figures.shown, places, width)
    dots = [each for each in points if each] if count <= MOST_DOTS else _alone(points)
    return Drawing(
        width, HEIGHT, scale(0), path=_path(points), dots=tuple(dots), values=values, marks=marks
    )


def draw_columns(figures: Figures, width: int) -> Drawing:
    """Draw a histogram: columns that touch, named at their edges."""
    scale, values = _scale(figures.shown)
    count, step = len(figures.shown), float(figures.step)
    columns, every = [], max(1, math.ceil(count * 56 / (width - LEFT - RIGHT)))
    for place, figure in enumerate(figures.shown):
        left, right = (_across((place + end) / count, width) for end in (0, 1))
        top = scale(figure.value or 0)
        columns.append(
            (left + 1, top, round(max(right - left - 2, 1), 1), round(scale(0) - top, 1))
        )
    hidden = {0: figures.is_open[0], count: figures.is_open[1]}
    marks = tuple(
        Tick(_across(place / count, width), short(figures.start + place * step))
        for place in range(0, count + 1, every)
        if not hidden.get(place)
    )
    return Drawing(width, HEIGHT, scale(0), columns=tuple(columns), values=values, marks=marks)


def cut(text: str, letters: int) -> str:
    """Shorten a label to the room that it has.

    >>> cut("Stationnement", 8)
    'Station…'
    """
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"


def ticks(low: float, high: float) -> list[float]:
    """Round values from `low` to `high`, zero among them.

    >>> ticks(0, 23), ticks(-4, 11)
    ([0.0, 5.0, 10.0, 15.0, 20.0, 25.0], [-5.0, 0.0, 5.0, 10.0, 15.0])
    """
    raw = (high - low) / (TICKS - 1) or 1.0
    tens = 10.0 ** math.floor(math.log10(raw))
    step = next(tens * each for each in (1, 2, 2.5, 5, 10) if tens * each >= raw * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(place * step, 10) for place in range(first, last + 1)]


def _bounds(shown: Sequence[Figure]) -> tuple[float, float]:
    values = [each.value for each in shown if each.value is not None] or [0.0]
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    return (low, high) if high > low else (0.0, 1.0)


class _Scale:
    """From a value to pixels downwards."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def __call__(self, value: float) -> float:
        part = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM), 1)


def _scale(shown: Sequence[Figure]) -> tuple[_Scale, tuple[Tick, ...]]:
    found = ticks(*_bounds(shown))
    scale = _Scale(found[0], found[-1])
    return scale, tuple(Tick(scale(value), short(value)) for value in found)


def _across(part: float, width: int) -> float:
    return round(LEFT + part * (width - LEFT - RIGHT), 1)


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    told, is_down = [], False
    for point in points:
        if point:
            told.append(f"{'L' if is_down else 'M'}{point[0]} {point[1]}")
        is_down = point is not None
    return "".join(told)


def _alone(points: Sequence[tuple[float, float] | None]) -> list[tuple[float, float]]:
    """The points that no line reaches."""
    around = [None, *points, None]
    return [
        point for before, point, after in zip(around, around[1:], around[2:], strict=False)
        if point and not before and not after
    ]  # fmt: skip


def _time_marks(shown: Sequence[Figure], places: Sequence[float], width: int) -> tuple[Tick, ...]:
    """Name some moments, the first and the last among them, as far as their names have room."""
    longest = max(len(each.label) for each in shown) * CHAR
    room = max(int((width - LEFT) / (longest + 28)), 2)
    every = max(1, math.ceil((len(shown) - 1) / (room - 1)))
    found = []
    for place in range(0, len(shown), every):
        at = places[place]
        is_early, is_late = at < longest / 2, at + longest / 2 > width
        anchor = "start" if is_early else "end" if is_late else "middle"
        found.append(Tick(at, shown[place].label, anchor))
    return tuple(found)
