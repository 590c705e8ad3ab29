"""The officer's pages on the matrix: the whole, lists of cells, files, one cell with its history.

Each page only calls actions, which check the rights.
"""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire.portal import matrix_view
from ckanext.territoire.portal.deposit_words import STATES as DELIVERY_STATES
from ckanext.territoire.portal.deposit_words import WAYS
from ckanext.territoire.portal.deposits import ask_login
from ckanext.territoire.portal.matrix_words import STATES, mailto, served, to_acts, why
from ckanext.territoire.portal.spreadsheet import to_csv, to_xlsx
from ckanext.territoire.portal.today import to_tasks

matrix_pages = Blueprint("territoire_matrix", __name__, url_prefix="/pilotage")
matrix_pages.before_request(ask_login)
LISTED = 100
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def call(action: str, **data: Any) -> Any:
    """Call an action as the person at work; a refusal is a page."""
    try:
        return toolkit.get_action(action)({"user": toolkit.g.user}, data)
    except toolkit.NotAuthorized:
        toolkit.abort(403, "Cette page est réservée aux agents de l’intercommunalité.")
    except toolkit.ObjectNotFound as fault:
        toolkit.abort(404, str(fault.message or "Cette page n’existe pas."))


@matrix_pages.route("")
def index() -> str:
    """The matrix, or the list of the cells that are asked for."""
    shown = call("territoire_matrix_show")
    wanted = matrix_view.read_filter(request.args, shown)
    lines = matrix_view.to_lines(shown, wanted) if wanted.is_list else []
    columns, rows = matrix_view.to_grid(shown, wanted)
    page = max(request.args.get("page", 1, int), 1)
    return toolkit.render("territoire/matrix.html", {
        "shown": shown,
        "wanted": wanted,
        "states": STATES,
        "counts": matrix_view.count_states(shown, wanted),
        "columns": columns,
        "rows": rows,
        "lines": lines[(page - 1) * LISTED : page * LISTED],
        "total": len(lines),
        "page": page,
        "pages": -(-len(lines) // LISTED),
        "tasks": to_tasks(call("territoire_task_list")),
        "served": served,
        "acts": to_acts,
    })  # fmt: skip


@matrix_pages.route("/matrice.<any(csv, xlsx):ending>")
def file(ending: str) -> Response:
    """The cells that are asked for, as a file; formulas are defused."""
    shown = call("territoire_matrix_show")
    lines = matrix_view.to_lines(shown, matrix_view.read_filter(request.args, shown))
    header, rows = matrix_view.HEADERS, matrix_view.to_rows(lines)
    if ending == "csv":
        answer = Response(to_csv(header, rows), mimetype="text/csv")
    else:
        answer = Response(to_xlsx("Matrice", header, rows), mimetype=SHEET)
    name = f"matrice-{shown['on']}.{ending}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@matrix_pages.route("/<insee>/<slug>")
def cell(insee: str, slug: str) -> str:
    """One cell: what it rests on, what can be done, what was delivered."""
    found = call("territoire_matrix_cell", commune=insee, schema=slug)
    commune, schema = found["commune"], found["schema"]
    site = (toolkit.config["ckan.site_title"], toolkit.config["ckan.site_url"].rstrip("/"))
    state = next(each for each in STATES if each.key == found["cell"]["state"])
    return toolkit.render("territoire/matrix_cell.html", {
        **found,
        "state": state,
        "why": why(found["cell"]),
        "served": served(schema["served"]),
        "acts": to_acts(commune, schema, found["cell"], bool(found["mandate"])),
        "mailto": mailto(commune, schema, found["cell"], site),
        "town_hall": call("territoire_commune_show", id=insee)["town_hall"],
        "delivery_states": DELIVERY_STATES,
        "ways": WAYS,
    })  # fmt: skip
