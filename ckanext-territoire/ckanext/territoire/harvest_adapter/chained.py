"""Put our runner behind the actions of ckanext-harvest, so that its screens and API start it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from ckan import model
from ckan.logic import auth_audit_exempt
from ckan.plugins import toolkit
from ckan.types import Context
from ckanext.harvest.model import HarvestJob, HarvestObject

from ckanext.territoire import index_outbox
from ckanext.territoire.harvest_adapter import overlays
from harvesters.address import without_account
from harvesters.errors import sentence
from harvesters.model import Issue
from harvesters.registry import SOURCES

BEFORE = "territoire_before"


@toolkit.chained_action
def harvest_send_job_to_gather_queue(
    next_action: Callable[..., Any], context: Context, data_dict: dict[str, Any]
) -> Any:
    """A job of our kinds waits in PostgreSQL for our runner; others take the stock way."""
    job = HarvestJob.get(toolkit.get_or_bust(data_dict, "id"))
    if not job or job.source.type not in SOURCES:
        return next_action(context, data_dict)
    toolkit.check_access("harvest_send_job_to_gather_queue", context, data_dict)
    if not job.source.active:
        raise toolkit.ValidationError({"source": ["Cette source n’est pas active."]})
    return toolkit.get_action("harvest_job_show")(context, {"id": job.id})


@toolkit.chained_action
@auth_audit_exempt
@toolkit.side_effect_free
def harvest_source_reindex(
    next_action: Callable[..., Any], context: Context, data_dict: dict[str, Any]
) -> bool:
    """Index a source with its converted fields, which ckanext-harvest 1.6.3 forgets on 2.12."""
    index_outbox.index([toolkit.get_or_bust(data_dict, "id")])
    return True


@toolkit.chained_action
@auth_audit_exempt
def package_create(
    next_action: Callable[..., Any], context: Context, data_dict: dict[str, Any]
) -> Any:
    """Refuse a source whose address holds an account: everybody reads the address of a source."""
    _refuse_account(str(data_dict.get("type") or ""), data_dict)
    return next_action(context, data_dict)


def _refuse_account(kind: str, data_dict: dict[str, Any]) -> None:
    url = str(data_dict.get("url") or "")
    shown = without_account(url)
    if kind == "harvest" and shown != url:
        raise toolkit.ValidationError({"url": [sentence(Issue("TER-FET-028", shown))]})


@toolkit.chained_action
@auth_audit_exempt
def package_update(
    next_action: Callable[..., Any], context: Context, data_dict: dict[str, Any]
) -> Any:
    """Refuse the one way to call it that stores nothing in CKAN 2.12.0 and says it did.

    What a person is about to change of a harvested dataset is set aside, for `note_corrections`.
    """
    if context.get("defer_commit") and not context.get("return_id_only"):
        told = "defer_commit without return_id_only stores nothing in CKAN 2.12"
        raise toolkit.ValidationError({"context": [told]})
    package = model.Package.get(str(data_dict.get("id") or ""))
    _refuse_account(package.type if package else "", data_dict)
    if package and context.get("user") != toolkit.config["ckan.site_id"]:
        source_id = overlays.source_of(package.id)
        if source_id:
            cast(dict[str, Any], context)[BEFORE] = (package.id, overlays.fields_of(package.id))
    return next_action(context, data_dict)


def note_corrections(context: Context, package: dict[str, Any]) -> None:
    """What a person changes of a harvested dataset wins over its source from now on."""
    dataset_id, fields = cast(dict[str, Any], context).pop(BEFORE, ("", {}))
    if dataset_id == package["id"]:
        model.Session.flush()
        overlays.note_changes(dataset_id, fields, str(context.get("user") or ""))


@toolkit.chained_auth_function
@toolkit.auth_allow_anonymous_access
def harvest_object_show(
    next_auth: Callable[..., Any], context: Context, data_dict: dict[str, Any]
) -> Any:
    """The record as received is for those who may see its dataset; stock shows it to everybody."""
    found = HarvestObject.get(str(data_dict.get("id") or ""))
    if found and found.package_id:
        try:
            toolkit.check_access("package_show", Context(**context), {"id": found.package_id})
        except (toolkit.NotAuthorized, toolkit.ObjectNotFound):
            return {"success": False, "msg": "Cette fiche n’est pas publique."}
    return next_auth(context, data_dict)


CHAINED = {
    "harvest_send_job_to_gather_queue": harvest_send_job_to_gather_queue,
    "harvest_source_reindex": harvest_source_reindex,
    "package_create": package_create,
    "package_update": package_update,
}


CHAINED_AUTH = {"harvest_object_show": harvest_object_show}


def hide_settings(context: Context, package: dict[str, Any]) -> dict[str, Any]:
    """Drop the settings of a source for a reader who may not change it, in place."""
    if package.get("type") != "harvest" or context.get("ignore_auth"):
        return package
    reader = Context(user=context.get("user", ""))
    try:
        toolkit.check_access("harvest_source_update", reader, {"id": package["id"]})
    except (toolkit.NotAuthorized, toolkit.ObjectNotFound):
        drop_settings(package)
    return package


def drop_settings(package: dict[str, Any]) -> None:
    """Drop the settings of a source, in place."""
    kind = SOURCES.get(str(package.get("source_type")))
    for key in ("config", *(setting.name for setting in (kind.settings if kind else ()))):
        package.pop(key, None)
