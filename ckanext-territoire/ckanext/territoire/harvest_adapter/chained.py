"""Put our runner behind the actions of ckanext-harvest, so that its screens and API start it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Context
from ckanext.harvest.model import HarvestJob
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


CHAINED = {"harvest_send_job_to_gather_queue": harvest_send_job_to_gather_queue}


def hide_settings(context: Context, source: dict[str, Any]) -> dict[str, Any]:
    """Drop the settings of a source for a reader who may not change it."""
    if context.get("ignore_auth"):
        return source
    try:
        toolkit.check_access("harvest_source_update", Context(user=context.get("user", "")), {"id": source["id"]})
    except (toolkit.NotAuthorized, toolkit.ObjectNotFound):
        for key in _settings_of(source):
            source.pop(key, None)
    return source


def _settings_of(source: dict[str, Any]) -> list[str]:
    kind = SOURCES.get(str(source.get("source_type")))
    return ["config", *(setting.name for setting in (kind.settings if kind else ()))]
