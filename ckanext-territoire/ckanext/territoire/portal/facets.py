"""The facets of the search page, in the order of the page."""

from __future__ import annotations

from ckanext.territoire.index_fields import COMMUNES, THEMES

FACETS: dict[str, str] = {
    COMMUNES: "Commune",
    THEMES: "Thème",
    "organization": "Producteur",
    "res_format": "Format",
    "license_id": "Licence",
}
