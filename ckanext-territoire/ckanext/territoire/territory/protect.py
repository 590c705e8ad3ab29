"""What stays true of an organisation of the territory, whoever edits it.

Its official facts and its place under the EPCI come from the official list. An officer of a
commune may change its title, presentation, address and logo, and cannot leave the EPCI: roles of
the EPCI reach a commune through that place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan import authz, model
from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire import minute

OFFICIAL = (
    "kind", "siren", "insee", "official_name", "population", "postcodes", "member_since",
    "member_until", "heir_insee",
)  # fmt: skip


@toolkit.chained_action
def organization_update(
    next_action: Callable[..., Any], context: Context, data_dict: dict[str, Any]
) -> Any:
    """Update an organisation; official facts and parents stay, unless the platform sets them."""
    group = model.Group.get(data_dict.get("id"))
    if group is not None and not _may_set_official(context):
        data_dict.pop("groups", None)
        stored = group.extras or {}
        for name in OFFICIAL:
            data_dict[name] = stored.get(name, "")
    done = next_action(context, data_dict)
    minute.forget()
    return done


@toolkit.chained_auth_function
def member_create(
    next_auth: Callable[..., AuthResult], context: Context, data_dict: dict[str, Any]
) -> AuthResult:
    """Let nobody but the platform move an organisation under another."""
    if data_dict.get("object_type") == "group" and _is_organization(data_dict.get("id")):
        return {"success": False, "msg": "La place d’une commune dans l’EPCI ne se change pas ici."}
    return next_auth(context, data_dict)


@toolkit.auth_allow_anonymous_access
@toolkit.chained_auth_function
def member_list(
    next_auth: Callable[..., AuthResult], context: Context, data_dict: dict[str, Any]
) -> AuthResult:
    """Show people and datasets of an organisation to its members only; CKAN shows them to all."""
    group = model.Group.get(data_dict.get("id"))
    if data_dict.get("object_type") == "group" or group is None:
        return next_auth(context, data_dict)
    if authz.has_user_permission_for_group_or_org(group.id, context.get("user"), "read"):
        return next_auth(context, data_dict)
    return {"success": False, "msg": "Réservé aux membres de cette organisation."}


def _may_set_official(context: Context) -> bool:
    return bool(context.get("ignore_auth")) or authz.is_sysadmin(context.get("user"))


def _is_organization(group_id: object) -> bool:
    group = model.Group.get(group_id) if isinstance(group_id, str) else None
    return group is not None and group.is_organization


ACTIONS = {"organization_update": organization_update}
AUTH = {"member_create": member_create, "member_list": member_list}
