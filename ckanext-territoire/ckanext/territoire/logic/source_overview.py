"""The action that lists sources with how each goes, the most in need first when asked so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire.harvest_adapter import health, rights
from ckanext.territoire.harvest_adapter.health import Overview
from ckanext.territoire.harvest_adapter.jobs import utc_now
from ckanext.territoire.harvest_adapter.overview import read_overview
from ckanext.territoire.logic.source import run_to_dict, source_to_dict

WEEK = timedelta(days=7)


@toolkit.side_effect_free
def territoire_source_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """List the sources that the caller may change, by title.

    `last_run` is the newest run, `last_ended` the newest that came to its end; `health` is one of
    decide, failing, late, partial, empty, review, draft, new, stopped, fine, in the order of need;
    `week` counts what changed in seven days; `next_run` is null when only a person starts it.
    """
    toolkit.check_access("territoire_source_list", context, data_dict)
    allowed, now = rights.edited_organizations(context), utc_now()
    return [
        overview_to_dict(each, now)
        for each in read_overview(now - WEEK)
        if allowed is None or each.source.organization_id in allowed
    ]


def overview_to_dict(each: Overview, now: datetime) -> dict[str, Any]:
    """Give a source and how it goes as JSON."""

    def moment(value: datetime | None) -> str | None:
        return value.isoformat(timespec="seconds") if value else None

    return source_to_dict(each.source) | {
        "last_run": run_to_dict(dict(each.last)) if each.last else None,
        "last_ended": run_to_dict(dict(each.ended)) if each.ended else None,
        "health": health.judge(each, now).value,
        "is_held": health.is_held(each),
        "failing_since": moment(each.failing_since),
        "answered_at": moment(each.answered_at),
        "next_run": moment(each.next_run),
        "live": each.live,
        "missing": each.missing,
        "reviews": each.reviews,
        "choices": each.choices,
        "week": asdict(each.week),
    }


def _logged_in(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    return {"success": bool(context.get("user"))}


ACTIONS: dict[str, Callable[..., Any]] = {"territoire_source_list": territoire_source_list}
AUTH: dict[str, Callable[..., Any]] = {"territoire_source_list": _logged_in}
