"""The addresses of the pages of the catalogue in RDF: what was asked is written as addresses are.

ckanext-dcat 2.4.4 writes it as it came; a question of two words then ends in an error, since no
address holds a space.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from ckan.plugins import toolkit
from ckanext.dcat import logic

PAGES = ("current", "first", "last", "next", "previous")
ASKED = ("modified_since", "profiles", "q", "fq")
_stock = logic._pagination_info


def write_addresses() -> None:
    """Put our addresses of pages behind the catalogue; asked as often as one likes."""
    logic._pagination_info = _pages


def _pages(query: dict[str, Any], data_dict: dict[str, Any]) -> dict[str, Any]:
    told = _stock(query, data_dict)
    asked = [pair for pair in toolkit.request.args.items() if pair[0] in ASKED]
    for name in PAGES:
        if name in told:
            place, _, page = str(told[name]).rpartition("page=")
            told[name] = f"{place.partition('?')[0]}?{urlencode([*asked, ('page', page)])}"
    return told
