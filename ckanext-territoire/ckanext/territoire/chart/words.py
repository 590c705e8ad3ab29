"""What is said of a chart in French: its title, what it shows in a sentence, what to know. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ckanext.territoire.chart.figures import Figure, Figures, short
from ckanext.territoire.chart.plan import PLACE_OF_ROW, Axis, Kind, Measure, Plan, Role
from ckanext.territoire.portal.typography import NBSP, count

PER = {"hour": "par heure", "day": "par jour", "month": "par mois", "year": "par année"}


def axis_words(axis: Axis) -> str:
    """Name a column that a chart may follow."""
    if axis.column.name == PLACE_OF_ROW:
        return "Commune"
    return axis.column.label


def measure_words(measure: Measure, share: float = 1.0) -> str:
    """Name what is measured; of a sample, a part of the rows."""
    if measure.column is None:
        return "Part des lignes, en %" if share < 1 else "Nombre de lignes"
    what = f"«{NBSP}{measure.column.label}{NBSP}»"
    return f"Somme de {what}" if measure.role is Role.SUM else f"Moyenne de {what}"


def title_of(plan: Plan, figures: Figures) -> str:
    """Title a chart."""
    measure = measure_words(plan.measure, figures.share)
    if plan.axis.kind is Kind.TIME:
        return f"{measure} {PER.get(figures.step, 'dans le temps')}"
    if plan.axis.column.name == PLACE_OF_ROW:
        return f"{measure} par commune"
    return f"{measure} selon «{NBSP}{axis_words(plan.axis)}{NBSP}»"


def sentence_of(plan: Plan, figures: Figures) -> str:
    """Say a chart to who does not see it: its ends, its highest and its lowest."""
    known = [each for each in figures.shown if each.value is not None and not each.is_quiet]
    if not known:
        return "Aucune valeur."
    high = max(known, key=lambda each: each.value or 0)
    low = min(known, key=lambda each: each.value or 0)
    ends = f"Le plus haut : {_told(high)} ; le plus bas : {_told(low)}."
    if plan.axis.kind is Kind.TIME:
        return f"De {known[0].label} à {known[-1].label}. {ends}"
    if plan.axis.kind is Kind.HISTOGRAM:
        return f"{count(len(known), 'intervalle')}. Le plus fourni : {_told(high)}."
    return f"{count(len(known), 'valeur')}. {ends}"


def notes_of(plan: Plan, figures: Figures) -> Sequence[str]:
    """Say what a reader must know not to be misled."""
    said = []
    if figures.share < 1:
        said.append(
            f"Calculé sur un échantillon de {short(figures.share * 100)}{NBSP}% des lignes :"
            " les valeurs sont approchées."
        )
    if figures.missing:
        what = {
            Kind.TIME: "sans date, ou d’une date invraisemblable",
            Kind.HISTOGRAM: "sans valeur",
        }.get(plan.axis.kind, "sans valeur")
        said.append(f"{count(figures.missing, 'ligne')} {what} : hors du graphique.")
    if figures.rest:
        told = count(figures.rest, "valeur plus petite", "valeurs plus petites")
        said.append(f"{told} dans « autres ».")
    if any(figures.is_open):
        said.append(
            "Les valeurs rares, très petites ou très grandes, sont réunies dans le premier ou le"
            " dernier intervalle."
        )
    if plan.axis.kind is Kind.TIME and len(figures.shown) > 2:
        said.append("La première et la dernière période peuvent être incomplètes.")
    return said


def _told(figure: Figure) -> str:
    return f"{figure.label}, {short(figure.value)}"
