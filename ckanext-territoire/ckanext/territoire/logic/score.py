"""The action that shows how far a dataset or a file can be relied on, why, and since when.

Who may see the dataset may see its score, and nobody else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from ckan import authz, model
from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire.portal.typography import PARIS
from ckanext.territoire.quality.facts import to_facts
from ckanext.territoire.quality.measure import Day, gather, history
from schemas.reliability import LABELS, Part, Score, score

HISTORY_DAYS = 365
Data = dict[str, Any]


@toolkit.side_effect_free
def territoire_score_show(context: Context, data_dict: Data) -> Data:
    """Show the reliability of the dataset or the resource `id`: today, its parts, its history.

    `score` is from 0 to 100, null when nothing is known. Each part has `points` of `weight` (null:
    not known, not counted), `sentence` (why) and `advice` (what would raise it). `history` lists
    `day` and `score`, oldest first, a year at most.
    """
    dataset, resource = _subject(data_dict)
    toolkit.check_access("territoire_score_show", context, data_dict)
    today = datetime.now(PARIS).date()
    each_id = resource.id if resource else dataset.id
    days = history(each_id, today - timedelta(days=HISTORY_DAYS))
    return score_to_dict(_now(each_id, dataset.id, days, today), days) | {
        "id": each_id,
        "dataset_id": dataset.id,
    }


def _now(each_id: str, dataset_id: str, days: Any, today: date) -> Score:
    """Judge the last measure as of today; measure at once what never was."""
    measured = days[-1].measured if days else gather([dataset_id])[each_id]
    return score(to_facts(measured, today))


def score_to_dict(told: Score, days: list[Day]) -> Data:
    """A score as the API shows it."""
    return {
        "score": told.value,
        "word": told.word,
        "measured_on": days[-1].day.isoformat() if days else None,
        "parts": [_part_to_dict(part) for part in told.parts],
        "history": [{"day": day.day.isoformat(), "score": day.score} for day in days],
    }


def _part_to_dict(part: Part) -> Data:
    return {
        "name": part.name.value,
        "label": LABELS[part.name],
        "weight": part.weight,
        "points": part.points,
        "sentence": part.sentence,
        "advice": part.advice,
    }


def _subject(data_dict: Data) -> tuple[Any, Any]:
    """Find the dataset, and the resource when it is one that is asked for; both active."""
    wanted = str(toolkit.get_or_bust(data_dict, "id"))
    dataset, resource = model.Package.get(wanted), None
    if dataset is None:
        resource = model.Resource.get(wanted)
        is_active = resource is not None and resource.state == "active"
        dataset = model.Package.get(resource.package_id) if is_active else None
    if dataset is None or dataset.state != "active" or dataset.type != "dataset":
        raise toolkit.ObjectNotFound("Ce jeu de données n’existe pas ou plus.")
    return dataset, resource


@toolkit.auth_allow_anonymous_access
def _may_show(context: Context, data_dict: Data) -> AuthResult:
    dataset, _ = _subject(data_dict)
    return authz.is_authorized("package_show", context, {"id": dataset.id})


ACTIONS: dict[str, Callable[..., Any]] = {"territoire_score_show": territoire_score_show}
AUTH: dict[str, Callable[..., Any]] = {"territoire_score_show": _may_show}
