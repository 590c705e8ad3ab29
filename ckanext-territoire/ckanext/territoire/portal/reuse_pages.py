"""What people make of the data: the list with its pictures, each reuse, the form to propose one.

Nothing is shown before the EPCI has read it (`portal/contribution_pages.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire.community import challenge_store, reuse_store
from ckanext.territoire.community.words import TYPES
from ckanext.territoire.logic.reuse import theme_choices
from ckanext.territoire.portal import contribution_door as door
from ckanext.territoire.portal.data_choice import DataChoice, read_choice
from ckanext.territoire.territory import members
from ckanext.territoire.territory.officers import is_officer

reuses = Blueprint("territoire_reuses", __name__, url_prefix="/reutilisations")
SHOWN = 12
FIELDS = ("title", "body", "author", "url", "type", "theme", "commune", "alt", "email")
A_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a list stands in its pages."""

    page: int
    page_count: int


@reuses.route("")
def index() -> str:
    """The accepted reuses, the newest first, narrowed by type, theme and commune."""
    asked = {"type": request.args.get("type", ""), "theme": request.args.get("theme", ""),
             "commune": request.args.get("commune", "")}  # fmt: skip
    page = min(max(request.args.get("page", 1, int), 1), 10_000)
    cut = {"limit": SHOWN, "offset": (page - 1) * SHOWN}
    found = toolkit.get_action("territoire_reuse_list")({}, {**asked, **cut})
    return toolkit.render("territoire/reuse_list.html", {
        **found,
        **words(),
        "asked": asked,
        "is_narrowed": any(asked.values()),
        "pages": Pages(page, -(-found["total"] // SHOWN)),
        "challenges": toolkit.get_action("territoire_challenge_list")({}, {})[:1],
    })  # fmt: skip


@reuses.route("/proposer", methods=["GET", "POST"])
def new() -> str | Response:
    """Propose a reuse; it works without script."""
    choice, errors, wait = read_choice(), {}, 0
    challenge = challenge_store.load(request.args.get("defi", ""))
    if request.method == "POST":
        wait = door.wait_s()
        errors = door.too_fast() if wait else _send(choice, challenge)
        if not errors:
            return toolkit.redirect_to("territoire_reuses.index")
    shown = {"choice": choice, "errors": errors, "typed": request.form, "reuse": None}
    shown |= {"challenge": challenge.challenge if challenge else None, **words()}
    return door.answered("territoire/reuse_new.html", shown, wait)


@reuses.route("/<slug>")
def show(slug: str) -> str:
    """A reuse: what it is, who made it, on which data it stands."""
    try:
        found = toolkit.get_action("territoire_reuse_show")({}, {"id": slug})
    except toolkit.ObjectNotFound:
        return toolkit.abort(404, "Cette réutilisation n’existe pas, ou n’est plus montrée.")
    return toolkit.render("territoire/reuse_show.html", {"reuse": found, **words()})


@reuses.route("/<slug>/<any(large, small):size>.webp")
def image(slug: str, size: str) -> Response:
    """The picture of a reuse; before it is accepted, for those who read it alone."""
    found = reuse_store.picture(slug, size)
    if found is None or not (found[2] or is_officer(toolkit.g.user)):
        return toolkit.abort(404, "Cette image n’existe pas, ou n’est plus montrée.")
    content, version, is_public = found
    answer: Any = Response(content, mimetype="image/webp")
    answer.set_etag(version)
    is_lasting = is_public and request.args.get("v") == version
    answer.headers["Cache-Control"] = A_YEAR if is_lasting else "private, no-cache"
    return answer.make_conditional(request)


def words() -> dict[str, Any]:
    """The choices of the forms and what they are called."""
    return {
        "types": TYPES,
        "themes": theme_choices(),
        "communes": {each.insee: each.name for each in members.members()},
    }


def typed_data(choice: DataChoice) -> dict[str, Any]:
    """What the form of a reuse says."""
    data: dict[str, Any] = {name: request.form.get(name, "") for name in FIELDS}
    return data | {"datasets": choice.names, "picture": request.files.get("picture")}


def _send(choice: DataChoice, challenge: challenge_store.Listed | None) -> Mapping[str, list[str]]:
    if door.is_robot():
        door.thank(None)
        return {}
    data = typed_data(choice) | {"challenge": challenge.challenge.id if challenge else ""}
    made, errors = door.send("territoire_reuse_create", data)
    if not errors:
        door.thank(made)
    return errors
