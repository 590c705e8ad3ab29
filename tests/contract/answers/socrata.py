"""A Socrata portal of ours: invented values in the form of its catalogue API."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from harvesters.model import Config, Issue, Request, Response
from tests.contract.case import Case, response

SITE = "https://data.boisfleury.example"
LIMIT = 2


def item(known: str, **resource: Any) -> dict[str, Any]:
    """A public table; `resource` adds to that part of it."""
    views = {"page_views_total": 40, "page_views_last_week": 3}
    return {
        "resource": {
            "id": known, "name": f"Jeu {known}", "description": "Ce qui est <b>publié</b>.",
            "attribution": "Ville de Boisfleury", "provenance": "official", "type": "dataset",
            "createdAt": "2020-06-04T20:39:36.000Z", "updatedAt": "2026-02-02T02:48:28.000Z",
            "data_updated_at": "2026-01-31T02:48:28.000Z", "download_count": 8,
            "columns_name": ["Nom"], "columns_field_name": ["nom"], "columns_description": [""],
            "parent_fxf": None, "obe_fxf": None, "nbe_fxf": None, "view_count": views,
            "page_views": views, **resource,
        },
        "classification": {"categories": [], "tags": [], "domain_category": "Transports",
                           "domain_tags": ["vélo", "voirie"],
                           "domain_metadata": [{"key": "Service_Nom", "value": "Voirie"}]},
        "metadata": {"domain": "data.boisfleury.example", "license": "Licence Ouverte 2.0"},
        "permalink": f"{SITE}/d/{known}", "link": f"{SITE}/Transports/Jeu/{known}",
    }  # fmt: skip


FROM_ELSEWHERE = {
    **item("dddd-4444"), "metadata": {"domain": "data.region.example"},
    "permalink": "https://data.region.example/d/dddd-4444",
    "link": "https://data.region.example/Air/Bruit/dddd-4444",
}  # fmt: skip
ITEMS = [item("aaaa-1111"), item("bbbb-2222"), item("cccc-3333"), FROM_ELSEWHERE, item("eeee-5555")]


def serve(request: Request) -> Response | Issue:
    """The two datasets that follow the last one seen."""
    parts = urlsplit(request.url)
    if parts.path != "/api/catalog/v1":
        return Issue("TER-FET-007", request.url)
    after = parse_qs(parts.query).get("scroll_id", [""])[0]
    found = [one for one in ITEMS if one["resource"]["id"] > after][:LIMIT]
    body = {"results": found, "resultSetSize": len(ITEMS), "timings": {"serviceMillis": 12}}
    return response(request, orjson.dumps(body), "application/json")


EMPTY = orjson.dumps({"results": [], "resultSetSize": 0, "timings": {"serviceMillis": 1}})
CASES = [Case("socrata-ecrit", "socrata", Config(SITE), serve, 5, empty=EMPTY)]
