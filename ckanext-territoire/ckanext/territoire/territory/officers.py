"""Who looks after the data of the whole EPCI: its administrators and editors, and sysadmins."""

from __future__ import annotations

from ckan import authz

from ckanext.territoire import publishers


def is_officer(user: str) -> bool:
    """Say whether a user publishes for an EPCI: they may see where all of its communes stand."""
    return _may(user, "create_dataset")


def may_act(user: str) -> bool:
    """Say whether a user administers an EPCI, which gives them rights in its communes."""
    return _may(user, "admin")


def publishes_for(user: str, organization: str) -> bool:
    """Say whether a user publishes for an organisation, or looks after the whole EPCI."""
    if is_officer(user):
        return True
    owner = publishers.find(organization) if organization else None
    return owner is not None and bool(user) and authz.has_user_permission_for_group_or_org(
        owner.id, user, "create_dataset"
    )  # fmt: skip


def _may(user: str, permission: str) -> bool:
    if not user:
        return False
    if authz.is_sysadmin(user):
        return True
    return any(
        authz.has_user_permission_for_group_or_org(each.id, user, permission)
        for each in publishers.publishers().values()
        if each.kind == "epci"
    )
