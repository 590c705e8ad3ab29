"""An Opendatasoft portal of ours: invented values in the form of the Explore API 2.1 and 2.0."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from harvesters.model import Config, Issue, Request, Response
from tests.contract.case import Case, response

SITE = "https://data.boisfleury.example"
LIMIT = 2


def dataset(name: str, **default: Any) -> dict[str, Any]:
    """A public table without geometry; `default` adds to the template of that name."""
    return {
        "visibility": "domain", "dataset_id": name, "dataset_uid": f"da_{name[:6]}",
        "has_records": True, "data_visible": True, "features": ["analyze"], "attachments": [],
        "alternative_exports": [],
        "fields": [{"name": "nom", "label": "Nom", "type": "text", "annotations": {},
                    "description": None}],
        "metas": {
            "default": {
                "title": f"Jeu {name}", "description": "<p>Ce que la ville <b>publie</b>.</p>",
                "theme": ["Mobilité"], "keyword": ["vélo", "voirie"], "language": "fr",
                "license": "Licence Ouverte v2.0 (Etalab)",
                "license_url": "https://www.etalab.gouv.fr/licence-ouverte-open-licence",
                "metadata_languages": ["fr"], "timezone": "Europe/Paris",
                "modified": "2026-03-01T09:00:00+00:00", "publisher": "Ville de Boisfleury",
                "modified_updates_on_metadata_change": False,
                "modified_updates_on_data_change": True,
                "data_processed": "2026-03-02T04:00:00+00:00",
                "metadata_processed": "2026-03-02T04:00:01+00:00", "records_count": 120,
                "geographic_reference": ["fr_60_35"], "geographic_reference_auto": True,
                "territory": ["Ille-et-Vilaine"], "attributions": None, "references": None,
                "federated": False, "oauth_scope": None, "parent_domain": None, **default,
            },
            "explore": {"download_count": 4, "popularity_score": 1.2},
        },
    }  # fmt: skip


POINT = {"name": "geo_point_2d", "label": "Position", "type": "geo_point_2d", "annotations": {}}
BOX = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [
    [[-1.7, 48.0], [-1.5, 48.0], [-1.5, 48.2], [-1.7, 48.2], [-1.7, 48.0]]]}}  # fmt: skip


def trees() -> dict[str, Any]:
    """A table with a position, files beside it, and the templates of DCAT and INSPIRE."""
    item = dataset("arbres", bbox=BOX, geographic_reference=["fr_60_35", "fr_80_35238"],
                   references="https://boisfleury.example/arbres",
                   attributions=["Service des espaces verts"])  # fmt: skip
    item["features"], item["fields"] = ["geo", "analyze"], [*item["fields"], POINT]
    item["attachments"] = [{"id": "notice_pdf", "title": "Notice.pdf", "url": "odsfile://notice",
                            "mimetype": "application/pdf"}]  # fmt: skip
    item["alternative_exports"] = [
        {"id": "arbres_gpkg", "title": "arbres.gpkg", "mimetype": "application/geopackage+sqlite3",
         "description": "En Lambert 93",
         "url": f"{SITE}/api/explore/v2.1/catalog/datasets/arbres/alternative_exports/arbres_gpkg"},
    ]  # fmt: skip
    item["metas"]["dcat"] = {
        "created": "2019-01-01T00:00:00+00:00", "issued": "2019-02-01T00:00:00+00:00",
        "creator": "Direction des jardins", "contact_name": "Jardins",
        "contact_email": "jardins@boisfleury.example", "temporal": "2019-01-01/2025-12-31",
        "accrualperiodicity": "http://purl.org/cld/freq/annual",
    }  # fmt: skip
    item["metas"]["inspire"] = {"theme": ["Habitats et biotopes"], "type": None}
    return item


def federated() -> dict[str, Any]:
    """A dataset that the portal shows for another one."""
    return dataset("bruit@region", source_domain="region", federated=True,
                   source_domain_title="Données de la région", source_dataset="bruit",
                   source_domain_address="data.region.example")  # fmt: skip


DATASETS = [
    trees(),
    federated(),
    {**dataset("agents"), "visibility": "restricted"},
    {**dataset("plan"), "has_records": False},
    dataset("budget", theme=["Finances"], license="Conditions de la ville", license_url=None),
]


def serve(request: Request) -> Response | Issue:
    """Pages of two datasets, and the export of all, in the version that is asked."""
    parts = urlsplit(request.url)
    if parts.path.endswith("/catalog/exports/json"):
        return response(request, orjson.dumps(DATASETS), "application/json")
    if not parts.path.endswith("/catalog/datasets"):
        return Issue("TER-FET-007", request.url)
    offset = int(parse_qs(parts.query).get("offset", ["0"])[0])
    found = DATASETS[offset : offset + LIMIT]
    if "/v2.0/" in parts.path:
        body: dict[str, Any] = {"links": [], "datasets": [{"dataset": d} for d in found]}
    else:
        body = {"results": found}
    return response(request, orjson.dumps({"total_count": len(DATASETS), **body}))


EMPTY = orjson.dumps({"total_count": 0, "results": []})
CASES = [
    Case("huwise", "opendatasoft", Config(SITE), serve, 4, empty=EMPTY),
    Case("opendatasoft-2.0", "opendatasoft",
         Config(f"{SITE}/api/explore/v2.0/catalog/datasets"), serve, 4),
]  # fmt: skip
