"""Read the records of a JSON file one after the other, and write them flat.

Accepted: an array of objects; an object with such an array under a usual name (`records`,
`results`, `data`, `features`; the contracts of DECP under `marches`, or `marches.marche`); one
object a line. Nested names are joined by a dot; a list of values by commas; a list of objects is
spread over numbered columns (`titulaires.id.1`). A GeoJSON feature gives its properties, its
`geometry` as text and, for a point, `longitude` and `latitude`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from harvesters.model import Issue
from harvesters.table.layout import MAX_COLUMNS

CHUNK = 1 << 20
LISTS = frozenset("records results data features marches marche items rows".split())
WRAPPERS = frozenset("marches result results data response".split())
SPREAD = 5
_DECODE = json.JSONDecoder().raw_decode


@dataclass(frozen=True, slots=True)
class Objects:
    """What was written: `format` is json or geojson."""

    format: str
    headers: tuple[str, ...]


def write_objects(source: Path, target: Path) -> Objects | Issue:
    """Write the records of a UTF-8 file as CSV without titles, one column for each name met."""
    names: dict[str, None] = {}
    is_map = False
    try:
        for record in _records(source):
            is_map = is_map or _is_feature(record)
            names.update(dict.fromkeys(flat(record)))
            if len(names) > MAX_COLUMNS:
                return Issue(
                    "TER-TAB-005", found=f"plus de {MAX_COLUMNS}", expected=str(MAX_COLUMNS)
                )
        if not names:
            return Issue("TER-TAB-022")
        with target.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            for record in _records(source):
                cells = flat(record)
                writer.writerow([cells.get(name, "") for name in names])
    except _Fault as fault:
        return fault.issue
    return Objects("geojson" if is_map else "json", tuple(names))


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
        self._line = 1

    def peek(self) -> str:
        """The next character that is no space, `""` at the end."""
        while True:
            rest = self._text.lstrip()
            self._forget(len(self._text) - len(rest))
            if rest or not self._grow():
                return rest[:1]

    def take(self, wanted: str) -> None:
        """Pass over one character that must be there."""
        if self.peek() not in wanted or not self._text:
            raise self._broken()
        self._forget(1)

    def value(self) -> Any:
        """Read the next value whole."""
        self.peek()
        while True:
            try:
                value, end = _DECODE(self._text)
            except RecursionError as fault:
                raise self._broken() from fault
            except ValueError as fault:
                if not self._grow():
                    raise self._broken() from fault
                continue
            if end == len(self._text) and self._grow():
                continue  # a number may go on
            self._forget(end)
            return value

    def _forget(self, size: int) -> None:
        self._line += self._text.count("\n", 0, size)
        self._text = self._text[size:]

    def _grow(self) -> bool:
        more = self._file.read(max(CHUNK, len(self._text)))
        self._text += more
        return bool(more)

    def _broken(self) -> _Fault:
        return _Fault(Issue("TER-TAB-026", found=f"JSON illisible à la ligne {self._line}"))


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
        yield stream.value()


def _items(stream: _Stream) -> Iterator[Any]:
    stream.take("[")
    while stream.peek() != "]":
        value = stream.value()
        if not isinstance(value, dict | None):
            raise _Fault(Issue("TER-TAB-035"))
        yield value or {}
        if stream.peek() == ",":
            stream.take(",")
        elif stream.peek() != "]":
            stream.take("]")  # broken here


def _members(stream: _Stream, names: frozenset[str] | None) -> Iterator[Any]:
    """Walk an object to its list of records; what stands beside it is passed over."""
    stream.take("{")
    while stream.peek() not in ("}", ""):
        name = stream.value()
        stream.take(":")
        start = stream.peek()
        if start == "[" and (names is None or name in names):
            yield from _items(stream)
            return
        if start == "{" and name in WRAPPERS:
            yield from _members(stream, names)
            return
        stream.value()
        if stream.peek() == ",":
            stream.take(",")
    stream.take("}")


def _is_feature(record: Mapping[str, Any]) -> bool:
    return record.get("type") == "Feature" and "geometry" in record


def flat(record: Mapping[str, Any]) -> dict[str, str]:
    """Write one record as texts under flat names.

    >>> flat({"id": 1, "acheteur": {"id": "2"}, "techniques": ["a", "b"], "lots": [{"n": 1}]})
    {'id': '1', 'acheteur.id': '2', 'techniques': 'a,b', 'lots.n.1': '1'}
    """
    if _is_feature(record):
        return _flat_feature(record)
    if isinstance(record.get("fields"), dict):  # a record of Opendatasoft
        record = record["fields"]
    return dict(_cells("", record))


def _flat_feature(record: Mapping[str, Any]) -> dict[str, str]:
    found = dict(_cells("", record.get("properties") or {}))
    if "id" in record:
        found.setdefault("id", _text(record["id"]))
    geometry = record.get("geometry")
    if not isinstance(geometry, dict):
        return found
    point = geometry.get("coordinates")
    if geometry.get("type") == "Point" and isinstance(point, list) and len(point) > 1:
        found.setdefault("longitude", _text(point[0]))
        found.setdefault("latitude", _text(point[1]))
    found.setdefault("geometry", _text(geometry))
    return found


def _cells(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if name and isinstance(value, dict) and [*map(type, value.values())] == [list]:
        [value] = value.values()  # DECP: {"techniques": {"technique": […]}}
    if isinstance(value, dict) and value and "coordinates" not in value:
        for key, inner in value.items():
            yield from _cells(f"{name}.{key}" if name else key, inner)
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        yield from _spread(name, value)
    else:
        yield name, _text(value)


def _spread(name: str, items: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Number the columns of a list of objects; a longer one is kept whole beside them."""
    for number, item in enumerate(items[:SPREAD], start=1):
        for key, value in _unwrapped(item).items():
            yield f"{name}.{key}.{number}", _text(value)
    if len(items) > SPREAD:
        yield name, _text(items)


def _unwrapped(item: dict[str, Any]) -> dict[str, Any]:
    """DECP: {"titulaire": {"id": …}}."""
    inner = [*item.values()]
    return inner[0] if len(inner) == 1 and isinstance(inner[0], dict) else item


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and not any(isinstance(v, dict | list) for v in value):
        texts = [_text(item) for item in value]
        if isinstance(value[0], str) and not any("," in text for text in texts):
            return ",".join(texts)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
