"""Actions and authorisations on tables: what was understood of a file, and loading it again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ckan import authz, model
from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire.harvest_adapter import hosts
from ckanext.territoire.table import load, queue, record
from harvesters.errors import sentence
from harvesters.model import Issue

HIDDEN = ("http", "digest")  # what the platform notes for itself


def record_to_dict(found: record.Record) -> dict[str, Any]:
    """A record as the API shows it; times are UTC."""

    def moment(value: datetime | None) -> str | None:
        return value.isoformat(timespec="seconds") if value else None

    reading = {key: value for key, value in found.reading.items() if key not in HIDDEN}
    return {
        "resource_id": found.resource_id,
        "dataset_id": found.dataset_id,
        "state": found.state.value,
        "sha256": found.sha256,
        "row_count": found.row_count,
        "reading": reading,
        "issues": found.issues,
        "checked_at": moment(found.checked_at),
        "loaded_at": moment(found.loaded_at),
        "same_as": found.same_as,
        "held_until": moment(found.held_until),
    }


@toolkit.side_effect_free
def territoire_table_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Show what was understood of the table of the resource `id`; `same_as` is the resource of its
    dataset whose rows are the same, `held_until` (UTC) says that its server is left alone."""
    toolkit.check_access("territoire_table_show", context, data_dict)
    resource_id = toolkit.get_or_bust(data_dict, "id")
    found = record.load_record(resource_id)
    if not found:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-TAB-019", found=str(resource_id))))
    return record_to_dict(found)


def territoire_table_load(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Read the table of the resource `id` now; `force` reads it again although it is the same."""
    toolkit.check_access("territoire_table_load", context, data_dict)
    resource: Any = model.Resource.get(toolkit.get_or_bust(data_dict, "id"))
    if resource:
        queue.queue_tables_of(resource.id)
    fetcher = hosts.way_out()
    is_forced = toolkit.asbool(data_dict.get("force", False))
    found = resource and load.load(resource.id, fetcher, is_forced)
    if not found:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-TAB-019", found=str(data_dict["id"]))))
    return record_to_dict(found)


def territoire_table_queue(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Queue the tables of the dataset `id`, or of all datasets."""
    toolkit.check_access("territoire_table_queue", context, data_dict)
    wanted = data_dict.get("id")
    if wanted:
        dataset = model.Package.get(wanted)
        ids = [dataset.id] if dataset else []
    else:
        query = model.Session.query(model.Package.id)
        ids = [row.id for row in query.filter_by(state="active", type="dataset")]
    return {"queued": queue.queue_tables(ids)}


@toolkit.auth_allow_anonymous_access
def _may_show(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    return authz.is_authorized("resource_show", context, {"id": data_dict.get("id", "")})


def _may_load(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    return authz.is_authorized("resource_update", context, {"id": data_dict.get("id", "")})


def _may_queue(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    return {"success": False}


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_table_show": territoire_table_show,
    "territoire_table_load": territoire_table_load,
    "territoire_table_queue": territoire_table_queue,
}
AUTH: dict[str, Callable[..., Any]] = {
    "territoire_table_show": _may_show,
    "territoire_table_load": _may_load,
    "territoire_table_queue": _may_queue,
}
