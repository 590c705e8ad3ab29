"""What is announced: the page and the feed that everybody follows, and where officers announce."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ckan.plugins import toolkit
from feedgen.feed import FeedGenerator
from flask import Blueprint, Response, make_response, request

from ckanext.territoire.api.documents import served_schemas
from ckanext.territoire.developers.announced_words import title_of
from ckanext.territoire.developers.uses import use_of_table
from ckanext.territoire.portal.deposits import ask_login
from ckanext.territoire.portal.matrix_pages import call
from ckanext.territoire.portal.refused import Errors, refusals
from ckanext.territoire.portal.typography import spaced
from ckanext.territoire.territory.officers import may_act
from schemas.load import latest, slugs

changes = Blueprint("territoire_changes", __name__, url_prefix="/developpeurs")
announcing = Blueprint("territoire_announcing", __name__, url_prefix="/pilotage/annonces")
announcing.before_request(ask_login)
Page = str | Response
FIELDS = ("kind", "effect", "table", "column", "address", "at", "becomes", "why")
USUAL_DAYS = 180
NEVER = "1970-01-01T00:00:00Z"


@changes.route("/changements")
def index() -> str:
    """What will change, then what has changed."""
    listed = [each for each in call("territoire_announcement_list") if not each["is_withdrawn"]]
    return toolkit.render("territoire/change_list.html", {
        "coming": [each for each in listed if not each["is_over"]],
        "past": [each for each in reversed(listed) if each["is_over"]],
        "title_of": title_of,
        "may_act": may_act(str(toolkit.g.user or "")),
    })  # fmt: skip


@changes.route("/changements.atom")
def feed() -> Response:
    """The announcements, the newest first, for feed readers."""
    site = str(toolkit.config["ckan.site_url"]).rstrip("/")
    listed = [each for each in call("territoire_announcement_list") if not each["is_withdrawn"]]
    ordered = sorted(listed, key=lambda each: (each["since"], each["id"]), reverse=True)
    told = FeedGenerator()
    told.id(f"{site}{request.path}")
    told.title(f"{toolkit.config['ckan.site_title']}\u00a0: ce qui va changer dans l’API")
    told.language("fr")
    told.link(href=f"{site}{request.path}", rel="self", type="application/atom+xml")
    told.link(href=f"{site}/developpeurs/changements", rel="alternate", type="text/html")
    told.author(name=str(toolkit.config["ckan.site_title"]))
    told.updated(f"{ordered[0]['since']}T00:00:00Z" if ordered else NEVER)
    for each in ordered:
        entry = told.add_entry(order="append")
        entry.id(f"{each['page']}-{each['table']}")
        entry.title(spaced(each["headline"]))
        entry.link(href=each["page"], rel="alternate", type="text/html")
        entry.updated(f"{each['since']}T00:00:00Z")
        entry.summary(spaced(each["why"] or each["headline"]))
    answer: Any = Response(told.atom_str(), content_type="application/atom+xml; charset=utf-8")
    answer.headers["Cache-Control"] = "public, max-age=600"
    answer.add_etag()
    return answer.make_conditional(request)


@announcing.route("")
def listed() -> str:
    """What officers have announced, withdrawn ones too."""
    found = call("territoire_announcement_list")
    _need_officer()
    shown = {"listed": list(reversed(found)), "title_of": title_of}
    return toolkit.render("territoire/announcement_list.html", shown)


@announcing.route("/nouvelle", methods=["GET", "POST"])
def new() -> Page:
    """Announce: a table first, then what of it, with how many keys it concerns."""
    _need_officer()
    errors: Errors = {}
    if request.method == "POST":
        try:
            made = call("territoire_announcement_create", **_asked(request.form))
        except toolkit.ValidationError as fault:
            errors = refusals(fault)
        else:
            concerned = toolkit.h.territoire_count(made["keys"], "clé concernée", "clés concernées")
            toolkit.h.flash_success(f"C’est annoncé. {concerned} : leurs auteurs sont prévenus.")
            return toolkit.redirect_to("territoire_announcing.listed")
    slug = request.values.get("table", "")
    schema = latest(slug) if slug in slugs() else None
    shown = {
        "errors": errors,
        "typed": request.values,
        "tables": served_schemas(),
        "schema": schema,
        "use": use_of_table(slug) if schema else None,
        "first": (datetime.now(UTC).date() + timedelta(days=1)).isoformat(),
        "usual": (datetime.now(UTC).date() + timedelta(days=USUAL_DAYS)).isoformat(),
    }
    page = toolkit.render("territoire/announcement_new.html", shown)
    return make_response(page, 400 if errors else 200)


@announcing.route("/<announcement_id>/retirer", methods=["POST"])
def withdraw(announcement_id: str) -> Response:
    """Take an announcement back."""
    call("territoire_announcement_withdraw", id=announcement_id)
    toolkit.h.flash_success("Annonce retirée : rien ne disparaît, et plus personne n’est prévenu.")
    return toolkit.redirect_to("territoire_announcing.listed")


def _asked(form: Mapping[str, str]) -> dict[str, Any]:
    return {name: form.get(name, "") for name in FIELDS}


def _need_officer() -> None:
    if not may_act(str(toolkit.g.user or "")):
        toolkit.abort(403, "Réservé aux personnes qui administrent l’intercommunalité.")
