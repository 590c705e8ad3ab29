"""Call an action from a command, as the site's own user; faults become one French sentence."""

from __future__ import annotations

from typing import Any

import click
from ckan.plugins import toolkit
from ckan.types import Context


def site_user_context() -> Context:
    """The context of the site's own user, who may do everything."""
    user = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    return Context(user=user["name"])


def call(action: str, **data: Any) -> Any:
    """Call an action; a refusal is printed and ends the command with 1."""
    try:
        return toolkit.get_action(action)(site_user_context(), data)
    except toolkit.ValidationError as fault:
        raise click.ClickException(sentence_of(fault.error_dict)) from fault
    except toolkit.ObjectNotFound as fault:
        raise click.ClickException(str(fault.message or fault)) from fault


def sentence_of(errors: Any) -> str:
    """Flatten the errors of an action into lines of text."""
    if isinstance(errors, dict):
        return "\n".join(sentence_of(value) for value in errors.values())
    if isinstance(errors, list):
        return "\n".join(sentence_of(value) for value in errors)
    return str(errors)
