"""What our datasets add to their search document, and the names of what facets count.

The document has lists as JSON text, as they are stored. CKAN's search schema
keeps any `vocab_…` field as several exact texts, which is what a facet counts.
"""

from __future__ import annotations

from typing import Any

from ckanext.territoire import coverage
from schemas.values import to_list
from schemas.vocabulary import load_vocabulary

THEMES = "vocab_themes"
COMMUNES = "vocab_communes"


def add_index_fields(document: dict[str, Any]) -> dict[str, Any]:
    """Complete the search document of one dataset, in place. No SQL, no call."""
    themes = to_list(document.get("extras_theme", document.get("theme")))
    if themes:
        vocabulary = load_vocabulary("themes")
        document[THEMES] = list(
            dict.fromkeys(up for theme in themes for up in vocabulary.ancestors(theme))
        )
    communes = to_list(document.get("extras_communes", document.get("communes")))
    if communes:
        document[COMMUNES] = communes
    return document


def name_facets(search: dict[str, Any]) -> dict[str, Any]:
    """Give the counted themes and communes their French names, in place."""
    facets = search.get("search_facets") or {}
    for item in facets.get(THEMES, {}).get("items", []):
        term = load_vocabulary("themes").get(item["name"])
        item["display_name"] = term.label if term else item["name"]
    counted = facets.get(COMMUNES, {}).get("items", [])
    names = coverage.communes().names if counted else {}
    for item in counted:
        item["display_name"] = names.get(item["name"], item["name"])
    return search
