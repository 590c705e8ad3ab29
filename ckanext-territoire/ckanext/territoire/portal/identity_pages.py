"""The page where the officer gives the portal its name, words, logo and colours, with a sample that
follows without keeping anything; and the style sheet, the logo and the icon that all pages ask.

What is public is named by its content and kept by browsers for ever.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, jsonify, request

from ckanext.territoire.identity.colour import read_colour
from ckanext.territoire.identity.shades import to_sample, to_sheet
from ckanext.territoire.identity.store import Identity, current, load_logo, size_of
from ckanext.territoire.logic.identity import MAX_CHARS, colours_of
from ckanext.territoire.portal.deposits import ask_login
from ckanext.territoire.portal.matrix_pages import call

identity_pages = Blueprint("territoire_identity", __name__, url_prefix="/pilotage/identite")
identity_pages.before_request(ask_login)
identity_files = Blueprint("territoire_identity_files", __name__, url_prefix="/identite")
FOR_EVER = "public, max-age=31536000, immutable"
FIELDS = ("name", "text", "contact", "colour", "accent")


@identity_pages.route("", methods=["GET", "POST"])
def index() -> str | Response:
    """Show the identity in force with its form; publish another."""
    errors: dict[str, Any] = {}
    if request.method == "POST":
        told = {name: request.form.get(name, "") for name in FIELDS}
        more = {"no_logo": "no_logo" in request.form, "logo": request.files.get("logo")}
        try:
            call("territoire_identity_update", **told, **more)
            toolkit.h.flash_success("Identité publiée : toutes les pages la montrent.")
            return toolkit.redirect_to("territoire_identity.index")
        except toolkit.ValidationError as fault:
            told_back: dict[str, Any] = fault.error_dict
            errors = {name: texts[0] for name, texts in told_back.items()}
    shown = call("territoire_identity_show")
    asked = request.form if request.method == "POST" else request.args
    typed = shown["identity"] | {name: asked[name] for name in FIELDS if name in asked}
    tried = call("territoire_identity_try", **{name: typed[name] for name in FIELDS})
    if "name" in request.args:
        errors = tried["errors"]
    return toolkit.render("territoire/identity.html", {
        **shown, "typed": typed, "errors": errors, "tried": tried, "most": MAX_CHARS,
        "usual": _usual(), "sheet": _sample_url(tried),
    })  # fmt: skip


@identity_pages.route("/retablir", methods=["POST"])
def restore() -> Response:
    """Put a former identity in force again."""
    call("territoire_identity_restore", id=request.form.get("id", ""))
    toolkit.h.flash_success("Identité rétablie.")
    return toolkit.redirect_to("territoire_identity.index")


@identity_pages.route("/apercu.json")
def sample() -> Response:
    """The sample of what is being typed, with what is wrong with it."""
    tried = call("territoire_identity_try", **{n: request.args.get(n, "") for n in FIELDS})
    shown = {"tried": tried, "sheet": _sample_url(tried)}
    return jsonify({
        "shown": toolkit.render("territoire/snippets/identity_sample.html", shown),
        "errors": tried["errors"],
    })  # fmt: skip


@identity_files.route("/apercu.css")
def sample_sheet() -> Response:
    """The colours of the sample, in both themes; a text that is no colour gives those that come."""
    usual = _usual()
    told = [read_colour(request.args.get(name, "")) or usual[name] for name in ("colour", "accent")]
    answer = Response(to_sample(*told), mimetype="text/css")
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


@identity_files.route("/<sha>.css")
def sheet(sha: str) -> Response:
    """The colours in force; those of a page that is older lead to them."""
    now: tuple[str, str, str] | None = look()["sheet"]
    if not now or sha != now[0]:
        return toolkit.redirect_to(now[1]) if now else toolkit.abort(404)
    return _kept(Response(now[2], mimetype="text/css"))


@identity_files.route("/<sha>.webp")
def logo(sha: str) -> Response:
    """A logo."""
    found = load_logo(sha)
    if not found:
        return toolkit.abort(404, "Cette image n’existe pas ou plus.")
    return _kept(Response(found.content, mimetype="image/webp"))


@identity_files.route("/<sha>.png")
def icon(sha: str) -> Response:
    """The icon of the tab, from the logo."""
    found = load_logo(sha)
    if not found:
        return toolkit.abort(404, "Cette image n’existe pas ou plus.")
    return _kept(Response(found.icon, mimetype="image/png"))


def look() -> dict[str, Any]:
    """What each page asks: the style sheet (hash, address, text), the logo (address, size), the
    icon. A template helper."""
    return _look(current())


@lru_cache(maxsize=4)
def _look(identity: Identity) -> dict[str, Any]:
    sheet = None
    if read_colour(identity.colour) or read_colour(identity.accent):
        text = to_sheet(*colours_of(identity).values())
        sha = hashlib.sha256(text.encode()).hexdigest()[:32]
        sheet = (sha, f"/identite/{sha}.css", text)
    size = size_of(identity.logo) if identity.logo else None
    return {
        "sheet": sheet,
        "logo": (f"/identite/{identity.logo}.webp", *size) if size else None,
        "icon": f"/identite/{identity.logo}.png" if size else "",
        "contact": identity.contact,
    }


def _usual() -> dict[str, str]:
    return colours_of(Identity())


def _sample_url(tried: dict[str, Any]) -> str:
    colours = {name: each["colour"] for name, each in tried["colours"].items()}
    return str(toolkit.url_for("territoire_identity_files.sample_sheet", **colours))


def _kept(answer: Response) -> Response:
    answer.headers["Cache-Control"] = FOR_EVER
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
