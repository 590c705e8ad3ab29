"""The chart of a table as templates show it: what was chosen, drawn, counted and said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ckanext.territoire.api.gone_columns import gone_of_resource
from ckanext.territoire.chart import words
from ckanext.territoire.chart.draw import (
    NARROW,
    WIDE,
    Drawing,
    draw_bars,
    draw_columns,
    draw_line,
)
from ckanext.territoire.chart.figures import Figures, to_figures
from ckanext.territoire.chart.plan import Choices, Kind, Plan, Role, choices_of, choose
from ckanext.territoire.chart.question import MAX_READ, Known, read_figures, read_known
from ckanext.territoire.coverage import communes
from ckanext.territoire.minute import kept_a_minute
from ckanext.territoire.table.record import Record, load_record

DRAW = {Kind.TIME: draw_line, Kind.HISTOGRAM: draw_columns}


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as a template shows it; `figures` is none when the database did not answer in time,
    `drawings` is empty when there is nothing to compare."""

    choices: Choices
    plan: Plan
    figures: Figures | None
    title: str = ""
    sentence: str = ""
    notes: tuple[str, ...] = ()
    drawings: tuple[tuple[str, Drawing], ...] = ()

    @property
    def options(self) -> dict[str, list[tuple[str, str, bool]]]:
        """The choices of the form: value, words, whether it is chosen."""
        share = self.figures.share if self.figures else 1.0
        return {
            "axes": [
                (str(axis.column.number), words.axis_words(axis), axis == self.plan.axis)
                for axis in self.choices.axes
            ],
            "measures": [
                (each.key, words.measure_words(each, share), each == self.plan.measure)
                for each in self.choices.measures
            ],
        }

    @property
    def headings(self) -> tuple[str, str]:
        """The columns of the table of figures."""
        share = self.figures.share if self.figures else 1.0
        axis = "Période" if self.plan.axis.kind is Kind.TIME else words.axis_words(self.plan.axis)
        return axis, words.measure_words(self.plan.measure, share)


def chart_of(found: Record, axis: str = "", measure: str = "") -> Chart | None:
    """Make the chart of a loaded table; `None` when none of its columns makes one."""
    if found.loaded_at is None:
        return None
    return _chart(found.resource_id, found.loaded_at.isoformat(), axis[:20], measure[:40])


@kept_a_minute
def _chart(resource_id: str, loaded_at: str, axis: str, measure: str) -> Chart | None:
    """`loaded_at` tells one state of the rows from the next."""
    found = load_record(resource_id)
    known = read_known(resource_id, _labels(found.reading if found else {}))
    choices = open_choices(known, gone_of_resource(resource_id))
    plan = choose(choices, axis, measure)
    if not plan:
        return None
    counted = read_figures(resource_id, plan, known)
    if counted is None:
        return Chart(choices, plan, None)
    names = communes().names if plan.axis.kind is Kind.COMMUNE else {}
    return to_chart(choices, plan, to_figures(counted.lines, plan, counted.share, names))


def to_chart(choices: Choices, plan: Plan, figures: Figures) -> Chart:
    """Draw and say figures."""
    draw = DRAW.get(plan.axis.kind, draw_bars)
    sizes = (("is-wide", WIDE), ("is-narrow", NARROW)) if figures.is_drawable else ()
    return Chart(
        choices, plan, figures,
        title=words.title_of(plan, figures),
        sentence=words.sentence_of(plan, figures),
        notes=tuple(words.notes_of(plan, figures)),
        drawings=tuple((name, draw(figures, width)) for name, width in sizes),
    )  # fmt: skip


def open_choices(known: Known, gone: Collection[str]) -> Choices:
    """What may be chosen: no column that has ended; a sample of the rows has no sum."""
    choices = choices_of([each for each in known.columns if each.name not in gone], known.rows)
    if known.rows <= MAX_READ:
        return choices
    kept = tuple(each for each in choices.measures if each.role is not Role.SUM)
    return Choices(choices.axes, kept)


def _labels(reading: Mapping[str, Any]) -> dict[str, str]:
    return {each["name"]: each["label"] for each in reading.get("columns", ())}
