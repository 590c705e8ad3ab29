"""The actions and authorisations of the platform, one module per noun."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckanext.territoire.logic import (
    decision,
    delivery,
    link,
    live,
    matrix,
    notice,
    privacy,
    review,
    run,
    same,
    schema,
    score,
    source,
    source_discovery,
    source_overview,
    table,
    territory,
    words,
)

MODULES = (
    decision,
    delivery,
    link,
    live,
    matrix,
    notice,
    privacy,
    review,
    run,
    same,
    schema,
    score,
    source,
    source_discovery,
    source_overview,
    table,
    territory,
    words,
)


def actions() -> dict[str, Callable[..., Any]]:
    """Gather the actions of every module: name to function."""
    return {name: action for module in MODULES for name, action in module.ACTIONS.items()}


def auth_functions() -> dict[str, Callable[..., Any]]:
    """Gather the authorisations of every module: name to function."""
    return {name: auth for module in MODULES for name, auth in module.AUTH.items()}
