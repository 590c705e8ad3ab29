"""The page of each commune, and the list of them all, where people choose theirs."""

from __future__ import annotations

import difflib
from typing import Any

from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire.flags import store as flags
from ckanext.territoire.index_fields import COMMUNES
from ckanext.territoire.logic.flag import public_flag
from ckanext.territoire.portal import citizen_view, maps
from ckanext.territoire.services import changes, figures
from ckanext.territoire.services.public_tables import public_tables
from ckanext.territoire.territory import members
from ckanext.territoire.territory.names import spelling

communes = Blueprint("territoire_communes", __name__)
LISTED, MOVED = 50, 8


@communes.route("/communes")
def index() -> str | Response:
    """Show the map and the alphabetical list; `q`, a name or a postcode, leads to a commune."""
    listed = toolkit.get_action("territoire_commune_list")({}, {})
    asked = " ".join(request.args.get("q", "").split())[:80]
    found = _near(asked) if asked else []
    if len(found) == 1:
        return toolkit.redirect_to("territoire_communes.show", slug=found[0].slug)
    shown = {"communes": listed, "asked": asked, "near": found}
    return toolkit.render("territoire/communes.html", shown)


def _near(asked: str) -> list[members.Commune]:
    """The communes that a visitor may mean: the one that is named, else those that look like it."""
    known = members.members()
    exact = members.find_commune(asked)
    if exact:
        return [exact]
    words = spelling(asked)
    alike = [each for each in known if words in spelling(each.name) or asked in each.postcodes]
    if alike:
        return alike
    names = {spelling(each.name): each for each in known}
    return [names[name] for name in difflib.get_close_matches(words, names, n=3, cutoff=0.6)]


@communes.route("/commune/<slug>")
def show(slug: str) -> str:
    """Show a commune: whom to ask, key figures, questions, what moved, datasets, outline."""
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
        "own": own,
        "about": about,
        **_answers(commune["insee"]),
    })  # fmt: skip


def _answers(insee: str) -> dict[str, Any]:
    """What the merged tables say of a commune; a few statements, whatever their number."""
    tables = public_tables()
    counted = figures.count_tables(tables, insee)
    picture = maps.commune_picture(insee)
    points = figures.read_points(tables, insee) if picture else []
    return {
        "picture": picture,
        "dots": maps.to_dots(points, picture) if picture else "",
        "figures": citizen_view.to_shown(counted, tables, insee),
        "questions": citizen_view.to_questions(counted, insee),
        "news": citizen_view.to_news(changes.read_moved(tables, insee, MOVED), tables, insee),
        "answers": [public_flag(each) for each in flags.of_commune(insee) if each.slug in tables],
    }


def _search(query: str) -> dict[str, Any]:
    return dict(toolkit.get_action("package_search")({}, {
        "fq": f"dataset_type:dataset AND {query}",
        "rows": LISTED,
        "sort": "metadata_modified desc",
        "include_private": False,
    }))  # fmt: skip
