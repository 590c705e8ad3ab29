"""The source that a call names by `id`: found, and the caller may change it, or a clear refusal."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire.harvest_adapter import sources
from harvesters.errors import Refused

MAY_CHANGE = "harvest_source_update"


def named_source(data_dict: dict[str, Any]) -> sources.StoredSource:
    """Load the source `id`; `ObjectNotFound` tells the near names."""
    try:
        return sources.load_source(toolkit.get_or_bust(data_dict, "id"))
    except Refused as fault:
        raise toolkit.ObjectNotFound(str(fault)) from fault


def checked_source(context: Context, data_dict: dict[str, Any]) -> sources.StoredSource:
    """Load the source `id`, which the caller must be allowed to change."""
    source = named_source(data_dict)
    toolkit.check_access(MAY_CHANGE, context, {"id": source.id})
    return source
