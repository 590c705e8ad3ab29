"""The tokens of an account, with their end: CKAN's own list tells none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan.logic import auth_audit_exempt
from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire.developers.scope import EXTRA

Data = dict[str, Any]


@toolkit.chained_action
@auth_audit_exempt
@toolkit.side_effect_free
def api_token_list(
    next_action: Callable[..., Any], context: Context, data_dict: Data
) -> list[Data]:
    """List the tokens of an account as CKAN does, with `expires_at` (UTC; null: it opens nothing),
    `scope` (`read` for a key, else empty) and `had_no_end` (made when tokens had none)."""
    listed = next_action(Context({**context, "include_plugin_extras": True}), data_dict)
    return [_to_dict(each, (each.pop("plugin_extras") or {}).get(EXTRA) or {}) for each in listed]


def _to_dict(listed: Data, told: Data) -> Data:
    return listed | {
        "expires_at": told.get("expires_at"),
        "scope": told.get("scope", ""),
        "had_no_end": bool(told.get("had_no_end")),
    }


ACTIONS: dict[str, Callable[..., Any]] = {"api_token_list": api_token_list}
AUTH: dict[str, Callable[..., Any]] = {}
