"""When a person is written to: what is urgent within the hour, the rest in the morning. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ckanext.territoire.notices.model import News
from ckanext.territoire.portal.typography import PARIS

SETTLES = timedelta(minutes=10)  # what is over before is not told; what comes together is told so
APART = timedelta(hours=1)
MORNING = 8  # o'clock, in Paris


def is_settled(news: News, now: datetime) -> bool:
    """Say whether a state has lasted enough to be told."""
    at = news.kept.ended_at if news.is_end else news.kept.since
    return at is not None and at + SETTLES <= now


def is_due(news: Sequence[News], last: datetime | None, now: datetime) -> bool:
    """Say whether a person is written to now; `last` is when they were before."""
    if not news:
        return False
    if any(each.is_urgent for each in news):
        return last is None or last + APART <= now
    here = now.astimezone(PARIS)
    is_new_day = last is None or last.astimezone(PARIS).date() < here.date()
    return here.hour >= MORNING and is_new_day
