"""Screens of CKAN and of its extensions that nobody needs here lead to ours, to the same people.

What they showed is kept elsewhere: accounts and roles on their own pages, who did what in the
journal, harvests in « Moissons ». What is left of CKAN's screens has a template of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint

from ckanext.territoire.territory.officers import is_officer

closed_screens = Blueprint("territoire_closed_screens", __name__)
Parts = dict[str, Any]
Target = Callable[[Parts], str]
HARVESTER = ("harvest", "harvester", "harvest_resource")
ADDING = "harvest.new"
PROGRAMS_READ = ("harvester.object_show",)


def _to(endpoint: str) -> Target:
    return lambda parts: toolkit.url_for(endpoint)


def _dataset(parts: Parts) -> str:
    return toolkit.url_for("dataset.read", id=parts["id"])


def _resource(parts: Parts) -> str:
    return toolkit.url_for(
        "dataset_resource.read", id=parts["id"], resource_id=parts["resource_id"]
    )


def _history(parts: Parts) -> str:
    return toolkit.url_for("territoire_history.show", id=parts["id"])


def _publisher(parts: Parts) -> str:
    return toolkit.url_for("organization.read", id=parts["id"])


def _members(parts: Parts) -> str:
    return toolkit.url_for("organization.manage_members", id=parts["id"])


def _account(parts: Parts) -> str:
    return toolkit.url_for("user.read", id=parts["id"])


def _own_place(parts: Parts) -> str:
    """Where somebody who has just signed in begins."""
    if toolkit.current_user.is_anonymous:
        return toolkit.url_for("user.login")
    if is_officer(toolkit.current_user.name):
        return toolkit.url_for("territoire_matrix.index")
    return toolkit.url_for("territoire_deliveries.index")


def _source(parts: Parts) -> str:
    name = parts.get("source") or parts.get("id")
    if name:
        return toolkit.url_for("territoire_sources.show", name=name)
    return toolkit.url_for("territoire_sources.index")


SEARCH, DESIGN = _to("dataset.search"), _to("territoire_pages.design")
# by endpoint, or by blueprint for all of one
CLOSED: dict[str, Target] = {
    "group": SEARCH,
    "dashboard": _own_place,
    "activity.dashboard": _own_place,
    "activity.dashboard_testing": DESIGN,
    "util.primer": DESIGN,
    "util.custom_form_fields": DESIGN,
    "dataset.followers": _dataset,
    "dataset.groups": _dataset,
    "activity.package_activity": _history,
    "activity.package_history": _history,
    "activity.package_changes": SEARCH,
    "activity.package_changes_multiple": SEARCH,
    "activity.resource_history": _resource,
    "activity.organization_activity": _publisher,
    "activity.organization_changes": SEARCH,
    "activity.organization_changes_multiple": SEARCH,
    "activity.group_activity": SEARCH,
    "activity.group_changes": SEARCH,
    "activity.group_changes_multiple": SEARCH,
    "activity.user_activity": _account,
    "activity.admin_activities": _to("territoire_acts.index"),
    "organization.about": _publisher,
    "organization.followers": _publisher,
    "organization.bulk_process": _publisher,
    "organization.admins": _members,
    "organization.members": _members,
    "user.followers": _account,
    "user.read_groups": _account,
    "user.read_organizations": _account,
    "user.register": _own_place,
    "admin.index": _to("user.index"),
    "admin.config": _to("user.index"),
    "admin.reset_config": _to("user.index"),
    "datastore.api_info": _to("territoire_api_pages.index"),
    "datastore.dictionary": _resource,
    **{
        f"{resources}.{view}": _resource
        for resources in ("resource", "dataset_resource")
        for view in ("views", "view", "edit_view")
    },
}


@closed_screens.before_app_request
def lead_to_ours() -> Any:
    """Answer a redirection for a closed screen; what is sent to one is left to its own checks."""
    asked = toolkit.request
    if not asked.endpoint or asked.method not in ("GET", "HEAD"):
        return None
    parts = asked.view_args or {}
    if asked.blueprint in HARVESTER:
        if asked.endpoint in PROGRAMS_READ:
            return None
        is_new = asked.endpoint == ADDING
        return toolkit.redirect_to("territoire_sources.add" if is_new else _source(parts))
    target = CLOSED.get(asked.endpoint) or CLOSED.get(str(asked.blueprint))
    return toolkit.redirect_to(target(parts)) if target else None
