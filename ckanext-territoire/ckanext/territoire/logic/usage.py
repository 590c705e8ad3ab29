"""The action that tells how much the data is used: all of it, a publisher's, or one dataset.

Counts say nothing of who used, so everybody may read them; those of a dataset that is not public
are for who may see it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire.portal.typography import PARIS
from ckanext.territoire.publishers import find
from ckanext.territoire.usage import read
from harvesters.errors import Refused
from harvesters.model import Issue

DEFAULT_DAYS = 30
MAX_DAYS = 3 * 366
LISTED = 100
Data = dict[str, Any]


@toolkit.side_effect_free
def territoire_usage_show(context: Context, data_dict: Data) -> Data:
    """Show the uses from the day `from` to the day `to` (30 days up to today by default).

    Of one dataset with `id`; of a publisher with `organization`; else of the whole portal. Answers
    `views`, `downloads`, `calls` and `robots`; and, but for one dataset, `datasets` (the 100 most
    used) and `months`. `since` is the first day ever counted, null when none was.
    """
    toolkit.check_access("territoire_usage_show", context, data_dict)
    try:
        first, last = period(data_dict)
    except Refused as fault:
        raise toolkit.ValidationError({"from": [str(fault)]}) from fault
    since = read.counted_since()
    told: Data = {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "since": since.isoformat() if since else None,
    }
    if data_dict.get("id"):
        package = toolkit.get_action("package_show")(Context(context), {"id": data_dict["id"]})
        return told | to_dict(read.use_of_dataset(package["id"], first, last))
    org_id = _organization(data_dict)
    months = read.uses_of_months(first, last, org_id)
    total = read.Use("", **{n: sum(getattr(m, n) for m in months) for n in read.COUNTS})
    return told | to_dict(total) | {
        "datasets": [
            {"name": use.name, "title": use.title} | to_dict(use)
            for use in read.uses_of_datasets(first, last, org_id)[:LISTED]
            if use.total
        ],
        "months": [{"month": use.key} | to_dict(use) for use in months],
    }  # fmt: skip


def to_dict(use: read.Use) -> Data:
    """The counts of a use, by name."""
    return {name: int(getattr(use, name)) for name in read.COUNTS}


def period(told: Any) -> tuple[date, date]:
    """Read `from` and `to`; raise `TER-API-200` for what is no day, or a period without end."""
    today = datetime.now(PARIS).date()
    last = _day(told.get("to")) or today
    first = _day(told.get("from")) or last - timedelta(days=DEFAULT_DAYS - 1)
    if not timedelta(0) <= last - first <= timedelta(days=MAX_DAYS):
        raise Refused(Issue("TER-API-200", found=f"{first} – {last}"))
    return first, last


def _day(value: object) -> date | None:
    text = str(value or "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as cause:
        raise Refused(Issue("TER-API-200", found=text[:40])) from cause


def _organization(told: Data) -> str | None:
    wanted = told.get("organization")
    if not wanted:
        return None
    found = find(wanted)
    if not found:
        raise toolkit.ObjectNotFound("Aucun producteur ne porte ce nom.")
    return found.id


@toolkit.auth_allow_anonymous_access
def _usage_show(context: Context, data_dict: Data) -> AuthResult:
    return {"success": True}


ACTIONS: dict[str, Callable[..., Any]] = {"territoire_usage_show": territoire_usage_show}
AUTH: dict[str, Callable[..., Any]] = {"territoire_usage_show": _usage_show}
