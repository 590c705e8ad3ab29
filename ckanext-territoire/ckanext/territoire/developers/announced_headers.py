"""What each answer says of what is announced: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), links.

The end of a whole table is told by `api.open_table`, with the table that takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any

from ckan.plugins import toolkit
from flask import g, request

from ckanext.territoire.developers import announced
from ckanext.territoire.developers.announced import Announced, What
from ckanext.territoire.developers.calls import Used
from ckanext.territoire.developers.columns_used import ALL

PAGE = "/developpeurs/changements"
MAX_LINKS = 5


def add_notices(answer: Any) -> None:
    """Tell of what the call used, and will not find as it is."""
    today = datetime.now(UTC).date()
    told = [each for each in _concerned() if not each.is_over(today)]
    if not told:
        return
    if "Deprecation" not in answer.headers:
        answer.headers["Deprecation"] = deprecation(min(each.since for each in told))
    ends = [each.at for each in told if each.is_end]
    if ends and "Sunset" not in answer.headers:
        answer.headers["Sunset"] = sunset(min(ends))
    for each in told[:MAX_LINKS]:
        answer.headers.add("Link", f'<{page_of(each)}>; rel="deprecation"; type="text/html"')


def deprecation(since: date) -> str:
    """Write the day of an announcement as the header takes it."""
    return f"@{int(datetime.combine(since, time.min, UTC).timestamp())}"


def sunset(last: date) -> str:
    """Write the end of the last day."""
    return format_datetime(datetime.combine(last, time(23, 59, 59), UTC), usegmt=True)


def page_of(told: Announced) -> str:
    """Where an announcement is explained."""
    return f"{toolkit.config['ckan.site_url']}{PAGE}#annonce-{told.id}"


def _concerned() -> Iterable[Announced]:
    yield from announced.of_address(request.path)
    used: Used | None = g.get("territoire_used")
    if used is None:
        return
    for each in announced.of_table(used.slug):
        if each.what is What.COLUMN:
            is_used = bool(used.columns & {each.column, ALL})
        else:
            is_used = not each.is_end
        if is_used:
            yield each
