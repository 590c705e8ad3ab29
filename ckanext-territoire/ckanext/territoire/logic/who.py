"""Who may do what needs no look at what it is done to."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from ckan.types import AuthResult, Context


@toolkit.auth_allow_anonymous_access
def everyone(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Everybody, with an account or without."""
    return {"success": True}


def somebody(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """Whoever has an account; the form of the portal has a door of its own."""
    return {"success": bool(context.get("user"))}
