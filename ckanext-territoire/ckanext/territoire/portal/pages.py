"""Pages of plain text, the list of communes, and the living page of the components."""

from __future__ import annotations

from dataclasses import asdict

from ckan.plugins import toolkit
from flask import Blueprint

from ckanext.territoire.identity.shades import judge
from ckanext.territoire.portal.chart_example import examples
from ckanext.territoire.portal.declaration import declaration
from ckanext.territoire.portal.deposit_example import example_grid, example_report
from ckanext.territoire.portal.matrix_words import PUBLIC_STATES, STATES
from ckanext.territoire.portal.typography import to_day
from schemas.vocabulary import load_vocabulary

pages = Blueprint("territoire_pages", __name__)

EXAMPLE = {
    "name": "exemple",
    "title": "Horaires des déchèteries",
    "notes": "Jours et heures d’ouverture de chaque déchèterie, saison par saison.",
    "metadata_modified": "2026-11-20T09:00:00",
    "frequency": "monthly",
    "organization": {"title": "Une commune", "name": "une-commune"},
    "resources": [{"format": "CSV"}, {"format": "GeoJSON"}],
}


FLAGS = (
    {
        "kind": "value",
        "field_title": "Nombre de places",
        "state": "fixed",
        "made_at": "2026-11-20T09:00:00+00:00",
        "answered_at": "2026-11-23T09:00:00+00:00",
        "answer": "Merci, c’est corrigé.",
        "proposed": "40",
        "remark": "",
    },
    {
        "kind": "gone",
        "field_title": "",
        "state": "open",
        "made_at": "2026-11-22T09:00:00+00:00",
        "answered_at": None,
        "answer": "",
        "proposed": "",
        "remark": "",
    },
)


IDENTITY = {
    "identity": {"name": "Une intercommunalité", "text": "Ses données, ouvertes à tous"},
    "colours": {
        name: asdict(verdict) | {"is_good": verdict.is_good}
        for name, verdict in {"colour": judge("#1d3f9b"), "accent": judge("#8a3a00")}.items()
    },
}


@pages.route("/licences")
def licences() -> str:
    """Say what each licence allows."""
    return toolkit.render("territoire/licences.html", {"licences": load_vocabulary("licences")})


@pages.route("/mentions-legales")
def legal() -> str:
    """Say who publishes the site and what it keeps on its visitors."""
    return toolkit.render("territoire/legal.html", {})


@pages.route("/accessibilite")
def accessibility() -> str:
    """Say how accessible the site is, and how we know."""
    return toolkit.render("territoire/accessibility.html", declaration())


@pages.route("/design")
def design() -> str:
    """Show every component of the look."""
    shown = {
        "example": EXAMPLE,
        "today": to_day("2026-11-23"),
        "report": example_report(),
        "grid": example_grid(),
        "flags": FLAGS,
        "charts": examples(),
        "identity": IDENTITY,
        "states": (*STATES, next(each for each in PUBLIC_STATES if each.key == "underway")),
    }
    return toolkit.render("territoire/design.html", shown)
