"""What our datasets add to their search document, and the names of what facets count.

The document has lists as JSON text, as they are stored. CKAN's search schema
keeps any `vocab_…` field as several exact texts, which is what a facet counts. The `words_…`
fields are what a question is compared with: themes, communes and models of tables by their names.
"""

from __future__ import annotations

import re
from typing import Any

from ckanext.territoire import coverage
from ckanext.territoire.search.query import MERGED, YES
from schemas.load import latest, slugs
from schemas.values import to_list
from schemas.vocabulary import load_vocabulary

THEMES = "vocab_themes"
COMMUNES = "vocab_communes"
# A dataset of more communes than that is of the territory: its words name none of them.
MAX_NAMED = 3
MERGED_FILE = re.compile(r'"url_type": ?"territoire"')
MODEL = re.compile(r'"table_schema": ?"([a-z0-9-]+)')


def add_index_fields(document: dict[str, Any]) -> dict[str, Any]:
    """Complete the search document of one dataset, in place. No SQL, no call."""
    themes = to_list(document.get("extras_theme", document.get("theme")))
    if themes:
        vocabulary = load_vocabulary("themes")
        document[THEMES] = list(
            dict.fromkeys(up for theme in themes for up in vocabulary.ancestors(theme))
        )
        document["words_themes"] = [
            term.label for theme in themes if (term := vocabulary.get(theme))
        ]
    communes = to_list(document.get("extras_communes", document.get("communes")))
    if communes:
        document[COMMUNES] = communes
        names = coverage.communes().names if len(communes) <= MAX_NAMED else {}
        document["words_places"] = [names[code] for code in communes if code in names]
    stored = document.get("validated_data_dict") or ""
    if MERGED_FILE.search(stored):
        document[MERGED] = [YES]
    models = dict.fromkeys(MODEL.findall(stored))
    if models:
        document["words_model"] = [latest(slug).title for slug in models if slug in slugs()]
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
