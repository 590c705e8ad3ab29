"""The actions and authorisations of the platform, one module per noun."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckanext.territoire.logic import (
    announcement,
    challenge,
    contribution,
    datastore,
    decision,
    delivery,
    flag,
    history,
    identity,
    journal,
    key,
    letter,
    link,
    live,
    matrix,
    notice,
    privacy,
    question,
    reuse,
    review,
    run,
    same,
    schema,
    score,
    search,
    source,
    source_discovery,
    source_overview,
    table,
    territory,
    token,
    usage,
    webhook,
    words,
)

MODULES = (
    announcement,
    challenge,
    contribution,
    datastore,
    decision,
    delivery,
    flag,
    history,
    identity,
    letter,
    journal,
    key,
    link,
    live,
    matrix,
    notice,
    privacy,
    question,
    reuse,
    review,
    run,
    same,
    schema,
    score,
    search,
    source,
    source_discovery,
    source_overview,
    table,
    territory,
    token,
    usage,
    webhook,
    words,
)


def actions() -> dict[str, Callable[..., Any]]:
    """Gather the actions of every module: name to function."""
    return {name: action for module in MODULES for name, action in module.ACTIONS.items()}


def auth_functions() -> dict[str, Callable[..., Any]]:
    """Gather the authorisations of every module: name to function."""
    return {name: auth for module in MODULES for name, auth in module.AUTH.items()}
