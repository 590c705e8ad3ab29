"""Screens of CKAN that broke for what is not there, told that a hidden dataset is there, or asked
everybody to confirm what few may do: the question of right is asked before they begin.

What somebody may not see answers as what is not there: 404. What they see and may not change: 403,
whose page leads to signing in.
"""

from __future__ import annotations

from dataclasses import dataclass

from ckan import model
from ckan.plugins import toolkit

NO_DATASET = "Ce jeu de données n’existe pas ou plus."
NO_PUBLISHER = "Cette organisation n’existe pas ou plus."


@dataclass(frozen=True, slots=True)
class _Door:
    """`part` of the address names what must be seen; `needs` is what one must be allowed to do."""

    part: str = "id"
    sees: str = "package_show"
    needs: str = ""
    unknown: str = NO_DATASET


_ADDING = _Door(needs="package_update")
DOORS = {
    "dataset.delete": _Door(needs="package_delete"),
    "dataset.resources": _Door(needs="package_update"),
    "resource.new": _ADDING,
    "dataset_resource.new": _ADDING,
    "dcat.read_dataset": _Door(part="_id"),
    "organization.delete": _Door(
        sees="organization_show", needs="organization_delete", unknown=NO_PUBLISHER
    ),
}


def ask_right() -> None:
    """Answer 404 or 403 where CKAN would not. Asked before each request, after the token of a form
    (`plugin.make_middleware`)."""
    door = DOORS.get(str(toolkit.request.endpoint))
    name = (toolkit.request.view_args or {}).get(door.part) if door else None
    if door is None or name is None:
        return
    kind = model.Group if door.sees == "organization_show" else model.Package
    if kind.get(name) is None or not _may(door.sees, name):  # all is allowed to who administers
        toolkit.abort(404, door.unknown)
    if door.needs and not _may(door.needs, name):
        toolkit.abort(403, "Vous n’avez pas le droit de faire cela.")


def _may(action: str, name: str) -> bool:
    context = {"user": toolkit.current_user.name, "auth_user_obj": toolkit.current_user}
    try:
        return toolkit.check_access(action, context, {"id": name})  # type: ignore[arg-type]
    except (toolkit.NotAuthorized, toolkit.ObjectNotFound):
        return False
