"""The grid of the bad rows and the grid to type rows in: what they show, what comes back. Pure.

Names of the inputs: `c.<line>.<field>` a cell to correct, `a.<line>.<field>` ticked to correct the
same value everywhere, `r.<number>.<field>` a cell of a typed row. Buttons: `accept` holds
`<line>.<field>`, `accept_all` holds `<code>.<field>`, or `*` for every proposal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.territoire.portal.deposit_view import titles_of
from ckanext.territoire.portal.deposit_words import cut_sentence, title_of
from schemas.model import Schema
from schemas.to_form import Control, to_form

Row = Mapping[str, Any]
Form = Mapping[str, str]
EVERY = "*"
# faults of several cells of a row: order, together, one of, sum, postcode and commune
RULE_CODES = frozenset(f"TER-VAL-{number}" for number in (115, 119, 120, 121, 123))


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a cell."""

    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell to correct. `value` is what the input shows, `found` what the file holds; `alike`
    counts the rows where the same stands, `similar` the proposals for the same cause: they are
    told on the first such cell of a page, 0 on the others."""

    line: int
    control: Control
    title: str
    value: str
    found: str
    faults: tuple[Fault, ...]
    repair: str = ""
    cause: str = ""
    alike: int = 0
    similar: int = 0

    @property
    def key(self) -> str:
        return f"{self.line}.{self.control.name}"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A bad row: its line, the words by which people know it, its cells as title and value."""

    line: int
    name: str
    cells: tuple[Cell, ...]
    whole: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """One page of bad rows. `next_after` is the line after which the next page begins, 0 at the
    end; `repairs` counts all the proposals, of the other pages too."""

    rows: tuple[BadRow, ...]
    after: int
    next_after: int
    total: int
    repairs: int


def to_grid(
    rows: Sequence[Row], schema: Schema, page: tuple[int, int], typed: Form | None = None
) -> Grid:
    """Show the bad rows (`territoire_delivery_rows`) below a line: `page` is that line and how
    many rows are shown; `typed` is what a person had written when the page comes back."""
    after, size = page
    below = [row for row in rows if row["line"] > after]
    faulty = ((i["field"], row) for row in rows for i in _errors(row))
    # an identifier is never the same in two rows
    alike = Counter((f, _cell(row, f)) for f, row in faulty if schema.key != (f,))
    similar = Counter((i["code"], i["field"]) for row in rows for i in _errors(row) if i["repair"])
    repairs, counts = sum(similar.values()), (alike, similar)
    return Grid(
        rows=tuple(_bad_row(row, schema, counts, typed or {}) for row in below[:size]),
        after=after,
        next_after=below[size - 1]["line"] if len(below) > size else 0,
        total=len(rows),
        repairs=repairs,
    )


def _errors(row: Row) -> list[Mapping[str, Any]]:
    return [issue for issue in row["issues"] if issue["severity"] == "error"]


def _cell(row: Row, name: str) -> str:
    return str(row["cells"].get(name) or "")


def _bad_row(row: Row, schema: Schema, counts: tuple[Any, Any], typed: Form) -> BadRow:
    titles = titles_of(schema)
    controls = {control.name: control for control in to_form(schema)}
    issues: dict[str, list[Mapping[str, Any]]] = {}
    for issue in _errors(row):
        for name in _fields_of(schema, issue):
            issues.setdefault(name, []).append(issue)
    cells = [
        _to_cell(row, controls[name], issues[name], counts, typed)
        for name in controls
        if name in issues
    ]
    names = dict.fromkeys((schema.label, *schema.key))
    name = ", ".join(_cell(row, each) for each in names if each and _cell(row, each))
    whole = tuple((title_of(titles, k), str(v)) for k, v in row["cells"].items())
    return BadRow(row["line"], name, tuple(cells), whole)


def _fields_of(schema: Schema, issue: Mapping[str, Any]) -> list[str]:
    """Name the cells to show for an issue: its own, those of its rule, the key of a double."""
    names = [issue["field"]] if issue["field"] else list(schema.key)
    if issue["code"] in RULE_CODES:
        names += [n for rule in schema.rules if issue["field"] in rule.fields for n in rule.fields]
    return [name for name in dict.fromkeys(names) if name]


def _to_cell(
    row: Row,
    control: Control,
    issues: Sequence[Mapping[str, Any]],
    counts: tuple[Any, Any],
    typed: Form,
) -> Cell:
    alike, similar = counts
    name, found = control.name, _cell(row, control.name)
    own = [issue for issue in issues if issue["field"] == name]
    proposal = next((issue for issue in own if issue["repair"]), None)
    return Cell(
        line=row["line"],
        control=control,
        title=control.label,
        value=typed.get(f"c.{row['line']}.{name}", found),
        found=found,
        faults=tuple(_fault(issue, row["line"]) for issue in own),
        repair=proposal["repair"] if proposal else "",
        cause=f"{proposal['code']}.{name}" if proposal else "",
        alike=alike.pop((name, found), 0),
        similar=similar.pop((proposal["code"], name), 0) if proposal else 0,
    )


def _fault(issue: Mapping[str, Any], line: int) -> Fault:
    told = str(issue["sentence"]).replace(f"ligne {line}, ", "", 1)
    return Fault(issue["code"], *cut_sentence(issue["code"], told, issue["field"]))


def read_corrections(form: Form, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Read what was corrected: the wishes of `territoire_delivery_correct`.

    `rows` are those that wait: a cell left as it was found is no correction.
    """
    wanted = _typed(form, rows)
    told = form.get("accept", "")
    causes = form.get("accept_all", "")
    for row in rows:
        for issue in _errors(row):
            line, name = row["line"], issue["field"]
            is_asked = told == f"{line}.{name}" or causes in (EVERY, f"{issue['code']}.{name}")
            if issue["repair"] and is_asked:
                wish = {"line": line, "field": name, "value": issue["repair"], "all": False}
                wanted[(line, name)] = wish
    return list(wanted.values())


def _typed(form: Form, rows: Sequence[Row]) -> dict[tuple[int, str], dict[str, Any]]:
    found = {}
    known = {row["line"]: row for row in rows}
    for key, value in form.items():
        kind, _, place = key.partition(".")
        line, _, name = place.partition(".")
        if kind != "c" or not line.isdecimal() or int(line) not in known:
            continue
        if value.strip() != _cell(known[int(line)], name).strip():
            is_for_all = f"a.{place}" in form
            wish = {"line": int(line), "field": name, "value": value.strip(), "all": is_for_all}
            found[(int(line), name)] = wish
    return found


def read_rows(form: Form, names: Iterable[str]) -> list[dict[str, str]]:
    """Read typed rows in their order, blank ones too: they keep their place on the page."""
    known = set(names)
    rows: dict[int, dict[str, str]] = {}
    for key, value in form.items():
        kind, _, place = key.partition(".")
        number, _, name = place.partition(".")
        if kind == "r" and number.isdecimal() and name in known:
            rows.setdefault(int(number), {})[name] = value.strip()
    return [rows[number] for number in sorted(rows)]
