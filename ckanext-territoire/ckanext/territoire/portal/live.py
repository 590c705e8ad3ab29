"""The live values of a dataset, for its page and for maps."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from ckan.types import Response
from flask import Blueprint, jsonify

from ckanext.territoire.live.values import to_geojson
from ckanext.territoire.portal.typography import NARROW

live_values = Blueprint("territoire_live", __name__)
SHOWN = 12


@live_values.route("/dataset/<id>/mesures.geojson")
def as_geojson(id: str) -> Response:
    """Answer the series of a dataset with their last value."""
    try:
        series = toolkit.get_action("territoire_series_list")({}, {"id": id})
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized):
        return toolkit.abort(404, "Ce jeu de données n’existe pas ou plus.")
    answer: Any = jsonify(to_geojson(series))
    answer.mimetype = "application/geo+json"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def last_values(package: dict[str, Any]) -> dict[str, Any]:
    """What a dataset page shows: the first series, and how many there are. A template helper."""
    try:
        series = toolkit.get_action("territoire_series_list")({}, {"id": package["id"]})
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized):
        series = []
    shown = [{**one, "shown": _shown(one)} for one in series[:SHOWN]]
    return {"series": shown, "count": len(series)}


def _shown(one: dict[str, Any]) -> str:
    """The value as people write it."""
    if one["text"] or one["value"] is None:
        return str(one["text"]) or "–"
    value = round(one["value"], 2)
    whole = f"{value:,.2f}".rstrip("0").rstrip(".")
    return whole.replace(",", NARROW).replace(".", ",")
