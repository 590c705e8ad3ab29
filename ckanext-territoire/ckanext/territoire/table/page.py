"""One page of the rows of a table, as people read them: French numbers, dates, oui and non."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ckan.plugins import toolkit

from ckanext.territoire.portal.typography import NARROW, PARIS

ROWS = 20
MAX_PAGE = 5_000
MAX_SHOWN = 120  # characters of a cell
# marks that programs follow; the page of the row says the same in words
NOT_SHOWN = ("territoire_commune", "territoire_jeu", "territoire_ressource", "territoire_livraison")
TRACED = "tracé"  # what a cell of GeoJSON says: the map draws it
NUMBERS = ("int4", "int8", "numeric", "float8")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asks: a page from 1, the number of the column to sort by (0: none)."""

    page: int = 1
    sort: int = 0
    is_descending: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column on the page; `is_sorted` says that rows follow it."""

    number: int
    name: str
    label: str
    is_number: bool
    is_sorted: bool


@dataclass(frozen=True, slots=True)
class RowsPage:
    """What the table of a preview shows; `numbers` are those of the DataStore (`_id`), row by
    row."""

    asked: Asked
    headings: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int
    last_page: int
    numbers: tuple[int, ...] = ()


def read_asked(args: Mapping[str, str]) -> Asked:
    """Read the question from the address of the page; nonsense is the first page."""

    def whole(name: str, least: int, most: int) -> int:
        value = args.get(name, "")
        return min(max(int(value), least), most) if value.isascii() and value.isdigit() else least

    words = args.get("q", "").strip()[:100].replace("\0", "")
    return Asked(
        whole("page", 1, MAX_PAGE), whole("tri", 0, 2_000), args.get("sens") == "desc", words
    )


def read_page(resource_id: str, asked: Asked, size: int = ROWS) -> RowsPage:
    """Read a page through `datastore_search`, with the rights of the caller."""
    search: dict[str, Any] = {
        "resource_id": resource_id,
        "limit": size,
        "offset": (asked.page - 1) * size,
    }
    if order := _order(resource_id, asked):
        search["sort"] = order
    if asked.words:
        search["q"] = asked.words
    found = toolkit.get_action("datastore_search")({}, search)
    fields = _fields(found)
    headings = tuple(
        Heading(n, f["id"], _label(f), f["type"] in NUMBERS, n == asked.sort)
        for n, f in enumerate(fields, start=1)
        if f["id"] not in NOT_SHOWN
    )
    dated = {field["id"] for field in fields if field["type"] == "date"}
    rows = tuple(
        tuple(to_cell(row.get(h.name), h.name in dated) for h in headings)
        for row in found["records"]
    )
    total = int(found.get("total", len(rows)))
    last_page = min(max(math.ceil(total / size), 1), MAX_PAGE)
    numbers = tuple(int(row["_id"]) for row in found["records"])
    return RowsPage(asked, headings, rows, total, last_page, numbers)


def _order(resource_id: str, asked: Asked) -> str:
    """Write the order that is asked; `""` is that of the DataStore."""
    if not asked.sort:
        return ""
    empty = toolkit.get_action("datastore_search")(
        {}, {"resource_id": resource_id, "limit": 0, "include_total": False}
    )
    fields = _fields(empty)
    if asked.sort > len(fields):
        return ""
    name = fields[asked.sort - 1]["id"].replace('"', '""')
    return f'"{name}" {"desc" if asked.is_descending else "asc"} nulls last, _id'


def _fields(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [field for field in found["fields"] if field["id"] != "_id"]


def _label(field: Mapping[str, Any]) -> str:
    return str((field.get("info") or {}).get("label") or field["id"])


def to_cell(value: object, is_date: bool = False) -> str:
    """Write a value for people.

    >>> to_cell(True), to_cell(2.5), to_cell(None), to_cell("2026-12-31", is_date=True)
    ('oui', '2,5', '', '31/12/2026')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int | float):
        return _number(value)
    text = str(value)
    if is_date and len(text) == len("2026-12-31"):
        return "/".join(reversed(text.split("-")))
    if len(text) >= 19 and text[4] == text[7] == "-" and text[10] == "T":
        return _moment(text)
    if text.startswith('{"type"') and '"coordinates"' in text:
        return TRACED
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"


def _number(value: int | float) -> str:
    if isinstance(value, int):
        return str(value) if abs(value) < 10_000 else f"{value:,}".replace(",", NARROW)
    return repr(value).replace(".", ",")


def _moment(text: str) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    local = found.astimezone(PARIS) if found.tzinfo else found
    return f"{local:%d/%m/%Y} {local:%H}{NARROW}h{NARROW}{local:%M}"
