"""What was understood of a table: the values that leave this package."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from harvesters.model import Issue


class Type(Enum):
    """The type of a column; the value is PostgreSQL's name of it."""

    TEXT = "text"
    INTEGER = "int8"
    DECIMAL = "numeric"
    BOOLEAN = "bool"
    DATE = "date"
    TIMESTAMP = "timestamp"
    MOMENT = "timestamptz"


class Shape(Enum):
    """How positions are written."""

    LONGITUDE_LATITUDE = "lonlat"
    TEXT = "latlon_text"
    LAMBERT_93 = "lambert93"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `name` is unique and fits PostgreSQL, `label` is the header as received."""

    name: str
    label: str
    type: Type = Type.TEXT


@dataclass(frozen=True, slots=True)
class Geometry:
    """Where rows stand: `columns` are (x, y) or the single text column; `is_swapped` says that
    the file calls longitude what is a latitude."""

    shape: Shape
    columns: tuple[str, ...]
    is_swapped: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """How the file was read. `header_line` counts from 1; 0 when the file has no header."""

    format: str
    encoding: str = ""
    separator: str = ""
    sheet: str = ""
    header_line: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table read and typed. `rows` is a UTF-8 CSV without header, in PostgreSQL's notation:
    an empty cell is absent, dates are ISO, the decimal sign is a point."""

    origin: Origin
    columns: tuple[Column, ...]
    row_count: int
    rows: Path
    geometry: Geometry | None = None
    issues: tuple[Issue, ...] = ()
