"""An OGC API – Records server in memory, pages of two records; names of the norm, invented data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from harvesters.model import Config, Issue, Request, Response
from tests.contract.case import Case, Serve, response

SITE = "https://geo.exemple.fr/ogcapi"
CAP = 2


def record(remote_id: str, title: str, links: Sequence[dict[str, str]] = (), **told: Any) -> Any:
    """One record; `told` adds to its properties."""
    return {
        "type": "Feature",
        "id": remote_id,
        "conformsTo": ["http://www.opengis.net/spec/ogcapi-records-1/1.0/req/record-core"],
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[-1.6, 48.09], [-1.47, 48.09], [-1.47, 48.17], [-1.6, 48.09]]],
        },
        "time": {"interval": ["2024-01-01", ".."], "resolution": "P1Y"},
        "properties": {"type": "dataset", "title": title, "language": {"code": "fr"}, **told},
        "links": [{"rel": "self", "href": f"{SITE}/collections/fiches/items/{remote_id}"}, *links],
    }


TREES = record(
    "urn:x-exemple:arbres",
    "Arbres d’alignement d’Acigné",
    [
        {"rel": "item", "href": "https://geo.acigne.example/arbres.csv", "type": "text/csv",
         "title": "Arbres"},
        {"rel": "item", "href": "https://geo.acigne.example/wms", "protocol": "OGC:WMS",
         "title": "acigne:arbres"},
        {"rel": "license", "href": "https://spdx.org/licenses/etalab-2.0", "title": "Licence"},
    ],
    description="Position, essence et année de plantation.",
    keywords=["arbres", "espaces verts"],
    themes=[{"concepts": [{"id": "lu", "url": "http://inspire.ec.europa.eu/theme/lu"}],
             "scheme": "http://inspire.ec.europa.eu/theme"}],
    created="2024-02-01T09:00:00Z",
    updated="2026-03-04",
    contacts=[{"name": "Service des espaces verts", "organization": "Ville d’Acigné",
               "emails": [{"value": "sig@acigne.example"}], "roles": ["pointOfContact"]}],
)  # fmt: skip
PATHS = record(
    "chemins", "Chemins ruraux",
    [{"rel": "enclosure", "href": "https://geo.acigne.example/chemins.zip"}],
    license="ODbL-1.0", formats=[{"name": "GeoPackage"}],
)  # fmt: skip
VIEWER = record("carte", "Carte des chemins", type="application")
RECORDS = [TREES, PATHS, VIEWER]
COLLECTIONS = [
    {"id": "chemins", "itemType": "feature", "title": "Chemins"},
    {"id": "fiches", "itemType": "record", "title": "Catalogue"},
]


def page(records: list[Any], matched: int, following: str = "") -> bytes:
    """A page of records, with the links of a server that speaks JSON and HTML."""
    links = [{"rel": "self", "href": f"{SITE}/collections/fiches/items"}]
    if following:
        links += [
            {"rel": "next", "type": "text/html", "href": f"{following}&f=html"},
            {"rel": "next", "type": "application/geo+json", "href": f"{following}&f=json"},
        ]
    return orjson.dumps(
        {
            "type": "FeatureCollection",
            "features": records,
            "numberMatched": matched,
            "numberReturned": len(records),
            "links": links,
        }
    )


def server(records: list[Any], collections: list[Any] | None = None) -> Serve:
    """A server of two collections, one of which is a catalogue."""

    def serve(request: Request) -> Response | Issue:
        parts = urlsplit(request.url)
        if parts.path.endswith("/collections"):
            return response(request, orjson.dumps({"collections": collections or COLLECTIONS}))
        first = int(dict(parse_qsl(parts.query)).get("offset", 0))
        found = records[first : first + CAP]
        after = first + CAP
        link = f"{SITE}/collections/fiches/items?offset={after}&limit={CAP}"
        return response(
            request,
            page(found, len(records), link if after < len(records) else ""),
            "application/geo+json",
        )

    return serve


CASES = [
    Case(
        "ogc-records-ecrit",
        "ogc_records",
        Config(f"{SITE}/collections/fiches"),
        server(RECORDS),
        2,
        empty=page([], 0),
    )
]
