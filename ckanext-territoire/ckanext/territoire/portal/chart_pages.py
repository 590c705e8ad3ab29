"""The page of the chart of a table, where the reader chooses the column and the measure. Drawn by
the server, without script; the page of the file shows the one that suits best."""

from __future__ import annotations

from ckan.plugins import toolkit
from flask import Blueprint, request

from ckanext.territoire.portal.chart_view import chart_of
from ckanext.territoire.portal.preview import shown_resource
from ckanext.territoire.table.record import load_record

charts = Blueprint("territoire_chart", __name__)


@charts.route("/dataset/<id>/resource/<resource_id>/graphique")
def show(id: str, resource_id: str) -> str:
    """Show the chart that is asked for, with its figures and the form that chooses another."""
    package, resource = shown_resource(id, resource_id)
    found = load_record(resource["id"])
    if not found or found.loaded_at is None:
        return toolkit.abort(404, "Ce tableau n’est pas encore chargé.")
    asked = (request.args.get("axe", ""), request.args.get("mesure", ""))
    values = {"pkg": package, "package": package, "resource": resource, "table": found}
    return toolkit.render("territoire/chart_page.html", values | {"chart": chart_of(found, *asked)})
