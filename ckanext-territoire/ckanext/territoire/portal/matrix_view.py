"""What the pages of the matrix show of it: filters of the address, grid, list, file. Pure.

Input: the answer of `territoire_matrix_show`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ckanext.territoire.portal.matrix_words import STATES
from ckanext.territoire.portal.typography import to_day

Data = Mapping[str, Any]
HEADERS = (
    "commune code_insee population tableau etat lignes_bonnes lignes_a_corriger"
    " derniere_publication obligation_legale action"
).split()


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for: a state, a table (slug), a commune (INSEE code), what the law asks."""

    state: str = ""
    theme: str = ""
    commune: str = ""
    is_duty: bool = False

    @property
    def is_list(self) -> bool:
        """Say whether cells are listed; without any of these, the whole matrix is shown."""
        return bool(self.state or self.theme or self.commune)

    def query(self, **changes: str) -> dict[str, str]:
        """The parameters of an address that asks for this, with some of them changed."""
        told = {"etat": self.state, "theme": self.theme, "commune": self.commune}
        told |= {"obligation": "1" if self.is_duty else ""}
        return {name: value for name, value in (told | changes).items() if value}


@dataclass(frozen=True, slots=True)
class Line:
    """One cell, with its commune and its table."""

    commune: Data
    schema: Data
    cell: Data


def read_filter(args: Mapping[str, str], shown: Data) -> Filter:
    """Read the parameters of an address; what does not exist is left out."""

    def known(name: str, values: Iterable[str]) -> str:
        return args.get(name, "") if args.get(name) in set(values) else ""

    return Filter(
        known("etat", (state.key for state in STATES)),
        known("theme", (column["slug"] for column in shown["columns"])),
        known("commune", (row["insee"] for row in shown["rows"])),
        args.get("obligation") == "1",
    )


def to_lines(shown: Data, wanted: Filter) -> list[Line]:
    """List the cells that are asked for, the largest commune first."""
    return [
        Line(row, column, cell)
        for row in shown["rows"]
        for column, cell in zip(shown["columns"], row["cells"], strict=True)
        if wanted.state in ("", cell["state"])
        and wanted.theme in ("", column["slug"])
        and wanted.commune in ("", row["insee"])
        and (cell["is_duty"] or not wanted.is_duty)
    ]


def count_states(shown: Data, wanted: Filter) -> Counter[str]:
    """Count the cells of each state, whichever state is asked for."""
    every = Filter("", wanted.theme, wanted.commune, wanted.is_duty)
    return Counter(line.cell["state"] for line in to_lines(shown, every))


def to_grid(shown: Data, wanted: Filter) -> tuple[list[Data], list[tuple[Data, list[Data | None]]]]:
    """Answer the columns and the rows of the matrix; `None` is a cell that is not asked for, and a
    column of such cells is left out."""
    cells = {
        (line.commune["insee"], line.schema["slug"]): line.cell for line in to_lines(shown, wanted)
    }
    slugs = {slug for _, slug in cells}
    columns = [column for column in shown["columns"] if column["slug"] in slugs]
    rows = [
        (row, [cells.get((row["insee"], column["slug"])) for column in columns])
        for row in shown["rows"]
    ]
    return columns, rows


def to_rows(lines: Iterable[Line]) -> list[list[Any]]:
    """Give cells as the rows of a file, under `HEADERS`."""
    return [_cells(line) for line in lines]


def _cells(line: Line) -> list[Any]:
    commune, cell = line.commune, line.cell
    return [
        commune["name"],
        commune["insee"],
        commune["population"],
        line.schema["title"],
        cell["label"],
        cell["good"] or cell["rows"],
        cell["bad"],
        to_day(cell["published_at"]),
        "oui" if cell["is_duty"] else "non",
        cell["action"],
    ]
