"""How the data of communes was used in a month, as far as it was counted.

Before anything was counted the letter says nothing of it: zero would be wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from ckanext.territoire.notices.month import Month
from ckanext.territoire.notices.month_model import Usage
from ckanext.territoire.portal.typography import PARIS
from ckanext.territoire.usage.read import Use, counted_since, uses_of_organizations


def read_usage(month: Month, org_ids: Collection[str]) -> Mapping[str, Usage]:
    """Read what was counted, by organisation; nobody is in the answer before counting began."""
    first = month.start.astimezone(PARIS).date()
    last = month.end.astimezone(PARIS).date() - timedelta(days=1)
    began = counted_since()
    if began is None or began > last:
        return {}
    since = began.isoformat() if began > first else ""
    used = uses_of_organizations(first, last)
    return {id_: _to_usage(used.get(id_, Use(id_)), since) for id_ in org_ids}


def _to_usage(use: Use, since: str) -> Usage:
    return Usage(use.views, use.downloads, use.calls, since)
