"""Former addresses of datasets lead to the dataset of today, for good (301)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit
from flask import Blueprint, redirect

old_addresses = Blueprint("territoire_old_address", __name__)
TODAY = """
    SELECT dataset_id FROM territoire_old_address WHERE old_name = :name AND NOT EXISTS
           (SELECT 1 FROM package p WHERE :name IN (p.id, p.name) AND p.state = 'active')
"""


@old_addresses.after_app_request
def lead_to_today(response: Any) -> Any:
    """Turn a 404 on a dataset's former address into a redirection, if its reader may see it.

    A dataset that was merged is shown as deleted to those who may edit it: they are led too.
    """
    request = toolkit.request
    is_known = response.status_code == 200 and toolkit.current_user.is_authenticated
    if not (response.status_code == 404 or is_known) or request.method not in ("GET", "HEAD"):
        return response
    if request.endpoint != "dataset.read" or not request.view_args:
        return response
    name = _name_of_today(str(request.view_args.get("id", "")))
    if not name:
        return response
    return redirect(toolkit.url_for("dataset.read", id=name), code=301)


def _name_of_today(old_name: str) -> str:
    with model.meta.engine.connect() as connection:
        dataset_id = connection.execute(sa.text(TODAY), {"name": old_name}).scalar()
    if dataset_id is None:
        return ""
    try:
        user = {"user": toolkit.current_user.name}
        shown = toolkit.get_action("package_show")(user, {"id": dataset_id})
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized):
        return ""
    return str(shown["name"]) if shown["state"] == "active" else ""
