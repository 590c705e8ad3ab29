"""Read the records of a JSON file one after the other, and write them flat.

Accepted: an array of objects; an object with such an array under a usual name (`records`,
`results`, `data`, `features`; the contracts of DECP under `marches`, or `marches.marche`); one
object a line. What stands beside the list is passed over.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from harvesters.model import Issue
from harvesters.table.flat import flat, is_feature
from harvesters.table.layout import MAX_COLUMNS

CHUNK = 1 << 20
LISTS = frozenset("records results data features marches marche items rows".split())
WRAPPERS = frozenset("marches result results data response".split())
MAX_VALUE = 50_000_000
_WORD = re.compile(r"\S")
_LIST = re.compile(r"\[\s*(\S)")
_DECODE = json.JSONDecoder().raw_decode


@dataclass(frozen=True, slots=True)
class Objects:
    """What was written: `format` is json or geojson."""

    format: str
    headers: tuple[str, ...]


def write_objects(source: Path, target: Path) -> Objects | Issue:
    """Write the records of a UTF-8 file as CSV without titles, one column for each name met."""
    names: dict[str, None] = {}
    try:
        written = _write(source, target, names)
        if names and not written.is_even:  # names came after the first row: once more, with all
            written = _write(source, target, names)
    except _Fault as fault:
        return fault.issue
    if not names:
        return Issue("TER-TAB-022")
    return Objects("geojson" if written.is_geojson else "json", tuple(names))


@dataclass(frozen=True, slots=True)
class _Written:
    """Whether there was a feature among the records, and whether all rows are equally wide."""

    is_geojson: bool
    is_even: bool


def _write(source: Path, target: Path, names: dict[str, None]) -> _Written:
    """Write the records under the names met so far, and add the new ones."""
    is_geojson, widths = False, set()
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        for record in _records(source):
            is_geojson = is_geojson or is_feature(record)
            cells = flat(record)
            if cells.keys() - names.keys():
                names.update(dict.fromkeys(cells))
            if len(names) > MAX_COLUMNS:
                told = f"plus de {MAX_COLUMNS}"
                raise _Fault(Issue("TER-TAB-005", found=told, expected=str(MAX_COLUMNS)))
            writer.writerow([cells.get(name, "") for name in names])
            widths.add(len(names))
    return _Written(is_geojson, len(widths) == 1)


class _Fault(Exception):
    """What stops the reading, on its way to `write_objects`."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.code)
        self.issue = issue


class _Stream:
    """The text of a file, read as it is needed; what has been read is forgotten."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._line = 1

    def peek(self) -> str:
        """The next character that is no space, `""` at the end."""
        while True:
            found = _WORD.search(self._text, self._at)
            if found or not self._grow():
                self._at = found.start() if found else len(self._text)
                return found[0] if found else ""

    def opens_objects(self) -> bool:
        """Say whether a list of objects begins here."""
        self.peek()
        while True:
            found = _LIST.match(self._text, self._at)
            if found:
                return found[1] == "{"
            if not self._text.startswith("[", self._at) or not self._grow():
                return False

    def take(self, wanted: str) -> None:
        """Pass over one character that must be there."""
        if self.peek() != wanted:
            raise self._broken()
        self._at += 1

    def value(self) -> Any:
        """Read the next value whole."""
        self.peek()
        while True:
            try:
                value, end = _DECODE(self._text, self._at)
            except RecursionError as fault:
                raise self._broken() from fault
            except ValueError as fault:
                if len(self._text) - self._at > MAX_VALUE or not self._grow():
                    raise self._broken() from fault
                continue
            if end == len(self._text) and self._grow():
                continue  # a number may go on
            self._at = end
            return value

    def _grow(self) -> bool:
        """Forget what was read, and read as much again as is left."""
        self._line += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :], 0
        more = self._file.read(max(CHUNK, len(self._text)))
        self._text += more
        return bool(more)

    def _broken(self) -> _Fault:
        line = self._line + self._text.count("\n", 0, self._at)
        return _Fault(Issue("TER-TAB-026", found=f"JSON illisible à la ligne {line}"))


def _records(path: Path) -> Iterator[Any]:
    """Yield the records, under a usual name or else under any."""
    with path.open(encoding="utf-8-sig") as file:
        is_by_line = _is_by_line(file)
    for names in (LISTS, None):
        with path.open(encoding="utf-8-sig") as file:
            stream = _Stream(file)
            if is_by_line:
                yield from _lines(stream)
                return
            found = False
            for record in _items(stream) if stream.peek() == "[" else _members(stream, names):
                found = True
                yield record
            if found:
                return
    raise _Fault(Issue("TER-TAB-035"))


def _is_by_line(file: TextIO) -> bool:
    """Say whether the first two lines are one object each."""
    first, second = file.readline(CHUNK), file.read(1)
    try:
        return isinstance(json.loads(first), dict) and second == "{"
    except (ValueError, RecursionError):
        return False


def _lines(stream: _Stream) -> Iterator[Any]:
    while stream.peek():
        yield _record(stream)


def _record(stream: _Stream) -> dict[str, Any]:
    value = stream.value()
    if not isinstance(value, dict | None):
        raise _Fault(Issue("TER-TAB-035"))
    return value or {}


def _items(stream: _Stream) -> Iterator[Any]:
    stream.take("[")
    while stream.peek() != "]":
        yield _record(stream)
        if stream.peek() == ",":
            stream.take(",")
        elif stream.peek() != "]":
            stream.take("]")  # broken here


def _members(stream: _Stream, names: frozenset[str] | None) -> Iterator[Any]:
    """Walk an object to its list of records; what stands beside it is passed over."""
    stream.take("{")
    while stream.peek() not in ("}", ""):
        name = str(stream.value())
        stream.take(":")
        if stream.opens_objects() and (names is None or name in names):
            yield from _items(stream)
            return
        if stream.peek() == "{" and name in WRAPPERS:
            yield from _members(stream, names)
            return
        stream.value()
        if stream.peek() == ",":
            stream.take(",")
    stream.take("}")
