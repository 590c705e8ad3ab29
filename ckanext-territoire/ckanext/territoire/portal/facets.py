"""The facets of the search page, in the order of the page."""

from __future__ import annotations

FACETS: dict[str, str] = {
    "organization": "Commune ou organisme",
    "theme": "Thème",
    "res_format": "Format",
    "license_id": "Licence",
}
