"""The page of one row of a merged table, and the form that says that it is wrong.

Without account: the form is kept from robots by a field that people do not see, a token, and a
limit of an hour for each visitor. What a reader writes is shown to nobody before the commune has
read it.
"""

from __future__ import annotations

import time
from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, make_response, request

from ckanext.territoire import publishers
from ckanext.territoire.links import throttle
from ckanext.territoire.portal import maps
from ckanext.territoire.portal.contribution_door import TRAP, said
from ckanext.territoire.portal.refused import Errors, refusals
from ckanext.territoire.portal.visitor import visitor
from ckanext.territoire.services.catalogue import service_of
from ckanext.territoire.services.public_tables import public_tables
from ckanext.territoire.services.row import read_tracing
from ckanext.territoire.territory.contacts import contacts
from harvesters.errors import sentence
from harvesters.model import Issue

row_pages = Blueprint("territoire_row", __name__, url_prefix="/ligne")
Page = str | Response
FLAGS, HOUR_S = 10, 3600
THANKS = (
    "Merci. Votre signalement est transmis ; la réponse paraîtra sur cette page."
    " Rien de ce que vous avez écrit n’est montré avant que la commune l’ait lu."
)


@row_pages.route("/<slug>")
def show(slug: str) -> Page:
    """A row: its values, its place, where it comes from, whom to ask, what was said of it."""
    row = _row(slug)
    if "cle" not in request.args:
        return toolkit.redirect_to("territoire_row.show", slug=slug, cle=row["key"])
    return toolkit.render("territoire/row_show.html", _shown(row))


@row_pages.route("/<slug>/signaler", methods=["GET", "POST"])
def flag(slug: str) -> Page:
    """Say what is wrong in a row."""
    row = _row(slug)
    errors: Errors = {}
    if request.method == "POST":
        if wait := throttle.wait_s((f"flag {visitor()}",), time.time(), FLAGS, HOUR_S):
            return _too_fast(row, wait)
        errors = {} if request.form.get(TRAP) else _keep(row)
        if not errors:
            toolkit.h.flash_success(THANKS)
            return toolkit.redirect_to("territoire_row.show", slug=slug, cle=row["key"])
    shown = _shown(row) | {"errors": errors, "typed": request.form}
    return toolkit.render("territoire/flag_new.html", shown)


def _row(slug: str) -> dict[str, Any]:
    asked = {"schema": slug, "key": request.args.get("cle", ""), "_id": request.args.get("no", "")}
    try:
        return dict(toolkit.get_action("territoire_row_show")({}, asked))
    except toolkit.ObjectNotFound as fault:
        return toolkit.abort(404, str(fault.message))


def _keep(row: dict[str, Any]) -> Errors:
    """Keep what the form says; answers why it is not."""
    field = request.form.get("quoi", "")
    kind = field if field in ("gone", "other") else "value"
    data = {
        "schema": row["slug"],
        "key": row["key"],
        "kind": kind if field else "",
        "field": field if kind == "value" else "",
        "proposed": request.form.get("proposed", ""),
        "remark": request.form.get("remark", ""),
        "email": request.form.get("email", ""),
    }
    try:
        # this page is the door of those who have no account
        toolkit.get_action("territoire_flag_create")({"ignore_auth": True, "user": ""}, data)
    except toolkit.ValidationError as fault:
        told = refusals(fault, flag="quoi", key="")
        return {name: [said(text) for text in texts] for name, texts in told.items()}
    return {}


def _too_fast(row: dict[str, Any], wait_s: int) -> Response:
    told = said(sentence(Issue("TER-API-124")))
    shown = _shown(row) | {"errors": {"": [told]}, "typed": request.form}
    page = make_response(toolkit.render("territoire/flag_new.html", shown))
    page.status_code = 429
    page.headers["Retry-After"] = str(wait_s)
    return page


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    owner = publishers.find(row["organization_id"])
    place = row["place"]
    tracing = _tracing(row)
    dot = maps.point_picture((place[0], place[1])) if place and not tracing else None
    return {
        "row": row,
        "owner": owner,
        "contact": contacts().get(row["insee"]),
        "service": service_of(row["slug"]),
        "picture": tracing.picture if tracing else dot,
        "tracing": tracing,
        "trap": TRAP,
    }


def _tracing(row: dict[str, Any]) -> maps.Tracing | None:
    """The line or the area that a row is."""
    table = public_tables().get(row["slug"])
    shape = read_tracing(table, row["key"]) if table and row["place"] else None
    return maps.tracing_picture(shape) if shape else None
