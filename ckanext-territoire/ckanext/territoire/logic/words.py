"""Tags and formats, as far as the reader may know: CKAN lists those of hidden datasets too.

What a reader may see is what search counts for this reader.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import authz
from ckan.plugins import toolkit
from ckan.types import Context

Next = Callable[..., list[Any]]


def _seen(context: Context, field: str) -> set[str]:
    """Read the words of a field in the datasets that this reader finds."""
    query = {"rows": 0, "facet.field": [field], "facet.limit": -1}
    found = toolkit.get_action("package_search")(Context(user=context.get("user", "")), query)
    return {item["name"].lower() for item in found["search_facets"][field]["items"]}


def _only_seen(next_action: Next, context: Context, data_dict: dict[str, Any], field: str) -> Any:
    listed = next_action(context, data_dict)
    if data_dict.get("vocabulary_id") or authz.is_sysadmin(context.get("user", "")):
        return listed
    seen = _seen(context, field)
    return [
        word
        for word in listed
        if (word["name"] if isinstance(word, dict) else word).lower() in seen
    ]


@toolkit.chained_action
@toolkit.side_effect_free
def tag_list(next_action: Next, context: Context, data_dict: dict[str, Any]) -> Any:
    """List the tags of the datasets that the reader may see."""
    return _only_seen(next_action, context, data_dict, "tags")


@toolkit.chained_action
@toolkit.side_effect_free
def tag_autocomplete(next_action: Next, context: Context, data_dict: dict[str, Any]) -> Any:
    """Propose the tags of the datasets that the reader may see."""
    return _only_seen(next_action, context, data_dict, "tags")


@toolkit.chained_action
@toolkit.side_effect_free
def format_autocomplete(next_action: Next, context: Context, data_dict: dict[str, Any]) -> Any:
    """Propose the formats of the datasets that the reader may see."""
    return _only_seen(next_action, context, data_dict, "res_format")


ACTIONS: dict[str, Callable[..., Any]] = {
    "tag_list": tag_list,
    "tag_autocomplete": tag_autocomplete,
    "format_autocomplete": format_autocomplete,
}
AUTH: dict[str, Callable[..., Any]] = {}
