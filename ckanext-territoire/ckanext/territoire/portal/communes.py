"""The page of each commune, and the list of them all."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint

from ckanext.territoire.index_fields import COMMUNES
from ckanext.territoire.portal import maps

communes = Blueprint("territoire_communes", __name__)
LISTED = 50


@communes.route("/communes")
def index() -> str:
    """Show the map and the alphabetical list."""
    listed = toolkit.get_action("territoire_commune_list")({}, {})
    return toolkit.render("territoire/communes.html", {"communes": listed})


@communes.route("/commune/<slug>")
def show(slug: str) -> str:
    """Show a commune: outline, town hall, datasets it publishes and datasets about it."""
    try:
        commune = toolkit.get_action("territoire_commune_show")({}, {"id": slug})
    except toolkit.ValidationError:
        toolkit.abort(404, "Aucune commune du territoire ne porte ce nom.")
    own = _search(f'owner_org:"{commune["organization_id"]}"')
    about = _search(
        f'{COMMUNES}:"{commune["insee"]}" AND -owner_org:"{commune["organization_id"]}"'
    )
    return toolkit.render("territoire/commune.html", {
        "commune": commune,
        "town_hall": commune["town_hall"] or {},
        "picture": maps.commune_picture(commune["insee"]),
        "own": own,
        "about": about,
    })  # fmt: skip


def _search(query: str) -> dict[str, Any]:
    return dict(toolkit.get_action("package_search")({}, {
        "fq": f"dataset_type:dataset AND {query}",
        "rows": LISTED,
        "sort": "metadata_modified desc",
        "include_private": False,
    }))  # fmt: skip
