"""Actions on what waits for an officer: harvested datasets to read, corrections to choose from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire.harvest_adapter import moderation, overlays, runner, sources
from ckanext.territoire.logic.named_source import MAY_CHANGE, checked_source
from ckanext.territoire.logic.run import whole

Data = dict[str, Any]


@toolkit.side_effect_free
def territoire_review_list(context: Context, data_dict: Data) -> Data:
    """List what waits to be read of the sources that the caller may change, the oldest first: of
    all, or of the source `id`; those whose title holds `q`; at most `limit` from `offset`. `kind`
    is `new` (a private dataset) or `update` (`details` tell it). Answers `total` and `items`."""
    toolkit.check_access("territoire_source_list", context, data_dict)
    asked = moderation.Asked(
        str(data_dict.get("q") or "").strip()[:100],
        min(whole(data_dict, "limit", 50), 1_000),
        whole(data_dict, "offset", 0),
    )
    items, total = moderation.list_waiting(_source_ids(context, data_dict), asked)
    return {"total": total, "items": [_to_json(item) for item in items]}


def _to_json(item: Data) -> Data:
    return item | {"since": item["since"].isoformat(), "notes": item["notes"][:300]}


def _source_ids(context: Context, data_dict: Data) -> list[str]:
    if data_dict.get("id"):
        return [checked_source(context, data_dict).id]
    return [source.id for source in sources.list_sources() if _may_change(context, source.id)]


def _may_change(context: Context, source_id: str) -> bool:
    if context.get("ignore_auth"):
        return True
    try:
        reader = Context(user=context.get("user") or "")
        toolkit.check_access(MAY_CHANGE, reader, {"id": source_id})
    except toolkit.NotAuthorized:
        return False
    return True


def territoire_review_publish(context: Context, data_dict: Data) -> Data:
    """Publish what waits of the source `id`: all of it, or the datasets `datasets` (ids)."""
    source = checked_source(context, data_dict)
    count = moderation.publish(source.id, _listed(data_dict), str(context.get("user") or ""))
    runner.refresh_search()
    return {"count": count}


def territoire_review_refuse(context: Context, data_dict: Data) -> Data:
    """Refuse what waits of the source `id`, the datasets `datasets` (ids): they are not proposed
    again until the source changes them."""
    source = checked_source(context, data_dict)
    toolkit.get_or_bust(data_dict, "datasets")
    count = moderation.refuse(source.id, _listed(data_dict) or [], str(context.get("user") or ""))
    runner.refresh_search()
    return {"count": count}


def _listed(data_dict: Data) -> list[str] | None:
    ids = data_dict.get("datasets")
    if ids is None:
        return None
    return [ids] if isinstance(ids, str) else [str(each) for each in ids]


def _dataset(context: Context, data_dict: Data) -> str:
    """Answer the id of the dataset `id`, which the caller must be allowed to change."""
    name = str(toolkit.get_or_bust(data_dict, "id"))
    toolkit.check_access("package_update", context, {"id": name})
    shown = toolkit.get_action("package_show")(Context(**context), {"id": name})
    return str(shown["id"])


@toolkit.side_effect_free
def territoire_overlay_list(context: Context, data_dict: Data) -> list[Data]:
    """List the corrected fields of the harvested dataset `id`: `field`, `correction`, `said` (what
    the source said then), `says` (what it says now, when a choice waits), by whom and when."""
    dataset_id = _dataset(context, data_dict)
    return [
        row | {"corrected_at": row["corrected_at"].isoformat()}
        for row in overlays.list_corrections(dataset_id)
    ]


def territoire_overlay_decide(context: Context, data_dict: Data) -> Data:
    """Choose, for a corrected `field` of the dataset `id`: `keep` true keeps the correction over
    what the source says now; `keep` false gives the field back to the source."""
    dataset_id = _dataset(context, data_dict)
    field = str(toolkit.get_or_bust(data_dict, "field"))
    keep = toolkit.asbool(toolkit.get_or_bust(data_dict, "keep"))
    if not overlays.decide(dataset_id, field, keep, str(context.get("user") or "")):
        raise toolkit.ObjectNotFound("Ce champ n’est pas corrigé.")
    return {"field": field, "keep": keep}


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_review_list": territoire_review_list,
    "territoire_review_publish": territoire_review_publish,
    "territoire_review_refuse": territoire_review_refuse,
    "territoire_overlay_list": territoire_overlay_list,
    "territoire_overlay_decide": territoire_overlay_decide,
}
# each asks `harvest_source_update` of its source, or `package_update` of its dataset
AUTH: dict[str, Callable[..., Any]] = {}
