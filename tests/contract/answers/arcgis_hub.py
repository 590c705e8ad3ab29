"""An ArcGIS Hub site: its DCAT-US feed and its search; names of the API, invented data."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from harvesters.model import Config, Issue, Request, Response
from tests.contract.case import Case, response

SITE = "https://data-exemple.opendata.arcgis.com"
ITEM = "0123456789abcdef0123456789abcdef"
SERVICE = "https://services.exemple.fr/arcgis/rest/services/Bancs/FeatureServer/0"
DOWNLOAD = f"{SITE}/api/download/v1/items/{ITEM}"


def _file(title: str, kind: str, media_type: str, url: str) -> dict[str, str]:
    return {"@type": "dcat:Distribution", "title": title, "format": kind, "mediaType": media_type,
            "accessURL": url}  # fmt: skip


BENCHES: dict[str, Any] = {
    "@type": "dcat:Dataset",
    "identifier": f"https://www.arcgis.com/home/item.html?id={ITEM}&sublayer=0",
    "landingPage": f"{SITE}/datasets/exemple::bancs-publics",
    "title": "Bancs publics",
    "description": "<div>Les bancs de la ville.<br /></div>",
    "keyword": ["mobilier urbain", "bancs"],
    "issued": "2021-01-29T15:34:38.000Z",
    "modified": "2026-02-03T08:00:00.000Z",
    "publisher": {"name": "Ville d’exemple"},
    "contactPoint": {"@type": "vcard:Contact", "fn": "Service SIG",
                     "hasEmail": "mailto:sig@ville-exemple.fr"},
    "accessLevel": "public",
    "spatial": "-1.75,48.05,-1.6,48.15",
    "license": "<span>Licence Ouverte v2.0 (Etalab)</span>",
    "theme": ["geospatial"],
    "distribution": [
        _file("ArcGIS Hub Dataset", "Web Page", "text/html", f"{SITE}/datasets/exemple::bancs"),
        _file("ArcGIS GeoService", "ArcGIS GeoServices REST API", "application/json", SERVICE),
        _file("GeoJSON", "GeoJSON", "application/vnd.geo+json", f"{DOWNLOAD}/geojson?layers=0"),
        _file("CSV", "CSV", "text/csv", f"{DOWNLOAD}/csv?layers=0"),
        _file("Shapefile", "ZIP", "application/zip", f"{DOWNLOAD}/shapefile?layers=0"),
    ],
}  # fmt: skip
PRIVATE = {
    **BENCHES,
    "identifier": f"{ITEM[::-1]}",
    "title": "Projets",
    "accessLevel": "non-public",
}
HEAD = {
    "@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld",
    "@type": "dcat:Catalog",
    "conformsTo": "https://project-open-data.cio.gov/v1.1/schema",
    "describedBy": "https://project-open-data.cio.gov/v1.1/schema/catalog.json",
}
FEED = {**HEAD, "dataset": [BENCHES, PRIVATE]}


def feature(number: int, **told: Any) -> dict[str, Any]:
    """One item of the search."""
    item = f"{number:032x}"
    return {
        "id": item,
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [
            [[-1.75, 48.05], [-1.6, 48.05], [-1.6, 48.15], [-1.75, 48.05]]]},
        "properties": {
            "id": item, "owner": "sig_exemple", "title": f"Couche {number}",
            "type": "Feature Service", "typeKeywords": ["Data", "Service"],
            "description": "<p>Une couche.</p>", "snippet": "Une couche", "tags": ["voirie"],
            "categories": ["/Categories/Environnement"], "created": 1700000000000,
            "modified": 1770000000000, "access": "public", "culture": "fr-fr",
            "licenseInfo": "<a href='https://spdx.org/licenses/etalab-2.0'>Licence Ouverte</a>",
            "source": "Ville d’exemple", "url": f"{SERVICE[:-1]}{number}", **told,
        },
        "links": [{"rel": "self", "type": "application/geo+json", "href": f"{SITE}/items/{item}"}],
    }  # fmt: skip


FEATURES = [feature(n) for n in range(1, 141)]


def search(request: Request) -> Response | Issue:
    """Answer the page that begins at `startindex`."""
    query = parse_qs(urlsplit(request.url).query)
    first, limit = int(query["startindex"][0]), int(query["limit"][0])
    found = FEATURES[first - 1 : first - 1 + limit]
    body = {"type": "FeatureCollection", "features": found, "numberMatched": len(FEATURES),
            "numberReturned": len(found), "links": []}  # fmt: skip
    return response(request, orjson.dumps(body), "application/geo+json")


def feed(request: Request) -> Response | Issue:
    return response(request, orjson.dumps(FEED), "application/json")


CASES = [
    Case("hub-feed", "arcgis_hub", Config(SITE), feed, 1,
         empty=orjson.dumps({**HEAD, "dataset": []})),
    Case("hub-search", "arcgis_hub", Config(SITE, {"mode": "search"}), search, 140),
]  # fmt: skip
