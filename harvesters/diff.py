"""What changes in a dataset, field by field, in a form that people can read and JSON can carry.

Pure. A `Content` is what is stored of a dataset, as texts: its fields by name, and the fields of
each of its files by the id of the file. `differences` answers plain dicts, one a change:
`{"kind": "field", "field", "old", "new"}`, `{"kind": "file_added", "file", "new"}`,
`{"kind": "file_removed", "file", "old"}`, `{"kind": "file_field", "file", "field", "old", "new"}`,
and last `{"kind": "more", "count"}` when there are too many. Long texts are cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MAX_CHANGES = 100
MAX_TEXT = 600
Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Content:
    """A dataset as it is stored: its fields, and the fields of each of its files by id."""

    fields: Fields
    files: Mapping[str, Fields]


def differences(before: Content, after: Content) -> list[dict[str, Any]]:
    """List what changes, fields first, then files; at most `MAX_CHANGES`, then how many more.

    >>> one = Content({"title": "A"}, {"f1": {"name": "x.csv", "url": "https://a.fr/x.csv"}})
    >>> two = Content({"title": "B"}, {})
    >>> [change["kind"] for change in differences(one, two)]
    ['field', 'file_removed']
    """
    found = [*_fields(before.fields, after.fields, {"kind": "field"}), *_files(before, after)]
    if len(found) > MAX_CHANGES:
        found = [*found[:MAX_CHANGES], {"kind": "more", "count": len(found) - MAX_CHANGES}]
    return found


def _fields(before: Fields, after: Fields, marks: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for name in [*before, *(name for name in after if name not in before)]:
        old, new = before.get(name, ""), after.get(name, "")
        if old != new:
            yield {**marks, "field": name, **_shown(old, new)}


def _shown(old: str, new: str) -> dict[str, str]:
    """Cut two texts so that where they differ is seen."""
    if max(len(old), len(new)) <= MAX_TEXT:
        return {"old": old, "new": new}
    pairs = zip(old, new, strict=False)
    same = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))
    start = max(same - MAX_TEXT // 4, 0)
    return {"old": _cut(old, start), "new": _cut(new, start)}


def _cut(text: str, start: int) -> str:
    part = text[start : start + MAX_TEXT]
    return f"{'…' if start else ''}{part}{'…' if start + MAX_TEXT < len(text) else ''}"


def _files(before: Content, after: Content) -> Iterator[dict[str, Any]]:
    for key, file in after.files.items():
        if key not in before.files:
            yield {"kind": "file_added", "file": file_title(file), "new": _cut(_url(file), 0)}
        else:
            old = before.files[key]
            yield from _fields(old, file, {"kind": "file_field", "file": file_title(old)})
    for key, file in before.files.items():
        if key not in after.files:
            yield {"kind": "file_removed", "file": file_title(file), "old": _cut(_url(file), 0)}


def _url(file: Fields) -> str:
    return file.get("url", "")


def file_title(file: Fields) -> str:
    """Name a file as people know it: its title, else the end of its address."""
    return (file.get("name") or _url(file).rstrip("/").rsplit("/", 1)[-1])[:200] or "sans nom"
