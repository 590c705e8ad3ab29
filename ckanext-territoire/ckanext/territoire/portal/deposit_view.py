"""From a delivery, as the actions answer it, to what its report page shows. Pure: no request, no
user, no database, so that the page of a clerk and that of an invited person are the same.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from ckanext.territoire.portal.deposit_words import (
    STATES,
    cut_sentence,
    say_aside,
    say_lines,
    say_rewritten,
    title_of,
)
from ckanext.territoire.portal.holds import Hold, to_holds
from harvesters.table.encoding import LABELS
from schemas.load import find, table_schemas
from schemas.model import Schema

Data = Mapping[str, Any]
EMPTY = "TER-VAL-101"
NO_COLUMN = (
    "Votre fichier n’a pas cette colonne, et elle est obligatoire.",
    "Si elle y est sous un autre titre, dites lequel dans « Ce n’est pas ça ? ». Sinon, ajoutez-la"
    " à votre fichier et redéposez-le.",
)
SEPARATORS = {";": "point-virgule ;", ",": "virgule ,", "\t": "tabulation", "|": "barre |"}


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands around a delivery: the live one of the same feed, and the names of communes."""

    live: Data | None = None
    communes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cause:
    """Rows with the same fault: `title` names the column, `lines` where, `remedy` what to do."""

    code: str
    column: str
    title: str
    count: int
    lines: str
    message: str
    found: str
    expected: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Rewriting:
    """So many cells written otherwise, with the first of them."""

    text: str
    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Aside:
    """Lines that are no rows, with the first of them: (number, text)."""

    text: str
    samples: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file and the field it fills; `""`: none, it is not published."""

    header: str
    field: str
    title: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file was understood, and what may be chosen instead."""

    sentence: str
    sheet: str
    sheets: tuple[str, ...]
    header_line: int
    columns: tuple[Column, ...]
    fields: tuple[tuple[str, str], ...]
    encodings: tuple[str, ...]
    separators: tuple[tuple[str, str], ...]
    chosen: Data
    schemas: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All that the report page shows. `change` is `None` when nothing was compared; `message` and
    `remedy` say why a file is unreadable."""

    title: str
    slug: str
    schema_id: str
    file_name: str
    organization: str
    state: str
    state_label: str
    is_waiting: bool
    row_count: int
    good: int
    bad: int
    warned: int
    reading: Reading
    change: Data | None
    live: Data | None
    causes: tuple[Cause, ...]
    warnings: tuple[Cause, ...]
    rewritten: tuple[Rewriting, ...]
    asides: tuple[Aside, ...]
    extra: tuple[str, ...]
    missing: tuple[str, ...]
    holds: tuple[Hold, ...]
    notes: tuple[str, ...]
    corrected: int
    message: str
    remedy: str

    @property
    def is_readable(self) -> bool:
        return not self.message

    @property
    def may_publish(self) -> bool:
        """Say whether a clerk can publish now, after having looked at what holds it."""
        is_free = all(hold.confirm for hold in self.holds)
        return self.is_waiting and self.good > 0 and is_free


def to_report(delivery: Data, beside: Beside | None = None) -> Report:
    """Turn a delivery (`territoire_delivery_show`) into its report."""
    around = beside or Beside()
    told: Data = delivery["report"]
    schema = find(delivery["schema_id"]) if delivery["schema_id"] else None
    titles = titles_of(schema)
    missing = frozenset(told.get("missing", ()))
    causes = [_cause(each, titles, missing) for each in told.get("causes", ())]
    errors = [each["severity"] == "error" for each in told.get("causes", ())]
    issue = told.get("issue") or {}
    message, remedy = cut_sentence(issue["code"], issue["sentence"]) if issue else ("", "")
    is_waiting = delivery["state"] in ("draft", "held")
    return Report(
        title=schema.title if schema else "Modèle à choisir",
        slug=schema.slug if schema else "",
        schema_id=delivery["schema_id"],
        file_name=delivery["file_name"],
        organization=delivery["feed"]["organization_title"],
        state=delivery["state"],
        state_label=STATES[delivery["state"]][0],
        is_waiting=is_waiting,
        row_count=int(told.get("row_count") or 0),
        good=delivery["good"] or 0,
        bad=delivery["bad"] or 0,
        warned=delivery["warned"] or 0,
        reading=_reading(delivery, schema, titles),
        # what has no good row cannot be published, and would change nothing
        change=None if is_waiting and not delivery["good"] else told.get("difference"),
        live=around.live,
        causes=tuple(c for c, is_error in zip(causes, errors, strict=True) if is_error),
        warnings=tuple(c for c, is_error in zip(causes, errors, strict=True) if not is_error),
        rewritten=tuple(_rewriting(each, titles) for each in told.get("rewritten", ())),
        asides=tuple(_aside(each) for each in told.get("aside", ()) if not _is_heading(each)),
        extra=tuple(told.get("extra", ())),
        missing=tuple(title_of(titles, name) for name in told.get("missing", ())),
        holds=tuple(to_holds(delivery, around.communes)) if delivery["state"] == "held" else (),
        notes=tuple(cut_sentence(text.split(" : ")[0], text)[0] for text in told.get("issues", ())),
        corrected=int(told.get("corrected") or 0),
        message=message,
        remedy=remedy,
    )


def titles_of(schema: Schema | None) -> dict[str, str]:
    """Name the columns of a schema as people know them."""
    return {each.name: each.title for each in schema.fields} if schema else {}


def _cause(told: Data, titles: Mapping[str, str], missing: Container[str]) -> Cause:
    message, remedy = cut_sentence(told["code"], told["sentence"], told["field"])
    if told["code"] == EMPTY and told["field"] in missing:  # no cell of it is there to fill in
        message, remedy = NO_COLUMN
    return Cause(
        code=told["code"],
        column=told["field"],
        title=title_of(titles, told["field"]),
        count=told["count"],
        lines=say_lines(told["lines"], told["count"]),
        message=message,
        found=told["found"],
        expected=told["expected"],
        remedy=remedy,
    )


def _rewriting(told: Data, titles: Mapping[str, str]) -> Rewriting:
    text = say_rewritten(told["how"], told["count"])
    return Rewriting(text, title_of(titles, told["field"]), told["before"], told["after"])


def _aside(told: Data) -> Aside:
    samples = tuple((int(line), str(text)) for line, text in told["samples"])
    return Aside(say_aside(told["why"], told["count"]), samples)


def _is_heading(told: Data) -> bool:
    """Say whether it is the line of titles alone, which the sentence tells already."""
    return told["why"] == "header" and told["count"] == 1


def _reading(delivery: Data, schema: Schema | None, titles: Mapping[str, str]) -> Reading:
    told: Data = delivery["report"]
    sentence = str(told.get("sentence") or "")
    matched = {each["header"]: each["field"] for each in told.get("match", ())}
    columns = [
        Column(header, name := matched.get(header, ""), titles.get(name, ""))
        for header in told.get("headers", ())
    ]
    sheet = str(told.get("sheet") or "")
    others = [each for each in told.get("sheets", ()) if each != sheet]
    return Reading(
        sentence=sentence[:1].upper() + sentence[1:],
        sheet=sheet,
        sheets=(sheet, *others) if sheet else (),
        header_line=int(told.get("header_line") or 0),
        columns=tuple(columns),
        fields=tuple((each.name, each.title) for each in schema.fields) if schema else (),
        encodings=tuple(dict.fromkeys(LABELS.values())),
        separators=tuple(SEPARATORS.items()),
        chosen=delivery["choice"],
        schemas=tuple(table_schemas().items()),
    )


def read_choice(form: Mapping[str, str], delivery: Data) -> dict[str, Any]:
    """Read the form « Ce n’est pas ça ? » : only what differs from what was understood is kept.

    `column-<n>` names the field of the n-th header, `""` leaves the column out. The columns are
    forgotten when another sheet or another line of titles is chosen: they are not the same.
    """
    told, before = delivery["report"], delivery["choice"]
    choice: dict[str, Any] = {"encoding": form.get("encoding"), "separator": form.get("separator")}
    sheet, line = form.get("sheet", ""), form.get("header_line", "").strip()[:6]
    line = line if line.isdecimal() else ""
    is_other_sheet = sheet not in ("", told.get("sheet"))
    is_other_line = bool(line) and int(line) != told.get("header_line")
    is_moved = is_other_sheet or is_other_line
    if is_other_sheet or before.get("sheet"):
        choice["sheet"] = sheet
    if is_other_line or (before.get("header_line") and not is_other_sheet):
        choice["header_line"] = line
    if not is_moved:
        choice["columns"] = _chosen_columns(form, delivery)
    return {name: value for name, value in choice.items() if value}


def _chosen_columns(form: Mapping[str, str], delivery: Data) -> dict[str, str]:
    told: Data = delivery["report"]
    matched = {each["header"]: each["field"] for each in told.get("match", ())}
    kept = dict(delivery["choice"].get("columns") or {})
    for number, header in enumerate(told.get("headers", ())):
        name = form.get(f"column-{number}")
        if name is not None and name != matched.get(header, ""):
            kept[header] = name
    return kept
