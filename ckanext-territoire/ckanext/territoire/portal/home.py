"""What the home page says on the territory: figures, themes, latest updates."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit

from ckanext.territoire.index_fields import THEMES
from ckanext.territoire.minute import kept_a_minute
from ckanext.territoire.portal import citizen_view
from ckanext.territoire.services import changes, figures
from ckanext.territoire.services.public_tables import public_tables
from schemas.vocabulary import Term, load_vocabulary

LATEST = 6


def published() -> dict[str, Any]:
    """Count what is public and list the latest updates: one question to the search."""
    found = toolkit.get_action("package_search")({}, {
        "rows": LATEST,
        "sort": "metadata_modified desc",
        "fq": "dataset_type:dataset",
        "facet.field": [THEMES, "organization", "res_format"],
        "facet.limit": -1,
        "include_private": False,
    })  # fmt: skip
    facets = found["search_facets"]
    counts = {item["name"]: item["count"] for item in facets.get(THEMES, {}).get("items", [])}
    themes: list[tuple[Term, int]] = [
        (term, counts[term.id])
        for term in load_vocabulary("themes")
        if counts.get(term.id) and term.parent
    ]
    return {
        "dataset_count": found["count"],
        "publisher_count": len(facets.get("organization", {}).get("items", [])),
        "format_count": len(facets.get("res_format", {}).get("items", [])),
        "themes": sorted(themes, key=lambda each: -each[1]),
        "latest": found["results"],
    }


@kept_a_minute
def answered() -> dict[str, Any]:
    """What the merged tables answer: questions, figures, what moved; at most a minute old."""
    tables = public_tables()
    counted = figures.count_tables(tables)
    return {
        "questions": citizen_view.to_questions(counted),
        "figures": citizen_view.to_shown(counted, tables),
        "news": citizen_view.to_news(changes.read_moved(tables), tables),
    }


def epci() -> dict[str, Any]:
    """Answer the EPCI with its branches; `{}` before the territory is set up."""
    try:
        return dict(toolkit.get_action("territoire_territory_show")({}, {}))
    except toolkit.ValidationError:
        return {}


def organization_tree() -> list[dict[str, Any]]:
    """Answer the organisations as a tree."""
    return list(toolkit.get_action("territoire_organization_tree")({}, {}))
