"""The values of a table that is checked against a schema, from the bytes to the verdict.

The steps share one DuckDB connection (`typed.open_database`) and hand on relations of it:

| step | function | leaves |
|---|---|---|
| read | `receive.read_received` | `received(line BIGINT, c0 … cN VARCHAR)` |
| recognise, match | `recognise.recognise`, `headers.match_headers` | nothing |
| arrange | `arrange.arrange` | `arranged(line BIGINT, <field> VARCHAR …)`, one for each field |
| check | `check.check_rows` | `good`, `bad`, `row_issue` |

`line` is the row as a spreadsheet numbers it, from 1. An empty cell is NULL. What is no row (blank
lines, titles, totals) is counted aside: rows + aside = lines of the file, and nothing disappears.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from harvesters.model import Issue
from harvesters.table.reading import Origin
from schemas.model import Severity


class Why(Enum):
    """Why a line of the file is no row."""

    BLANK = "blank"
    TITLE = "title"
    HEADER = "header"
    TOTAL = "total"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Aside:
    """Lines set aside for one reason: how many, and the first of them with their text."""

    why: Why
    count: int
    samples: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person decides against what was understood; empty means: find out.

    `columns` maps a header, as received, to the name of a field (`""`: leave it out).
    """

    sheet: str = ""
    header_line: int | None = None
    encoding: str = ""
    separator: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


AS_FOUND = Choice()


@dataclass(frozen=True, slots=True)
class Received:
    """A file read as text. `sentence` says in French what was understood; `sheets` are the
    other sheets or layers that hold rows."""

    origin: Origin
    headers: tuple[str, ...]
    row_count: int
    sentence: str
    aside: tuple[Aside, ...] = ()
    issues: tuple[Issue, ...] = ()
    sheets: tuple[str, ...] = ()


class How(Enum):
    """How a header was matched to a field."""

    EXACT = "exact"
    SPELLING = "spelling"
    SYNONYM = "synonym"
    POSITION = "position"
    COMMUNE = "commune"
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class Match:
    """One field and the column of `received` that fills it."""

    field: str
    column: int
    header: str
    how: How


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """What each column became. `missing` are required fields without column, `extra` the headers
    that no field takes: they stay in the received file and are not published."""

    matches: tuple[Match, ...]
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A schema that may be that of a file; `confidence` from 0 to 1, `because` in French."""

    schema_id: str
    confidence: float
    because: str


class Rewriting(Enum):
    """A way of writing that is changed without losing anything, and said."""

    DECIMAL_COMMA = "decimal_comma"
    THOUSANDS = "thousands"
    FRENCH_DATE = "french_date"
    BOOLEAN_WORD = "boolean_word"
    LOST_ZERO = "lost_zero"
    SPACES = "spaces"
    CASE = "case"
    PROJECTION = "projection"
    SWAPPED = "swapped"
    SPLIT_POSITION = "split_position"
    COMMUNE = "commune"


@dataclass(frozen=True, slots=True)
class Rewritten:
    """So many cells of a field rewritten in one way, with the first of them."""

    field: str
    how: Rewriting
    count: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Cause:
    """Rows with the same fault: exact `count`, the first lines, and one value found."""

    code: str
    field: str
    severity: Severity
    count: int
    lines: tuple[int, ...]
    found: str = ""
    expected: str = ""


OWN_COLUMNS = ("line", "row_key", "insee", "longitude", "latitude", "in_territory")


def column(field: str) -> str:
    """The column of a field in `good` and `bad`: its name, with `_` behind it if it is one of ours.

    >>> column("nom"), column("insee")
    ('nom', 'insee_')
    """
    return f"{field}_" if field.lower() in OWN_COLUMNS else field


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict. Left in the connection (the column of a field is `column(field)`):

    - `good(line, row_key VARCHAR, insee VARCHAR, longitude DOUBLE, latitude DOUBLE,
      in_territory BOOLEAN, <field> typed …)`
    - `bad(line, row_key VARCHAR or NULL, insee VARCHAR, <field> VARCHAR …)`
    - `row_issue(line, field, code, severity, found, expected, repair)`, all text but `line`;
      `repair` is the value proposed, NULL when there is none. It holds every error and warning
      of every row.

    `warned` counts good rows with a warning.
    """

    good: int
    bad: int
    warned: int
    causes: tuple[Cause, ...] = ()
    rewritten: tuple[Rewritten, ...] = ()


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of France, as the checks know it."""

    insee: str
    name: str
    is_member: bool


@dataclass(frozen=True, slots=True)
class References:
    """What rows are compared with: every commune of France, (postcode, INSEE) pairs, and the
    outlines (WKB, WGS 84) of the members. Empty ones switch their check off."""

    communes: tuple[Commune, ...] = ()
    postcodes: frozenset[tuple[str, str]] = frozenset()
    outlines: Mapping[str, bytes] = field(default_factory=dict)
