"""Actions on the history of a dataset: the states of its files, what deliveries, harvests and
people changed in it; and the act that takes a former file out of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire.catalogue.past import PastChange, changes_by_hand, changes_by_source
from ckanext.territoire.delivery.past import PastDelivery, deliveries_to
from ckanext.territoire.publishers import publishers
from ckanext.territoire.security import old_files
from ckanext.territoire.table import versions
from ckanext.territoire.table.versions import Version
from harvesters.errors import sentence
from harvesters.model import Issue

Data = dict[str, Any]
MAX_LIMIT = 100
# who is named in a description is told to those who keep it
OF_PEOPLE = ("contact_name", "contact_email", "author", "author_email", "maintainer",
             "maintainer_email")  # fmt: skip


@toolkit.side_effect_free
def territoire_history_show(context: Context, data_dict: Data) -> Data:
    """Show what changed in a dataset (`id`), newest first: `limit` (20, at most 100), `offset`.
    What it was while it was private is shown to those who may change it, and so are names."""
    toolkit.check_access("territoire_history_show", context, data_dict)
    package = toolkit.get_action("package_show")(_as(context), {"id": data_dict["id"]})
    may_edit = _may_edit(context, package["id"])
    states = versions.of_dataset(package["id"])
    published = _published(states)
    entries = [
        *(_version(each, may_edit and each.sha256 not in published) for each in states
          if may_edit or not each.told.get("is_private")),
        *(_delivery(each) for each in deliveries_to(package["id"])),
        *(_change(each, may_edit) for each in _changes(package["id"], may_edit)),
    ]  # fmt: skip
    entries.sort(key=lambda each: str(each["at"]), reverse=True)
    start = _whole(data_dict.get("offset"), 0)
    limit = min(max(_whole(data_dict.get("limit"), 20), 1), MAX_LIMIT)
    return {
        "id": package["id"],
        "total": len(entries),
        "kept_versions": versions.KEPT,
        "may_edit": may_edit,
        "entries": entries[start : start + limit],
    }


def territoire_version_hide(context: Context, data_dict: Data) -> Data:
    """Take the file of a former state, and the rows that it gave as examples, out of the history of
    a dataset: `id`, that of the dataset, and `version`, the number of the state. `erase` takes it
    off the disk at once, for good; it is else kept for the days of the settings. Answers whether it
    `is_erased`: a file that is in use elsewhere stays."""
    toolkit.check_access("territoire_version_hide", context, data_dict)
    package = toolkit.get_action("package_show")(_as(context), {"id": data_dict["id"]})
    wanted = str(toolkit.get_or_bust(data_dict, "version"))
    states = versions.of_dataset(package["id"])
    found = next((v for v in states if str(v.id) == wanted), None)
    if not found:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-API-260")))
    if found.sha256 in _published(states):
        raise toolkit.ValidationError({"version": [sentence(Issue("TER-API-261"))]})
    versions.hide(found, str(context.get("user") or ""))
    is_erased = bool(data_dict.get("erase")) and old_files.erase_now(found.sha256)
    told = {"id": package["id"], "version": found.id, "title": package["title"]}
    return told | {"is_erased": is_erased}


def _published(states: list[Version]) -> frozenset[str]:
    """The files that are published today: the last state of each resource."""
    return frozenset({each.resource_id: each.sha256 for each in reversed(states)}.values())


def _changes(dataset_id: str, may_edit: bool) -> list[PastChange]:
    found = [*changes_by_source(dataset_id), *changes_by_hand(dataset_id)]
    return [each for each in found if may_edit or not each.is_private]


def _version(each: Version, may_hide: bool) -> Data:
    return {
        "kind": "rows",
        "at": _moment(each.at),
        "version": each.id,
        "resource_id": each.resource_id,
        "file": each.file_name,
        "size": each.size,
        "sha256": each.sha256,
        "rows": each.row_count,
        "is_kept": each.is_kept,
        "is_hidden": each.hidden_at is not None,
        "may_hide": may_hide and each.is_kept,
        "told": dict(each.told),
    }


def _delivery(each: PastDelivery) -> Data:
    owner = publishers().get(each.org_id)
    return {
        "kind": "delivery",
        "at": _moment(each.at),
        "organization": owner.title if owner else "",
        "way": each.way,
        "state": each.state,
        "told": dict(each.difference) | {"columns": dict(each.columns or {})},
    }


def _change(each: PastChange, may_edit: bool) -> Data:
    details = [dict(d) for d in each.details if may_edit or d.get("field") not in OF_PEOPLE]
    return {
        "kind": "description",
        "at": _moment(each.at),
        "action": each.action,
        "source": each.source,
        "is_by_hand": each.is_by_hand,
        "details": details,
    }


def _moment(at: datetime) -> str:
    """A moment in UTC, whatever the database that tells it."""
    told = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return told.isoformat(timespec="seconds")


def _may_edit(context: Context, dataset_id: str) -> bool:
    try:
        toolkit.check_access("package_update", _as(context), {"id": dataset_id})
    except toolkit.NotAuthorized:
        return False
    return True


def _as(context: Context) -> Context:
    return Context(user=str(context.get("user") or ""))


def _whole(value: object, usual: int) -> int:
    text = str(value if value is not None else "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else usual


@toolkit.auth_allow_anonymous_access
def _show(context: Context, data_dict: Data) -> AuthResult:
    toolkit.get_or_bust(data_dict, "id")
    return toolkit.check_access("package_show", _as(context), data_dict) and {"success": True}


def _update(context: Context, data_dict: Data) -> AuthResult:
    toolkit.get_or_bust(data_dict, "id")
    return toolkit.check_access("package_update", _as(context), data_dict) and {"success": True}


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_history_show": territoire_history_show,
    "territoire_version_hide": territoire_version_hide,
}
AUTH: dict[str, Callable[..., Any]] = {
    "territoire_history_show": _show,
    "territoire_version_hide": _update,
}
