"""The figures of a chart and their geometry: nothing hidden, nothing longer than it is."""

from __future__ import annotations

from typing import Any

import pytest

from ckanext.territoire.chart.draw import NARROW, WIDE, draw_bars, draw_columns, draw_line, ticks
from ckanext.territoire.chart.figures import Figure, Figures, to_figures
from ckanext.territoire.chart.plan import Axis, Facts, Kind, Measure, Plan, Role
from ckanext.territoire.chart.words import notes_of, sentence_of, title_of

PRICE = Facts(2, "prix", "Prix (€)", "numeric")


def plan(kind: Kind, role: Role = Role.COUNT) -> Plan:
    measured = None if role is Role.COUNT else PRICE
    return Plan(Axis(Facts(1, "axe", "Axe", "text"), kind), Measure(role, measured))


def line(x: str | None, n: int, total: float | None = None, **more: Any) -> dict[str, Any]:
    filled = n if total is not None else 0
    told = {"x": x, "n": n, "filled": filled, "total": total, "unit": "month", "is_rest": False}
    return told | {"values": 1} | more


def test_months_without_rows_are_zero_when_rows_are_counted() -> None:
    lines = [line("2026-01-01T00:00", 3), line("2026-04-01T00:00", 5)]

    found = to_figures(lines, plan(Kind.TIME), 1.0, {})

    assert [each.value for each in found.shown] == [3, 0, 0, 5]


def test_months_without_rows_are_a_gap_in_a_mean() -> None:
    lines = [line("2026-01-01T00:00", 2, 6.0), line("2026-03-01T00:00", 1, 4.0)]

    found = to_figures(lines, plan(Kind.TIME, Role.MEAN), 1.0, {})
    drawn = draw_line(found, WIDE)

    assert [each.value for each in found.shown] == [3.0, None, 4.0]
    assert drawn.path.count("M") == 2
    assert len(drawn.dots) == 2


def test_rows_without_a_date_are_told() -> None:
    lines = [line("2026-01-01T00:00", 3), line("2026-02-01T00:00", 1), line(None, 7)]

    found = to_figures(lines, plan(Kind.TIME), 1.0, {})

    assert "7\u00a0lignes sans date" in " ".join(notes_of(plan(Kind.TIME), found))


def test_the_smallest_values_are_one_bar_that_says_how_many_they_are() -> None:
    lines = [line("a", 9), line("b", 8), line(None, 20, is_rest=True, values=41), line(None, 2)]

    found = to_figures(lines, plan(Kind.CATEGORY), 1.0, {})

    assert [each.label for each in found.shown] == ["a", "b", "autres (41)", "non renseigné"]
    assert [each.is_quiet for each in found.shown] == [False, False, True, True]


def test_codes_of_communes_are_named() -> None:
    found = to_figures([line("35001", 9)], plan(Kind.COMMUNE), 1.0, {"35001": "Acigné"})

    assert found.shown[0].label == "Acigné"


def test_a_sample_tells_parts_and_not_counts() -> None:
    lines = [line("a", 30), line("b", 10)]

    found = to_figures(lines, plan(Kind.CATEGORY), 0.25, {})

    assert [each.value for each in found.shown] == [75, 25]
    assert title_of(plan(Kind.CATEGORY), found).startswith("Part des lignes, en %")
    assert "échantillon de 25" in notes_of(plan(Kind.CATEGORY), found)[0]


def test_bars_are_as_long_as_their_values() -> None:
    figures = Figures((Figure("a", 40, 40), Figure("b", 10, 10)))

    for width in (WIDE, NARROW):
        longer, shorter = draw_bars(figures, width).bars
        assert longer.width == pytest.approx(4 * shorter.width, abs=0.5)
        assert longer.x == shorter.x


def test_bars_below_zero_go_the_other_way() -> None:
    drawn = draw_bars(Figures((Figure("a", 30, 1), Figure("b", -10, 1))), WIDE)

    above, below = drawn.bars
    assert above.x == pytest.approx(drawn.zero)
    assert below.x + below.width == pytest.approx(drawn.zero, abs=0.2)
    assert above.width == pytest.approx(3 * below.width, abs=0.5)


def test_every_axis_of_values_begins_at_zero() -> None:
    drawn = draw_line(Figures((Figure("a", 101, 1), Figure("b", 103, 1)), step="day"), WIDE)

    assert drawn.values[0].label == "0"
    assert drawn.zero == drawn.values[0].at


@pytest.mark.parametrize("ends", [(0, 1), (0, 0.003), (0, 7), (-3, 0), (-12, 40), (0, 9.7e8)])
def test_ticks_hold_all_the_values_and_are_few(ends: tuple[float, float]) -> None:
    found = ticks(*ends)

    assert found[0] <= ends[0] <= ends[1] <= found[-1]
    assert 0 in found
    assert 3 <= len(found) <= 8


def test_a_histogram_names_its_edges_but_for_those_that_are_open() -> None:
    lines = [
        line("0", 5, unit="10", is_open_below=False, is_open_above=True),
        line("20", 2, unit="10", is_open_below=False, is_open_above=True),
    ]

    found = to_figures(lines, plan(Kind.HISTOGRAM), 1.0, {})
    drawn = draw_columns(found, WIDE)

    assert [each.label for each in found.shown] == ["de 0 à 10", "de 10 à 20", "20 et plus"]
    assert [each.value for each in found.shown] == [5, 0.0, 2]
    assert [mark.label for mark in drawn.marks] == ["0", "10", "20"]


def test_a_chart_is_said_in_a_sentence() -> None:
    found = to_figures([line("a", 9), line("b", 4), line(None, 50)], plan(Kind.CATEGORY), 1.0, {})

    said = sentence_of(plan(Kind.CATEGORY), found)

    assert "Le plus haut : a, 9 ; le plus bas : b, 4." in said
