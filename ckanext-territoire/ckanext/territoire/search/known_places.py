"""The communes and the EPCI of this portal, ready to be recognised in questions."""

from __future__ import annotations

from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire import coverage
from ckanext.territoire.minute import kept_a_minute
from ckanext.territoire.search.lexicon import load_lexicon
from ckanext.territoire.search.places import Places, to_places


@kept_a_minute
def known_places() -> Places:
    """Answer the names of the territory, at most a minute old."""
    return to_places(coverage.communes().names, _epci(), load_lexicon())


def _epci() -> str:
    """Name the EPCI; `""` before the territory is set up."""
    try:
        told = toolkit.get_action("territoire_territory_show")(Context(ignore_auth=True), {})
    except toolkit.ValidationError:
        return ""
    return str(told.get("title") or "")
