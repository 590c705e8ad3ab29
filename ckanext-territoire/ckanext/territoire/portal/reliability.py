"""The reliability of a dataset or a file, for its page: the score, its parts, its curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ckan.plugins import toolkit

from ckanext.territoire.portal.typography import day

WIDTH, HEIGHT, MARGIN = 160, 40, 3
SHOWN_DAYS = 90


def reliability(subject_id: str) -> dict[str, Any]:
    """Answer what the page shows, or `{}` where nothing is known. A template helper."""
    try:
        told = toolkit.get_action("territoire_score_show")({}, {"id": subject_id})
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized):
        return {}
    if told["score"] is None:
        return {}
    days = told["history"][-SHOWN_DAYS:]
    return told | {"curve": curve(days), "told_curve": say_curve(days)}


def curve(days: Sequence[Mapping[str, Any]]) -> str:
    """Draw the scores as the points of a polyline in a box of 160 by 40; `""` for a single day.

    >>> curve([{"day": "2026-11-01", "score": 0}, {"day": "2026-11-03", "score": 100}])
    '3,37 157,3'
    """
    if len(days) < 2:
        return ""
    first = date.fromisoformat(days[0]["day"])
    span = (date.fromisoformat(days[-1]["day"]) - first).days
    points = []
    for each in days:
        along = (date.fromisoformat(each["day"]) - first).days / span
        x = MARGIN + along * (WIDTH - 2 * MARGIN)
        y = HEIGHT - MARGIN - each["score"] / 100 * (HEIGHT - 2 * MARGIN)
        points.append(f"{x:.4g},{y:.4g}")
    return " ".join(points)


def say_curve(days: Sequence[Mapping[str, Any]]) -> str:
    """Say the curve in a sentence, for those who do not see it."""
    if len(days) < 2:
        return ""
    first, last = days[0], days[-1]
    return (
        f"De {first['score']} le {day(first['day'])} à {last['score']} le {day(last['day'])}, "
        f"entre {min(d['score'] for d in days)} et {max(d['score'] for d in days)}."
    )
