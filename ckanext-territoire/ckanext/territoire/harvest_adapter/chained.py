"""Put our runner behind the actions of ckanext-harvest, so that its screens and API start it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan.logic import auth_audit_exempt
from ckan.plugins import toolkit
from ckan.types import Context
from ckanext.harvest.model import HarvestJob

from ckanext.territoire import index_outbox
from harvesters.registry import SOURCES


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
def package_update(
    next_action: Callable[..., Any], context: Context, data_dict: dict[str, Any]
) -> Any:
    """Refuse the one way to call it that stores nothing in CKAN 2.12.0 and says it did."""
    if context.get("defer_commit") and not context.get("return_id_only"):
        told = "defer_commit without return_id_only stores nothing in CKAN 2.12"
        raise toolkit.ValidationError({"context": [told]})
    return next_action(context, data_dict)


CHAINED = {
    "harvest_send_job_to_gather_queue": harvest_send_job_to_gather_queue,
    "harvest_source_reindex": harvest_source_reindex,
    "package_update": package_update,
}


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
