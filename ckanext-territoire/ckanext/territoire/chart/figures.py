"""From the lines of the database to the figures of a chart, with the words that go beside them.

Times without any row are shown: zero when rows are counted or added up, a gap in a mean. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ckanext.territoire.chart.plan import Kind, Plan, Role
from ckanext.territoire.portal.typography import MONTHS, NBSP, day, number

MAX_TIMES = 1_000
Line = Mapping[str, Any]
BOOLEANS = {"true": "oui", "false": "non"}
ABSENT, REST = "non renseigné", "autres"


@dataclass(frozen=True, slots=True)
class Figure:
    """One bar or point: `rows` are those behind it. `is_quiet`: what was not said, and the rest."""

    label: str
    value: float | None
    rows: int
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """What a chart shows. `missing` counts rows without a place on it, `rest` the values drawn as
    one, `share` the part of the table that was read; `step` is the width of a bin or the unit of
    time, `start` where the first bin begins."""

    shown: tuple[Figure, ...]
    missing: int = 0
    rest: int = 0
    share: float = 1.0
    step: str = ""
    start: float = 0.0
    is_open: tuple[bool, bool] = (False, False)

    @property
    def is_drawable(self) -> bool:
        """Say whether there is anything to compare."""
        return sum(each.value is not None for each in self.shown) > 1


def to_figures(
    lines: Sequence[Line], plan: Plan, share: float, names: Mapping[str, str]
) -> Figures:
    """Read the lines of the statement; `names` gives the names of communes by their code."""
    total = sum(int(line["n"]) for line in lines) or 1
    valued = [(line, _value(line, plan, total if share < 1 else 0)) for line in lines]
    if plan.axis.kind is Kind.TIME:
        found = _over_time(valued, plan)
    elif plan.axis.kind is Kind.HISTOGRAM:
        found = _bins(valued)
    else:
        found = _bars(valued, names if plan.axis.kind is Kind.COMMUNE else {})
    return replace(found, share=share)


def _value(line: Line, plan: Plan, total: int) -> float | None:
    """The measure of a line; of a sample, the part of the rows in percent."""
    if plan.measure.role is Role.COUNT:
        return line["n"] * 100 / total if total else float(line["n"])
    if line["total"] is None or not line["filled"] or not math.isfinite(line["total"]):
        return None
    told = float(line["total"])
    return told if plan.measure.role is Role.SUM else told / line["filled"]


def _bars(valued: Sequence[tuple[Line, float | None]], names: Mapping[str, str]) -> Figures:
    shown, rest = [], 0
    for line, value in valued:
        if line["is_rest"]:
            rest = int(line["values"])
            label = f"{REST} ({number(rest)})"
        else:
            told = str(line["x"]) if line["x"] is not None else ABSENT
            label = names.get(told) or BOOLEANS.get(told, told)
        is_quiet = line["is_rest"] or line["x"] is None
        shown.append(Figure(label, value, int(line["n"]), bool(is_quiet)))
    return Figures(tuple(sorted(shown, key=lambda each: each.is_quiet)), rest=rest)


def _over_time(valued: Sequence[tuple[Line, float | None]], plan: Plan) -> Figures:
    missing = sum(int(line["n"]) for line, _ in valued if line["x"] is None)
    known = {
        datetime.fromisoformat(line["x"]): (value, int(line["n"]))
        for line, value in valued
        if line["x"]
    }
    if not known:
        return Figures((), missing)
    unit = next(line["unit"] for line, _ in valued if line["x"])
    empty = None if plan.measure.role is Role.MEAN else 0.0
    moments = _sequence(min(known), max(known), unit)
    shown = tuple(Figure(moment_label(at, unit), *known.get(at, (empty, 0))) for at in moments)
    return Figures(shown, missing, step=unit)


def _sequence(first: datetime, last: datetime, unit: str) -> list[datetime]:
    """Every moment from the first to the last, none left out."""
    found = [first]
    while found[-1] < last and len(found) < MAX_TIMES:
        found.append(_next(found[-1], unit))
    return found


def _next(at: datetime, unit: str) -> datetime:
    if unit == "year":
        return at.replace(year=at.year + 1)
    if unit == "month":
        return at.replace(year=at.year + at.month // 12, month=at.month % 12 + 1)
    return at + (timedelta(days=1) if unit == "day" else timedelta(hours=1))


def moment_label(at: datetime, unit: str) -> str:
    """Name a moment.

    >>> moment_label(datetime(2026, 3, 1), "month")
    'mars\\xa02026'
    """
    if unit == "year":
        return str(at.year)
    if unit == "month":
        return f"{MONTHS[at.month - 1]}{NBSP}{at.year}"
    told = day(at.date())
    return told if unit == "day" else f"{told}, {at.hour}{NBSP}h"


def _bins(valued: Sequence[tuple[Line, float | None]]) -> Figures:
    missing = sum(int(line["n"]) for line, _ in valued if line["x"] is None)
    found = {float(line["x"]): (line, value) for line, value in valued if line["x"] is not None}
    if not found:
        return Figures((), missing)
    step = float(next(iter(found.values()))[0]["unit"])
    first, last = round(min(found) / step), round(max(found) / step)
    near = {round(start / step): told for start, told in found.items()}
    below = bool(near[first][0]["is_open_below"])
    above = bool(near[last][0]["is_open_above"])
    shown = []
    for place in range(first, last + 1):
        line, value = near.get(place, ({"n": 0}, 0.0))
        ends = (place * step, (place + 1) * step)
        label = f"de {short(ends[0])} à {short(ends[1])}"
        if place == first and below:
            label = f"moins de {short(ends[1])}"
        elif place == last and above:
            label = f"{short(ends[0])} et plus"
        shown.append(Figure(label, value, int(line["n"])))
    return Figures(
        tuple(shown), missing, step=str(step), start=first * step, is_open=(below, above)
    )


def short(value: float | None) -> str:
    """Write a figure with the digits that matter.

    >>> short(1234.5), short(0.25), short(12.0)
    ('1\\u202f235', '0,25', '12')
    """
    if value is None:
        return ""
    size = abs(value)
    if size >= 1e9:
        return f"{number(value / 1e9, 1)}{NBSP}milliards"
    if size >= 1e6 and size % 1e5 == 0:
        told = number(value / 1e6, 1).removesuffix(",0")
        return f"{told}{NBSP}M"
    digits = 0 if size >= 100 or value == int(value) else 1 if size >= 10 else 2
    if 0 < size < 0.1:
        digits = 4
    told = number(value, digits)
    return told.rstrip("0").rstrip(",") if digits else told
