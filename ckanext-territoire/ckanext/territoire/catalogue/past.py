"""What was changed in the description of a dataset: by its source, run after run, and by hand.

Harvests keep each change with its fields; of what people do, CKAN's activities keep the dataset as
it stood after, and two of them that follow each other are compared here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from ckan import model

from harvesters.diff import Content, differences

LIMIT = 60
BY_SOURCE = sa.text("""
    SELECT c.written_at AS at, c.action, c.details, coalesce(p.title, '') AS source
      FROM territoire_change c LEFT JOIN package p ON p.id = c.source_id
     WHERE c.dataset_id = :id AND c.state = 'done' ORDER BY c.id DESC LIMIT :limit
""")
BY_HAND = sa.text("""
    SELECT timestamp AS at, activity_type, data FROM activity
     WHERE object_id = :id AND activity_type IN ('new package', 'changed package')
     ORDER BY timestamp DESC LIMIT :limit
""")
# who is named, and what CKAN itself counts and copies
NOT_TOLD = frozenset(
    "id name metadata_created metadata_modified creator_user_id num_resources num_tags owner_org"
    " organization groups resources tags extras relationships_as_subject relationships_as_object"
    " isopen license_title license_url state type revision_id harvest_object_id harvest_source_id"
    " harvest_source_title package_id position created cache_url cache_last_updated"
    " mimetype_inner resource_type datastore_active datastore_contains_all_records_of_source_file"
    " metadata_modified hash".split()
)


@dataclass(frozen=True, slots=True)
class PastChange:
    """A change of a description (UTC). `source` is the title of what was harvested, `""` by hand;
    `action` is a word of harvests; `details`: see `harvesters.diff`."""

    at: datetime
    action: str
    details: Sequence[Mapping[str, Any]]
    source: str = ""
    is_by_hand: bool = False
    is_private: bool = False


def changes_by_source(dataset_id: str) -> list[PastChange]:
    """Read what harvests changed, newest first."""
    rows = model.Session.execute(BY_SOURCE, {"id": dataset_id, "limit": LIMIT}).mappings()
    return [PastChange(row["at"], row["action"], row["details"], row["source"]) for row in rows]


def changes_by_hand(dataset_id: str) -> list[PastChange]:
    """Read what people changed, newest first. The oldest that is known has nothing before it."""
    rows = list(model.Session.execute(BY_HAND, {"id": dataset_id, "limit": LIMIT + 1}).mappings())
    told = [(row["at"], row["activity_type"], _package(row["data"])) for row in rows]
    found = []
    for (at, _, after), (_, _, before) in pairwise(told):
        details = differences(_content(before), _content(after))
        is_private = bool(before.get("private") or after.get("private"))
        if details:
            found.append(PastChange(at, "update", details, "", True, is_private))
    if told and told[-1][1] == "new package":
        at, _, package = told[-1]
        found.append(PastChange(at, "create", [], "", True, bool(package.get("private"))))
    return found


def _package(data: Any) -> Mapping[str, Any]:
    told = json.loads(data) if isinstance(data, str) else data or {}
    return dict(told.get("package") or {})


def _content(package: Mapping[str, Any]) -> Content:
    """Reduce a dataset as CKAN shows it to texts by field, its files by id."""
    fields = {key: _text(value) for key, value in package.items() if key not in NOT_TOLD}
    extras = package.get("extras") or ()
    fields |= {each["key"]: _text(each["value"]) for each in extras if each["key"] not in NOT_TOLD}
    tags = sorted(str(each.get("name")) for each in package.get("tags") or ())
    fields["tag_string"] = ", ".join(tags)
    files = {
        str(each["id"]): {k: _text(v) for k, v in each.items() if k not in NOT_TOLD}
        for each in package.get("resources") or ()
    }
    return Content(fields, files)


def _text(value: Any) -> str:
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None or value is False else str(value)
