"""The stored rows of a dataset as a `Content` to compare, and as bytes to keep and put back."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from ckanext.territoire.catalogue import tables
from harvesters.diff import Content

Row = dict[str, Any]
FIELDS = ("title", "notes", "license_id", "url", "version", "author", "author_email",
          "maintainer", "maintainer_email", "private")  # fmt: skip
FILE_FIELDS = ("url", "name", "description", "format", "mimetype", "size", "last_modified")
TAGS = "tag_string"
# what our own machine keeps beside a file, and what ckanext-harvest shows beside a dataset: an edit
# of it stores that too
NOT_TOLD = frozenset({"datastore_active"})
OF_HARVEST = frozenset({"harvest_object_id", "harvest_source_id", "harvest_source_title"})


@dataclass(frozen=True, slots=True)
class Former:
    """The rows of a dataset as they are to stand again; `record`: what the source said of it."""

    package: Row
    resources: list[Row]
    tags: list[str]
    record: Row


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None or value is False else str(value)


def content_of(
    package: Mapping[str, Any], resources: Sequence[Mapping[str, Any]], tags: Collection[str]
) -> Content:
    """Reduce the rows of a dataset to texts by field, its active files by id."""
    fields = {name: _text(package.get(name)) for name in FIELDS}
    extras = package.get("extras") or {}
    fields |= {key: _text(value) for key, value in extras.items() if key not in OF_HARVEST}
    fields[TAGS] = ", ".join(sorted(tags))
    return Content(fields, {r["id"]: _file(r) for r in resources if r["state"] == "active"})


def _file(row: Mapping[str, Any]) -> dict[str, str]:
    more = {k: _text(v) for k, v in (row.get("extras") or {}).items() if k not in NOT_TOLD}
    return {name: _text(row.get(name)) for name in FILE_FIELDS} | more


def content_before(before: tables.Existing) -> Content:
    """Reduce a dataset as it stands in the database."""
    return content_of(before.package, before.resources, active_tags(before))


def active_tags(before: tables.Existing) -> list[str]:
    """List the tags that a dataset carries today."""
    return sorted(name for name, state in before.tags.items() if state == "active")


def pack(former: Former) -> bytes:
    """Write rows as compressed JSON."""
    body = {
        "package": _plain(former.package),
        "resources": [_plain(r) for r in former.resources if r["state"] == "active"],
        "tags": former.tags,
        "record": former.record,
    }
    return zlib.compress(orjson.dumps(body), 1)


def _plain(row: Row) -> Row:
    """Names of columns are not quite texts, which orjson refuses."""
    return {str(key): value for key, value in row.items()}


def unpack(packed: bytes) -> Former:
    """Read rows back, their moments as moments."""
    body = orjson.loads(zlib.decompress(packed))
    return Former(
        _with_moments(tables.PACKAGE, body["package"]),
        [_with_moments(tables.RESOURCE, row) for row in body["resources"]],
        body["tags"],
        body["record"],
    )


def _with_moments(table: Any, row: Row) -> Row:
    moments = {c.name for c in table.c if isinstance(c.type, sa.DateTime)}
    return {
        key: datetime.fromisoformat(value) if value and key in moments else value
        for key, value in row.items()
    }
