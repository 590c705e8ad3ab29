"""The address of each of our themes, as catalogues name it: it leads to its datasets."""

from __future__ import annotations

from ckan.plugins import toolkit
from ckan.types import Response
from flask import Blueprint

from ckanext.territoire.index_fields import THEMES
from schemas.vocabulary import load_vocabulary

themes = Blueprint("territoire_themes", __name__)


@themes.route("/themes/<theme_id>")
def show(theme_id: str) -> Response:
    """Lead to the search on this theme; an unknown theme is a 404."""
    if load_vocabulary("themes").get(theme_id) is None:
        toolkit.abort(404, "Ce thème n’existe pas.")
    return toolkit.redirect_to(toolkit.url_for("dataset.search", **{THEMES: theme_id}))
