"""Which chart suits a table: decided from the names, the types and the statistics of its columns.

A date and a number make a line, a column of few values makes bars, a number alone a histogram, a
commune bars by commune. What only names a row (codes, positions) is never counted nor summed. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from schemas.vocabulary import plain

DATES = ("date", "timestamp", "timestamptz")
WHOLE, NUMBERS = ("int2", "int4", "int8"), ("int2", "int4", "int8", "numeric", "float4", "float8")
MOST_VALUES = 60  # beyond, bars are a list that nobody reads
MOST_LABELS = 30  # of a table whose rows are each a bar
LEAST_TIMES, LEAST_NUMBERS = 3, 8
PROVENANCE, PLACE_OF_ROW = "territoire_", "territoire_commune_nom"

COMMUNES = frozenset("commune communes insee ville com".split())
YEARS = frozenset("annee annees an year exercice millesime".split())
# what names a row or a place: neither a quantity nor a category
NAMES = frozenset(
    "id ids identifiant code codes siret siren uuid guid fid gid objectid ogc insee cp postal"
    " telephone tel num numero no n ordre rang version lon long lng lat longitude latitude xlong"
    " ylat x y coord coordonnee coordonnees epsg rivoli fantoir cle url ref reference".split()
)
# what may be added up from row to row; of other numbers (a height, a price) the mean is told
ADDED = frozenset(
    "montant montants nb nbre nombre total totaux quantite places capacite population habitants"
    " effectif effectifs longueur surface volume poids tonnage consommation production depense"
    " depenses recette recettes credits budget compte comptage passages visites entrees".split()
)


class Kind(Enum):
    """What is drawn along an axis."""

    TIME = "time"
    COMMUNE = "commune"
    CATEGORY = "category"
    HISTOGRAM = "histogram"


class Role(Enum):
    """What is counted; the value stands in the address of the page."""

    COUNT = "lignes"
    SUM = "somme"
    MEAN = "moyenne"


@dataclass(frozen=True, slots=True)
class Facts:
    """A column as the database knows it; `distinct` is `None` where nothing was counted yet."""

    number: int
    name: str
    label: str
    type: str
    distinct: float | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """A column along which a chart may be drawn; `is_list`: each of its values names one row."""

    column: Facts
    kind: Kind
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """What a chart may show: the number of rows, the sum or the mean of a column."""

    role: Role = Role.COUNT
    column: Facts | None = None

    @property
    def key(self) -> str:
        """The measure, in an address."""
        return f"{self.role.value}-{self.column.number}" if self.column else self.role.value


@dataclass(frozen=True, slots=True)
class Choices:
    """What a reader may choose: axes, the one that suits best first; measures."""

    axes: tuple[Axis, ...]
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The chart to draw."""

    axis: Axis
    measure: Measure


def choices_of(columns: Sequence[Facts], rows: int) -> Choices:
    """Say along what a table of so many rows may be drawn, and what may be measured."""
    numbers = [each for each in columns if is_quantity(each)]
    found = [
        Axis(column, kind, column.distinct == rows)
        for column in columns
        if (kind := _kind(column, rows, bool(numbers)))
    ]
    is_merged = any(axis.column.name == PLACE_OF_ROW for axis in found)
    axes = sorted(found, key=lambda axis: _rank(axis, is_merged))
    measures = [Measure()]
    for column in numbers:
        if is_added(column):
            measures.append(Measure(Role.SUM, column))
        measures.append(Measure(Role.MEAN, column))
    return Choices(tuple(axes), tuple(measures))


def choose(choices: Choices, axis: str = "", measure: str = "") -> Plan | None:
    """Choose what is asked for, else what suits best; `None` when no chart suits."""
    if not choices.axes:
        return None
    asked = (each for each in choices.axes if str(each.column.number) == axis)
    chosen = next(asked, choices.axes[0])
    if chosen.kind is Kind.HISTOGRAM:  # it counts rows, whatever is asked
        return Plan(chosen, Measure())
    wanted = (each for each in choices.measures if each.key == measure)
    return Plan(chosen, next(wanted, _best_measure(choices, chosen)))


def is_quantity(column: Facts) -> bool:
    """Say whether a column holds quantities, not the name of something written in digits."""
    words = _words(column)
    is_ours = column.name.startswith(PROVENANCE)
    return column.type in NUMBERS and not is_ours and not words & (NAMES | YEARS)


def is_added(column: Facts) -> bool:
    """Say whether the quantities of a column make sense when they are added up."""
    return bool(_words(column) & ADDED)


def _best_measure(choices: Choices, axis: Axis) -> Measure:
    if axis.column.name == PLACE_OF_ROW:
        return Measure()
    sums = [each for each in choices.measures if each.role is Role.SUM]
    means = [each for each in choices.measures if each.role is Role.MEAN]
    if axis.kind is Kind.TIME or axis.is_list:  # to count rows would say nothing
        return [*sums, *means, Measure()][0]
    return [*sums, Measure()][0]


def _kind(column: Facts, rows: int, has_numbers: bool) -> Kind | None:
    """Say what a column is along an axis; `None` when it is none."""
    if column.name.startswith(PROVENANCE) and column.name != PLACE_OF_ROW:
        return None
    words, several = _words(column), column.distinct is None or column.distinct >= 2
    is_often = column.distinct is None or column.distinct >= LEAST_TIMES
    if column.type in DATES or (column.type in WHOLE and words & YEARS):
        return Kind.TIME if is_often else None
    if column.type == "text" and words & COMMUNES and several:
        return Kind.COMMUNE
    if column.type == "bool":
        return Kind.CATEGORY if several else None
    if column.type == "text":
        return Kind.CATEGORY if _is_category(column, rows, has_numbers) else None
    is_wide = column.distinct is None or column.distinct >= LEAST_NUMBERS
    return Kind.HISTOGRAM if is_quantity(column) and is_wide else None


def _is_category(column: Facts, rows: int, has_numbers: bool) -> bool:
    """Few values that come again; or a short table whose rows each carry a name and a number."""
    found = column.distinct
    if found is None or found < 2 or _words(column) & NAMES:
        return False
    is_short_list = has_numbers and rows <= MOST_LABELS
    return found <= MOST_VALUES and (found * 2 <= rows or is_short_list)


def _rank(axis: Axis, is_merged: bool) -> tuple[int, float]:
    order = {Kind.TIME: 1, Kind.COMMUNE: 2, Kind.CATEGORY: 3, Kind.HISTOGRAM: 4}[axis.kind]
    if is_merged and axis.column.name == PLACE_OF_ROW:
        order = 0
    return (order, axis.column.number)


def _words(column: Facts) -> frozenset[str]:
    """The words of a name, without accents or digits.

    >>> sorted(_words(Facts(1, "nb_places2", "", "int8")))
    ['nb', 'places']
    """
    return frozenset(re.findall(r"[a-z]+", plain(re.sub(r"([a-z])([A-Z])", r"\1 \2", column.name))))
