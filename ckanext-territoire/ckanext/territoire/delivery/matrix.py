"""Communes × expected tables: absent, invalid, stale, fine, with the next action. Pure.

One cell says what a commune has of one theme. What the EPCI delivers for it counts as its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from schemas.model import Schema
from schemas.vocabulary import load_vocabulary

MOSTLY_BAD = 0.2  # share of bad rows from which a table is called invalid


class Cell(Enum):
    """What a commune has of a theme; the value is what people read."""

    FINE = "à jour"
    STALE = "à actualiser"
    INVALID = "à corriger"
    DECIDE = "à décider"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Town:
    """A member commune, as the matrix weighs it."""

    insee: str
    name: str
    slug: str
    organization_id: str
    population: int | None


@dataclass(frozen=True, slots=True)
class Known:
    """What was delivered by or for a commune for a theme: rows of the live deliveries and of the
    EPCI, and the newest delivery that waits (`held` or `failed`, else `""`)."""

    good: int = 0
    bad: int = 0
    rows: int = 0
    published_at: datetime | None = None
    waiting_state: str = ""
    waiting_id: str = ""
    live_id: str = ""


NOTHING = Known()


@dataclass(frozen=True, slots=True)
class Square:
    """One cell: its state, its figures, whether the law asks it of this commune, what to do."""

    cell: Cell
    known: Known
    is_duty: bool
    action: str

    @property
    def is_served(self) -> bool:
        """Say whether people can read the table: what waits for a decision leaves it online."""
        is_online = self.cell is Cell.DECIDE and bool(self.known.good or self.known.rows)
        return is_online or self.cell in (Cell.FINE, Cell.STALE)


@dataclass(frozen=True, slots=True)
class Row:
    """A commune and its cells, in the order of the columns."""

    town: Town
    squares: tuple[Square, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A theme: how many communes are in each state, and the share of the population that is
    served, from 0 to 1."""

    schema: Schema
    counts: Mapping[Cell, int]
    served: float


@dataclass(frozen=True, slots=True)
class Matrix:
    """All of it; `rows` by population, the largest first."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def to_matrix(
    towns: Iterable[Town],
    schemas: Sequence[Schema],
    known: Mapping[tuple[str, str], Known],
    today: date,
) -> Matrix:
    """Judge every commune on every theme; `known` is keyed by INSEE code and slug."""
    ordered = sorted(towns, key=lambda town: (-(town.population or 0), town.insee))
    rows = tuple(
        Row(
            town,
            tuple(
                to_square(town, schema, known.get((town.insee, schema.slug), NOTHING), today)
                for schema in schemas
            ),
        )
        for town in ordered
    )
    columns = tuple(_column(schema, rows, number) for number, schema in enumerate(schemas))
    return Matrix(columns, rows)


def to_square(town: Town, schema: Schema, known: Known, today: date) -> Square:
    """Judge one commune on one theme."""
    cell = _judge(schema, known, today)
    is_duty = _is_duty(town, schema)
    return Square(cell, known, is_duty, _action(cell, known, is_duty))


def _judge(schema: Schema, known: Known, today: date) -> Cell:
    if known.waiting_state == "held":
        return Cell.DECIDE
    if not known.good and not known.rows:
        return Cell.INVALID if known.bad or known.waiting_state else Cell.ABSENT
    if known.bad > MOSTLY_BAD * (known.good + known.bad):
        return Cell.INVALID
    return Cell.STALE if _is_late(schema, known, today) else Cell.FINE


def _is_late(schema: Schema, known: Known, today: date) -> bool:
    rhythm = load_vocabulary("frequencies").get(schema.frequency)
    days = rhythm.facts.get("days") if rhythm else None
    if not days or known.published_at is None:
        return False
    return (today - known.published_at.date()).days > int(days)


def _is_duty(town: Town, schema: Schema) -> bool:
    if schema.duty is None:
        return False
    threshold = schema.duty.from_population
    return threshold is None or (town.population or 0) >= threshold


def _action(cell: Cell, known: Known, is_duty: bool) -> str:
    match cell:
        case Cell.DECIDE:
            return "Lire le compte rendu et décider"
        case Cell.INVALID if known.bad:
            lines = "ligne" if known.bad == 1 else "lignes"
            return f"Envoyer un lien de correction ({known.bad} {lines})"
        case Cell.INVALID:
            return "Demander un fichier lisible"
        case Cell.STALE:
            return "Demander une mise à jour"
        case Cell.ABSENT:
            return "Inviter à publier (obligation légale)" if is_duty else "Inviter à publier"
        case Cell.FINE:
            return ""


def _column(schema: Schema, rows: Sequence[Row], number: int) -> Column:
    squares = [(row.town.population or 0, row.squares[number]) for row in rows]
    total = sum(population for population, _ in squares)
    served = sum(population for population, square in squares if square.is_served)
    counts = {cell: sum(1 for _, s in squares if s.cell is cell) for cell in Cell}
    return Column(schema, counts, served / total if total else 0.0)
