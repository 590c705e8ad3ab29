"""How much the data is used: the public page, the open file, and the counted way to a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire.api.error import open_to_all, refuse
from ckanext.territoire.logic.usage import DEFAULT_DAYS, period
from ckanext.territoire.minute import kept_a_minute
from ckanext.territoire.portal.markup import safe_url
from ckanext.territoire.portal.typography import PARIS
from ckanext.territoire.publishers import find, publishers
from ckanext.territoire.usage import read
from harvesters.errors import Refused
from harvesters.table.defuse import defuse
from schemas.vocabulary import plain

usage = Blueprint("territoire_usage", __name__)
COLUMNS = ("jour", "usage", "par", "jeu", "titre", "producteur", "fichier", "page", "nombre")
ACTS = {"view": "consultation", "download": "téléchargement", "call": "appel d’API"}
AGENTS = {"person": "personne", "program": "programme", "robot": "robot"}
PERIODS = {"30": "30 derniers jours", "365": "12 derniers mois"}


@usage.route("/utilisation")
def index() -> str:
    """Show what is used: the whole portal, or the data of one publisher."""
    asked = request.args.get("organisation", "")
    publisher = find(asked) if asked else None
    if asked and not publisher:
        return toolkit.abort(404, "Aucun producteur ne porte ce nom.")
    days = request.args.get("jours", "30")
    days = days if days in PERIODS else "30"
    last = datetime.now(PARIS).date()
    span = {"from": (last - timedelta(days=int(days) - 1)).isoformat(), "to": last.isoformat()}
    if publisher:
        span["organization"] = publisher.id
    told = toolkit.get_action("territoire_usage_show")({}, span)
    return toolkit.render("territoire/usage.html", {
        "told": told,
        "publisher": publisher,
        "publishers": sorted(publishers().values(), key=lambda each: plain(each.title)),
        "days": days,
        "periods": PERIODS,
        "is_demo": bool(toolkit.config.get("ckanext.territoire.demo.url")),
        "most": max((_sum(each) for each in told["months"]), default=0) or 1,
    })  # fmt: skip


@usage.route("/api/territoire/v1/usage.csv")
def open_file() -> Response:
    """Serve the counts of public data, by day, as CSV."""
    try:
        first, last = period(request.args)
    except Refused as fault:
        return refuse(400, fault.issue, "from", ("2026-11-01",))
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    writer.writerows(_row(row) for row in read.rows(first, last))
    answer = Response(written.getvalue(), mimetype="text/csv")
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.headers["Content-Disposition"] = f'inline; filename="utilisation-{first}-{last}.csv"'
    return open_to_all(answer)


@usage.route("/telecharger/<resource_id>")
def download(resource_id: str) -> Any:
    """Lead to the file of a resource that stands elsewhere: counted, without who takes it."""
    try:
        resource = toolkit.get_action("resource_show")({}, {"id": resource_id})
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized):
        return toolkit.abort(404, "Ce fichier n’existe pas ou plus.")
    url = safe_url(resource.get("url"))
    if not url.casefold().startswith(("http://", "https://")):
        return toolkit.abort(404, "Ce fichier n’a pas d’adresse de téléchargement.")
    answer = toolkit.redirect_to(url)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def download_url(resource: Mapping[str, Any]) -> str:
    """Where a link « Télécharger » leads: here when we serve the file, else by the counted way."""
    url = safe_url(resource.get("url"))
    is_elsewhere = url.casefold().startswith(("http://", "https://")) and not url.startswith(
        f"{toolkit.config['ckan.site_url']}/"
    )
    if not is_elsewhere or not resource.get("id"):
        return url
    return str(toolkit.url_for("territoire_usage.download", resource_id=resource["id"]))


def use_of(dataset_id: str) -> read.Use | None:
    """The uses of a public dataset in the last 30 days; `None` while nothing is counted."""
    found = _uses()
    return found.get(dataset_id, read.Use(dataset_id)) if found else None


@kept_a_minute
def _uses() -> dict[str, read.Use]:
    last = datetime.now(PARIS).date()
    first = last - timedelta(days=DEFAULT_DAYS - 1)
    return {use.key: use for use in read.uses_of_datasets(first, last)}


def _sum(counts: Mapping[str, Any]) -> int:
    return int(counts["views"]) + int(counts["downloads"]) + int(counts["calls"])


def _row(row: Any) -> tuple[Any, ...]:
    told = (row.dataset or "", defuse(row.title or ""), row.publisher or "", row.resource_id)
    page = row.page
    return (row.day.isoformat(), ACTS[row.act], AGENTS[row.agent], *told, page, row.hits)
