"""Actions and authorisations on live values: the series of a dataset, the values of a series.

Who may see the dataset may see its values, and nobody else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ckan import authz
from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire.live import store
from ckanext.territoire.live.values import series_to_dict
from harvesters.errors import sentence
from harvesters.model import Issue

MAX_VALUES = 10_000
DEFAULT_VALUES = 1_000


@toolkit.side_effect_free
def territoire_series_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """List the series of the dataset `id`, each with its unit, position and last value."""
    toolkit.get_or_bust(data_dict, "id")
    toolkit.check_access("territoire_series_list", context, data_dict)
    package = toolkit.get_action("package_show")(context, {"id": data_dict["id"]})
    now = datetime.now(UTC)
    return [series_to_dict(last, now) for last in store.last_values(package["id"])]


@toolkit.side_effect_free
def territoire_observation_list(
    context: Context, data_dict: dict[str, Any]
) -> list[dict[str, Any]]:
    """List the values of the series `id`, newest first, from the moment `from` and before `to`;
    `limit` is 1,000, at most 10,000."""
    series_id = _series_id(toolkit.get_or_bust(data_dict, "id"))
    toolkit.check_access("territoire_observation_list", context, data_dict)
    _dataset_of(series_id)
    limit = min(max(_whole(data_dict.get("limit"), DEFAULT_VALUES), 1), MAX_VALUES)
    since, until = _moment(data_dict, "from"), _moment(data_dict, "to")
    return [
        {"time": found.time.isoformat(), "value": found.value, "text": found.text}
        for found in store.observations(series_id, since, until, limit)
    ]


def _whole(value: object, default: int) -> int:
    text = str(value if value is not None else "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default


def _series_id(value: object) -> int:
    found = _whole(value, 0)
    if not found:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-LIV-001", found=str(value)[:60])))
    return found


def _dataset_of(series_id: int) -> str:
    found = store.dataset_of(series_id)
    if not found:
        raise toolkit.ObjectNotFound(sentence(Issue("TER-LIV-001", found=str(series_id))))
    return found


def _moment(data_dict: dict[str, Any], key: str) -> datetime | None:
    value = str(data_dict.get(key) or "")
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError as fault:
        told = sentence(Issue("TER-LIV-002", found=value[:60]))
        raise toolkit.ValidationError({key: [told]}) from fault
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@toolkit.auth_allow_anonymous_access
def _may_list_series(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    return authz.is_authorized("package_show", context, {"id": data_dict.get("id", "")})


@toolkit.auth_allow_anonymous_access
def _may_list_observations(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    dataset_id = _dataset_of(_series_id(data_dict.get("id")))
    return authz.is_authorized("package_show", context, {"id": dataset_id})


ACTIONS: dict[str, Callable[..., Any]] = {
    "territoire_series_list": territoire_series_list,
    "territoire_observation_list": territoire_observation_list,
}
AUTH: dict[str, Callable[..., Any]] = {
    "territoire_series_list": _may_list_series,
    "territoire_observation_list": _may_list_observations,
}
