"""Charts for the page of the components: bars, a line with a gap, a histogram open at its end."""

from __future__ import annotations

from typing import Any

from ckanext.territoire.chart.figures import to_figures
from ckanext.territoire.chart.plan import Axis, Choices, Facts, Kind, Measure, Plan, Role
from ckanext.territoire.portal.chart_view import Chart, to_chart

PLACES = (("Acigné", 24), ("Betton", 18), ("Cesson-Sévigné", 41), ("Le Rheu", 9), (None, 4))
MONTHS = ((1, 31.0), (2, 28.5), (3, 33.2), (5, 40.1), (6, 44.0), (7, 37.4))
HEIGHTS = ((0, 12), (5, 46), (10, 71), (15, 38), (20, 15))


def examples() -> list[Chart]:
    """One chart of each shape, of figures made up for the page."""
    places = [_line(name, rows) for name, rows in sorted(PLACES, key=lambda each: -each[1])]
    months = [_line(f"2026-{n:02}-01T00:00", 1, value, unit="month") for n, value in MONTHS]
    ends = {"unit": "5", "is_open_below": False, "is_open_above": True}
    heights = [_line(str(start), rows, **ends) for start, rows in HEIGHTS]
    return [
        _chart("Commune", Kind.COMMUNE, places),
        _chart("Mois", Kind.TIME, months, Measure(Role.MEAN, Facts(2, "c", "consommation", ""))),
        _chart("hauteur", Kind.HISTOGRAM, heights),
    ]


def _chart(
    label: str, kind: Kind, lines: list[dict[str, Any]], measure: Measure | None = None
) -> Chart:
    axis = Axis(Facts(1, label, label, "text"), kind)
    plan = Plan(axis, measure or Measure())
    choices = Choices((axis,), (plan.measure,))
    return to_chart(choices, plan, to_figures(lines, plan, 1.0, {}))


def _line(x: str | None, rows: int, total: float | None = None, **more: Any) -> dict[str, Any]:
    told = {"x": x, "n": rows, "filled": 0 if total is None else rows, "total": total}
    return told | {"unit": "", "is_rest": False, "values": 1} | more
